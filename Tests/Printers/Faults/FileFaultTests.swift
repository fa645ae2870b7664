import Printers
import Testing
import World

@Suite("Faults of the file server")
struct FileFaultTests {
  static let content = FileServerTests.content

  private func bench(
    _ fault: BambuFault, _ amount: BambuFault.Amount? = nil, model: BambuModel = .P1S
  ) throws -> PrinterBench {
    let bench = try PrinterBench(model: model) { $0.uploadBytesPerSecond = 0 }
    bench.printer.begin(fault, amount)
    return bench
  }

  @Test(
    "an upload that breaks is answered with its code, and the card has what came until then",
    arguments: [
      (BambuFault.ftps426Cut, "426 Failure", 64_000), (.ftps552, "552", 64_000),
      (.ftps426ButWhole, "426", 300_000), (.ftpsShort226, "226", 299_000),
      (.ftpsNoCloseNotify, "226", 300_000), (.ftpsSlow, "226", 300_000),
    ] as [(BambuFault, String, Int)])
  func broken(fault: BambuFault, code: String, count: Int) throws {
    let bench = try bench(fault)
    let ftp = FTPTestClient(loggedInTo: bench)
    #expect(ftp.store("part.3mf", Self.content).hasPrefix(code))
    #expect(ftp.say("SIZE part.3mf") == "213 \(count)")
    #expect(bench.printer.card.bytes(of: "/part.3mf") == Array(Self.content.prefix(count)))
    bench.printer.end(fault)
    #expect(ftp.store("part.3mf", Self.content).hasPrefix("226"))
    #expect(bench.printer.card.bytes(of: "/part.3mf") == Self.content)
  }

  @Test("a file that is shorter than the place of the fault breaks at its end")
  func shortFile() throws {
    let bench = try bench(.ftps426Cut)
    let ftp = FTPTestClient(loggedInTo: bench)
    #expect(ftp.store("part.3mf", [1, 2, 3]).hasPrefix("426"))
  }

  @Test("uploads are refused before they begin")
  func refused() throws {
    for (fault, code) in [(BambuFault.ftps550, "550"), (.ftps553, "553")] {
      let bench = try bench(fault)
      let ftp = FTPTestClient(loggedInTo: bench)
      #expect(ftp.store("part.3mf", [1]).hasPrefix(code))
      #expect(bench.printer.card.allFiles.isEmpty)
    }
  }

  @Test("nobody is let in: a wrong code that is right, and no room")
  func door() throws {
    let wrong = FTPTestClient(try bench(.ftps530))
    _ = wrong.say("USER bblp")
    #expect(wrong.say("PASS \(PrinterBench.code)").hasPrefix("530"))
    let full = FTPTestClient(try bench(.ftps421))
    #expect(full.replies.first?.hasPrefix("421") == true)
  }

  @Test("the reply to a whole upload never comes, or comes late")
  func noReply() throws {
    for (fault, seconds) in [(BambuFault.ftpsNo226, nil), (.ftpsLate226, 35)]
      as [(BambuFault, Double?)]
    {
      let bench = try bench(fault)
      let ftp = FTPTestClient(loggedInTo: bench)
      let data = try #require(ftp.data())
      _ = ftp.say("STOR part.3mf")
      data.send(Self.content)
      bench.run { data.isSent }
      data.finish()
      let before = ftp.replies.count
      let start = bench.world.now
      bench.run(.minutes(4)) { ftp.replies.count > before || ftp.isOver }
      let waited = (bench.world.now - start).seconds
      #expect(bench.printer.card.bytes(of: "/part.3mf") == Self.content)
      if let seconds {
        #expect(waited > seconds - 1 && waited < seconds + 2)
        #expect(ftp.replies.last?.hasPrefix("226") == true)
      } else {
        #expect(ftp.replies.count == before)
        #expect(ftp.say("SIZE part.3mf") == "213 300000")
      }
    }
  }

  @Test("a stalled upload stands still without a word, and goes on when it is over")
  func stall() throws {
    let bench = try bench(.ftpsStall)
    let ftp = FTPTestClient(loggedInTo: bench)
    let data = try #require(ftp.data())
    _ = ftp.say("STOR part.3mf")
    let before = ftp.replies.count
    data.send(Self.content)
    bench.run(.minutes(10))
    #expect(bench.printer.card.entry("/part.3mf")?.byteCount == 64_000)
    #expect(ftp.replies.count == before)
    bench.printer.end(.ftpsStall)
    bench.run(.seconds(10)) { data.isSent }
    data.finish()
    #expect(ftp.next(after: before).hasPrefix("226"))
    #expect(bench.printer.card.bytes(of: "/part.3mf") == Self.content)
  }

