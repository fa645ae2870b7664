import World

/// When things happen in a story, as far as they are worth disturbing.
enum Moments {
  /// Tells the story until its jobs are over and answers the times at which somebody was told
  /// something, began something or was done with it, in order; in microseconds, as stories are written.
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
      let microseconds = (run.world.now - .start).nanoseconds / 1_000
      moments.append(Interval(nanoseconds: microseconds * 1_000))
    }
    run.open()
    run.advance(to: .never) { jobsLeft > 0 }
    _ = run.finish()
    return moments
  }
}
