import Foundation
import Testing

@Suite("The link to the cloud")
struct CloudLinkTests {
  @Test("the hello is signed over id, challenge and version with the hub's secret")
  func hello() throws {
    let rig = HubRig.connected()
    let hello = try #require(rig.cloud.messages("hub_hello").first)
    #expect(hello["hub_id"] as? String == "hub-0123456789abcdef")
    #expect(hello["firmware_version"] as? String == "0.1.0")
    #expect(hello["hardware_revision"] as? String == "rig-1")
    #expect(hello["wifi_signal"] as? Int == -52)
    #expect(hello["signature"] as? String == String(repeating: "ab", count: 32))
    let signed = try #require(rig.board.signed.first)
    #expect(signed.key == Array("a secret nobody may see".utf8))
    #expect(
      signed.message
        == Array("hub-0123456789abcdef\n00112233445566778899aabbccddeeff\n0.1.0".utf8))
    #expect(rig.view.cloud_connects == 1)
  }

  @Test("the upgrade goes to the hub's own path, in TLS that trusts the cloud's authority")
  func upgrade() throws {
    let rig = HubRig.connected()
    let request = try #require(rig.cloud.requests.first)
    #expect(request.hasPrefix("GET /ws/hub/hub-0123456789abcdef HTTP/1.1\r\n"))
    #expect(request.contains("Sec-WebSocket-Version: 13"))
    let stream = try #require(rig.cloud.stream)
    #expect(stream.trust == 1)
    #expect(stream.expectedName == "cloud.test")
    #expect(stream.port == 8787)
  }

  @Test("each connection signs its own challenge")
  func freshChallenge() {
    let rig = HubRig.connected()
    rig.cloud.challenge = "ffffffffffffffffffffffffffffffff"
    rig.cloud.close(1001)
    rig.run(atMost: 60_000) { rig.view.cloud_connects == 2 }
    #expect(rig.board.signed.count == 2)
    #expect(rig.board.signed[0].message != rig.board.signed[1].message)
  }

  @Test("neither secret, access code nor the query of an address is ever logged")
  func secrets() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.head = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    rig.cloud.start("j1", on: printer.serial, size: 3)
    rig.run(milliseconds: 5_000)
    printer.broker?.fail(-5)
    rig.run(milliseconds: 30_000)
    let log = rig.board.lines.joined(separator: "\n")
    #expect(!log.contains("a secret nobody may see"))
    #expect(!log.contains("12345678"))
    #expect(!log.contains("hidden"))
  }

  // ------------------------------------------------------------------------------ coming again

  /// Milliseconds between the attempts to open the cloud's stream.
  private func pauses(_ rig: HubRig, attempts: Int, refusing code: UInt16?) -> [UInt64] {
    var moments: [UInt64] = []
    if let code {
      rig.cloud.greets = false
      for _ in 0..<attempts {
        let count = rig.cloud.requests.count
        rig.run(atMost: 600_000) { rig.cloud.requests.count > count }
        moments.append(rig.board.now)
        rig.cloud.close(code)
        rig.run(milliseconds: 1)
      }
    } else {
      rig.board.openFailure = { stream in
        guard stream.host == "cloud.test" else { return nil }
        moments.append(rig.board.now)
        return -3
      }
      rig.run(atMost: 3_600_000) { moments.count >= attempts }
    }
    return zip(moments.dropFirst(), moments).map { $0 - $1 }
  }

  @Test("the pauses between attempts double up to a minute when chance is at its worst")
  func backoffGrowsAndCaps() {
    let rig = HubRig()
    // The remainder by 1,001, 2,001, ... of this number is not what matters: chance gives nearly
    // the ceiling for each when it answers ceiling itself, so the ceilings are looked at below.
    let pauses = pauses(rig, attempts: 40, refusing: nil)
    #expect(pauses.prefix(1).allSatisfy { $0 <= 1_001 })
    #expect(pauses.allSatisfy { $0 <= 60_001 })
    // Full jitter: late pauses are spread over the whole of the minute.
    let late = pauses.dropFirst(8)
    #expect(late.contains { $0 < 20_000 })
    #expect(late.contains { $0 > 40_000 })
    #expect(Set(late).count > 20)
  }

  @Test(
    "after the cloud said that it does not want this hub, at least half a minute passes",
    arguments: [4401, 4403] as [UInt16])
  func unwelcome(code: UInt16) {
    let rig = HubRig()
    let pauses = pauses(rig, attempts: 4, refusing: code)
    #expect(pauses.allSatisfy { $0 >= 30_000 })
    #expect(rig.board.lamps[1] == 3)
    #expect(!rig.view.cloud_connected)
    // It was refused, it has not misbehaved.
    #expect(rig.view.bad_input_count == 0)
  }

  @Test("after an ordinary close the hub is back soon")
  func ordinaryClose() {
    let rig = HubRig.connected()
    rig.run(milliseconds: 61_000)
    rig.cloud.close(1001)
    rig.run(milliseconds: 1_100)
    #expect(rig.view.cloud_connects == 2)
    #expect(rig.view.state == 5 || rig.view.state == 6)
  }

  @Test("pings go out as often as the cloud wants, and without an answer the hub connects anew")
  func heartbeat() {
    let rig = HubRig.connected()
    rig.run(milliseconds: 76_000)
    #expect(rig.cloud.pings == 3)
    #expect(rig.view.cloud_connects == 1)
    rig.cloud.isAlive = false
    let before = rig.board.now
    rig.run(atMost: 120_000) { rig.view.cloud_connects == 2 }
    #expect(rig.board.now - before <= 25_000 + 10_000 + 60_000)
    #expect(rig.board.logged("no heartbeat") == 1)
  }

  @Test("anything that is received counts as a sign of life")
  func anySignOfLife() {
    let rig = HubRig.connected()
    rig.cloud.isAlive = false
    for _ in 0..<12 {
      rig.run(milliseconds: 9_000)
      rig.cloud.send(#"{"type":"nothing_in_particular"}"#)
    }
    #expect(rig.view.cloud_connects == 1)
  }

  @Test("a cloud that opens the WebSocket and never says hello is left")
  func noHello() {
    let rig = HubRig()
    rig.cloud.greets = false
    rig.run(milliseconds: 40_000)
    #expect(rig.cloud.requests.count >= 2)
    #expect(!rig.view.cloud_connected)
  }

  // ------------------------------------------------------------------------------ wrong answers

  @Test(
    "an answer to the upgrade that breaks HTTP is counted and left",
    arguments: [
      "HTTP/1.1 1O1 Switching\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n",
      "HTTP/1.1 101 x\r\n: nameless\r\n\r\n",
      "HTTP/1.1 101 x\r\nA: " + String(repeating: "a", count: 2_000) + "\r\n\r\n",
    ])
  func brokenUpgrade(answer: String) {
    let rig = HubRig()
    rig.cloud.refusal = answer
    rig.run(atMost: 5_000) { rig.view.bad_input_count > 0 }
    #expect(rig.view.bad_input_count == 1)
    #expect(rig.cloud.isConnected == false)
  }

  @Test("a status other than 101 is no breach of protocol")
  func refusedUpgrade() {
    let rig = HubRig()
    rig.cloud.refusal = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy"
    rig.run(milliseconds: 3_000)
    #expect(rig.view.bad_input_count == 0)
    #expect(rig.board.logged("HTTP 503") >= 1)
    rig.cloud.refusal = nil
    #expect(rig.run(atMost: 60_000) { rig.view.cloud_connected })
  }

  @Test("an upgrade that was not asked for, or without a challenge, is left")
  func uncheckedUpgrade() {
    for breakage in 0..<2 {
      let rig = HubRig()
      if breakage == 0 {
        rig.cloud.acceptsRightly = false
      } else {
        rig.cloud.sendsChallenge = false
      }
      rig.run(milliseconds: 500)
      #expect(rig.view.bad_input_count >= 1)
      #expect(rig.cloud.texts.isEmpty)
    }
  }

  @Test(
    "bytes that break the protocol close the connection, are counted, and the hub comes back",
    arguments: [
      ("broken JSON", frame(#"{"type":}"#), 1007),
      ("half a message", frame(#"{"type":"x""#), 1007),
      ("two messages in one", frame("{}{}"), 1007),
      ("a message over 4 KiB", frame("\"" + String(repeating: "a", count: 4_100) + "\""), 1009),
      ("a masked frame", [0x81, 0x82, 1, 2, 3, 4, 0x7A, 0x7F], 1002),
      ("an unknown opcode", [0x83, 0], 1002),
      ("reserved bits", [0xC1, 0], 1002),
      ("text that is not UTF-8", [0x81, 3, 0x22, 0xFF, 0x22], 1007),
      ("a piece of nothing", [0x80, 0], 1002),
    ] as [(String, [UInt8], UInt16)])
  func brokenBytes(_ row: (name: String, bytes: [UInt8], code: UInt16)) {
    let rig = HubRig.connected()
    rig.cloud.sendRaw(row.bytes)
    rig.run(milliseconds: 1)
    #expect(rig.view.bad_input_count == 1, "\(row.name)")
    #expect(rig.cloud.closes == [row.code], "\(row.name)")
    #expect(rig.run(atMost: 60_000) { rig.view.cloud_connects == 2 })
    #expect(rig.view.bad_input_count == 1)
  }

  static func frame(_ text: String) -> [UInt8] {
    let body = Array(text.utf8)
    if body.count < 126 { return [0x81, UInt8(body.count)] + body }
    return [0x81, 126, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
  }

  @Test("a command before the cloud's hello is a breach of protocol")
  func commandBeforeHello() {
    let rig = HubRig()
    rig.cloud.greets = false
    rig.run(atMost: 10_000) { !rig.cloud.texts.isEmpty }
    rig.cloud.addPrinter("01P00A000000001")
    rig.run(milliseconds: 1)
    #expect(rig.view.bad_input_count == 1)
    #expect(rig.view.commands_handled == 0)
  }

  @Test("a cloud that hangs up, even in the middle of a frame, is left at once")
  func hangUp() {
    for half in [[], [0x81, 10, 0x7B]] as [[UInt8]] {
      let rig = HubRig.connected()
      rig.cloud.sendRaw(half)
      rig.cloud.stream?.isFinishedByPeer = true
      rig.run(milliseconds: 1)
      #expect(!rig.view.cloud_connected)
      #expect(rig.run(atMost: 60_000) { rig.view.cloud_connects == 2 })
    }
  }

  @Test("a message that never ends is a breach of protocol, however lively the cloud is")
  func endlessMessage() {
    let rig = HubRig.connected()
    rig.cloud.isAlive = false
    rig.cloud.sendRaw([0x81, 126, 0x10, 0x00] + Array("{\"type\":\"".utf8))
    for _ in 0..<29 {
      rig.run(milliseconds: 1_000)
      rig.cloud.sendRaw([0x20])
    }
    #expect(rig.view.cloud_connected)
    rig.run(milliseconds: 2_000)
    #expect(!rig.view.cloud_connected || rig.view.cloud_connects == 2)
    #expect(rig.view.bad_input_count == 1)
  }

  @Test("what came before the cloud hung up is read to its end")
  func lastWords() {
    let rig = HubRig.connected()
    for number in 0..<15 {
      rig.cloud.send(
        #"{"type":"make_coffee","filler":"\#(String(repeating: "x", count: 3_000))","command_id":"c\#(number)"}"#
      )
    }
    rig.cloud.stream?.isFinishedByPeer = true
    rig.run(milliseconds: 100)
    #expect(rig.view.commands_handled == 15)
  }

  @Test("a message may come in any pieces, of frames and of the stream")
  func pieces() {
    let rig = HubRig.connected()
    let text = Array(#"{"type":"dance","command_id":"c1"}"#.utf8)
    let stream = rig.cloud.stream!
    stream.readLimit = 1
    stream.toHub += [0x01, 10] + text[0..<10]
    stream.toHub += [0x89, 0]
    stream.toHub += [0x80, UInt8(text.count - 10)] + text[10...]
    rig.run(milliseconds: 10)
    #expect(rig.cloud.acknowledgements("c1").count == 1)
    #expect(rig.view.bad_input_count == 0)
  }
}
