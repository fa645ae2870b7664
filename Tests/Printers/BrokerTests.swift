import Printers
import Testing
import Wire
import World

@Suite("The broker inside a printer")
struct BrokerTests {
  let topic = "device/\(PrinterBench.serial)/report"

  @Test("the right access code gets in")
  func rightCode() throws {
    let bench = try PrinterBench()
    let client = bench.connect()
    #expect(client.connectCode == 0)
    #expect(!client.isOver)
  }

  @Test(
    "a wrong user or code gets CONNACK 5 and is cut off, and is counted",
    arguments: [("bblp", "87654321"), ("admin", "12345678"), ("bblp", ""), ("bblp", "1234567")])
  func wrongCode(user: String, code: String) throws {
    let bench = try PrinterBench()
    let client = bench.connect(user: user, code: code)
    bench.run { client.isOver }
    #expect(client.connectCode == 5)
    #expect(client.isOver)
    #expect(bench.printer.faults.count(of: "mqtt.wrong-code") == 1)
  }

  @Test("a second client with the same id throws the first out")
  func sameID() throws {
    let bench = try PrinterBench()
    let first = bench.connect(id: "twin")
    let second = bench.connect(id: "twin")
    bench.run { first.isOver }
    #expect(first.isOver)
    #expect(second.connectCode == 0)
    #expect(!second.isOver)
  }

  @Test(
    "one client too many is refused by an X1 and dropped by a P1",
    arguments: [
      BambuModel.X1C, .P1S,
    ])
  func tooMany(model: BambuModel) throws {
    let bench = try PrinterBench(model: model)
    let welcome = (1...4).map { bench.connect(id: "client \($0)") }
    let surplus = bench.connect(id: "one too many")
    bench.run { surplus.isOver }
    #expect(surplus.isOver)
    #expect(surplus.connectCode == (model == .X1C ? 5 : nil))
    #expect(welcome.allSatisfy { $0.connectCode == 0 && !$0.isOver })
    // A place that becomes free is given away again.
    welcome[0].close()
    bench.run(.seconds(1))
    #expect(bench.connect(id: "later").connectCode == 0)
  }

