/// One protocol of printers that are reached over HTTP: what it says of a machine, and what it makes
/// of requests.
protocol PrinterFront: WebSite {
  /// It has power, or its server is up again.
  func begin()
  /// Power or the server is gone.
  func end()
  /// The machine has changed in a way that can be counted.
  func machineChanged(_ events: [PrinterMachine.Event])
  /// Something of its own begins to be wrong, or is put right.
  func troubleChanged(_ fault: WebFault, isThere: Bool, amount: FaultAmount?)
  /// Whether the machine hears what is asked of it.
  var reachesMachine: Bool { get }
}
