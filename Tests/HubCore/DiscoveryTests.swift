import CBoard
import Foundation
import Testing

@Suite("Finding printers on the network")
struct DiscoveryTests {
  private func announcement(
    _ serial: String, at address: String, head: String = "NOTIFY * HTTP/1.1", model: String = "C12"
  ) -> [UInt8] {
    Array(
      """
      \(head)\r\nHost: 239.255.255.250:1990\r\nServer: UPnP/1.0\r\nLocation: \(address)\r\n\
      NT: urn:bambulab-com:device:3dprinter:1\r\nNTS: ssdp:alive\r\nUSN: \(serial)\r\n\
      Cache-Control: max-age=1800\r\nDEVMODEL.BAMBU.COM: \(model)\r\n\
      DevName.bambu.com: My P1S\r\nDevSignal.bambu.com: -44\r\nDevConnect.bambu.com: lan\r\n\
      DevBind.bambu.com: occupied\r\nDevVersion.bambu.com: 01.07.00.00\r\n\r\n
      """.utf8)
  }

  private func hear(_ rig: HubRig, _ bytes: [UInt8], from: String, port: UInt16 = 2_021) {
    rig.board.datagramsIn[port, default: []].append((from, bytes))
    rig.run(milliseconds: 10)
  }

  private func found(_ rig: HubRig) -> [[String: Any]] {
    rig.cloud.messages("discovered_printers").last?["printers"] as? [[String: Any]] ?? []
  }

