import World

/// When things happen in a story, as far as they are worth disturbing.
enum Moments {
  /// Tells the story and answers the times at which somebody was told something, began something or
  /// was done with it, in order.
  static func of(_ scenario: Scenario) -> [Interval] {
    let run = ScenarioRun(scenario)
    var moments: [Interval] = []
    run.onFact = { [unowned run] fact in
      switch fact {
      case .commandSent, .commandOver, .jobStepped, .printBegan, .printEnded, .startAsked,
        .fileUploaded:
        moments.append(run.world.now - .start)
      default: break
      }
    }
    _ = run.run()
    return moments
  }
}
