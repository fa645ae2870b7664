import World

/// What strands have in common: who carries steps out, and who is told.
protocol StrandKeeper: AnyObject {
  var host: any Host { get }
  var observer: Observer { get }
  var hands: Hands { get }
  func breach(_ rule: String, _ text: String)
  /// A strand waits for something, or has gone on: conditions are to be looked at.
  func changed()
  func begin(_ strand: Strand)
  func ended(_ strand: Strand)
  func begin(_ action: Action, _ rhythm: Rhythm)
  /// Calls once when the moment has come.
  func watch(_ moment: StoryMoment, _ body: @escaping () -> Void)
}

/// A row of steps, one after another. A story is one; steps with `together` begin more of them.
final class Strand {
  /// Where it stands.
  private enum State {
    /// Before a step, for its `when`.
    case waiting(for: Condition)
    /// Before a step, for its time; a step that is for a certain case alone names that.
    case waitingForTime(onlyIf: Condition, any Timer)
    /// In a step with `expect`.
    case expecting(Condition)
    /// A timer, an owner or other strands will go on with it.
    case busy
    case over
  }

  private let steps: [Step]
  private unowned let keeper: any StrandKeeper
  private let whenOver: () -> Void
  private var index = 0
  private var position = State.busy
  private var deadline: (any Timer)?

  init(_ steps: [Step], keeper: any StrandKeeper, whenOver: @escaping () -> Void) {
    self.steps = steps
    self.keeper = keeper
    self.whenOver = whenOver
  }

  func begin() { nextStep() }

  var isOver: Bool { if case .over = position { true } else { false } }

  /// What it waits for now.
  var condition: Condition? {
    switch position {
    case .waiting(let condition), .expecting(let condition): condition
    case .waitingForTime, .busy, .over: nil
    }
  }

  var state: String {
    switch position {
    case .waiting(let condition): "waits for \(condition.text)"
    case .expecting(let condition): "expects \(condition.text)"
    case .waitingForTime, .busy: "at step \(index + 1) of \(steps.count)"
    case .over: "all steps are done"
    }
  }

  /// Goes on when what it waits for is true.
  func check() {
    switch position {
    case .waiting(let condition) where keeper.observer.holds(condition):
      pauseBeforeStep()
    case .expecting(let condition) where keeper.observer.holds(condition):
      position = .busy
      deadline?.cancel()
      keeper.host.note(.expectation, "as expected: \(condition.text)")
      stepDone()
    case .waitingForTime(let condition, let timer) where keeper.observer.isRuledOut(condition):
      position = .busy
      timer.cancel()
      actIfDue()
    case .waiting, .waitingForTime, .expecting, .busy, .over: break
    }
  }

  /// Tells that the run ended before its time.
  func tellUnfinished() {
    guard index < steps.count else { return }
    switch position {
    case .waiting(let condition), .expecting(let condition):
      keeper.breach(
        "story",
        "line \(step.mark.line): still waited for \"\(condition.text)\"; "
          + keeper.observer.explain(condition))
    case .waitingForTime, .busy, .over:
      // What a step with steps in it waits for is told by those.
      switch step.action {
      case .together, .turns: break
      default:
        keeper.breach("story", "line \(step.mark.line): the run ended before this step was done")
      }
    }
  }

  // MARK: Steps

  private var step: Step { steps[index] }

  private func nextStep() {
    guard index < steps.count else {
      position = .over
      whenOver()
      return keeper.ended(self)
    }
    position = .busy
    // A job that is over never becomes anything else: nobody has to wait for that step's time.
    if step.when == nil, let condition = step.onlyIf, keeper.observer.isRuledOut(condition) {
      return actIfDue()
    }
    guard let at = step.at, Instant.start + at > keeper.host.now else { return waitForCondition() }
    let timer = keeper.host.after(Instant.start + at - keeper.host.now) { [weak self] in
      self?.waitForCondition()
    }
    if step.when == nil, let condition = step.onlyIf {
      position = .waitingForTime(onlyIf: condition, timer)
    }
  }

  private func waitForCondition() {
    position = .busy
    guard let condition = step.when else { return pauseBeforeStep() }
    position = .waiting(for: condition)
    keeper.changed()
  }

  private func pauseBeforeStep() {
    position = .busy
    guard let after = step.after, after > .zero else { return actIfDue() }
    keeper.host.after(after) { [weak self] in self?.actIfDue() }
  }

  private func actIfDue() {
    if let condition = step.onlyIf, !keeper.observer.holds(condition) {
      leaveOut(keeper.observer.explain(condition))
    } else if let probability = step.probability, !keeper.host.luck(probability) {
      leaveOut("luck did not want it")
    } else {
      act()
    }
  }

  private func leaveOut(_ reason: String) {
    keeper.host.note(.detail, "a step is left out: \(reason)")
    // Outside of itself: a long row of steps may be left out.
    keeper.host.after(.zero) { [weak self] in self?.stepDone() }
  }

  private func act() {
    if let rhythm = step.rhythm {
      keeper.begin(step.action, rhythm)
      return stepDone()
    }
    switch step.action {
    case .wait(let length):
      keeper.host.after(length) { [weak self] in self?.stepDone() }
    case .expect(let condition, let within):
      position = .expecting(condition)
      deadline = keeper.host.after(within) { [weak self] in
        self?.waitedTooLong(condition, within)
      }
      keeper.changed()
    case .say(let text):
      keeper.host.note(.step, text)
      stepDone()
    case .together(let rows): beginTogether(rows)
    case .turns(let rows, let every, let until):
      let turns = Turns(rows: rows, every: every)
      if let until { keeper.watch(until) { turns.isEnough = true } }
      next(turns)
    default:
      keeper.hands.carryOut(step.action) { [weak self] failure in
        guard let self else { return }
        if let failure { keeper.breach("story", "line \(step.mark.line): \(failure)") }
        stepDone()
      }
    }
  }

  private func stepDone() {
    index += 1
    nextStep()
  }

  private func waitedTooLong(_ condition: Condition, _ within: Interval) {
    keeper.breach(
      "story",
      "line \(step.mark.line): waited \(Quantity.describe(within)) for "
        + "\"\(condition.text)\"; \(keeper.observer.explain(condition))")
    stepDone()
  }

  // MARK: Steps in a step

  private func beginTogether(_ rows: [[Step]]) {
    var openCount = rows.count
    guard openCount > 0 else { return stepDone() }
    for row in rows {
      keeper.begin(
        Strand(row, keeper: keeper) { [weak self] in
          openCount -= 1
          if openCount == 0 { self?.stepDone() }
        })
    }
  }

  /// The turns of a step that is repeated.
  private final class Turns {
    var rows: ArraySlice<[Step]>
    let every: Interval?
    var isEnough = false

    init(rows: [[Step]], every: Interval?) {
      self.rows = rows[...]
      self.every = every
    }
  }

  private func next(_ turns: Turns) {
    guard !turns.isEnough, let row = turns.rows.popFirst() else { return stepDone() }
    let began = keeper.host.now
    keeper.begin(
      Strand(row, keeper: keeper) { [weak self] in
        guard let self else { return }
        guard let every = turns.every, !turns.rows.isEmpty, began + every > keeper.host.now else {
          return next(turns)
        }
        keeper.host.after(began + every - keeper.host.now) { [weak self] in self?.next(turns) }
      })
  }
}

extension Host {
  /// Whether luck wants what happens in so many of all cases.
  func luck(_ probability: Double) -> Bool {
    chance("whether it happens", below: 1_000_000) < UInt64((probability * 1e6).rounded())
  }
}
