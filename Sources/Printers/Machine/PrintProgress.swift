// How far a print is, as a function of time: nothing is counted up, so that a print of ten hours
// costs no more than one of ten seconds.

import World

/// One print on its way through its steps.
struct PrintProgress {
  enum Step {
    case unpack, homing, heatBed, heatNozzle, cleanNozzle, levelBed, printLayers
    /// All is printed, and the state does not say so yet.
    case linger
    case sweepAxes, motorNoise, lidar
  }

  let steps: [Step]
  private(set) var index = 0
  /// How long the step takes at ordinary speed, in milliseconds.
  private(set) var work: Int64 = 0
  /// How much of the layers was done before the machine lost its power.
  let carried: Int64
  /// How long all layers take, once that is known.
  var workOfLayers: Int64 = 0
  /// How much of it was done at `anchor`.
  private var doneAtAnchor: Int64 = 0
  private var anchor: Instant
  /// Percent of the ordinary speed.
  private var rate: Int64 = 100
  private(set) var isPaused = false

  init(order: PrintOrder, lingers: Bool, at now: Instant) {
    anchor = now
    carried = 0
    // The card reads some 20 MB in a second.
    work = 2_000 + Int64(order.byteCount) / 20_000
    guard order.calibration == nil else {
      steps = [.unpack, .homing] + (order.calibration?.steps ?? [])
      return
    }
    let levelling: [Step] = order.levelsBed ? [.levelBed] : []
    steps =
      [.unpack, .homing, .heatBed, .heatNozzle, .cleanNozzle] + levelling + [.printLayers]
      + (lingers ? [.linger] : [])
  }

  /// What a print that lost its power has before it; it waits for somebody to say so.
  init(recovering lost: PrintProgress, done: Int64, at now: Instant) {
    steps = [.homing, .heatBed, .heatNozzle, .printLayers]
    carried = done
    workOfLayers = lost.workOfLayers
    work = 15_000
    anchor = now
    isPaused = true
  }

  var step: Step { steps[index] }
  var isLastStep: Bool { index == steps.count - 1 }
  var isRecovering: Bool { carried > 0 && step != .printLayers }

  /// When the step is over, or nil while it is paused.
  var stepEnd: Instant? { isPaused ? nil : instant(whenDone: work) }

  /// Milliseconds of the step's work that are done, at ordinary speed.
  func done(at now: Instant) -> Int64 {
    guard !isPaused else { return doneAtAnchor }
    return min(work, doneAtAnchor + (now - anchor).milliseconds * rate / 100)
  }

  /// Milliseconds of the layers that are done.
  func layersDone(at now: Instant) -> Int64 {
    switch step {
    case .printLayers: done(at: now)
    case .linger: workOfLayers
    default: carried
    }
  }

  /// When so much of the step's work is done.
  func instant(whenDone amount: Int64) -> Instant {
    anchor + .milliseconds(((amount - doneAtAnchor) * 100 + rate - 1) / rate)
  }

  mutating func beginStep(
    _ index: Int, work: Int64, done: Int64 = 0, rate: Int64, at now: Instant
  ) {
    self.index = index
    self.work = work
    self.rate = rate
    doneAtAnchor = done
    anchor = now
  }

  mutating func pause(at now: Instant) {
    doneAtAnchor = done(at: now)
    isPaused = true
  }

  /// Goes on where it was; `work` may be new, when it is a heater that waits.
  mutating func resume(work newWork: Int64? = nil, at now: Instant) {
    if let newWork {
      work = newWork
      doneAtAnchor = 0
    }
    isPaused = false
    anchor = now
  }

  mutating func change(rate: Int64, at now: Instant) {
    doneAtAnchor = done(at: now)
    anchor = now
    self.rate = rate
  }
}
