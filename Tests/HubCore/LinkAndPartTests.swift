import CBoard
import Foundation
import Testing

@Suite("Links, parts and checks of files")
struct LinkAndPartTests {
  private static let file = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) }
  // printf of the same bytes through sha256sum
  private func digest(_ bytes: [UInt8]) -> String { sha256(bytes) }

  private func start(
    _ rig: HubRig, _ printer: FakePrinter, digest: String = "", url: String = "https://files.test/a"
  ) {
    rig.cloud.send(
      """
      {"type":"print_command","command_id":"c1","printer_id":"\(printer.serial)","action":"start",\
      "job_id":"j1","file_url":"\(url)","file_name":"part.3mf","file_size":\(Self.file.count),\
      "plate":1,"use_ams":false,"sha256":"\(digest)"}
      """)
  }

  @Test("a download that breaks goes on where it broke, and the printer notices nothing")
  func goesOn() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = Self.file
    rig.fileServer.tag = "\"abc\""
    rig.fileServer.breaksAfter = 7_000
    rig.fileServer.breaks = 1
    start(rig, printer, digest: digest(Self.file))
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "starting" }
    #expect(printer.files.card["part.3mf"] == Self.file)
    #expect(rig.fileServer.requests.count == 2)
    #expect(rig.fileServer.requests[1].contains("Range: bytes=7000-\r\nIf-Range: \"abc\""))
    #expect(printer.files.commands.filter { $0.hasPrefix("STOR") }.count == 1)
  }

  @Test("without a strong name for the file nothing is pieced together")
  func noTag() {
    for tag in [nil, "W/\"abc\""] {
      let (rig, printer) = HubRig.withPrinter()
      rig.fileServer.file = Self.file
      rig.fileServer.tag = tag
      rig.fileServer.breaksAfter = 7_000
      rig.fileServer.breaks = 1
      start(rig, printer)
      rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "starting" }
      #expect(printer.files.card["part.3mf"] == Self.file)
      #expect(!rig.fileServer.requests.contains { $0.contains("Range") })
      #expect(printer.files.commands.filter { $0.hasPrefix("STOR") }.count == 2)
    }
  }

  @Test("a file that is another one now is brought anew as a whole")
  func changed() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = Self.file
    rig.fileServer.tag = "\"abc\""
    rig.fileServer.breaksAfter = 7_000
    rig.fileServer.breaks = 1
    start(rig, printer)
    rig.run(atMost: 60_000) { rig.fileServer.requests.count == 1 }
    rig.fileServer.tag = "\"other\""
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "starting" }
    #expect(printer.files.card["part.3mf"] == Self.file)
  }

  @Test("a link that is out of date is renewed by the cloud, and costs no attempt")
  func renewed() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = Self.file
    rig.fileServer.goodLinks = "/new"
    start(rig, printer, url: "https://files.test/old")
    rig.run(atMost: 5_000) { !rig.cloud.messages("file_url_request").isEmpty }
    #expect(rig.cloud.messages("file_url_request").first?["job_id"] as? String == "j1")
    rig.cloud.send(#"{"type":"file_url","job_id":"j1","file_url":"https://files.test/new"}"#)
    rig.run(atMost: 1_000) { rig.cloud.phases(of: "j1").last == "starting" }
    #expect(rig.cloud.phases(of: "j1").last == "starting")
    #expect(printer.files.card["part.3mf"] == Self.file)
  }

  @Test("links that stay out of date end the job with their reason")
  func neverRenewed() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = Self.file
    rig.fileServer.goodLinks = "/new"
    start(rig, printer)
    rig.run(atMost: 600_000) { rig.cloud.phases(of: "j1").last == "failed" }
    let reason = rig.cloud.lastJob("j1")?["error_message"] as? String
    #expect(reason?.contains("HTTP 403") == true)
    #expect(rig.cloud.messages("file_url_request").count == 3)
  }

  @Test("a file that was altered on its way is not printed, and does not stay on the card")
  func altered() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = Self.file
    rig.fileServer.file[9_999] ^= 1
    start(rig, printer, digest: digest(Self.file))
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "failed" }
    let reason = rig.cloud.lastJob("j1")?["error_message"] as? String
    #expect(reason?.contains("SHA-256") == true)
    #expect(printer.files.card["part.3mf"] == nil)
    #expect(printer.commands("project_file").isEmpty)
  }

  @Test("an A1 that wants its files in clear gets them so, and it is remembered")
  func clearData() {
    let (rig, printer) = HubRig.withPrinter(model: "A1 mini")
    rig.fileServer.file = Self.file
    printer.files.answers["PROT"] = nil
    printer.files.refusesProtection = true
    start(rig, printer)
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "starting" }
    #expect(printer.files.card["part.3mf"] == Self.file)
    #expect(printer.files.dataStreams.last?.trust == 0)
    #expect(printer.files.commands.contains("PROT C"))
  }

  @Test("no other model can talk the hub out of TLS")
  func noClearData() {
    let (rig, printer) = HubRig.withPrinter(model: "P1S")
    rig.fileServer.file = Self.file
    printer.files.refusesProtection = true
    start(rig, printer)
    rig.run(atMost: 900_000) { rig.cloud.phases(of: "j1").last == "failed" }
    #expect(!printer.files.commands.contains("PROT C"))
    #expect(printer.files.dataStreams.isEmpty)
  }

  @Test("a server that knows only the extended passive mode is asked for that")
  func extendedPassive() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = Self.file
    printer.files.answers["PASV"] = "502 not here"
    printer.files.answers["EPSV"] = "229 Entering Extended Passive Mode (|||51210|)"
    start(rig, printer)
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "starting" }
    #expect(printer.files.dataStreams.last?.port == 51_210)
    #expect(printer.files.card["part.3mf"] == Self.file)
  }
}
