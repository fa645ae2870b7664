import CBoard
import Foundation
import HubHost
import Testing

@testable import HubCore

@Suite("Settings")
struct SettingsTests {
  /// A hub that was given its network, a token and a cloud by a phone.
  private static func onboarded() -> HubRig {
    let rig = HubRig.unboxed()
    rig.pairPhone()
    rig.board.radio.write(
      #"{"ssid":"farm","password":"farm key"}"#, to: HUB_CHARACTERISTIC_WIFI)
    rig.run(atMost: 60_000) { rig.view.cloud_connected }
    return rig
  }

  @Test("a network that was joined is still known after a loss of power")
  func network() {
    let rig = Self.onboarded().rebooted()
    #expect(rig.run(atMost: 60_000) { rig.view.cloud_connected })
    #expect(rig.board.joins == [FakeBoard.Join(name: "farm", key: "farm key", security: 1)])
  }

  @Test("a network that was never joined is not kept")
  func mistyped() {
    let rig = HubRig.unboxed()
    rig.board.wifiAnswer = 4
    rig.pairPhone()
    rig.board.radio.write(
      #"{"ssid":"farm","password":"mistyped"}"#, to: HUB_CHARACTERISTIC_WIFI)
    rig.run(milliseconds: 5_000)
    let again = rig.rebooted()
    again.run(milliseconds: 5_000)
    #expect(again.board.joins.isEmpty && again.view.state == 2)
  }

  @Test("what a person said goes before what the factory wrote")
  func precedence() {
    let rig = HubRig.connected()
    rig.press()
    rig.pairPhone()
    rig.board.radio.write(
      #"{"ssid":"new house","password":"another key"}"#, to: HUB_CHARACTERISTIC_WIFI)
    rig.run(milliseconds: 5_000)
    rig.board.radio.write(
      #"{"cloud":{"url":"wss://other.test:9000/hubs"}}"#, to: HUB_CHARACTERISTIC_CLAIM)
    rig.run(milliseconds: 1_000)
    let again = rig.rebooted()
    again.run(milliseconds: 5_000)
    #expect(again.board.joins.first?.name == "new house")
    #expect(again.board.opened.first?.host == "other.test")
    #expect(again.board.opened.first?.port == 9_000)
  }

  @Test("a record of an older firmware is read, and written anew in today's form")
  func migration() {
    let rig = HubRig.unboxed()
    var store = rig.openStore()
    let old: [UInt8] = [1, 4] + Array("barn".utf8) + [8] + Array("barn key".utf8)
    try? store.write(.wifi, old.span)
    let again = rig.rebooted()
    again.run(milliseconds: 5_000)
    #expect(again.board.joins.first == FakeBoard.Join(name: "barn", key: "barn key", security: 1))
    var after = again.openStore()
    var record = SettingRecord()
    _ = after.read(.wifi, into: &record)
    #expect(record.span[0] == WiFiCredentials.version && record.span[1] == 1)
  }

  @Test("a printer of an older firmware is a Bambu, is connected as before, and written anew")
  func printerMigration() throws {
    let printer = FakePrinter()
    let first = HubRig.connected()
    var store = first.openStore()
    var old: [UInt8] = [1, 0x22, 0xB3, 0x03, 0xDE]
    for text in [printer.serial, printer.address, "12345678", "the old one", "P1S"] {
      old += [UInt8(text.utf8.count)] + Array(text.utf8)
    }
    try store.write(.printer(0), old.span)
    let rig = first.rebooted()
    rig.cloud.greets = false
    rig.printers.append(printer)
    #expect(rig.run(atMost: 30_000) { rig.view.printer_link.0 == 3 })
    let opened = try #require(rig.board.opened.first { $0.host == printer.address })
    #expect(opened.port == 8883)
    var after = rig.openStore()
    var record = SettingRecord()
    let isKept = after.read(.printer(0), into: &record).isFound
    #expect(isKept)
    #expect(record.span[0] == PrinterConfiguration.version)
    #expect(record.span[1] == PrinterKind.bambu.rawValue)
    var kept = PrinterConfiguration()
    let isPrinter = kept.take(record)
    #expect(isPrinter)
    let (serial, name, model) = (kept.serial, kept.name, kept.model)
    #expect(serial.equals("01P00A000000001") && name.equals("the old one") && model.equals("P1S"))
    let hasNothingNew = kept.givenPort == 0 && !kept.isSecure && kept.userName.isEmpty
    #expect(hasNothingNew)
  }

  @Test("whatever can be set of a printer of any kind is read as it was written", arguments: 0...3)
  func printerRecords(kind: Int) throws {
    var printer = PrinterConfiguration()
    printer.kind = try #require(PrinterKind(rawValue: UInt8(kind)))
    printer.serial.write { $0.put("serial-1") }
    printer.address.write { $0.put("octopi.local") }
    printer.accessCode.write { $0.put("0123456789abcdef0123456789abcdef") }
    printer.name.write { $0.put("by the window") }
    printer.model.write { $0.put("MK4") }
    printer.userName.write { $0.put("maker") }
    printer.pin.write { for number in 0..<32 { $0.put(UInt8(number)) } }
    printer.filesPin.write { for number in 0..<32 { $0.put(UInt8(255 - number)) } }
    printer.mqttPort = 18883
    printer.ftpsPort = 10990
    printer.givenPort = 8443
    printer.isSecure = true
    var record = SettingRecord()
    record.write { printer.write(into: &$0) }
    var other = PrinterConfiguration()
    let isPrinter = other.take(record)
    #expect(isPrinter)
    let isSame =
      other.reaches(sameAs: printer) && other.serial == printer.serial
      && other.name == printer.name && other.model == printer.model && other.pin == printer.pin
      && other.filesPin == printer.filesPin
    #expect(isSame)
  }

  @Test(
    "a record that is cut, too long, or of a firmware to come is not used, and does no harm",
    arguments: [
      [1, 4, 0x62], [2], [2, 9, 1, 0x61, 0, 0], [2, 0, 1, 0x61, 0, 0, 7], [200, 1, 2],
    ]
      as [[UInt8]])
  func damaged(record: [UInt8]) {
    let rig = HubRig.unboxed()
    var store = rig.openStore()
    try? store.write(.wifi, record.span)
    try? store.write(.printer(2), record.span)
    let again = rig.rebooted()
    again.run(milliseconds: 3_000)
    #expect(again.view.state == 2)
    #expect(again.board.joins.isEmpty)
    #expect(again.board.logged("cannot be read") == 2)
    #expect(again.board.radio.advertisement != nil)
  }

  @Test("a hub connects to its printers before the cloud has said a word")
  func printers() {
    let (rig, printer) = HubRig.withPrinter()
    let again = rig.rebooted()
    again.cloud.greets = false
    again.printers.append(printer)
    #expect(again.run(atMost: 30_000) { again.view.printer_link.0 == 3 })
    #expect(again.view.cloud_connects == 0)
    // What the cloud says then is the same door: the connection stays.
    let connects = printer.connects
    again.cloud.greets = true
    again.run(atMost: 60_000) { again.view.cloud_connected }
    again.cloud.addPrinter(printer.serial)
    again.run(milliseconds: 2_000)
    #expect(printer.connects == connects)
  }

  @Test("a printer that was changed or removed is so after the next start as well")
  func changedPrinters() {
    let rig = HubRig.connected()
    rig.cloud.addPrinter("serial-1")
    rig.cloud.addPrinter("serial-2", address: "10.0.0.12")
    rig.run(milliseconds: 100)
    rig.cloud.addPrinter("serial-1", action: "remove")
    rig.cloud.addPrinter("serial-2", address: "10.0.0.99", action: "update")
    rig.run(milliseconds: 100)
    let again = rig.rebooted()
    again.cloud.greets = false
    again.run(milliseconds: 10_000)
    #expect(again.view.printer_link.0 == 0 && again.view.printer_link.1 != 0)
    #expect(again.board.opened.contains { $0.host == "10.0.0.99" })
    #expect(!again.board.opened.contains { $0.host == "10.0.0.11" || $0.host == "10.0.0.12" })
  }

  @Test("a token outlives a loss of power until the cloud has seen it")
  func token() {
    let rig = HubRig.unboxed()
    rig.pairPhone()
    rig.board.radio.write(#"{"claim_token":"tok-1"}"#, to: HUB_CHARACTERISTIC_CLAIM)
    rig.run(milliseconds: 100)
    let again = rig.rebooted()
    again.run(milliseconds: 10)
    again.pairPhone()
    again.board.radio.write(
      #"{"ssid":"farm","password":"farm key"}"#, to: HUB_CHARACTERISTIC_WIFI)
    again.run(atMost: 60_000) { again.view.cloud_connected }
    #expect(again.cloud.messages("hub_hello").last?["claim_token"] as? String == "tok-1")
    let third = again.rebooted()
    third.run(atMost: 60_000) { third.view.cloud_connected }
    #expect(third.cloud.messages("hub_hello").last?["claim_token"] == nil)
  }

  @Test("an authority of one's own is shown to the board whenever the cloud is called")
  func authority() {
    let rig = HubRig.connected()
    rig.press()
    rig.pairPhone()
    let pem =
      "-----BEGIN CERTIFICATE-----\n" + String(repeating: "QUJD", count: 420)
      + "\n-----END CERTIFICATE-----\n"
    let escaped = pem.replacingOccurrences(of: "\n", with: "\\n")
    for part in stride(from: 0, to: escaped.count + 16, by: 200) {
      let message = Array(#"{"authority":"\#(escaped)"}"#.utf8)
      guard part < message.count else { break }
      rig.board.radio.write(
        Array(message[part..<min(part + 200, message.count)]), to: HUB_CHARACTERISTIC_CLAIM)
    }
    rig.run(milliseconds: 2_000)
    #expect(rig.board.opened.last { $0.host == "cloud.test" }?.authority == pem)
    let again = rig.rebooted()
    again.run(atMost: 60_000) { again.view.cloud_connected }
    #expect(again.board.opened.first?.authority == pem)
    #expect(again.view.cloud_connected)
  }

  @Test("a factory reset forgets all but who the hub is")
  func reset() {
    let rig = Self.onboarded()
    rig.cloud.addPrinter("serial-1")
    rig.run(milliseconds: 100)
    rig.board.radio.isButtonDown = true
    rig.run(milliseconds: 11_000)
    #expect(rig.board.restarts == [1])
    let again = rig.rebooted()
    again.run(milliseconds: 5_000)
    #expect(again.view.state == 2)
    #expect(again.view.printer_link.0 == 0)
    #expect(again.board.radio.advertisement?.data.hasPrefix("hub-0123456789abcdef") == true)
  }

  @Test("no secret stands in the flash in clear")
  func secrets() {
    let rig = HubRig.unboxed()
    rig.pairPhone()
    rig.board.radio.write(#"{"claim_token":"tok-1-secret"}"#, to: HUB_CHARACTERISTIC_CLAIM)
    rig.board.radio.write(
      #"{"ssid":"farm","password":"farm key"}"#, to: HUB_CHARACTERISTIC_WIFI)
    rig.run(atMost: 60_000) { rig.view.cloud_connected }
    rig.cloud.addPrinter("serial-1", code: "87654321")
    rig.run(milliseconds: 100)
    let bytes = rig.storeBytes
    for secret in ["tok-1-secret", "farm key", "87654321"] {
      let needle = Array(secret.utf8)
      let places = bytes.indices.dropLast(needle.count)
      #expect(!places.contains { Array(bytes[$0..<$0 + needle.count]) == needle })
    }
  }
}

extension HubRig {
  /// The key store in the flash, as the firmware sees it.
  fileprivate func openStore() -> Store {
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Store.scratchBytes)
    return withUnsafePointer(to: &board.raw) { Store(Board($0), unsafeScratch: memory) }
  }

  fileprivate var storeBytes: [UInt8] {
    let count = board.flash.size(of: 1)
    var bytes = [UInt8](repeating: 0, count: count)
    bytes.withUnsafeMutableBufferPointer { _ = board.flash.read(1, at: 0, into: $0) }
    return bytes
  }
}
