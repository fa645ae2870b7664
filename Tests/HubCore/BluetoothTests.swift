import CBoard
import Foundation
import HubCore
import Testing

@Suite("Bluetooth")
struct BluetoothTests {
  private let wifi = HUB_CHARACTERISTIC_WIFI
  private let claim = HUB_CHARACTERISTIC_CLAIM

  private func error(_ rig: HubRig) -> String? { rig.board.radio.status()["error"] as? String }

  // ---------------------------------------------------------------------------------- finding it

  @Test("a hub without a network is found by phones, under its id and with its version")
  func advertised() {
    let rig = HubRig.unboxed()
    #expect(rig.board.radio.advertisement?.name == "Hubrig-CDEF")
    #expect(rig.board.radio.advertisement?.data == "hub-0123456789abcdef 0.1.0")
  }

  @Test("a hub that runs is not found, until its button is pressed, and then for five minutes")
  func byButton() {
    let rig = HubRig.connected()
    rig.run(milliseconds: 120_000)
    #expect(rig.board.radio.advertisement == nil)
    rig.press()
    #expect(rig.board.radio.advertisement != nil)
    rig.run(milliseconds: 299_000)
    #expect(rig.board.radio.advertisement != nil)
    rig.run(milliseconds: 2_000)
    #expect(rig.board.radio.advertisement == nil)
  }

  // --------------------------------------------------------------------------------------- pairing

  @Test("a phone shows a code, and may write once the button was pressed")
  func confirmed() {
    let rig = HubRig.unboxed()
    rig.board.radio.connect(1)
    rig.run(milliseconds: 10)
    let code = rig.board.radio.status()["pairing_code"] as? String
    #expect(code?.count == 6 && code?.allSatisfy(\.isNumber) == true)
    #expect(rig.board.radio.status()["state"] as? String == "confirm")
    #expect(rig.board.radio.status()["firmware_version"] as? String == "0.1.0")
    #expect(rig.board.lamps[0] == 2)
    rig.press()
    #expect(rig.board.radio.status()["state"] as? String == "ready")
    #expect(rig.board.radio.status()["pairing_code"] == nil)
    #expect(rig.board.lamps[0] == 1)
  }

