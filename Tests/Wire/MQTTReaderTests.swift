import Testing
import Wire

@Suite("Reading MQTT")
struct MQTTReaderTests {
  static let fixtures = [
    Fixture("a bare CONNECT", hex("10 0D 00 04 4D515454 04 02 003C 00 01 63")),
    Fixture(
      "a CONNECT with everything",
      hex("10 27 00 04 4D515454 04 F6 003C 00 03 687562 00 03 612F62 00 04 676F6E65")
        + hex("00 04 62626C70 00 05 3132333435")),
    Fixture("a CONNACK, then a PINGRESP", hex("20 02 01 00 D0 00")),
    Fixture(
      "a SUBSCRIBE for two filters and its answer",
      hex("82 0F 0001 00 03 612F23 00 00 04 2B2F6263 01") + hex("90 04 0001 00 80")),
    Fixture("an UNSUBSCRIBE and its answer", hex("A2 07 0002 00 03 612F23 B0 02 0002")),
    Fixture("a publication of QoS 0", hex("30 0A 00 03 612F62") + utf8("hello")),
    Fixture("a publication of QoS 1, kept, sent again", hex("3B 08 00 01 61 0007") + utf8("xyz")),
    Fixture("an empty publication", hex("31 03 00 01 61") + hex("C0 00")),
    Fixture(
      "a publication of 200 bytes",
      hex("30 CB01 00 01 61") + [UInt8](repeating: 0x2E, count: 200) + hex("E0 00")),
    Fixture(
      "the steps of QoS 2",
      hex("34 06 00 01 61 0009 21 50 02 0009 62 02 0009 70 02 0009 40 02 0008")),
    Fixture("text above ASCII", hex("30 06 00 04 C3A9F09F").dropLast(2) + hex("C3A9")),
  ]

  @Test("every cut gives the same packets", arguments: fixtures)
  func cuts(_ fixture: Fixture) { checkCuts(fixture.bytes) { MQTTDecoder() } }

  @Test("every truncation gives the beginning of the packets", arguments: fixtures)
  func truncations(_ fixture: Fixture) { checkTruncations(fixture.bytes) { MQTTDecoder() } }

  @Test("a flipped bit gives packets or an error, however the input is cut", arguments: fixtures)
  func flippedBits(_ fixture: Fixture) { checkFlippedBits(fixture.bytes) { MQTTDecoder() } }

  @Test("a CONNECT tells all it says")
  func connect() throws {
    let input = Self.fixtures[1].bytes
    guard case .connect(let connect, _)? = transcribe(MQTTDecoder(), input).events.first else {
      Issue.record("no CONNECT")
      return
    }
    func text(_ range: Range<Int>?) -> String? {
      range.map { String(decoding: input[$0], as: UTF8.self) }
    }
    #expect(text(connect.clientID) == "hub")
    #expect(text(connect.willTopic) == "a/b")
    #expect(text(connect.willMessage) == "gone")
    #expect(text(connect.userName) == "bblp")
    #expect(text(connect.password) == "12345")
    #expect(connect.willQoS == 2 && connect.willRetain)
    #expect(connect.keepAliveSeconds == 60 && connect.cleanSession)
  }

  @Test("a client without a name is told apart")
  func noClientID() {
    let events = transcribe(MQTTDecoder(), hex("10 0C 00 04 4D515454 04 02 0000 0000")).events
    guard case .connect(let connect, _)? = events.first else {
      Issue.record("no CONNECT")
      return
    }
    #expect(connect.clientID == nil)
  }

