import World

/// Carries a scenario's steps out, in order, and holds its expectations against what happens.
final class Story {
  /// Where the story stands.
  private enum State {
    /// Before a step, for its `when`.
    case waiting(for: Condition)
    /// In a step with `expect`.
    case expecting(Condition)
    /// A timer or an owner will go on with it.
    case busy
    case over
  }

  private struct OpenExpectation {
    let index: Int
    var deadline: (any Timer)?
    var isArmed: Bool
  }

  /// How often measures that nobody announces are looked at while one is waited for.
  static let samplingInterval = Interval.milliseconds(100)

  private let scenario: Scenario
  private let observer: Observer
  private let hands: Hands
  private let host: any Host
  private var stepIndex = 0
  private var position = State.busy
  private var stepDeadline: (any Timer)?
  private var isCheckDue = false
  private var sampler: (any Timer)?
  private var restTimer: (any Timer)?
  private(set) var isOver = false
  private(set) var results: [ExpectationResult]
  private var open: [OpenExpectation] = []
  private(set) var breaches: [Breach] = []
  /// The story has come to its end.
  var onEnd: (() -> Void)?

  init(scenario: Scenario, observer: Observer, hands: Hands, host: any Host) {
    self.scenario = scenario
    self.observer = observer
    self.hands = hands
    self.host = host
    results = scenario.expectations.map {
      ExpectationResult(expectation: $0, isMet: false, at: nil)
    }
    for (index, expectation) in scenario.expectations.enumerated() {
      switch expectation.kind {
      case .never: results[index].isMet = true
      case .finally: break
      case .eventually(_, let trigger):
        open.append(OpenExpectation(index: index, isArmed: trigger == nil))
      }
    }
  }

  /// Everybody is there; the story begins.
  func begin() {
    for position in open.indices where open[position].isArmed { arm(position) }
    observer.onChange = { [weak self] in self?.changed() }
    for planned in scenario.faults { plan(planned) }
    nextStep()
    changed()
  }

  private func plan(_ planned: PlannedFault) {
    let moment = Instant.start + planned.at
    let begin = { [hands] in hands.carryOut(.fault(planned.fault)) { _ in } }
    guard moment > host.now else { return begin() }
    host.after(moment - host.now, begin)
  }

  // MARK: Steps

  private var step: Step { scenario.steps[stepIndex] }

  private func nextStep() {
    guard stepIndex < scenario.steps.count else {
      position = .over
      changed()
      return
    }
    position = .busy
    // A job that is over never becomes anything else: nobody has to wait for that step's time.
    if step.when == nil, let condition = step.onlyIf, observer.isRuledOut(condition) {
      return actIfDue()
    }
    guard let at = step.at, Instant.start + at > host.now else { return waitForCondition() }
    host.after(Instant.start + at - host.now) { [weak self] in self?.waitForCondition() }
  }

  private func waitForCondition() {
    guard let condition = step.when else { return pauseBeforeStep() }
    position = .waiting(for: condition)
    changed()
  }

  private func pauseBeforeStep() {
    position = .busy
    guard let after = step.after, after > .zero else { return actIfDue() }
    host.after(after) { [weak self] in self?.actIfDue() }
  }

  private func actIfDue() {
    if let condition = step.onlyIf, !observer.holds(condition) {
      host.note(.detail, "a step is left out: \(observer.explain(condition))")
      // Outside of itself: a long row of steps may be left out.
      host.after(.zero) { [weak self] in self?.stepDone() }
    } else {
      act()
    }
  }

  private func act() {
    switch step.action {
    case .wait(let length):
      host.after(length) { [weak self] in self?.stepDone() }
    case .expect(let condition, let within):
      position = .expecting(condition)
      stepDeadline = host.after(within) { [weak self] in self?.waitedTooLong(condition, within) }
      changed()
    case .say(let text):
      host.note(.step, text)
      stepDone()
    default:
      hands.carryOut(step.action) { [weak self] failure in
        guard let self else { return }
        if let failure { breach("story", "line \(step.mark.line): \(failure)") }
        stepDone()
      }
    }
  }

  private func stepDone() {
    stepIndex += 1
    nextStep()
  }

  private func waitedTooLong(_ condition: Condition, _ within: Interval) {
    breach(
      "story",
      "line \(step.mark.line): waited \(Quantity.describe(within)) for "
        + "\"\(condition.text)\"; \(observer.explain(condition))")
    stepDone()
  }

  /// What is waited for, and what broke, a line for each.
  var state: [String] {
    var lines: [String] = []
    switch position {
    case .waiting(let condition): lines.append("story: waits for \(condition.text)")
    case .expecting(let condition): lines.append("story: expects \(condition.text)")
    case .busy: lines.append("story: at step \(stepIndex + 1) of \(scenario.steps.count)")
    case .over: lines.append("story: all steps are done")
    }
    for pending in open where pending.isArmed {
      let text = scenario.expectations[pending.index].text
      lines.append("story: still open: \(text)")
    }
    return lines + breaches.map { "story: broken: \($0.rule): \($0.text)" }
  }

