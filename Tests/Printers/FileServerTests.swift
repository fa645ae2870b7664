import Printers
import Testing
import World

@Suite("The file server of a printer")
struct FileServerTests {
  static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

  @Test("the dialogue of a client that knows its manners")
  func dialogue() throws {
    let bench = try PrinterBench()
    let ftp = FTPTestClient(bench)
    #expect(ftp.replies.first?.hasPrefix("220 ") == true)
    let lines: [(String, String)] = [
      ("USER bblp", "331"), ("PASS 12345678", "230"), ("PBSZ 0", "200"), ("PROT P", "200"),
      ("PWD", "257 \"/\""), ("TYPE I", "200"), ("TYPE A", "200"), ("TYPE X", "500"),
      ("SYST", "215 UNIX"), ("NOOP", "200"), ("OPTS UTF8 ON", "200"), ("FEAT", "211"),
      ("MODE S", "200"), ("STRU F", "200"), ("ALLO 99", "202"), ("CWD cache", "250"),
      ("PWD", "257 \"/cache\""), ("CDUP", "250"), ("CWD nowhere", "550"), ("MKD new", "257"),
      ("MKD new", "550"), ("CWD /new", "250"), ("CWD ..", "250"), ("RMD new", "250"),
      ("RMD new", "550"), ("SIZE none.3mf", "550"), ("MDTM none.3mf", "550"),
      ("DELE none.3mf", "550"), ("RNFR none", "550"), ("RNTO some", "503"), ("STOR x", "425"),
      ("RETR x", "425"), ("LIST", "425"), ("ABOR", "225"), ("AVBL", "213"), ("PORT 1,2", "500"),
      ("APPE x", "502"), ("XYZZY", "502"), ("REST 0", "350"), ("QUIT", "221"),
    ]
    for (line, reply) in lines {
      let said = ftp.say(line)
      #expect(said.hasPrefix(reply), "\(line): \(said)")
    }
    bench.run { ftp.isOver }
    #expect(ftp.isOver)
  }