  @Test("a publication is a head and its payload, however long")
  func publish() {
    let transcript = transcribe(MQTTDecoder(), Self.fixtures[6].bytes)
    #expect(
      transcript.events == [
        .publish(
          MQTTPublish(
            topic: 4..<5, packetID: 7, qos: 1, retain: true, duplicate: true, payloadCount: 3),
          used: 7)
      ])
    #expect(transcript.body == utf8("xyz"))
    #expect(transcript.bodyEnds == [3])
  }

  @Test("an empty payload is one empty last piece")
  func emptyPayload() {
    let transcript = transcribe(MQTTDecoder(), Self.fixtures[7].bytes)
    #expect(transcript.bodyEnds == [0])
    #expect(transcript.events.last == .pingRequest(used: 2))
  }

  @Test("the filters of a SUBSCRIBE are walked through, with their qualities")
  func filters() {
    let input = Self.fixtures[3].bytes
    guard case .subscribe(1, let range, _)? = transcribe(MQTTDecoder(), input).events.first else {
      Issue.record("no SUBSCRIBE")
      return
    }
    var filters = MQTTFilters(range, hasQoS: true)
    var found: [String] = []
    while let (filter, qos) = filters.next(in: input.span) {
      found.append("\(String(decoding: input[filter], as: UTF8.self)) \(qos)")
    }
    #expect(found == ["a/# 0", "+/bc 1"])
  }

  @Test("a payload as large as the limit is taken, one byte more refused before it comes")
  func publishLimit() {
    let head = hex("30 0D 00 01 61")
    #expect(transcribe(MQTTDecoder(publishLimit: 10), head).error == nil)
    #expect(transcribe(MQTTDecoder(publishLimit: 9), head).error == "mqtt.too-large")
    #expect(transcribe(MQTTDecoder(publishLimit: 1 << 30), hex("30 FFFFFF7F 0001 61")).error == nil)
  }

  @Test("every other packet must fit the packet limit, and is refused by its length alone")
  func packetLimit() {
    // 1024 bytes: 3 of head, 1021 of packet; the text takes what is left of 12 bytes.
    let connect = hex("10 FD07 00 04 4D515454 04 02 003C") + hex("03F1")
    let fitting = connect + [UInt8](repeating: 0x61, count: 1009)
    #expect(transcribe(MQTTDecoder(), fitting).error == nil)
    #expect(transcribe(MQTTDecoder(), hex("10 FE07")).error == "mqtt.too-large")
    #expect(transcribe(MQTTDecoder(), hex("82 FFFFFF7F")).error == "mqtt.too-large")
    // A topic that is too long for the limit.
    #expect(transcribe(MQTTDecoder(), hex("30 FF10 0400")).error == "mqtt.too-large")
  }

  @Test(
    "what the specification forbids is refused by name",
    arguments: [
      ("00 00", "unknown-packet"), ("F0 00", "unknown-packet"), ("FF", "unknown-packet"),
      ("11 00", "bad-flags"), ("21", "bad-flags"), ("41", "bad-flags"), ("60", "bad-flags"),
      ("61", "bad-flags"), ("63", "bad-flags"), ("80", "bad-flags"), ("83", "bad-flags"),
      ("91", "bad-flags"), ("A0", "bad-flags"), ("B2", "bad-flags"), ("C1", "bad-flags"),
      ("D8", "bad-flags"), ("E1", "bad-flags"), ("38", "bad-flags"),
      ("39 03 00 01 61", "bad-flags"),
      ("36", "bad-qos"), ("3E", "bad-qos"),
      ("C0 80808080", "bad-length"), ("30 FFFFFFFF 01", "bad-length"), ("C0 01 00", "bad-length"),
      ("D0 01 00", "bad-length"), ("E0 01 00", "bad-length"), ("40 03 0001 00", "bad-length"),
      ("40 01 01", "bad-length"), ("40 00", "bad-length"), ("30 00", "bad-length"),
      ("30 01 00", "bad-length"), ("30 02 00 01", "bad-length"),
      ("32 04 00 01 61 00", "bad-length"),
      ("20 01 00", "bad-length"), ("20 03 00 00 00", "bad-length"), ("90 02 0001", "bad-length"),
      ("82 06 0001 00 03 61 00", "bad-length"), ("82 05 0001 00 01 61", "bad-length"),
      ("30 02 00 00", "bad-topic"), ("30 03 00 01 2B", "bad-topic"),
      ("30 03 00 01 23", "bad-topic"),
      ("30 05 00 03 612F23", "bad-topic"),
      ("30 03 00 01 FF", "bad-text"), ("30 03 00 01 00", "bad-text"),
      ("30 05 00 03 EDA080", "bad-text"), ("30 04 00 02 C080", "bad-text"),
      ("32 05 00 01 61 0000", "bad-packet-id"), ("40 02 0000", "bad-packet-id"),
      ("82 06 0000 00 01 61 00", "bad-packet-id"), ("90 03 0000 00", "bad-packet-id"),
      ("A2 05 0000 00 01 61", "bad-packet-id"),
      ("82 02 0001", "bad-filter"), ("A2 02 0001", "bad-filter"),
      ("82 05 0001 00 00 00", "bad-filter"), ("82 07 0001 00 02 6123 00", "bad-filter"),
      ("82 08 0001 00 03 232F61 00", "bad-filter"), ("82 07 0001 00 02 612B 00", "bad-filter"),
      ("82 07 0001 00 02 2B61 00", "bad-filter"), ("A2 06 0001 00 02 2323", "bad-filter"),
      ("82 06 0001 00 01 61 03", "bad-qos"), ("82 06 0001 00 01 61 80", "bad-qos"),
      ("20 02 02 00", "bad-flags"), ("20 02 00 06", "bad-code"), ("20 02 01 01", "bad-code"),
      ("90 03 0001 03", "bad-code"), ("90 03 0001 81", "bad-code"),
      ("10 0D 00 04 4D515455 04 02 003C 00 01 63", "bad-protocol"),
      ("10 0D 00 04 6D717474 04 02 003C 00 01 63", "bad-protocol"),
      ("10 0D 00 04 4D515454 05 02 003C 00 01 63", "unsupported-version"),
      ("10 0D 00 04 4D515454 84 02 003C 00 01 63", "unsupported-version"),
      ("10 0F 00 06 4D5149736470 03 02 003C 00 01 63", "unsupported-version"),
      ("10 0D 00 04 4D515454 04 03 003C 00 01 63", "bad-flags"),
      ("10 0D 00 04 4D515454 04 0A 003C 00 01 63", "bad-flags"),
      ("10 0D 00 04 4D515454 04 22 003C 00 01 63", "bad-flags"),
      ("10 10 00 04 4D515454 04 42 003C 00 01 63 00 01 70", "bad-flags"),
      ("10 0D 00 04 4D515454 04 1E 003C 00 01 63", "bad-qos"),
      ("10 0D 00 04 4D515454 04 06 003C 00 01 63", "bad-length"),
      ("10 11 00 04 4D515454 04 06 003C 00 01 63 0000 0000", "bad-topic"),
      ("10 0E 00 04 4D515454 04 02 003C 00 01 63 00", "bad-length"),
      ("10 0D 00 04 4D515454 04 82 003C 00 01 63", "bad-length"),
      ("10 0D 00 04 4D515454 04 02 003C 00 01 FF", "bad-text"),
      ("10 00", "bad-length"),
    ])
  func refusals(_ digits: String, _ name: String) {
    let input = hex(digits)
    #expect(transcribe(MQTTDecoder(), input).error == "mqtt." + name)
    #expect(transcribe(MQTTDecoder(), input, cuts: 0...input.count).error == "mqtt." + name)
  }

  @Test("after an error the reader gives the same error again")
  func stays() {
    var reader = MQTTReader(publishLimit: 10)
    #expect(throws: MQTTError.unknownPacket) { try reader.next([0xFF, 0].span) }
    #expect(throws: MQTTError.unknownPacket) { try reader.next([0xC0, 0].span) }
  }

  @Test(
    "filters match the topics that the specification says",
    arguments: [
      ("a/b", "a/b", true), ("a/b", "a/c", false), ("a/b", "a", false), ("a", "a/b", false),
      ("a/b", "a/bc", false), ("a/bc", "a/b", false), ("#", "a", true), ("#", "a/b/c", true),
      ("sport/#", "sport", true), ("sport/#", "sport/tennis/player", true),
      ("sport/#", "sports", false), ("sport/tennis/+", "sport/tennis/player1", true),
      ("sport/tennis/+", "sport/tennis/player1/ranking", false), ("sport/+", "sport", false),
      ("sport/+", "sport/", true), ("+/+", "/finance", true), ("/+", "/finance", true),
      ("+", "/finance", false), ("+", "finance", true), ("+/a/#", "b/a", true),
      ("+/a/#", "b/a/c/d", true), ("+/a/#", "b/c", false), ("#", "$SYS/a", false),
      ("+/a", "$SYS/a", false), ("$SYS/#", "$SYS/a", true), ("$SYS/+", "$SYS/a", true),
      ("+/$a", "b/$a", true), ("a//b", "a//b", true), ("a/+/b", "a//b", true), ("A", "a", false),
      ("device/+/report", "device/01S00C123/report", true), ("a/#", "a/", true), ("+/#", "a", true),
    ])
  func matches(_ filter: String, _ topic: String, _ expected: Bool) {
    #expect(mqttTopicMatches(filter: utf8(filter).span, topic: utf8(topic).span) == expected)
  }
}
