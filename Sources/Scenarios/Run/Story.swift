import World

/// Carries a scenario's steps out, in order, and holds its expectations against what happens.
final class Story: StrandKeeper {
  private struct OpenExpectation {
    let index: Int
    var deadline: (any Timer)?
    var isArmed: Bool
  }

  /// How often measures that nobody announces are looked at while one is waited for.
  static let samplingInterval = Interval.milliseconds(100)

  private let scenario: Scenario
  let observer: Observer
  let hands: Hands
  let host: any Host
  /// All rows of steps that go on; the first is the story's own.
  private var strands: [Strand] = []
  /// What is to happen as soon as something is true.
  private var watched: [(condition: Condition, body: () -> Void)] = []
  /// Faults that come again and again.
  private var recurring: [FaultRhythm] = []
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
    begin(Strand(scenario.steps, keeper: self) {})
    changed()
  }

  private func plan(_ planned: PlannedFault) {
    let moment = Instant.start + planned.at
    let begin = { [self] in
      guard let rhythm = planned.rhythm else {
        return hands.carryOut(planned.fault.action) { _ in }
      }
      self.begin(planned.fault.action, rhythm)
    }
    guard moment > host.now else { return begin() }
    host.after(moment - host.now, begin)
  }

  // MARK: Steps

  func begin(_ strand: Strand) {
    strands.append(strand)
    strand.begin()
  }

  func ended(_ strand: Strand) {
    if strand !== strands.first { strands.removeAll { $0 === strand } }
    changed()
  }

  func begin(_ action: Action, _ rhythm: Rhythm) {
    let fault = FaultRhythm(action, rhythm, host: host, hands: hands)
    if rhythm.every != nil { recurring.append(fault) }
    fault.strike()
    if let until = rhythm.until { watch(until) { fault.end() } }
  }

  func watch(_ moment: StoryMoment, _ body: @escaping () -> Void) {
    switch moment {
    case .time(let time): host.after(max(.zero, Instant.start + time - host.now), body)
    case .condition(let condition):
      watched.append((condition, body))
      changed()
    }
  }

  /// What is waited for, and what broke, a line for each.
  var state: [String] {
    var lines: [String] = []
    for strand in strands { lines.append("story: \(strand.state)") }
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
  func changed() {
    guard !isCheckDue, !isOver else { return }
    isCheckDue = true
    host.after(.zero) { [weak self] in self?.check() }
  }

  private func check() {
    isCheckDue = false
    guard !isOver else { return }
    checkNever()
    checkOpen()
    checkWatched()
    for strand in strands { strand.check() }
    sampleIfNeeded()
    restIfDone()
  }

  private func checkWatched() {
    guard let index = watched.firstIndex(where: { observer.holds($0.condition) }) else { return }
    watched.remove(at: index).body()
    checkWatched()
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
    let looked =
      open.map { scenario.expectations[$0.index].condition } + strands.compactMap(\.condition)
      + watched.map(\.condition)
    let needsSampling = looked.contains { condition in
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
    guard let first = strands.first, first.isOver, open.isEmpty, restTimer == nil else { return }
    for fault in recurring { fault.end() }
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
    for strand in strands { strand.tellUnfinished() }
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
}
