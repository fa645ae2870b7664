import Printers
import Testing
import World

@Suite("Faults of the connection for reports and commands")
struct ConnectionFaultTests {
  @Test("silent: connected, pings are answered, commands work, and nothing is reported")
  func silent() throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    bench.printer.begin(.mqttSilent)
    client.publish(["print": ["command": "project_file", "url": "ftp:///cube.3mf"]])
    #expect(bench.run(.minutes(10)) { bench.printer.machine.state == .running })
    #expect(client.messages.isEmpty)
    #expect(!client.isOver)
    bench.printer.end(.mqttSilent)
    bench.run(.seconds(3))
    #expect(!client.messages.isEmpty)
  }

  @Test("dead: commands vanish too, and the connection stays")
  func dead() throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    bench.printer.begin(.mqttDead)
    client.publish(["print": ["command": "project_file", "url": "ftp:///cube.3mf"]])
    client.publish(ReportTests.pushall)
    bench.run(.minutes(2))
    #expect(client.messages.isEmpty)
    #expect(bench.printer.machine.state == .idle)
    #expect(!client.isOver)
  }

  @Test("down: the port is closed until it is put right, and files still go through")
  func down() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    bench.printer.begin(.mqttDown)
    bench.run { client.isOver }
    #expect(client.isOver)
    #expect(bench.connect(id: "next").connectCode == nil)
    #expect(FTPTestClient(loggedInTo: bench).store("x", [1]).hasPrefix("226"))
    bench.printer.end(.mqttDown)
    #expect(bench.connect(id: "next").connectCode == 0)
  }

  @Test("flapping and a second client with the same id end every connection after their time")
  func thrownOut() throws {
    for (fault, seconds) in [(BambuFault.mqttFlap, 30), (.mqttSameID, 10)] as [(BambuFault, Int64)]
    {
      let bench = try PrinterBench()
      let client = bench.listen()
      bench.printer.begin(fault)
      bench.run(.seconds(seconds - 1))
      #expect(!client.isOver)
      bench.run(.seconds(2))
      #expect(client.isOver)
      let next = bench.connect(id: "next")
      #expect(next.connectCode == 0)
      bench.run(.seconds(seconds + 1))
      #expect(next.isOver)
      bench.printer.end(fault)
      let last = bench.connect(id: "last")
      bench.run(.minutes(2))
      #expect(!last.isOver)
    }
  }

  @Test("too many clients: who is in stays, the next is dropped, by bigger models with CONNACK 5")
  func tooMany() throws {
    for (model, code) in [(BambuModel.P1S, nil), (.X1C, 5)] as [(BambuModel, UInt8?)] {
      let bench = try PrinterBench(model: model)
      let client = bench.connect()
      bench.printer.begin(.mqttTooManyClients)
      let next = bench.connect(id: "next")
      #expect(next.connectCode == code)
      bench.run { next.isOver }
      #expect(next.isOver && !client.isOver)
    }
  }

  @Test("who listens to requests is disconnected, who listens to reports is not")
  func requestTopic() throws {
    let bench = try PrinterBench(model: .A1)
    bench.printer.begin(.mqttRequestTopic)
    let good = bench.listen()
    let curious = bench.connect(id: "curious")
    curious.subscribe("device/\(PrinterBench.serial)/request")
    bench.run { curious.isOver }
    #expect(curious.isOver && !good.isOver)
  }

  @Test("a wrong or changed code refuses the old one on both fronts")
  func codes() throws {
    let bench = try PrinterBench()
    bench.printer.begin(.wrongCode)
    #expect(bench.connect().connectCode == 5)
    bench.printer.end(.wrongCode)
    let client = bench.connect()
    #expect(client.connectCode == 0)
    bench.printer.begin(.codeChanged)
    bench.run { client.isOver }
    #expect(client.isOver)
    #expect(bench.connect().connectCode == 5)
    #expect(bench.connect(code: bench.printer.accessCode).connectCode == 0)
    #expect(bench.printer.accessCode != PrinterBench.code)
    let ftp = FTPTestClient(bench)
    _ = ftp.say("USER bblp")
    #expect(ftp.say("PASS \(PrinterBench.code)").hasPrefix("530"))
    _ = ftp.say("USER bblp")
    #expect(ftp.say("PASS \(bench.printer.accessCode)").hasPrefix("230"))
  }

  @Test("certificates that ended or are another's are seen, and the right one comes back")
  func certificates() throws {
    for (fault, failure) in [
      (BambuFault.certificateExpired, NetworkFailure.tlsExpired),
      (.certificateOther, .tlsWrongName),
    ] {
      let bench = try PrinterBench()
      bench.printer.begin(fault)
      #expect(Self.dial(bench, "printer") == failure)
      bench.printer.end(fault)
      #expect(bench.connect().connectCode == 0)
    }
  }

  @Test("at a new address it is found under the new one only")
  func address() throws {
    let bench = try PrinterBench()
    let old = bench.printerHost.address
    let client = bench.listen()
    bench.printer.begin(.addressChanged)
    let new = bench.printerHost.address
    #expect(new != old)
    #expect(Self.dial(bench, new) == nil)
    #expect(Self.dial(bench, old) != nil)
    client.publish(ReportTests.pushall)
    bench.run(.seconds(60))
    #expect(client.messages.isEmpty)
  }

  /// Why a stream cannot be opened; nil when it can.
  static func dial(_ bench: PrinterBench, _ name: String) -> NetworkFailure? {
    final class Ear: StreamHandler {
      var end: NetworkFailure?
      var isOpen = false
      func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
        if case .failed(let failure) = event { end = failure }
        if event == .opened { isOpen = true }
      }
    }
    let ear = Ear()
    let stream = bench.client.connect(
      to: name, port: 8883,
      security: .tls(
        trust: .commonName(PrinterBench.serial), serverName: PrinterBench.serial, resuming: nil),
      handler: ear)
    bench.run(.minutes(3)) { ear.isOpen || ear.end != nil }
    stream.reset()
    return ear.end
  }

  @Test("a weak radio says so, is late, loses some, and keeps the order")
  func weak() throws {
    let bench = try PrinterBench(model: .X1C)
    try bench.putFile()
    let client = bench.listen()
    _ = client.print("project_file", MachineTests.cube)
    bench.printer.begin(.wifiWeak)
    client.forget()
    bench.run(.minutes(3))
    #expect(client.merged["wifi_signal"] == "-85dBm")
    let numbers = client.reports.compactMap { $0["print"]?["sequence_id"]?.number }
    #expect(numbers == numbers.sorted())
    #expect(numbers.count > 100)
    let span = (numbers.last ?? 0) - (numbers.first ?? 0) + 1
    #expect(numbers.count < span)
  }
}

extension JSON {
  fileprivate var number: Int? { int ?? string.flatMap { Int($0) } }
}