  @Test("publications of quality 1 and 2 are acknowledged, and done once")
  func qualities() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    client.publish(["info": ["sequence_id": "1", "command": "get_version"]], qos: 1, id: 21)
    bench.run { !client.acknowledged.isEmpty && client.messages.count == 1 }
    #expect(client.acknowledged == [21])
    for _ in 1...2 {
      client.publish(["info": ["sequence_id": "2", "command": "get_version"]], qos: 2, id: 22)
    }
    bench.run { client.received.count == 2 }
    #expect(client.messages.count == 2)
    client.send(encoded { MQTTWriter.publishRelease(packetID: 22, into: &$0) })
    bench.run { !client.completed.isEmpty }
    #expect(client.completed == [22])
  }

  @Test(
    "reports come under every filter that means them, and under no other",
    arguments: [
      ("#", true), ("device/+/report", true), ("device/\(PrinterBench.serial)/#", true),
      ("device/01P00A000000002/report", false), ("device/\(PrinterBench.serial)/request", false),
    ])
  func filters(filter: String, hears: Bool) throws {
    let bench = try PrinterBench()
    let client = bench.connect()
    client.subscribe(filter, qos: 2)
    bench.run { client.grants.count == 1 }
    #expect(client.grants == [1])
    bench.connect(id: "other").publish(["pushing": ["command": "pushall"]])
    bench.run { client.messages.contains { $0.topic == topic } }
    #expect(client.messages.contains { $0.topic == topic } == hears)
  }

  @Test("what one client asks, others hear who listen to requests")
  func relays() throws {
    let bench = try PrinterBench()
    let spy = bench.connect(id: "spy")
    spy.subscribe("device/\(PrinterBench.serial)/request")
    bench.run { spy.grants.count == 1 }
    bench.connect(id: "slicer").publish(["print": ["command": "stop"]])
    bench.run { !spy.messages.isEmpty }
    #expect(spy.messages.map { $0.topic } == ["device/\(PrinterBench.serial)/request"])
  }

  @Test("after UNSUBSCRIBE nothing comes any more")
  func unsubscribe() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    client.send(
      encoded {
        MQTTWriter.unsubscribe(packetID: 9, filter: topic.utf8.span, into: &$0)
      })
    bench.run { !client.unsubscribed.isEmpty }
    client.publish(["pushing": ["command": "pushall"]])
    bench.run(.seconds(2))
    #expect(client.messages.isEmpty)
  }

  @Test("silence of one and a half keepalives ends the connection; a ping prevents it")
  func keepAlive() throws {
    let bench = try PrinterBench()
    let silent = bench.connect(id: "silent", keepAlive: 10)
    let lively = bench.connect(id: "lively", keepAlive: 10)
    for _ in 1...4 {
      bench.run(.seconds(9))
      lively.send(encoded { MQTTWriter.pingRequest(into: &$0) })
    }
    #expect(silent.isOver)
    #expect(bench.printer.faults.count(of: "mqtt.silent") == 1)
    bench.run(.seconds(1))
    #expect(!lively.isOver)
    #expect(lively.pongCount == 4)
  }

  @Test("a stranger who never says CONNECT is shown the door after ten seconds")
  func noConnect() throws {
    let bench = try PrinterBench()
    let stranger = MQTTTestClient(bench, raw: [])
    #expect(!stranger.isOver)
    bench.run(.seconds(11))
    #expect(stranger.isOver)
    #expect(bench.printer.faults.count(of: "mqtt.no-connect") == 1)
  }

  @Test(
    "a malformed packet closes its connection, is counted, and hurts nobody else",
    arguments: [
      ([0xF0, 0x00], "mqtt.unknown-packet"),
      ([0x10, 0xFF, 0xFF, 0xFF, 0xFF, 1], "mqtt.bad-length"),
      ([0xC0, 0x00], "mqtt.not-connected"), ([0x30, 0x03, 0, 1, 0x61], "mqtt.not-connected"),
      ([0xD0, 0x00], "mqtt.server-packet"),
      (Array("GET / HTTP/1.1\r\n\r\n".utf8), "mqtt.bad-flags"),
    ] as [([UInt8], String)])
  func malformed(bytes: [UInt8], fault: String) throws {
    let bench = try PrinterBench()
    let bystander = bench.listen(id: "bystander")
    let culprit = MQTTTestClient(bench, raw: bytes)
    bench.run { culprit.isOver }
    #expect(culprit.isOver)
    #expect(bench.printer.faults.counts.map { $0.name } == [fault])
    bystander.publish(["pushing": ["command": "pushall"]])
    #expect(bench.run { !bystander.messages.isEmpty })
  }

  @Test("a client of MQTT 5 is told that its version is not spoken here")
  func wrongVersion() throws {
    let bench = try PrinterBench()
    let client = MQTTTestClient(
      bench, raw: [0x10, 13, 0, 4] + Array("MQTT".utf8) + [5, 2, 0, 60, 0, 0, 0])
    bench.run { client.isOver }
    #expect(client.connectCode == 1)
    #expect(client.isOver)
  }

  @Test("bytes that come one at a time are understood all the same")
  func trickle() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    let request = "device/\(PrinterBench.serial)/request"
    let packet = encoded {
      MQTTWriter.publish(
        topic: request.utf8.span, payload: "{\"pushing\":{\"command\":\"pushall\"}}".utf8.span,
        qos: 1, packetID: 3, retain: false, into: &$0)
    }
    for byte in packet {
      client.send([byte])
      bench.run(.milliseconds(20))
    }
    #expect(client.acknowledged == [3])
    #expect(client.messages.count == 1)
  }

  @Test("no changed byte in what a client says stops the printer")
  func changedBytes() throws {
    let session = encoded(1024) { writer in
      MQTTWriter.connect(
        clientID: "odd".utf8.span, userName: "bblp".utf8.span,
        password: PrinterBench.code.utf8.span, keepAliveSeconds: 30, into: &writer)
      MQTTWriter.subscribe(packetID: 1, filter: topic.utf8.span, qos: 1, into: &writer)
      MQTTWriter.publish(
        topic: "device/\(PrinterBench.serial)/request".utf8.span,
        payload: #"{"print":{"command":"print_speed","param":"3"}}"#.utf8.span, qos: 1,
        packetID: 2, retain: false, into: &writer)
    }
    let bench = try PrinterBench()
    for index in session.indices {
      var changed = session
      changed[index] ^= [0x01, 0x80, 0xFF][index % 3]
      MQTTTestClient(bench, raw: changed).close()
    }
    bench.run(.minutes(1))
    #expect(bench.printer.faults.total > 20)
    #expect(bench.connect(id: "afterwards").connectCode == 0)
  }

  @Test("a request that is not JSON is counted and passed over")
  func badRequest() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    client.publish(bytes: Array("{\"print\":".utf8))
    client.publish(bytes: Array("[1]".utf8))
    client.publish(bytes: [], qos: 1, id: 5)
    client.publish(["print": 3])
    client.publish(["pushing": ["command": "pushall"]])
    #expect(bench.run { client.messages.count == 1 })
    #expect(client.acknowledged == [5])
    #expect(bench.printer.faults.count(of: "request.no-object") == 1)
    #expect(bench.printer.faults.total == 3)
  }

  @Test("a client that does not read loses reports, not the printer its memory")
  func slowClient() throws {
    let bench = try PrinterBench(model: .X1C)
    let slow = SlowReader(bench)
    bench.run(.seconds(1))
    let asker = bench.connect(id: "asker")
    for _ in 0..<200 {
      asker.publish(["pushing": ["command": "pushall"]])
      bench.run(.milliseconds(20))
    }
    #expect(bench.printer.faults.count(of: "mqtt.slow-client") > 50)
    #expect(slow.unreadCount > 0)
    #expect(bench.connect(id: "third").connectCode == 0)
  }

  @Test("switched off it is gone without a word, and comes back with its card but without a print")
  func power() throws {
    let bench = try PrinterBench()
    let file = try bench.putFile()
    let client = bench.listen()
    _ = client.print("project_file", [("url", "ftp:///cube.3mf")])
    bench.run(.minutes(3))
    bench.printer.stop()
    bench.run(.seconds(30))
    #expect(!client.isOver)
    try bench.printer.start()
    #expect(bench.printer.machine.state == .idle)
    #expect(bench.printer.machine.history.map { $0.outcome } == [.powerLost])
    #expect(bench.printer.card.bytes(of: "/cube.3mf") == file)
    #expect(bench.connect(id: "after").connectCode == 0)
  }
}

/// Subscribes and never reads.
private final class SlowReader: StreamHandler {
  private var stream: (any Stream)?

  init(_ bench: PrinterBench) {
    stream = bench.client.connect(
      to: "printer", port: 8883,
      security: .tls(
        trust: .commonName(PrinterBench.serial), serverName: PrinterBench.serial, resuming: nil),
      handler: self)
  }

  var unreadCount: Int { stream?.unreadCount ?? 0 }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    guard event == .opened else { return }
    stream.write(
      encoded { writer in
        MQTTWriter.connect(
          clientID: "slow".utf8.span, userName: "bblp".utf8.span,
          password: PrinterBench.code.utf8.span, keepAliveSeconds: 0, into: &writer)
        MQTTWriter.subscribe(packetID: 1, filter: "#".utf8.span, qos: 0, into: &writer)
      })
  }
}