  @Test("the control connection breaks while data flows")
  func controlDrop() throws {
    let bench = try bench(.ftpsControlDrop)
    let ftp = FTPTestClient(loggedInTo: bench)
    let data = try #require(ftp.data())
    _ = ftp.say("STOR part.3mf")
    data.send(Self.content)
    bench.run { ftp.isOver && data.isOver }
    #expect(ftp.isOver && data.hasFailed)
    #expect(bench.printer.card.entry("/part.3mf")?.byteCount == 64_000)
  }

  @Test("PASV names an address that leads nowhere; the port is right all the same")
  func wrongAddress() throws {
    let bench = try bench(.ftpsWrongAddress)
    let ftp = FTPTestClient(loggedInTo: bench)
    #expect(ftp.say("PASV").contains("(192,168,255,254,"))
    // A client that uses the address of the control connection gets through.
    #expect(ftp.store("part.3mf", [1]).hasPrefix("226"))
  }

  @Test("a resumed session counts as a new one")
  func noReuse() throws {
    for code in ["522", "425", "426"] {
      let bench = try bench(.ftpsNoReuse, .word(code), model: .A1)
      let ftp = FTPTestClient(loggedInTo: bench)
      #expect(ftp.store("part.3mf", [1]).hasPrefix(code))
    }
  }

  @Test("data in clear: PROT P is refused, or accepted and not kept")
  func plainData() throws {
    for (word, code) in [("refused", "534"), ("lies", "200")] {
      let bench = try bench(.ftpsPlainData, .word(word), model: .A1)
      let ftp = FTPTestClient(loggedInTo: bench)
      #expect(ftp.say("PROT P").hasPrefix(code))
      let before = ftp.replies.count
      let data = try #require(ftp.data(isProtected: false))
      _ = ftp.say("STOR part.3mf")
      data.send([1, 2])
      data.finish()
      bench.run(.seconds(5)) { ftp.replies.last?.hasPrefix("226") == true }
      #expect(ftp.replies.count > before)
      #expect(bench.printer.card.bytes(of: "/part.3mf") == [1, 2])
    }
  }

  @Test("a card that is missing, full or broken is told in reports and refuses uploads")
  func card() throws {
    let cases: [(BambuFault, String, Int, JSON)] = [
      (.cardMissing, "553", 0, "NO_SDCARD"), (.cardFull, "553", 1 << 8, "HAS_SDCARD_NORMAL"),
      (.cardAbnormal, "451", 3 << 8, "HAS_SDCARD_ABNORMAL"),
    ]
    for (fault, code, flags, words) in cases {
      let bench = try bench(fault, model: .A1)
      #expect(FTPTestClient(loggedInTo: bench).store("x.3mf", [1]).hasPrefix(code))
      let client = bench.listen()
      client.publish(ReportTests.pushall)
      bench.run(.seconds(1))
      #expect((client.merged["home_flag"]?.int ?? 0) & 0x300 == flags)
      #expect(client.merged["sdcard"] == words)
    }
    let bench = try bench(.cardAbnormal)
    let client = bench.listen()
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(1))
    #expect(client.merged["print_error"] == 0x0500_C010)
  }

  @Test("an H2D takes its time for 226 after a large file; others do not")
  func settling() throws {
    let large = [UInt8](repeating: 7, count: 20 << 20)
    for (model, seconds) in [(BambuModel.H2D, 14.0), (.X1C, 0)] {
      let bench = try PrinterBench(model: model) { $0.uploadBytesPerSecond = 0 }
      let ftp = FTPTestClient(loggedInTo: bench)
      let data = try #require(ftp.data())
      _ = ftp.say("STOR part.3mf")
      data.send(large)
      bench.run(.minutes(10)) { bench.printer.card.entry("/part.3mf")?.byteCount == large.count }
      data.finish()
      let start = bench.world.now
      let before = ftp.replies.count
      #expect(ftp.next(after: before).hasPrefix("226"))
      let waited = (bench.world.now - start).seconds
      #expect(waited >= seconds && waited < seconds + 1)
    }
  }
}