  func breach(_ rule: String, _ text: String) {
    guard breaches.count < 20 else { return }
    breaches.append(Breach(rule: rule, at: host.now, text: text))
    host.note(.problem, "\(rule): \(text)")
  }

  // MARK: Conditions

  /// Looks at all conditions soon, outside of whoever has changed something.
  private func changed() {
    guard !isCheckDue, !isOver else { return }
    isCheckDue = true
    host.after(.zero) { [weak self] in self?.check() }
  }

  private func check() {
    isCheckDue = false
    guard !isOver else { return }
    checkNever()
    checkOpen()
    switch position {
    case .waiting(let condition) where observer.holds(condition):
      pauseBeforeStep()
    case .expecting(let condition) where observer.holds(condition):
      position = .busy
      stepDeadline?.cancel()
      host.note(.expectation, "as expected: \(condition.text)")
      stepDone()
    case .waiting, .expecting, .busy, .over: break
    }
    sampleIfNeeded()
    restIfDone()
  }

  private func checkNever() {
    for (index, result) in results.enumerated() where result.isMet && result.at == nil {
      guard case .never = result.expectation.kind, observer.holds(result.expectation.condition)
      else { continue }
      results[index].isMet = false
      results[index].at = host.now
      results[index].found = "it was so"
      host.note(.problem, "must never be: \(result.expectation.condition.text)")
    }
  }

  private func checkOpen() {
    for position in open.indices.reversed() {
      let index = open[position].index
      let expectation = scenario.expectations[index]
      guard case .eventually(_, let trigger) = expectation.kind else { continue }
      if !open[position].isArmed, let trigger {
        guard observer.holds(trigger) else { continue }
        open[position].isArmed = true
        arm(position)
      }
      guard observer.holds(expectation.condition) else { continue }
      open[position].deadline?.cancel()
      open.remove(at: position)
      results[index].isMet = true
      results[index].at = host.now
      host.note(.expectation, "as expected: \(expectation.text)")
    }
  }

  private func arm(_ position: Int) {
    let index = open[position].index
    guard case .eventually(let within?, _) = scenario.expectations[index].kind else { return }
    open[position].deadline = host.after(within) { [weak self] in self?.missed(index) }
  }

  private func missed(_ index: Int) {
    guard let position = open.firstIndex(where: { $0.index == index }) else { return }
    open.remove(at: position)
    let expectation = scenario.expectations[index]
    results[index].at = host.now
    results[index].found = observer.explain(expectation.condition)
    host.note(.problem, "not in time: \(expectation.text); \(results[index].found)")
    changed()
  }

  /// Measures change without a word; while one is waited for, it is looked at regularly.
  private func sampleIfNeeded() {
    var watched = open.map { scenario.expectations[$0.index].condition }
    switch position {
    case .waiting(let condition), .expecting(let condition): watched.append(condition)
    case .busy, .over: break
    }
    let needsSampling = watched.contains { condition in
      condition.clauses.contains { clause in
        switch clause.test {
        // Lights and the network of a hub's own change without a word as well.
        case .measure, .hub(.blue, _), .hub(.red, _), .hub(.onTheAir, _), .hub(.blinking, _),
          .firmware:
          true
        default: false
        }
      }
    }
    guard needsSampling, sampler == nil else { return }
    sampler = host.after(Self.samplingInterval) { [weak self] in
      self?.sampler = nil
      self?.changed()
    }
  }

  // MARK: The end

  /// When all is done the world runs on for a while, so that late trouble is still seen.
  private func restIfDone() {
    guard case .over = position, open.isEmpty, restTimer == nil else { return }
    restTimer = host.after(scenario.rest) { [weak self] in self?.end() }
  }

  private func end() {
    guard !isOver else { return }
    isOver = true
    onEnd?()
  }

  /// Settles what is still open; called once, when the run is over for whatever reason.
  func settle() {
    isOver = true
    if case .over = position {} else { tellUnfinished() }
    for pending in open {
      let expectation = scenario.expectations[pending.index]
      results[pending.index].found =
        pending.isArmed ? observer.explain(expectation.condition) : "its moment never came"
    }
    for (index, result) in results.enumerated() {
      guard case .finally = result.expectation.kind else { continue }
      results[index].at = host.now
      results[index].isMet = observer.holds(result.expectation.condition)
      if !results[index].isMet {
        results[index].found = observer.explain(result.expectation.condition)
      }
    }
  }

  private func tellUnfinished() {
    guard stepIndex < scenario.steps.count else { return }
    switch position {
    case .waiting(let condition), .expecting(let condition):
      breach(
        "story",
        "line \(step.mark.line): still waited for \"\(condition.text)\"; "
          + observer.explain(condition))
    case .busy, .over:
      breach("story", "line \(step.mark.line): the run ended before this step was done")
    }
  }
}
