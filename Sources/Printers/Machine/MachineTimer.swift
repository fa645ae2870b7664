import World

/// Lets a machine live in a world's time: its clock, and one timer that is set to the next moment at
/// which something can be counted. In between nothing runs.
final class MachineTimer {
  private let host: any Host
  private let machine: PrinterMachine
  private let speedFactor: Int64
  private var timer: (any Timer)?
  private var dueAt = Instant.never
  /// What was told last: state, percent, layer.
  private(set) var counted = (MachineState.idle, -1, -1)
  /// The moment has come.
  var onDue: (() -> Void)?

  /// `speedFactor`: how much faster than the world the machine lives.
  init(_ machine: PrinterMachine, on host: any Host, speedFactor: Int) {
    self.machine = machine
    self.host = host
    self.speedFactor = Int64(max(1, speedFactor))
  }

  deinit { timer?.cancel() }

  /// The machine's own time, which may be faster than the world's.
  var now: Instant { Instant(nanoseconds: host.now.nanoseconds * speedFactor) }

  /// When the world's clock shows what the machine calls `instant`.
  private func worldTime(of instant: Instant) -> Instant {
    Instant(nanoseconds: (instant.nanoseconds + speedFactor - 1) / speedFactor)
  }

  /// Sets the timer to the next moment that matters, at the latest to `limit`, if that is not what it
  /// is set to.
  func arm(noLaterThan limit: Instant = .never) {
    let due = min(machine.nextChange.map { worldTime(of: $0) } ?? .never, limit)
    guard due != dueAt else { return }
    stop()
    dueAt = due
    guard due != .never else { return }
    timer = host.after(max(.zero, due - host.now)) { [weak self] in
      self?.dueAt = .never
      self?.onDue?()
    }
  }

  func stop() {
    timer?.cancel()
    timer = nil
    dueAt = .never
  }

  /// Whether there is something else to count than when this was asked last.
  func haveCountsChanged() -> Bool {
    let counts = (machine.state, machine.progress, machine.layer)
    defer { counted = counts }
    return counts != counted
  }

  /// Puts on record what has happened to the machine; with its own codes, where people know those.
  func note(_ event: PrinterMachine.Event, withCodes: Bool) {
    let file = CardPath.name(of: machine.currentFile)
    let code = withCodes ? machine.printError.text : ""
    switch event {
    case .began(let plate):
      host.note(
        .printer,
        "begins \(file): \(plate.layers) layers, \(SlicedGCode.duration(plate.seconds))")
    case .running: host.note(.printer, "prints the first layer of \(file)")
    case .reached(let percent):
      host.note(.printer, "\(file) \(percent) %, layer \(machine.layer)")
    case .paused: host.note(.printer, code.isEmpty ? "pauses" : "pauses: \(code)")
    case .resumed: host.note(.printer, "goes on")
    case .finished: host.note(.printer, "has finished \(file)")
    case .stopped: host.note(.printer, "was stopped")
    case .failed(let reason):
      host.note(.printer, "gives up \(file): \(reason)" + (withCodes ? ", \(code)" : ""))
    }
  }
}
