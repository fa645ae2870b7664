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
}