  @Test("what is stored is what is read back, listed, measured, renamed and deleted")
  func roundTrip() throws {
    let bench = try PrinterBench()
    let ftp = FTPTestClient(loggedInTo: bench)
    #expect(ftp.store("a cube.3mf", Self.content).hasPrefix("226"))
    #expect(bench.printer.card.bytes(of: "/a cube.3mf") == Self.content)
    #expect(ftp.say("SIZE a cube.3mf") == "213 300000")
    #expect(ftp.say("MDTM a cube.3mf").hasPrefix("213 20260101"))
    let read = ftp.retrieve("RETR a cube.3mf")
    #expect(read.bytes == Self.content)
    #expect(read.reply.hasPrefix("226"))
    let names = ftp.retrieve("NLST")
    #expect(String(decoding: names.bytes, as: UTF8.self).contains("a cube.3mf\r\n"))
    let lines = String(decoding: ftp.retrieve("LIST -la").bytes, as: UTF8.self)
    #expect(
      lines.contains("-rw-rw-rw-    1 0        0             300000 Jan 01 00:00 a cube.3mf\r\n")
        || lines.contains(" 300000 Jan 01 00:00 a cube.3mf\r\n"))
    #expect(lines.contains("drwxrwxrwx"))
    #expect(ftp.say("RNFR a cube.3mf").hasPrefix("350"))
    #expect(ftp.say("RNTO /cache/b.3mf").hasPrefix("250"))
    #expect(ftp.say("SIZE a cube.3mf").hasPrefix("550"))
    #expect(ftp.say("SIZE /cache/b.3mf") == "213 300000")
    #expect(ftp.say("DELE /cache/b.3mf").hasPrefix("250"))
    #expect(ftp.say("DELE /cache/b.3mf").hasPrefix("550"))
    #expect(bench.notes.contains("has a cube.3mf on its card, 300000 bytes"))
  }

  @Test("reading can begin in the middle, writing cannot")
  func restart() throws {
    let bench = try PrinterBench()
    try bench.printer.card.put("/x", Self.content)
    let ftp = FTPTestClient(loggedInTo: bench)
    _ = ftp.say("REST 299990")
    #expect(ftp.retrieve("RETR x").bytes == Array(Self.content.suffix(10)))
    #expect(ftp.retrieve("RETR x").bytes == Self.content)
    _ = ftp.say("REST 10")
    #expect(ftp.store("x", [1, 2, 3]).hasPrefix("550"))
    #expect(bench.printer.card.bytes(of: "/x") == Self.content)
  }

  @Test("a wrong code gets 530 and no files, three of them the door")
  func wrongCode() throws {
    let bench = try PrinterBench()
    let ftp = FTPTestClient(bench)
    #expect(ftp.say("LIST").hasPrefix("530"))
    for _ in 1...3 {
      #expect(ftp.say("USER bblp").hasPrefix("331"))
      #expect(ftp.say("PASS 00000000").hasPrefix("530"))
    }
    bench.run { ftp.isOver }
    #expect(ftp.isOver)
    #expect(bench.printer.fileFaults.count(of: "ftp.wrong-code") == 3)
    #expect(FTPTestClient(bench).replies.first?.hasPrefix("220") == true)
  }

  @Test(
    "where session reuse is demanded, a data connection without it gets 522",
    arguments: [
      (BambuModel.P1S, false), (.X1C, false), (.A1, true),
    ])
  func sessionReuse(model: BambuModel, isAllowed: Bool) throws {
    let bench = try PrinterBench(model: model)
    let ftp = FTPTestClient(loggedInTo: bench)
    let data = try #require(ftp.data(resumes: false))
    let before = ftp.replies.count
    #expect(ftp.say("STOR x.3mf").hasPrefix("150"))
    data.send([1, 2, 3])
    bench.run { data.isSent }
    data.finish()
    #expect(ftp.next(after: before + 1).hasPrefix(isAllowed ? "226" : "522"))
    #expect(bench.printer.card.bytes(of: "/x.3mf") == (isAllowed ? [1, 2, 3] : []))
    // The same client may do it right afterwards.
    #expect(ftp.store("x.3mf", [4]).hasPrefix("226"))
  }

  @Test(
    "an A1 takes data in the clear, a P1 does not",
    arguments: [
      (BambuModel.A1mini, true), (.P1S, false),
    ])
  func clearData(model: BambuModel, isAllowed: Bool) throws {
    let bench = try PrinterBench(model: model)
    let ftp = FTPTestClient(loggedInTo: bench)
    #expect(ftp.say("PROT C").hasPrefix("200"))
    let data = try #require(ftp.data(isProtected: false))
    let before = ftp.replies.count
    #expect(ftp.say("STOR x.3mf").hasPrefix(isAllowed ? "150" : "522"))
    guard isAllowed else { return }
    data.send([1, 2, 3])
    data.finish()
    #expect(ftp.next(after: before + 1).hasPrefix("226"))
  }

  @Test("EPSV works on an X1 and is refused by a P1")
  func extendedPassive() throws {
    #expect(FTPTestClient(loggedInTo: try PrinterBench()).say("EPSV").hasPrefix("502"))
    let bench = try PrinterBench(model: .X1C)
    #expect(FTPTestClient(loggedInTo: bench).say("EPSV").hasPrefix("229 Entering"))
  }

  @Test("a transfer that breaks leaves what came on the card, and says 426")
  func brokenTransfer() throws {
    let bench = try PrinterBench()
    let ftp = FTPTestClient(loggedInTo: bench)
    let data = try #require(ftp.data())
    let before = ftp.replies.count
    #expect(ftp.say("STOR half.3mf").hasPrefix("150"))
    data.send(Array(Self.content.prefix(40_000)))
    bench.run(.seconds(1)) { bench.printer.card.receiving.first?.byteCount == 40_000 }
    #expect(bench.printer.card.receiving.map { $0.path } == ["/half.3mf"])
    data.reset()
    #expect(ftp.next(after: before + 1).hasPrefix("426"))
    #expect(bench.printer.card.receiving.isEmpty)
    #expect(bench.printer.card.bytes(of: "/half.3mf") == Array(Self.content.prefix(40_000)))
    #expect(ftp.store("half.3mf", Self.content).hasPrefix("226"))
    #expect(bench.printer.card.bytes(of: "/half.3mf") == Self.content)
  }

  @Test("a client that vanishes in the middle is given up after two minutes")
  func stall() throws {
    let bench = try PrinterBench()
    let ftp = FTPTestClient(loggedInTo: bench)
    let data = try #require(ftp.data())
    let before = ftp.replies.count
    _ = ftp.say("STOR x.3mf")
    data.send([1, 2, 3])
    bench.run(.seconds(100))
    #expect(!bench.printer.card.receiving.isEmpty)
    bench.run(.seconds(30))
    #expect(bench.printer.card.receiving.isEmpty)
    #expect(ftp.next(after: before + 1).hasPrefix("426"))
  }

  @Test("a client that does not come to its data connection gets 425")
  func noDataConnection() throws {
    let bench = try PrinterBench()
    let ftp = FTPTestClient(loggedInTo: bench)
    _ = ftp.say("PASV")
    let before = ftp.replies.count
    _ = ftp.say("STOR x.3mf")
    #expect(ftp.next(after: before + 1).hasPrefix("425"))
    #expect(ftp.store("x.3mf", [1]).hasPrefix("226"))
  }

  @Test("when the control connection breaks the transfer ends, and the file stays as it is")
  func controlBreaks() throws {
    let bench = try PrinterBench()
    let ftp = FTPTestClient(loggedInTo: bench)
    let data = try #require(ftp.data())
    _ = ftp.say("STOR x.3mf")
    data.send([1, 2, 3])
    bench.run(.seconds(1))
    ftp.closeControl()
    bench.run { data.isOver }
    #expect(data.hasFailed)
    #expect(bench.printer.card.receiving.isEmpty)
    #expect(bench.printer.card.bytes(of: "/x.3mf") == [1, 2, 3])
  }

  @Test("ABOR ends a transfer, and other commands wait for its end")
  func abort() throws {
    let bench = try PrinterBench()
    let ftp = FTPTestClient(loggedInTo: bench)
    let data = try #require(ftp.data())
    _ = ftp.say("STOR x.3mf")
    data.send([1])
    bench.run(.seconds(1))
    let before = ftp.replies.count
    ftp.send("ABOR\r\nNOOP\r\n")
    bench.run { ftp.replies.count == before + 3 }
    #expect(ftp.replies.dropFirst(before).map { $0.prefix(3) } == ["426", "226", "200"])

    let second = try #require(ftp.data())
    _ = ftp.say("STOR x.3mf")
    let middle = ftp.replies.count
    ftp.send("NOOP\r\n")
    bench.run(.seconds(5))
    #expect(ftp.replies.count == middle)
    second.finish()
    bench.run { ftp.replies.count == middle + 2 }
    #expect(ftp.replies.dropFirst(middle).map { $0.prefix(3) } == ["226", "200"])
  }

  @Test("a full card says 552 in the middle, and 553 at once when nothing fits")
  func fullCard() throws {
    let bench = try PrinterBench { $0.cardBytes = 100_000 }
    let ftp = FTPTestClient(loggedInTo: bench)
    #expect(ftp.store("big.3mf", Self.content).hasPrefix("552"))
    let count = bench.printer.card.entry("/big.3mf")?.byteCount ?? 0
    #expect(count <= 100_000)
    #expect(ftp.say("DELE big.3mf").hasPrefix("250"))
    #expect(ftp.store("fits.3mf", Array(Self.content.prefix(100_000))).hasPrefix("226"))
    #expect(ftp.say("AVBL") == "213 0")
    #expect(ftp.store("more.3mf", [1]).hasPrefix("553"))
  }

  @Test("without a card nothing can be stored or read")
  func noCard() throws {
    let bench = try PrinterBench()
    try bench.printer.card.put("/x", [1])
    bench.printer.card.isInserted = false
    let ftp = FTPTestClient(loggedInTo: bench)
    #expect(ftp.store("y", [1]).hasPrefix("553"))
    #expect(ftp.retrieve("RETR x").reply.hasPrefix("550"))
    #expect(ftp.say("SIZE x").hasPrefix("550"))
  }

  @Test(
    "names that a card cannot have are refused",
    arguments: [
      "a:b.3mf", "a?b", "no/such/dir/x.3mf", "/", "cache", String(repeating: "x", count: 300),
    ])
  func badNames(name: String) throws {
    let bench = try PrinterBench()
    let ftp = FTPTestClient(loggedInTo: bench)
    #expect(ftp.store(name, [1]).hasPrefix("553"))
    #expect(bench.printer.card.allFiles.isEmpty)
  }

  @Test("the card sets the pace")
  func pace() throws {
    let bench = try PrinterBench { $0.uploadBytesPerSecond = 100_000 }
    let ftp = FTPTestClient(loggedInTo: bench)
    let start = bench.world.now
    #expect(ftp.store("slow.3mf", Self.content).hasPrefix("226"))
    let took = (bench.world.now - start).seconds
    #expect(took > 2.9 && took < 4)
    let quick = try PrinterBench { $0.uploadBytesPerSecond = 0 }
    let other = FTPTestClient(loggedInTo: quick)
    let otherStart = quick.world.now
    #expect(other.store("quick.3mf", Self.content).hasPrefix("226"))
    #expect((quick.world.now - otherStart).seconds < 1)
  }

  @Test("two uploads at once to one name: the second is refused")
  func sameName() throws {
    let bench = try PrinterBench()
    let first = FTPTestClient(loggedInTo: bench)
    let data = try #require(first.data())
    _ = first.say("STOR x.3mf")
    data.send([1, 2, 3])
    bench.run(.seconds(1))
    #expect(FTPTestClient(loggedInTo: bench).store("x.3mf", [9]).hasPrefix("553"))
    #expect(FTPTestClient(loggedInTo: bench).store("y.3mf", [9]).hasPrefix("226"))
  }

  @Test("a ninth session is told to come later")
  func tooManySessions() throws {
    let bench = try PrinterBench()
    let sessions = (1...8).map { _ in FTPTestClient(bench) }
    let ninth = FTPTestClient(bench)
    bench.run { ninth.isOver }
    #expect(ninth.replies.first?.hasPrefix("421") == true)
    #expect(ninth.isOver)
    #expect(sessions.allSatisfy { !$0.isOver })
  }

  @Test(
    "nonsense on the control connection closes it and is counted",
    arguments: [
      String(repeating: "A", count: 600) + "\r\n", "\u{1}\u{2}\r\n", "\r\n",
    ])
  func nonsense(text: String) throws {
    let bench = try PrinterBench()
    let ftp = FTPTestClient(bench)
    ftp.send(text)
    bench.run { ftp.isOver }
    #expect(ftp.isOver)
    #expect(bench.printer.fileFaults.total == 1)
  }

  @Test("five minutes of silence end a session")
  func idle() throws {
    let bench = try PrinterBench()
    let ftp = FTPTestClient(loggedInTo: bench)
    bench.run(.seconds(290))
    #expect(ftp.say("NOOP").hasPrefix("200"))
    bench.run(.seconds(310))
    #expect(ftp.isOver)
    #expect(ftp.replies.last?.hasPrefix("421") == true)
  }

  @Test("commands in one piece, or byte by byte, are the same")
  func cuts() throws {
    let bench = try PrinterBench()
    let ftp = FTPTestClient(bench)
    ftp.send("USER bblp\r\nPASS 12345678\r\nPWD\r\n")
    bench.run { ftp.replies.count == 4 }
    #expect(ftp.replies.map { $0.prefix(3) } == ["220", "331", "230", "257"])
    for byte in Array("noop\r\n".utf8) {
      ftp.send(String(UnicodeScalar(byte)))
      bench.run(.milliseconds(10))
    }
    #expect(ftp.replies.last == "200 NOOP ok.")
  }

  @Test("a stranger cannot take somebody else's data connection")
  func stranger() throws {
    let bench = try PrinterBench()
    try bench.printer.card.put("/secret", [1, 2, 3])
    let ftp = FTPTestClient(loggedInTo: bench)
    let thief = bench.world.addVirtualHost("thief", on: .farm("farm"))
    let numbers = ftp.say("PASV").split { !"0123456789".contains($0) }.compactMap { Int($0) }
    let port = UInt16(numbers[5] * 256 + numbers[6])
    let ear = Ear()
    let stream = thief.connect(
      to: "printer", port: port,
      security: .tls(
        trust: .commonName(PrinterBench.serial), serverName: PrinterBench.serial,
        resuming: ftp.control), handler: ear)
    bench.run(.seconds(1))
    _ = ftp.say("RETR secret")
    bench.run(.seconds(2))
    #expect(ear.byteCount == 0)
    #expect(bench.printer.fileFaults.count(of: "ftp.stranger-on-data-port") == 1)
    _ = stream
  }
}

/// Counts what it hears.
private final class Ear: StreamHandler {
  private(set) var byteCount = 0

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    byteCount += stream.unreadCount
  }
}
