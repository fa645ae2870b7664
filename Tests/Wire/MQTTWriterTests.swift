import Testing
import Wire

@Suite("Writing MQTT")
struct MQTTWriterTests {
  private let empty: [UInt8] = []

  @Test("a CONNECT is written as it is read")
  func connect() {
    let packet = written {
      MQTTWriter.connect(
        clientID: utf8("hub").span, userName: utf8("bblp").span, password: utf8("1234").span,
        keepAliveSeconds: 60, into: &$0)
    }
    #expect(
      packet == hex("10 1B 00 04 4D515454 04 C2 003C 00 03 687562 00 04 62626C70 00 04 31323334"))
    var expected = MQTTConnect()
    (expected.clientID, expected.userName, expected.password) = (14..<17, 19..<23, 25..<29)
    (expected.keepAliveSeconds, expected.cleanSession) = (60, true)
    #expect(transcribe(MQTTDecoder(), packet).events == [.connect(expected, used: 29)])
  }

  @Test("a CONNECT without a user name has no password either")
  func connectWithoutUser() {
    let packet = written {
      MQTTWriter.connect(
        clientID: utf8("c").span, userName: empty.span, password: utf8("lost").span,
        keepAliveSeconds: 0, into: &$0)
    }
    #expect(packet == hex("10 0D 00 04 4D515454 04 02 0000 00 01 63"))
  }

  @Test("every small packet is written as it is read")
  func smallPackets() {
    let input = written {
      MQTTWriter.connectAcknowledge(code: 0, sessionPresent: true, into: &$0)
      MQTTWriter.connectAcknowledge(code: 5, sessionPresent: false, into: &$0)
      MQTTWriter.publishAcknowledge(packetID: 1, into: &$0)
      MQTTWriter.publishReceived(packetID: 0x1234, into: &$0)
      MQTTWriter.publishRelease(packetID: 3, into: &$0)
      MQTTWriter.publishComplete(packetID: 0xFFFF, into: &$0)
      MQTTWriter.subscribe(packetID: 5, filter: utf8("a/#").span, qos: 1, into: &$0)
      MQTTWriter.subscribeAcknowledge(packetID: 5, codes: [1, 0x80].span, into: &$0)
      MQTTWriter.unsubscribe(packetID: 6, filter: utf8("+").span, into: &$0)
      MQTTWriter.unsubscribeAcknowledge(packetID: 6, into: &$0)
      MQTTWriter.pingRequest(into: &$0)
      MQTTWriter.pingResponse(into: &$0)
      MQTTWriter.disconnect(into: &$0)
    }
    #expect(
      transcribe(MQTTDecoder(), input).events == [
        .connectAcknowledged(code: 0, sessionPresent: true, used: 4),
        .connectAcknowledged(code: 5, sessionPresent: false, used: 4),
        .publishAcknowledged(packetID: 1, used: 4), .publishReceived(packetID: 0x1234, used: 4),
        .publishRelease(packetID: 3, used: 4), .publishComplete(packetID: 0xFFFF, used: 4),
        .subscribe(packetID: 5, filters: 4..<10, used: 10),
        .subscribeAcknowledged(packetID: 5, codes: 4..<6, used: 6),
        .unsubscribe(packetID: 6, filters: 4..<7, used: 7),
        .unsubscribeAcknowledged(packetID: 6, used: 4), .pingRequest(used: 2),
        .pingResponse(used: 2), .disconnect(used: 2),
      ])
  }

  @Test(
    "a publication of any length is read as it was written",
    arguments: [0, 1, 123, 124, 125, 16_379, 16_380, 16_381, 2_097_147, 2_097_148, 2_097_149])
  func publish(payloadCount: Int) {
    let payload = [UInt8](repeating: 0x55, count: payloadCount)
    for qos in 0...2 as ClosedRange<UInt8> {
      let packet = written(payloadCount + 16) {
        MQTTWriter.publish(
          topic: utf8("t").span, payload: payload.span, qos: qos, packetID: 9, retain: qos == 1,
          into: &$0)
      }
      let transcript = transcribe(MQTTDecoder(publishLimit: .max), packet)
      #expect(transcript.error == nil && transcript.usedCount == packet.count)
      guard case .publish(let publish, _)? = transcript.events.first else {
        Issue.record("no PUBLISH")
        continue
      }
      #expect(publish.qos == qos && publish.packetID == (qos == 0 ? 0 : 9))
      #expect(publish.retain == (qos == 1) && publish.payloadCount == payloadCount)
      #expect(transcript.body == payload && transcript.bodyEnds == [payloadCount])
      let head = written(16) {
        MQTTWriter.publishHeader(
          topic: utf8("t").span, payloadCount: payloadCount, qos: qos, packetID: 9,
          retain: qos == 1, into: &$0)
      }
      #expect(head + payload == packet)
    }
  }

  @Test("what does not fit is not begun, and told")
  func overflow() {
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 9)
    defer { memory.deallocate() }
    var writer = ByteWriter(memory)
    MQTTWriter.pingRequest(into: &writer)
    MQTTWriter.publish(
      topic: utf8("t").span, payload: utf8("xyz").span, qos: 0, packetID: 0, retain: false,
      into: &writer)
    #expect(writer.overflowed && writer.count == 2)
    MQTTWriter.pingRequest(into: &writer)
    #expect(writer.count == 2)
  }

  @Test("what no packet can hold counts as not fitting")
  func tooLong() {
    let long = [UInt8](repeating: 0x61, count: 0x1_0000)
    for write: (inout ByteWriter) -> Void in [
      { MQTTWriter.subscribe(packetID: 1, filter: long.span, qos: 0, into: &$0) },
      {
        MQTTWriter.publishHeader(
          topic: utf8("t").span, payloadCount: 1 << 28, qos: 0, packetID: 0, retain: false,
          into: &$0)
      },
      {
        MQTTWriter.publishHeader(
          topic: utf8("t").span, payloadCount: .max, qos: 0, packetID: 0, retain: false, into: &$0)
      },
      {
        MQTTWriter.publishHeader(
          topic: utf8("t").span, payloadCount: -1, qos: 0, packetID: 0, retain: false, into: &$0)
      },
    ] {
      let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 100_000)
      defer { memory.deallocate() }
      var writer = ByteWriter(memory)
      write(&writer)
      let overflowed = writer.overflowed
      #expect(overflowed)
    }
  }
}
