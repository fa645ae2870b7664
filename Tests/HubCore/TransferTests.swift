import Foundation
import Testing

@Suite("A file on its way to a printer")
struct TransferTests {
  private func file(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31) ^ ($0 >> 8)) }
  }

  private func phase(_ rig: HubRig) -> String? { rig.cloud.phases(of: "j1").last }
  private func reason(_ rig: HubRig) -> String? {
    rig.cloud.failure(of: "j1")
  }

  private func begin(_ count: Int) -> (HubRig, FakePrinter) {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = file(count)
    rig.cloud.start("j1", on: printer.serial, size: count)
    return (rig, printer)
  }

  /// The same, and the printer takes what fits into its window and no more, until it goes on.
  private func beginStuck(_ count: Int) -> (HubRig, FakePrinter) {
    let (rig, printer) = begin(count)
    printer.files.bytesPerTurn = 0
    rig.board.whenOpened = { if $0.port > 50_000 { $0.window = 10_000 } }
    return (rig, printer)
  }

  private func goOn(_ rig: HubRig, _ printer: FakePrinter) {
    rig.board.whenOpened = nil
    printer.files.bytesPerTurn = nil
  }

  @Test("the printer's file server is spoken to as it expects")
  func dialogue() throws {
    let (rig, printer) = begin(100)
    rig.run(milliseconds: 100)
    #expect(
      printer.files.commands == [
        "USER bblp", "PASS 12345678", "PBSZ 0", "PROT P", "TYPE I", "PASV", "STOR part.3mf",
        "SIZE part.3mf", "QUIT",
      ])
    let control = try #require(rig.board.opened.first { $0.port == 990 })
    let data = try #require(printer.files.dataStreams.first)
    // It is met for the first time; the data stream must show the same certificate.
    #expect(control.trust == 2)
    #expect(control.expectedName == printer.serial)
    // To the control stream's address, not to the one in the answer, and with its TLS session.
    #expect(data.host == printer.address)
    #expect(data.port == 51_210)
    #expect(data.trust == 3)
    #expect(data.resumes == control.number)
    #expect(data.isFinishedByHub)
    let request = try #require(rig.fileServer.requests.first)
    #expect(request.hasPrefix("GET /f/1?token=hidden HTTP/1.1\r\nHost: files.test\r\n"))
    #expect(rig.board.opened.first { $0.host == "files.test" }?.trust == 1)
  }

  @Test("all streams of a transfer are closed when it is over")
  func closes() {
    let (rig, printer) = begin(100_000)
    rig.run(milliseconds: 1_000)
    #expect(phase(rig) == "starting")
    #expect(rig.board.streams.count == 2)
    #expect(printer.files.card["part.3mf"] == rig.fileServer.file)
  }

  @Test("a slow printer holds the download back: never more than the window is read ahead")
  func backPressure() {
    let (rig, printer) = begin(300_000)
    printer.files.bytesPerTurn = 1_000
    var furthest = 0
    for _ in 0..<100_000 where phase(rig) != "starting" {
      for stream in rig.board.opened where stream.port > 50_000 { stream.window = 4_000 }
      rig.board.now += 1
      rig.settle()
      let download = rig.board.opened.first { $0.host == "files.test" }
      let stored = printer.files.card["part.3mf"]?.count ?? 0
      if let download { furthest = max(furthest, download.readCount - stored) }
    }
    #expect(printer.files.card["part.3mf"] == rig.fileServer.file)
    // The window, what waits in the stream, and the head of the answer.
    #expect(furthest <= 8_192 + 4_000 + 200)
  }

  @Test("a chunked answer gives the same bytes", arguments: [1, 100, 8_191, 8_192, 20_000])
  func chunked(chunk: Int) {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = file(30_001)
    rig.fileServer.chunk = chunk
    rig.cloud.start("j1", on: printer.serial, size: 30_001)
    rig.run(milliseconds: 1_000)
    #expect(phase(rig) == "starting")
    #expect(printer.files.card["part.3mf"] == rig.fileServer.file)
  }

  @Test("streams that hand over single bytes change nothing but the time it takes")
  func singleBytes() {
    let (rig, printer) = begin(2_000)
    rig.board.whenOpened = { $0.readLimit = 1 }
    rig.run(milliseconds: 1_000)
    #expect(printer.files.card["part.3mf"] == rig.fileServer.file)
  }

  @Test("a server that ends its answer by closing is understood")
  func untilClose() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.head = "HTTP/1.1 200 OK\r\n\r\n0123456789"
    rig.cloud.start("j1", on: printer.serial, size: 10)
    rig.run(milliseconds: 100)
    #expect(printer.files.card["part.3mf"] == Array("0123456789".utf8))
    #expect(phase(rig) == "starting")
  }

  @Test("five files at once reach five printers")
  func fiveAtOnce() {
    let rig = HubRig.connected()
    rig.fileServer.file = file(200_000)
    for number in 1...5 {
      let printer = FakePrinter("serial-\(number)", address: "10.0.0.\(number)")
      printer.files.bytesPerTurn = 1_000 * number
      rig.printers.append(printer)
      rig.cloud.addPrinter(printer.serial, address: printer.address)
    }
    rig.run(milliseconds: 1_000)
    for number in 1...5 { rig.cloud.start("j\(number)", on: "serial-\(number)", size: 200_000) }
    rig.run(milliseconds: 5_000)
    for printer in rig.printers { #expect(printer.files.card["part.3mf"] == rig.fileServer.file) }
    for number in 1...5 { #expect(rig.cloud.phases(of: "j\(number)").last == "starting") }
  }

  @Test("progress is told at most every second, and as far as the printer has taken the file")
  func progress() throws {
    let (rig, printer) = begin(400_000)
    printer.files.bytesPerTurn = 1_000
    rig.board.whenOpened = { if $0.port > 50_000 { $0.window = 1_000 } }
    rig.peersActOncePerSettling = true
    let began = rig.board.now
    for _ in 0..<10_000 where phase(rig) == "downloading" || phase(rig) == nil {
      rig.board.now += 10
      rig.settle()
    }
    let seconds = Int(rig.board.now - began) / 1_000
    let told = rig.cloud.messages("file_progress")
    #expect(told.count >= 2 && told.count <= seconds + 1)
    let bytes = told.map { $0["bytes_sent"] as! Int }
    #expect(bytes == bytes.sorted())
    let last = try #require(told.last)
    #expect(last["bytes_total"] as? Int == 400_000)
    #expect(last["job_id"] as? String == "j1")
    #expect(last["transfer_id"] as? String == "j1")
  }

  // ------------------------------------------------------------------------------------- cancel

  @Test("a stop during the upload closes both streams, removes the file, and nothing is printed")
  func cancel() {
    let (rig, printer) = beginStuck(300_000)
    rig.run(milliseconds: 2_000)
    #expect(phase(rig) == "downloading")
    rig.cloud.command("stop", printer.serial, command: "c1")
    rig.run(milliseconds: 10)
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == true)
    #expect(phase(rig) == "cancelled")
    printer.files.bytesPerTurn = nil
    rig.run(milliseconds: 30_000)
    #expect(printer.files.card.isEmpty)
    #expect(printer.files.commands.suffix(2) == ["DELE part.3mf", "QUIT"])
    // Only the cloud and the printer's broker are left.
    #expect(rig.board.streams.count == 2)
    rig.run(milliseconds: 300_000)
    #expect(printer.commands("project_file").isEmpty)
    #expect(printer.commands("stop").isEmpty)
    #expect(phase(rig) == "cancelled")
  }

  @Test("a stop works although the printer cannot be told", arguments: [true, false])
  func cancelWithoutPrinter(whileWaiting: Bool) {
    let (rig, printer) = begin(300_000)
    if whileWaiting {
      rig.board.openFailure = { $0.port == 990 ? -2 : nil }
    } else {
      rig.closedPorts = [990]
    }
    rig.run(milliseconds: 1_000)
    printer.broker?.fail(-5)
    rig.run(milliseconds: 10)
    rig.cloud.command("stop", printer.serial, command: "c1")
    rig.run(milliseconds: 10)
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == true)
    #expect(phase(rig) == "cancelled")
  }

  @Test("a printer that does not answer the removal is left after a while")
  func cancelSilent() {
    let (rig, printer) = beginStuck(300_000)
    rig.run(milliseconds: 2_000)
    printer.files.ignores = ["DELE"]
    printer.files.confirms = false
    rig.cloud.command("stop", printer.serial)
    rig.run(milliseconds: 11_000)
    #expect(rig.board.streams.count == 2)
  }

  @Test("after a stop the next job can come at once")
  func startAfterCancel() {
    let (rig, printer) = beginStuck(300_000)
    rig.run(milliseconds: 2_000)
    goOn(rig, printer)
    rig.cloud.command("stop", printer.serial)
    rig.cloud.start("j2", on: printer.serial, name: "next.3mf", size: 300_000)
    rig.run(milliseconds: 30_000)
    #expect(phase(rig) == "cancelled")
    #expect(rig.cloud.phases(of: "j2").last == "starting")
    #expect(printer.files.card["next.3mf"] == rig.fileServer.file)
  }

  // ----------------------------------------------------------------------------------- download

  @Test(
    "an answer that will never be a file ends the job with its reason",
    arguments: [
      (404, "download refused with HTTP 404: the file is gone"),
      (410, "download refused with HTTP 410: the file is gone"),
      (302, "download refused with HTTP 302"),
    ])
  func refusedDownload(status: Int, text: String) {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.head = "HTTP/1.1 \(status) No\r\nContent-Length: 2\r\n\r\nno"
    rig.cloud.start("j1", on: printer.serial, size: 10)
    rig.run(milliseconds: 60_000)
    #expect(phase(rig) == "failed")
    #expect(reason(rig) == text)
    #expect(rig.fileServer.requests.count == 1)
    #expect(printer.files.commands.isEmpty)
  }

  @Test("a busy server is asked again, six times in all")
  func busyServer() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.head = "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n"
    rig.cloud.start("j1", on: printer.serial, size: 10)
    rig.run(milliseconds: 600_000)
    #expect(rig.fileServer.requests.count == 6)
    #expect(reason(rig) == "file could not be brought to the printer: download: HTTP 503")
  }

  @Test("a download that breaks off is begun again as a whole")
  func brokenDownload() {
    let (rig, printer) = begin(50_000)
    rig.fileServer.breaksAfter = 20_000
    rig.fileServer.breaks = 3
    rig.run(milliseconds: 120_000)
    #expect(rig.fileServer.requests.count == 4)
    #expect(phase(rig) == "starting")
    #expect(printer.files.card["part.3mf"] == rig.fileServer.file)
    #expect(printer.commands("project_file").count == 1)
  }

  @Test("a file of another size than announced is not printed")
  func otherSize() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = file(100)
    rig.cloud.start("j1", on: printer.serial, size: 99)
    rig.run(milliseconds: 60_000)
    #expect(reason(rig) == "the file has another size than was announced")
    #expect(printer.files.card.isEmpty)

    let (other, itsPrinter) = HubRig.withPrinter()
    other.fileServer.head = "HTTP/1.1 200 OK\r\n\r\n0123456789"
    other.cloud.start("j1", on: itsPrinter.serial, size: 12)
    other.run(milliseconds: 60_000)
    #expect(reason(other) == "the file has another size than was announced")
    #expect(itsPrinter.files.card.isEmpty)
  }

  @Test(
    "bytes that are no HTTP are counted, and tried again",
    arguments: [
      "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "hello\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "HTTP/1.1 200 OK\r\nA: " + String(repeating: "a", count: 3_000) + "\r\n\r\n",
    ])
  func brokenHTTP(head: String) {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.head = head
    rig.cloud.start("j1", on: printer.serial, size: 10)
    rig.run(milliseconds: 600_000)
    #expect(rig.view.bad_input_count == 6)
    #expect(phase(rig) == "failed")
    #expect(rig.view.cloud_connects == 1)
    #expect(printer.connects == 1)
  }

  // ------------------------------------------------------------------------------------- upload

  @Test(
    "a printer that will never take the file ends the job with its reason",
    arguments: [
      ("PASS", "530 Login incorrect", "printer refused the file with FTP 530: wrong access code"),
      (
        "STOR", "553 Could not create file",
        "printer refused the file with FTP 553: no room on its card, or no card"
      ),
      (
        "STOR", "552 Full",
        "printer refused the file with FTP 552: no room on its card, or no card"
      ),
    ])
  func refusedUpload(verb: String, answer: String, text: String) {
    let (rig, printer) = begin(100)
    printer.files.answers[verb] = answer
    rig.run(milliseconds: 60_000)
    #expect(phase(rig) == "failed")
    #expect(reason(rig) == text)
    #expect(rig.fileServer.requests.count == 1)
  }

  @Test("a busy printer is asked again")
  func busyPrinter() {
    let (rig, printer) = begin(100)
    printer.files.answers["USER"] = "421 Too many connections"
    rig.run(milliseconds: 10)
    printer.files.answers = [:]
    rig.run(milliseconds: 30_000)
    #expect(phase(rig) == "starting")
  }

  @Test("426 although the file is whole is as good as 226")
  func wholeDespite426() {
    let (rig, printer) = begin(100)
    printer.files.confirmation = "426 Failure reading network stream."
    rig.run(milliseconds: 1_000)
    #expect(phase(rig) == "starting")
    #expect(rig.fileServer.requests.count == 1)
  }

  @Test("426 or 226 with a part of the file is no upload", arguments: ["426 cut", "226 done"])
  func cutUpload(confirmation: String) {
    let (rig, printer) = begin(1_000)
    printer.files.confirmation = confirmation
    printer.files.keeps = 700
    rig.run(milliseconds: 1_000)
    #expect(phase(rig) == "downloading")
    printer.files.keeps = .max
    rig.run(milliseconds: 30_000)
    #expect(phase(rig) == "starting")
    #expect(printer.files.card["part.3mf"] == rig.fileServer.file)
  }

  @Test("226 may come late, or not at all when the size is right")
  func lateEnd() {
    let (rig, printer) = begin(100)
    printer.files.confirms = false
    rig.run(milliseconds: 59_000)
    #expect(phase(rig) == "downloading")
    rig.run(milliseconds: 2_000)
    #expect(phase(rig) == "starting")
    #expect(rig.fileServer.requests.count == 1)
  }

  @Test("a printer that knows no SIZE is believed when it says 226")
  func noSize() {
    let (rig, printer) = begin(100)
    printer.files.answers["SIZE"] = "502 Not implemented"
    rig.run(milliseconds: 1_000)
    #expect(phase(rig) == "starting")
  }

  @Test("control lost after the last byte: the next attempt first looks whether all is there")
  func controlDrop() {
    let (rig, printer) = begin(1_000)
    printer.files.dropsControlAtEnd = true
    rig.run(milliseconds: 30_000)
    #expect(phase(rig) == "starting")
    #expect(rig.fileServer.requests.count == 1)
    #expect(printer.files.commands.filter { $0.hasPrefix("STOR") }.count == 1)

    // And uploads again when it is not.
    let (other, itsPrinter) = begin(1_000)
    itsPrinter.files.dropsControlAtEnd = true
    itsPrinter.files.keeps = 500
    other.run(milliseconds: 1_500)
    itsPrinter.files.dropsControlAtEnd = false
    itsPrinter.files.keeps = .max
    other.run(milliseconds: 30_000)
    #expect(phase(other) == "starting")
    #expect(itsPrinter.files.card["part.3mf"] == other.fileServer.file)
    #expect(other.fileServer.requests.count == 2)
  }

  @Test("an upload that stands still is given up and begun again")
  func stall() {
    let (rig, printer) = beginStuck(100_000)
    rig.run(milliseconds: 61_000)
    #expect(rig.board.logged("no byte moved") == 1)
    goOn(rig, printer)
    rig.run(milliseconds: 30_000)
    #expect(phase(rig) == "starting")
    #expect(printer.files.card["part.3mf"] == rig.fileServer.file)
    #expect(rig.board.restarts.isEmpty)
  }

  @Test("a printer that still holds the file of a broken attempt open is waited for, for minutes")
  func heldOpen() {
    let (rig, printer) = beginStuck(100_000)
    rig.run(milliseconds: 1_000)
    goOn(rig, printer)
    printer.files.answers["STOR"] = "553 Could not create file."
    for stream in rig.board.opened where stream.port != 8883 && stream.host == printer.address {
      stream.fail(-5)
    }
    rig.run(milliseconds: 500_000)
    #expect(phase(rig) == "downloading")
    #expect(rig.board.logged("still holds the file open") > 6)
    printer.files.answers = [:]
    rig.run(milliseconds: 70_000)
    #expect(phase(rig) == "starting")
    #expect(printer.files.card["part.3mf"] == rig.fileServer.file)
  }

  @Test(
    "bytes that are no FTP are counted, and tried again",
    arguments: ["hello", "99 what", String(repeating: "2", count: 1_000)])
  func brokenFTP(answer: String) {
    let (rig, printer) = begin(100)
    printer.files.answers["USER"] = answer
    rig.run(milliseconds: 600_000)
    #expect(rig.view.bad_input_count == 6)
    #expect(phase(rig) == "failed")
    #expect(printer.connects == 1)
  }

  @Test("a network that is lost in mid-upload costs no attempt, and the file arrives whole")
  func wifiLost() {
    let (rig, printer) = beginStuck(100_000)
    for _ in 0..<10 {
      rig.run(milliseconds: 3_000)
      rig.board.wifiState = 5
      rig.board.wifiAnswer = 5
      rig.run(milliseconds: 20_000)
      rig.board.wifiAnswer = 2
      rig.run(atMost: 120_000) { rig.view.state >= 4 }
    }
    #expect(phase(rig) == "downloading")
    goOn(rig, printer)
    rig.run(milliseconds: 120_000)
    #expect(rig.cloud.phases(of: "j1").last == "starting")
    #expect(printer.files.card["part.3mf"] == rig.fileServer.file)
    #expect(printer.commands("project_file").count == 1)
  }

  @Test("a quarter of an hour without a byte is enough")
  func patience() {
    let (rig, printer) = beginStuck(100_000)
    rig.run(milliseconds: 10)
    rig.board.wifiAnswer = 5
    rig.board.wifiState = 5
    rig.run(milliseconds: 1_000_000)
    rig.board.wifiAnswer = 2
    rig.run(milliseconds: 120_000)
    #expect(reason(rig) == "file transfer made no progress for 15 minutes")
  }
}
