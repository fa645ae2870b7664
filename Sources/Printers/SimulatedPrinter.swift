import World

/// A simulated printer of any kind, as those see it who put it somewhere, watch it and break it.
public protocol SimulatedPrinter: AnyObject {
  var kind: PrinterKind { get }
  /// What distinguishes it from others; for Bambu Lab's the serial number.
  var serial: String { get }
  /// What its owner types so that the hub may talk to it.
  var accessCode: String { get }
  var card: PrinterCard { get }
  /// The machine as it is at this moment.
  var machine: PrinterMachine { get }
  var isOn: Bool { get }
  /// Called when the state, the layer, the percent or the files have changed.
  var onChange: (() -> Void)? { get set }
  /// Goes on while the printer has no power; its own host when nil.
  var clock: (any Host)? { get set }

  /// Switches it on: it listens, idle and cold, with whatever it has stored.
  func start() throws(NetworkFailure)
  /// Switches it off in the middle of whatever it does.
  func stop()

  // A person at the touch screen.
  func pressPause()
  func pressResume()
  func pressStop()

  /// Something goes wrong from now on; `amount` says how badly, where that can be said. A fault of
  /// another kind of printer changes nothing.
  func begin(_ fault: FieldFault, _ amount: FaultAmount?)
  /// It is put right again; what was not there is left alone.
  func end(_ fault: FieldFault)
  func has(_ fault: FieldFault) -> Bool
}

extension BambuPrinter: SimulatedPrinter, HandledPrinter {
  public var kind: PrinterKind { .bambu }
  public var serial: String { configuration.serial }

  public func begin(_ fault: FieldFault, _ amount: FaultAmount?) {
    if case .bambu(let fault) = fault { begin(fault, amount) }
  }

  public func end(_ fault: FieldFault) {
    if case .bambu(let fault) = fault { end(fault) }
  }

  public func has(_ fault: FieldFault) -> Bool {
    if case .bambu(let fault) = fault { troubles.has(fault) } else { false }
  }
}