  @Test("what an unconfirmed phone writes is refused, and it is told why")
  func unconfirmed() {
    let rig = HubRig.unboxed()
    rig.board.radio.connect(1)
    rig.board.radio.write(#"{"ssid":"theirs","password":"long enough"}"#, to: wifi)
    rig.run(milliseconds: 10)
    #expect(rig.board.joins.isEmpty)
    #expect(rig.view.bad_input_count == 1)
    rig.press()
    rig.run(milliseconds: 1_000)
    #expect(rig.board.joins.isEmpty)
  }

  @Test("a button that nobody presses ends the pairing after a minute")
  func neverPressed() {
    let rig = HubRig.unboxed()
    rig.board.radio.connect(1)
    rig.run(milliseconds: 59_000)
    #expect(rig.board.radio.sentAway.isEmpty)
    rig.run(milliseconds: 2_000)
    #expect(rig.board.radio.status()["state"] as? String == "timed-out")
    #expect(rig.board.lamps[0] == 1)
    rig.run(milliseconds: 4_000)
    #expect(rig.board.radio.sentAway == [1])
  }

  @Test("a second phone is told that the hub is busy, and cannot come in by the first one's press")
  func second() {
    let rig = HubRig.unboxed()
    rig.board.radio.connect(1)
    rig.board.radio.connect(2)
    rig.run(milliseconds: 10)
    #expect(rig.board.radio.status(2)["state"] as? String == "busy")
    rig.press()
    rig.board.radio.write(#"{"ssid":"theirs","password":"long enough"}"#, to: wifi, 2)
    rig.run(milliseconds: 10)
    #expect(rig.board.joins.isEmpty)
    rig.run(milliseconds: 4_000)
    #expect(rig.board.radio.sentAway == [2])
    #expect(rig.board.radio.status(1)["state"] as? String == "ready")
  }

  @Test("a phone that leaves in the middle of a message leaves nothing behind")
  func leaves() {
    let rig = HubRig.unboxed()
    rig.pairPhone()
    rig.board.radio.write(#"{"ssid":"farm","pass"#, to: wifi)
    rig.board.radio.leave(1)
    rig.run(milliseconds: 10)
    rig.pairPhone(2)
    rig.board.radio.write(#"{"scan":true}"#, to: wifi, 2)
    rig.run(milliseconds: 10)
    #expect(rig.board.joins.isEmpty)
    #expect(rig.board.radio.status(2)["error"] == nil)
  }

  @Test("each pairing has a code of its own")
  func codes() {
    let rig = HubRig.unboxed()
    var codes: Set<String> = []
    for phone in 1...8 as ClosedRange<UInt16> {
      rig.board.radio.connect(phone)
      rig.run(milliseconds: 10)
      codes.insert(rig.board.radio.status(phone)["pairing_code"] as? String ?? "")
      rig.board.radio.leave(phone)
      rig.run(milliseconds: 10)
    }
    #expect(codes.count == 8)
  }

  // --------------------------------------------------------------------------------------- writing

  @Test("a message may be cut anywhere", arguments: 1...24)
  func cut(size: Int) {
    let rig = HubRig.unboxed()
    rig.pairPhone()
    let message = Array(#"{"ssid":"Büro \"2\"","password":"p\u00e4ssword"}"#.utf8)
    for start in stride(from: 0, to: message.count, by: size) {
      rig.board.radio.write(Array(message[start..<min(start + size, message.count)]), to: wifi)
      rig.run(milliseconds: 5)
    }
    #expect(rig.board.joins.last?.name == "Büro \"2\"")
    #expect(rig.board.joins.last?.key == "pässword")
  }

  @Test("networks are told when they were asked for, the strongest first, as many as fit")
  func networks() {
    let rig = HubRig.unboxed()
    rig.board.radio.networks = (0..<30).map {
      ("network \"\($0)\"", UInt8($0 % 4), Int8(-40 - $0))
    }
    rig.pairPhone()
    #expect(rig.board.radio.status()["networks"] == nil)
    rig.board.radio.isScanning = true
    rig.board.radio.write(#"{"scan":true}"#, to: wifi)
    rig.run(milliseconds: 10)
    #expect(rig.board.radio.status()["networks"] == nil)
    rig.board.radio.isScanning = false
    rig.run(milliseconds: 10)
    let networks = rig.board.radio.status()["networks"] as? [[String: Any]]
    #expect((3...29).contains(networks?.count ?? 0))
    #expect(networks?.first?["ssid"] as? String == "network \"0\"")
    #expect(networks?.first?["security"] as? String == "open")
    #expect(networks?.first?["signal"] as? Int == -40)
  }

  @Test(
    "what cannot be right is refused with a word on what it is",
    arguments: [
      (#"{"ssid":"farm","password":"short"}"#, "the password has at least 8 characters"),
      (#"{"ssid":"","password":"long enough"}"#, "the network has no name"),
      (
        #"{"ssid":"farm","security":"enterprise","password":"x"}"#,
        "this network wants a user name"
      ),
      (#"{"ssid":"farm","security":"wep","password":"long enough"}"#, "security is not usable"),
      (#"{"ssid":"0123456789012345678901234567890123"}"#, "ssid is not usable"),
      (#"{"sside":"farm"}"#, "the hub knows nothing of this"),
      (#"{"ssid":"farm"} {"#, "json.trailing-bytes"),
      (#"{"ssid":farm}"#, "json.unexpected-byte"),
      (#"{"printer":{"serial_number":"1"}}"#, "ip_address is not usable"),
      (#"{"printer":{"action":"paint"}}"#, "action is not usable"),
      (#"{"cloud":{"url":"ftp://cloud"}}"#, "url is not usable"),
      (#"{"authority":"x"}"#, "authority is not usable"),
    ])
  func refused(message: String, reason: String) {
    let rig = HubRig.unboxed()
    rig.pairPhone()
    rig.board.radio.write(message, to: wifi)
    rig.run(milliseconds: 10)
    #expect(error(rig) == reason)
    #expect(rig.board.joins.isEmpty)
    // The next message is read as if nothing had been.
    rig.board.radio.write(#"{"ssid":"farm","password":"long enough"}"#, to: wifi)
    rig.run(milliseconds: 10)
    #expect(rig.board.joins.count == 1)
    #expect(error(rig) == nil)
  }

  @Test("bytes without end fill nothing up")
  func endless() {
    let rig = HubRig.unboxed()
    rig.pairPhone()
    for _ in 0..<40 {
      rig.board.radio.write([UInt8](repeating: UInt8(ascii: "x"), count: 500), to: claim)
      rig.run(milliseconds: 1)
    }
    #expect(rig.view.bad_input_count == 40)
    #expect(error(rig) == "claim_token is too long")
  }

  // -------------------------------------------------------------------------------- the whole way

  @Test("from the box to a hub that runs, by a phone: network, token, cloud")
  func onboarding() {
    let rig = HubRig.unboxed()
    #expect(rig.view.state == 2)
    #expect(rig.board.lamps[1] == 2)
    rig.pairPhone()
    rig.board.radio.write(#"{"claim_token":"token-1"}"#, to: claim)
    rig.board.radio.write(#"{"ssid":"farm","password":"farm key"}"#, to: wifi)
    rig.run(atMost: 60_000) { rig.view.cloud_connected }
    #expect(rig.cloud.messages("hub_hello").last?["claim_token"] as? String == "token-1")
    rig.run(milliseconds: 1_000)
    let status = rig.board.radio.status()
    #expect((status["wifi"] as? [String: Any])?["state"] as? String == "joined")
    #expect((status["claim"] as? [String: Any])?["state"] as? String == "claimed")
    #expect(status["cloud"] as? Bool == true)
    #expect(rig.board.lamps[1] == 1)
    rig.run(milliseconds: 120_000)
    #expect(rig.board.radio.advertisement == nil)
    // The token is forgotten: the next hello comes without.
    rig.cloud.close(1001)
    rig.run(atMost: 60_000) { rig.view.cloud_connects == 2 }
    #expect(rig.cloud.messages("hub_hello").last?["claim_token"] == nil)
  }

  @Test(
    "a token may come bare, in pieces, and ends with a line or with silence", arguments: [0, 1])
  func bareToken(way: Int) {
    let rig = HubRig.connected()
    rig.press()
    rig.pairPhone()
    rig.board.radio.write("abcdef", to: claim)
    rig.run(milliseconds: 100)
    rig.board.radio.write(way == 0 ? "ghij\n" : "ghij", to: claim)
    rig.run(atMost: 60_000) {
      rig.cloud.messages("hub_hello").last?["claim_token"] as? String == "abcdefghij"
    }
    #expect(rig.cloud.messages("hub_hello").last?["claim_token"] as? String == "abcdefghij")
  }

  @Test("a bare token that is followed at once by a network is not lost")
  func tokenThenNetwork() {
    let rig = HubRig.unboxed()
    rig.pairPhone()
    rig.board.radio.write("token-1", to: claim)
    rig.board.radio.write(#"{"ssid":"farm","password":"farm key"}"#, to: wifi)
    rig.run(atMost: 60_000) { rig.view.cloud_connected }
    #expect(rig.cloud.messages("hub_hello").last?["claim_token"] as? String == "token-1")
  }

  @Test(
    "a token that the cloud does not take is forgotten, and the phone is told why",
    arguments: [
      (4410, "the claim token is unknown"), (4411, "the claim token has expired"),
      (4412, "the claim token was used already"), (4413, "the hub belongs to somebody else"),
    ] as [(UInt16, String)])
  func refusedToken(code: UInt16, reason: String) {
    let rig = HubRig.unboxed()
    rig.cloud.greets = false
    rig.pairPhone()
    rig.board.radio.write(#"{"claim_token":"token-1"}"#, to: claim)
    rig.board.radio.write(#"{"ssid":"farm","password":"farm key"}"#, to: wifi)
    rig.run(atMost: 60_000) { !rig.cloud.messages("hub_hello").isEmpty }
    rig.cloud.close(code)
    rig.run(milliseconds: 100)
    let claim = rig.board.radio.status()["claim"] as? [String: Any]
    #expect(claim?["state"] as? String == "refused")
    #expect(claim?["error"] as? String == reason)
    rig.cloud.greets = true
    rig.run(atMost: 60_000) { rig.view.cloud_connected }
    #expect(rig.cloud.messages("hub_hello").last?["claim_token"] == nil)
  }

  @Test("the wrong password is told to the phone, and the right one joins")
  func wrongPassword() {
    let rig = HubRig.unboxed()
    rig.pairPhone()
    rig.board.wifiAnswer = 4
    rig.board.radio.write(#"{"ssid":"farm","password":"mistyped"}"#, to: wifi)
    rig.run(milliseconds: 2_000)
    let status = rig.board.radio.status()["wifi"] as? [String: Any]
    #expect(status?["error"] as? String == "wrong WiFi key")
    #expect(status?["ssid"] as? String == "farm")
    #expect(rig.view.state == 2)
    rig.board.wifiAnswer = 2
    rig.board.radio.write(#"{"ssid":"farm","password":"farm key"}"#, to: wifi)
    #expect(rig.run(atMost: 60_000) { rig.view.cloud_connected })
  }

  @Test("printers come and go by Bluetooth, as they do from the cloud")
  func printers() {
    let rig = HubRig.connected()
    let printer = FakePrinter()
    rig.printers.append(printer)
    rig.press()
    rig.pairPhone()
    rig.board.radio.write(
      #"{"printer":{"serial_number":"\#(printer.serial)","ip_address":"10.0.0.11","#
        + #""access_code":"12345678","name":"one","model":"P1S"}}"#, to: claim)
    #expect(rig.run(atMost: 30_000) { rig.view.printer_link.0 == 3 })
    rig.board.radio.write(
      #"{"printer":{"action":"remove","serial_number":"\#(printer.serial)"}}"#, to: claim)
    rig.run(milliseconds: 100)
    #expect(rig.view.printer_link.0 == 0)
  }

  @Test("nothing secret is in the log or in what phones read")
  func secrets() {
    let rig = HubRig.unboxed()
    rig.pairPhone()
    rig.board.radio.write(#"{"claim_token":"token-1"}"#, to: claim)
    rig.board.radio.write(#"{"ssid":"farm","password":"farm key"}"#, to: wifi)
    rig.run(milliseconds: 60_000)
    let words = rig.board.lines + rig.board.radio.values.map(\.text)
    for secret in ["farm key", "token-1", "a secret nobody may see"] {
      #expect(words.allSatisfy { !$0.contains(secret) })
    }
  }
}