  @Test("a printer that announces itself is told to the cloud once, on whatever port it is heard")
  func announced() throws {
    let rig = HubRig.connected()
    for port: UInt16 in [2_021, 1_990, 1_900] {
      hear(rig, announcement("01P1", at: "10.0.0.5"), from: "10.0.0.5", port: port)
    }
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.messages("discovered_printers").count == 1)
    let printer = try #require(found(rig).first)
    #expect(found(rig).count == 1)
    #expect(printer["serial_number"] as? String == "01P1")
    #expect(printer["ip_address"] as? String == "10.0.0.5")
    #expect(printer["model_id"] as? String == "C12")
    #expect(printer["name"] as? String == "My P1S")
    #expect(printer["firmware_version"] as? String == "01.07.00.00")
    #expect(printer["wifi_signal"] as? Int == -44)
    #expect(printer["is_bound"] as? Bool == true)
  }

  @Test("who says the same again is there still, and who says something else is believed")
  func sameAgain() throws {
    let rig = HubRig.connected()
    let one = announcement("01P1", at: "10.0.0.5")
    let toGroup = announcement("01P1", at: "10.0.0.5", head: "NOTIFY  * HTTP/1.1")
    let other = announcement("01P1", at: "10.0.0.5", model: "C13")
    let rounds = [(other, "C13"), (one, "C12"), (other, "C13"), (toGroup, "C12")]
    for (round, (said, model)) in rounds.enumerated() {
      hear(rig, one, from: "10.0.0.5")
      hear(rig, toGroup, from: "10.0.0.5")
      rig.run(milliseconds: 20_000)
      hear(rig, said, from: "10.0.0.5")
      hear(rig, said, from: "10.0.0.5")
      rig.cloud.send(#"{"type":"discover_printers","command_id":"c\#(round)"}"#)
      rig.run(milliseconds: 6_000)
      let printer = try #require(found(rig).first)
      #expect(found(rig).count == 1)
      #expect(printer["model_id"] as? String == model)
      #expect(try #require(printer["seconds_ago"] as? Int) < 10)
    }
    // The same words from elsewhere are another's.
    hear(rig, announcement("01P1", at: "somewhere"), from: "10.0.0.5")
    hear(rig, announcement("01P1", at: "somewhere"), from: "10.0.0.6")
    rig.run(milliseconds: 6_000)
    #expect(found(rig).first?["ip_address"] as? String == "10.0.0.6")
  }

  @Test("a command asks at once, and is told what was found when answers have come")
  func command() {
    let rig = HubRig.connected()
    rig.run(milliseconds: 2_000)
    rig.board.datagramsOut.removeAll()
    rig.cloud.send(#"{"type":"discover_printers","command_id":"c1"}"#)
    rig.run(milliseconds: 10)
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == true)
    let questions = rig.board.datagramsOut
    #expect(
      questions.map(\.to).sorted() == ["239.255.255.250", "239.255.255.250", "255.255.255.255"])
    #expect(questions.allSatisfy { $0.text.hasPrefix("M-SEARCH * HTTP/1.1\r\n") })
    #expect(
      questions.allSatisfy { $0.text.contains("ST: urn:bambulab-com:device:3dprinter:1\r\n") })
    hear(
      rig, announcement("01P2", at: "10.0.0.6", head: "HTTP/1.1 200 OK"), from: "10.0.0.6")
    rig.run(milliseconds: 6_000)
    #expect(found(rig).map { $0["serial_number"] as? String } == ["01P2"])
  }

  @Test("a printer that moved is found again by its serial number, and its job goes on")
  func moved() {
    let (rig, printer) = HubRig.withJobPrinting()
    let elsewhere = FakePrinter(printer.serial, address: "10.0.0.99")
    rig.printers.append(elsewhere)
    printer.broker?.fail(-5)
    rig.board.openFailure = { $0.host == "10.0.0.11" ? -2 : nil }
    rig.run(milliseconds: 2_000)
    #expect(elsewhere.connects == 0)
    hear(rig, announcement(printer.serial, at: "10.0.0.99"), from: "10.0.0.99")
    rig.run(milliseconds: 2_000)
    #expect(elsewhere.connects == 1)
    elsewhere.prints("RUNNING", percent: 60)
    rig.run(milliseconds: 100)
    elsewhere.prints("FINISH", percent: 100)
    rig.run(milliseconds: 100)
    #expect(rig.cloud.phases(of: "j1").last == "completed")
  }

  @Test("a connected printer is where it is, whatever somebody says")
  func notLured() {
    let (rig, printer) = HubRig.withPrinter()
    hear(rig, announcement(printer.serial, at: "10.0.0.66"), from: "10.0.0.66")
    rig.run(milliseconds: 10_000)
    #expect(printer.connects == 1)
    #expect(!rig.board.opened.contains { $0.host == "10.0.0.66" })
  }

  @Test(
    "whatever is no printer's announcement is passed over",
    arguments: [
      "", "\r\n", "NOTIFY", "NOTIFY * HTTP/1.1\r\n\r\n", "M-SEARCH * HTTP/1.1\r\nST: all\r\n\r\n",
      "NOTIFY * HTTP/1.1\r\nNT: upnp:rootdevice\r\nUSN: x\r\n\r\n",
      "NOTIFY * HTTP/1.1\r\nNT: urn:bambulab-com:device:3dprinter:1\r\n\r\n",
      "NOTIFY * HTTP/1.1\r\nNT: urn:bambulab-com:device:3dprinter:1\r\nUSN: a\"b\r\n\r\n",
      "NOTIFY * HTTP/1.1\r\nNT: urn:bambulab-com:device:3dprinter:1\r\nNTS: ssdp:byebye\r\nUSN: A\r\n\r\n",
      String(repeating: "x", count: 5_000),
    ])
  func noise(text: String) {
    let rig = HubRig.connected()
    hear(rig, Array(text.utf8), from: "10.0.0.5")
    rig.run(milliseconds: 10_000)
    #expect(rig.cloud.messages("discovered_printers").isEmpty)
    #expect(rig.board.restarts.isEmpty)
  }

  @Test("of more printers than have room the one that was silent for longest gives way")
  func bound() {
    let rig = HubRig.connected()
    for number in 1...12 {
      hear(rig, announcement("S\(number)", at: "10.0.0.\(number)"), from: "10.0.0.\(number)")
      rig.run(milliseconds: 100)
    }
    rig.run(milliseconds: 6_000)
    let serials = found(rig).compactMap { $0["serial_number"] as? String }
    #expect(Set(serials) == Set((5...12).map { "S\($0)" }))
  }
}
