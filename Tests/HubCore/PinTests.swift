import Testing

@Suite("Certificates of printers")
struct PinTests {
  private func problem(_ rig: HubRig, _ printer: FakePrinter) -> String? {
    rig.cloud.lastStatus(printer.serial)?["link_problem"] as? String
  }

  @Test("the certificate of the first meeting is demanded ever after, also after a restart")
  func firstUse() throws {
    let (rig, printer) = HubRig.withPrinter()
    #expect(printer.broker?.trust == 2)
    rig.rebootAndConnect(0)
    rig.run(milliseconds: 1_000)
    #expect(printer.broker?.trust == 3)
    #expect(printer.broker?.fingerprint == rig.board.fingerprint)
    // The cloud says it all again, and knows nothing of certificates.
    rig.cloud.addPrinter(printer.serial, code: "87654321")
    printer.code = "87654321"
    rig.run(milliseconds: 1_000)
    #expect(printer.broker?.trust == 3)
  }

  @Test("another certificate is refused in words, until a person trusts the printer anew")
  func changed() {
    let (rig, printer) = HubRig.withPrinter()
    rig.board.fingerprint = [UInt8](repeating: 0x22, count: 32)
    rig.board.whenOpened = { [board = rig.board] stream in
      if stream.port == 8883, !stream.fingerprint.isEmpty, stream.fingerprint != board.fingerprint {
        stream.fail(-6)
      }
    }
    printer.broker?.fail(-5)
    rig.run(milliseconds: 30_000)
    #expect(problem(rig, printer)?.hasPrefix("shows another certificate than before") == true)
    rig.cloud.addPrinter(printer.serial, command: "t1", action: "trust")
    rig.run(milliseconds: 5_000)
    #expect(rig.cloud.acknowledgements("t1").first?["success"] as? Bool == true)
    #expect(problem(rig, printer) == nil)
    #expect(rig.view.printer_link.0 == 3)
    printer.broker?.fail(-5)
    rig.run(milliseconds: 5_000)
    #expect(printer.broker?.fingerprint == rig.board.fingerprint)
  }

  @Test("what else can be wrong with a certificate is said, too", arguments: [-7, -8] as [Int32])
  func words(failure: Int32) {
    let (rig, printer) = HubRig.withPrinter()
    rig.board.whenOpened = { if $0.port == 8883 { $0.fail(failure) } }
    printer.broker?.fail(-5)
    rig.run(milliseconds: 30_000)
    let words = failure == -7 ? "another printer answers" : "its certificate has expired"
    #expect(problem(rig, printer)?.hasPrefix(words) == true)
  }

  @Test("a printer that is to be known by its maker is so at every door, also after a restart")
  func maker() throws {
    let (rig, printer) = HubRig.withPrinter()
    #expect(printer.broker?.trust == 2)
    rig.cloud.addPrinter(printer.serial, action: "update", certificate: "maker")
    rig.run(milliseconds: 2_000)
    #expect(printer.broker?.trust == 4 && printer.broker?.fingerprint.isEmpty == true)
    // It may renew its certificate: nothing was learned that would forbid it.
    rig.board.fingerprint = [UInt8](repeating: 0x22, count: 32)
    rig.rebootAndConnect(0)
    rig.run(milliseconds: 1_000)
    #expect(printer.broker?.trust == 4 && printer.broker?.fingerprint.isEmpty == true)
    rig.fileServer.file = [UInt8](repeating: 7, count: 4_000)
    rig.cloud.start("job-1", on: printer.serial, size: 4_000)
    #expect(rig.run(atMost: 30_000) { rig.board.opened.contains { $0.port == 990 } })
    let door = try #require(rig.board.opened.last { $0.port == 990 })
    #expect(door.trust == 4 && door.fingerprint.isEmpty)
  }

  @Test("who is not from the maker is refused in words; going back to first use is up to a person")
  func impostor() {
    let (rig, printer) = HubRig.withPrinter()
    rig.board.whenOpened = { if $0.trust == 4 { $0.fail(-6) } }
    rig.cloud.addPrinter(printer.serial, action: "update", certificate: "maker")
    rig.run(milliseconds: 30_000)
    #expect(rig.view.printer_link.0 != 3)
    #expect(problem(rig, printer)?.hasPrefix("its certificate is not from its maker") == true)
    rig.cloud.addPrinter(printer.serial, action: "update", certificate: "first-use")
    rig.run(milliseconds: 5_000)
    #expect(problem(rig, printer) == nil)
    #expect(rig.view.printer_link.0 == 3)
    #expect(printer.broker?.trust == 2)
  }

  @Test("a rule that the hub does not know may be a stricter one: the printer is not taken on")
  func unknownRule() {
    let (rig, printer) = HubRig.withPrinter()
    rig.cloud.addPrinter(
      printer.serial, command: "c9", action: "update", certificate: "notary")
    rig.run(milliseconds: 2_000)
    #expect(rig.cloud.acknowledgements("c9").first?["success"] as? Bool == false)
    #expect(printer.broker?.trust == 2)
  }
}
