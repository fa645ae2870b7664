import Printers
import VirtualWorld
import World

/// One printer and one person's computer on a network without faults.
final class PrinterBench {
  static let serial = "01P00A000000001"
  static let code = "12345678"

  let world: VirtualWorld
  let printer: BambuPrinter
  let printerHost: VirtualHost
  let client: VirtualHost
  private(set) var notes: [String] = []

  init(
    model: BambuModel = .P1S, seed: UInt64 = 1,
    configure: (inout BambuPrinter.Configuration) -> Void = { _ in }
  ) throws {
    world = VirtualWorld(seed: seed)
    printerHost = world.addVirtualHost("printer", on: .farm("farm"))
    client = world.addVirtualHost("client", on: .farm("farm"))
    var configuration = BambuPrinter.Configuration(
      name: "printer", model: model, serial: Self.serial, accessCode: Self.code)
    configure(&configuration)
    printer = BambuPrinter(host: printerHost, configuration: configuration)
    try printer.start()
    world.trace.sinks.append { [weak self] entry in
      if entry.kind == .printer { self?.notes.append(entry.text) }
    }
  }

  /// Lets time pass, until something is true or the time is over.
  @discardableResult
  func run(_ limit: Interval = .seconds(5), until isDone: () -> Bool = { false }) -> Bool {
    world.run(until: world.now + limit, while: { !isDone() })
    return isDone()
  }

  func connect(
    id: String = "tester", user: String = "bblp", code: String = PrinterBench.code,
    keepAlive: UInt16 = 0
  ) -> MQTTTestClient {
    MQTTTestClient(self, id: id, user: user, code: code, keepAlive: keepAlive)
  }

  /// A client that listens to reports.
  func listen(id: String = "tester") -> MQTTTestClient {
    let client = connect(id: id)
    client.subscribe("device/\(Self.serial)/report")
    run { client.grants.count == 1 }
    return client
  }

  @discardableResult
  func putFile(
    _ path: String = "/cube.3mf", layers: Int = 10, seconds: Int = 600, seed: UInt64 = 1
  ) throws -> [UInt8] {
    let bytes = ThreeMF.make(
      name: "cube", layers: layers, seconds: seconds, byteCount: 20_000, seed: seed)
    try printer.card.put(path, bytes)
    return bytes
  }
}
