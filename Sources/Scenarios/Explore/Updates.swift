import World

/// New firmware that is published and rolled out in an invented story.
struct Updates {
  let hub: String
  let version: String
  let behaviour: BehaviourWord
  let steps: [Step]

  /// The last step: whatever became of the update, the hub runs something that works.
  func settled(within limit: Interval) -> Step {
    var clauses = [Clause(subject: hub, test: .hub(.online, isNot: false))]
    var text = "\(hub) is online"
    for word in [UpdateWord.waiting, .downloading, .installing] {
      clauses.append(Clause(subject: hub, test: .update(word, isNot: true)))
      text += " and \(hub) update is not \(word.rawValue)"
    }
    if behaviour != .good {
      clauses.append(Clause(subject: hub, test: .firmware(version, isNot: true)))
      text += " and \(hub) firmware is not \(version)"
    }
    return Step(
      mark: Mark(line: 0, column: 0),
      action: .expect(Condition(text: text, clauses: clauses), within: limit))
  }
}

extension ExplorationPlan {
  /// A version that works in one of two stories, and else fails in any of the known ways.
  func updates(of hub: String) -> Updates {
    let bad = BehaviourWord.allCases.filter { $0 != .good }
    let behaviour = below("good", 2) == 0 ? .good : bad[below("behaviour", bad.count)]
    let version = "1.\(pick("version", 0...9)).0"
    var plan = ReleasePlan()
    plan.behaviour = behaviour
    plan.byteCount = pick("image", 20...400) * 1_000
    let release = Step.asking(.firmware(FirmwareStep(version: version, deed: .release(plan))))
    let rollout = Step.asking(
      .firmware(
        FirmwareStep(
          version: version,
          deed: .rollOut(hub: hub, share: nil, pauseAfter: nil, isForced: false))),
      after: .seconds(Int64(pick("rollout", 0...90))))
    return Updates(hub: hub, version: version, behaviour: behaviour, steps: [release, rollout])
  }
}
