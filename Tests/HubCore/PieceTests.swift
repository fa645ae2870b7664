import Foundation
import Testing

@Suite("Files that come over the cloud's connection")
struct PieceTests {
  private static let file = (0..<30_001).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) }

  private func begin(inPieces: Bool = true) -> (HubRig, FakePrinter) {
    let rig = HubRig()
    rig.cloud.pieces = Self.file
    rig.run(atMost: 60_000) { rig.view.cloud_connected }
    let printer = FakePrinter()
    rig.printers.append(printer)
    rig.cloud.addPrinter(printer.serial)
    rig.run(atMost: 60_000) { rig.cloud.lastStatus(printer.serial)?["state"] as? String == "idle" }
    rig.cloud.send(
      """
      {"type":"print_command","command_id":"c1","printer_id":"\(printer.serial)","action":"start",\
      "job_id":"j1","file_name":"part.3mf","file_size":\(Self.file.count),"plate":1,\
      "use_ams":false,\(inPieces ? "\"file_in_pieces\":true" : "\"file_url\":\"https://files.test/a\""),\
      "sha256":"\(sha256(Self.file))"}
      """)
    return (rig, printer)
  }

  private func phase(_ rig: HubRig) -> String? { rig.cloud.phases(of: "j1").last }

  @Test("a file comes in pieces, each asked for, and reaches the printer whole")
  func whole() {
    let (rig, printer) = begin()
    rig.run(atMost: 60_000) { phase(rig) == "starting" }
    #expect(printer.files.card["part.3mf"] == Self.file)
    #expect(rig.fileServer.requests.isEmpty)
    let asked = rig.cloud.messages("file_request")
    #expect(asked.allSatisfy { ($0["count"] as! Int) <= 4_000 && $0["job_id"] as? String == "j1" })
    #expect(asked.map { $0["count"] as! Int }.reduce(0, +) == Self.file.count)
  }

  @Test("bytes that come one at a time change nothing")
  func singleBytes() {
    let (rig, printer) = begin()
    rig.cloud.stream?.readLimit = 1
    rig.run(atMost: 60_000) { phase(rig) == "starting" }
    #expect(printer.files.card["part.3mf"] == Self.file)
  }

  @Test("a printer that takes nothing holds the pieces back")
  func backPressure() {
    let (rig, printer) = begin()
    printer.files.bytesPerTurn = 0
    rig.board.whenOpened = { if $0.port > 50_000 { $0.window = 1_000 } }
    rig.run(milliseconds: 20_000)
    let asked = rig.cloud.messages("file_request").map { $0["count"] as! Int }.reduce(0, +)
    #expect(asked <= 1_000 + 8_192)
    printer.files.bytesPerTurn = nil
    rig.run(atMost: 60_000) { phase(rig) == "starting" }
    #expect(printer.files.card["part.3mf"] == Self.file)
  }

  @Test("a stop in the middle ends the questions, and what is on the card goes")
  func cancel() {
    let (rig, printer) = begin()
    rig.cloud.pieceLimit = 2
    rig.run(milliseconds: 1_000)
    #expect(phase(rig) == "downloading")
    rig.cloud.command("stop", printer.serial)
    rig.run(milliseconds: 1_000)
    let asked = rig.cloud.messages("file_request").count
    rig.cloud.pieceLimit = .max
    rig.run(milliseconds: 60_000)
    #expect(phase(rig) == "cancelled")
    #expect(rig.cloud.messages("file_request").count == asked)
    #expect(printer.files.card.isEmpty)
  }

  @Test("a piece that nobody has asked for is passed over")
  func uninvited() {
    let (rig, printer) = begin()
    rig.cloud.pieceLimit = 1
    rig.run(milliseconds: 1_000)
    for stream in [0, 1, 9] { rig.cloud.sendPiece(stream, 77, 4_000, [1, 2, 3]) }
    rig.run(milliseconds: 100)
    rig.cloud.pieceLimit = .max
    rig.run(atMost: 120_000) { phase(rig) == "starting" }
    #expect(printer.files.card["part.3mf"] == Self.file)
  }

  @Test("the cloud goes and comes back in the middle, and the file goes on where it was")
  func cloudLost() {
    let (rig, printer) = begin()
    rig.cloud.pieceLimit = 3
    rig.run(milliseconds: 1_000)
    rig.cloud.stream?.fail(-5)
    rig.cloud.pieceLimit = .max
    rig.run(atMost: 50_000) { phase(rig) == "starting" }
    #expect(printer.files.card["part.3mf"] == Self.file)
    #expect(printer.files.commands.filter { $0.hasPrefix("STOR") }.count == 1)
  }

  @Test("a link that leads nowhere makes room for the cloud's connection at the third attempt")
  func fallsBack() {
    let (rig, printer) = begin(inPieces: false)
    rig.board.openFailure = { $0.host == "files.test" ? -3 : nil }
    rig.run(atMost: 120_000) { phase(rig) == "starting" }
    #expect(printer.files.card["part.3mf"] == Self.file)
    #expect(rig.board.logged("the link leads nowhere") == 1)
  }

  @Test("a piece that the cloud has not is the end of it")
  func refused() {
    let (rig, printer) = begin()
    rig.cloud.pieces = []
    rig.run(milliseconds: 10_000)
    #expect(phase(rig) == "failed")
    #expect(
      rig.cloud.lastJob("j1")?["error_message"] as? String
        == "download refused with HTTP 404: the file is gone")
    #expect(printer.commands("project_file").isEmpty)
  }
}
