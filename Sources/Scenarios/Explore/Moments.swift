import World

/// When things happen in a story, as far as they are worth disturbing.
enum Moments {
  /// Tells the story until its jobs are over and answers the times at which somebody was told
  /// something, began something or was done with it, in order.
  static func of(_ scenario: Scenario) -> [Interval] {
    let run = ScenarioRun(scenario)
    var moments: [Interval] = []
    var jobsLeft = scenario.files.count
    run.onFact = { [unowned run] fact in
      switch fact {
      case .jobStepped(_, _, let to):
        if LegalSteps.isFinal(to) { jobsLeft -= 1 }
      case .commandSent, .commandOver, .printBegan, .printEnded, .startAsked, .fileUploaded: break
      default: return
      }
      moments.append(run.world.now - .start)
    }
    run.open()
    run.advance(to: .never) { jobsLeft > 0 }
    _ = run.finish()
    return moments
  }
}
