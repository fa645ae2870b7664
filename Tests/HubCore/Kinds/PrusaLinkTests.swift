import Testing

@Suite("PrusaLink")
struct PrusaLinkTests {
  @Test("a digest is answered, its nonce used again and counted", arguments: ["MD5", "SHA-256"])
  func digest(_ algorithm: String) {
    let server = FakePrusaLink()
    server.nonce = "dcd98b7102dd2f0e"
    server.algorithm = algorithm
    let (rig, _) = HubRig.with(server, userName: "maker")
    #expect(rig.cloud.state(server.serial) == "idle")
    rig.run(milliseconds: 20_000)
    #expect(server.counts.prefix(3) == ["00000001", "00000002", "00000003"])
    // Asked for once, for all requests that follow.
    #expect(server.requests.filter { $0.headers["authorization"] == nil }.count == 1)
    #expect(!server.requests.contains { $0.headers["x-api-key"] != nil })
  }

  @Test("a digest without a qop, as the printers' own firmware wants it")
  func oldDigest() {
    let server = FakePrusaLink()
    server.nonce = "0123456789abcdef"
    server.isOfOldDigest = true
    let (rig, _) = HubRig.with(server, userName: "maker")
    #expect(rig.cloud.state(server.serial) == "idle")
    #expect(server.requests.filter { $0.headers["authorization"] == nil }.count == 1)
  }

  @Test("a nonce that has become stale is replaced at once, without a word to anybody")
  func stale() {
    let server = FakePrusaLink()
    server.nonce = "one"
    let (rig, _) = HubRig.with(server, userName: "maker")
    server.nonce = "two"
    rig.run(milliseconds: 10_000)
    #expect(rig.cloud.state(server.serial) == "idle")
    #expect(server.counts.last != "00000001" || server.counts.count > 4)
  }

  @Test("a password that is wrong is not tried in circles")
  func wrongPassword() {
    let server = FakePrusaLink()
    server.nonce = "one"
    let rig = HubRig.told(of: server, userName: "maker")
    server.key = "another"
    rig.run(milliseconds: 50_000)
    #expect(server.requests.count == 2)
    #expect(rig.cloud.linkProblem(server.serial) == "wrong key or password")
  }

  @Test("a file is put with a digest, and printed by a request of its own")
  func upload() throws {
    let server = FakePrusaLink()
    server.nonce = "one"
    let (rig, _) = HubRig.with(server, userName: "maker")
    rig.send("j1", to: server, name: "part.bgcode", size: 50_000)
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "printing" }
    #expect(server.files["part.bgcode"] == rig.fileServer.file)
    let put = try #require(server.requests.last { $0.method == "PUT" })
    #expect(put.line == "PUT /api/v1/files/usb/part.bgcode")
    #expect(put.headers["print-after-upload"] == "?0")
    #expect(put.headers["overwrite"] == "?1")
    #expect(put.headers["content-type"] == "text/x.gcode")
    #expect(rig.cloud.phases(of: "j1").last == "printing")
  }

  @Test("a full storage ends the job at once, with words")
  func full() {
    let server = FakePrusaLink()
    server.isFull = true
    let (rig, _) = HubRig.with(server)
    rig.send("j1", to: server, size: 500)
    rig.run(milliseconds: 20_000)
    #expect(
      rig.cloud.failure(of: "j1")
        == "printer refused the file with HTTP 507: no room on its storage, or its drive was pulled"
    )
    #expect(server.requests.filter { $0.method == "PUT" }.count == 1)
  }

  @Test("orders go to the number of the print that is under way")
  func jobNumber() {
    let (rig, server) = HubRig.printing(FakePrusaLink())
    rig.cloud.command("pause", server.serial, command: "c1")
    rig.run(milliseconds: 5_000)
    #expect(server.doings.last == "PUT /api/v1/job/42/pause")
    rig.cloud.command("stop", server.serial, command: "c2")
    rig.run(milliseconds: 5_000)
    #expect(server.doings.last == "DELETE /api/v1/job/42")
  }

  @Test("g-code is not supported where only the newer interface is, and says so")
  func gcode() {
    let (rig, server) = HubRig.with(FakePrusaLink())
    rig.cloud.gcode("G28", server.serial, command: "c1")
    rig.run(milliseconds: 5_000)
    #expect(rig.cloud.refusal(of: "c1") == "not supported by prusalink: sending g-code")
  }

  @Test("a printer that wants attention is paused, with its words, and goes on by nobody's order")
  func attention() {
    let (rig, server) = HubRig.printing(FakePrusaLink())
    server.state = "ATTENTION"
    server.message = "Filament runout"
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.phases(of: "j1").last == "paused")
    #expect(
      rig.cloud.lastStatus(server.serial)?["error_message"] as? String == "Filament runout")
    rig.cloud.command("resume", server.serial, command: "c1")
    rig.run(milliseconds: 3_000)
    #expect(server.doings.last == "PUT /api/v1/job/42/resume")
    #expect(rig.cloud.refusal(of: "c1") == "printer refused the command: HTTP 409")
  }

  @Test("an error has the printer's words")
  func error() {
    let (rig, server) = HubRig.printing(FakePrusaLink())
    server.state = "ERROR"
    server.message = "Nozzle heating failed"
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.failure(of: "j1") == "printer error Nozzle heating failed")
  }

  @Test("a job that is not there between two states ends nothing")
  func noJobBetween() {
    let (rig, server) = HubRig.printing(FakePrusaLink())
    let job = server.job
    server.job = nil
    server.state = "BUSY"
    rig.run(milliseconds: 6_000)
    server.job = job
    server.state = "PRINTING"
    rig.run(milliseconds: 20_000)
    #expect(rig.cloud.phases(of: "j1").last == "printing")
  }

  @Test("a print that lingers as finished is not taken for the next one")
  func lingers() {
    let (rig, server) = HubRig.printing(FakePrusaLink())
    server.state = "FINISHED"
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.phases(of: "j1").last == "completed")
    server.override = { $0.method == "POST" ? .empty(204) : nil }
    rig.cloud.start("j2", on: server.serial, name: "part.gcode", size: 11)
    rig.run(milliseconds: 30_000)
    #expect(rig.cloud.phases(of: "j2").last == "starting")
    server.begin("part.gcode")
    server.state = "FINISHED"
    rig.run(milliseconds: 10_000)
    #expect(rig.cloud.phases(of: "j2").last == "completed")
  }

  private func storages(_ storages: [FakePrusaLink.Storage]?) -> (HubRig, FakePrusaLink) {
    let server = FakePrusaLink()
    server.storages = storages
    let (rig, _) = HubRig.with(server)
    rig.send("j1", to: server, size: 500)
    rig.run(milliseconds: 20_000)
    return (rig, server)
  }

  @Test("files go to the first storage that is there and may be written to, whatever it is called")
  func storage() {
    let (rig, server) = storages([
      .init(path: "/sdcard", isReadOnly: true), .init(path: "/gone", isAvailable: false),
      .init(path: "/PrusaLink gcodes/"), .init(path: "/another"),
    ])
    #expect(
      server.doings == [
        "PUT /api/v1/files/PrusaLink%20gcodes/part.gcode",
        "POST /api/v1/files/PrusaLink%20gcodes/part.gcode",
      ])
    #expect(rig.cloud.phases(of: "j1").last == "printing")
    #expect(rig.cloud.lastStatus(server.serial)?["sd_card"] as? String == "present")
  }

  @Test("a transfer that its board still believes in is waited for; a file in use is not")
  func danglingTransfer() {
    let server = FakePrusaLink()
    server.resetsUploadAfter = 20_000
    server.uploadResets = 1
    let (rig, _) = HubRig.with(server)
    var conflicts = 2
    server.override = { request in
      guard request.method == "PUT", conflicts > 0 else { return nil }
      conflicts -= 1
      return .empty(409)
    }
    rig.send("j1", to: server, size: 60_000)
    rig.run(atMost: 120_000) { rig.cloud.phases(of: "j1").last == "printing" }
    #expect(rig.cloud.phases(of: "j1").last == "printing")
    server.state = "FINISHED"
    rig.run(milliseconds: 6_000)
    conflicts = 1
    rig.cloud.start("j2", on: server.serial, name: "part.gcode", size: 60_000)
    rig.run(milliseconds: 20_000)
    #expect(
      rig.cloud.failure(of: "j2")
        == "printer refused the file with HTTP 409: a file of this name is being printed or brought"
    )
  }

  @Test("a storage that comes after the hub is used as soon as it is there")
  func lateStorage() {
    let server = FakePrusaLink()
    server.storages = [.init(path: "/local", isAvailable: false)]
    let (rig, _) = HubRig.with(server)
    #expect(rig.cloud.lastStatus(server.serial)?["sd_card"] as? String == "missing")
    server.storages = [.init(path: "/local")]
    rig.run(milliseconds: 12_000)
    rig.send("j1", to: server, size: 500)
    rig.run(milliseconds: 10_000)
    #expect(server.doings.first == "PUT /api/v1/files/local/part.gcode")
  }

  @Test("firmware without a list of storages has its stick")
  func noStorageList() {
    let (rig, server) = storages(nil)
    #expect(server.doings.first == "PUT /api/v1/files/usb/part.gcode")
    #expect(rig.cloud.phases(of: "j1").last == "printing")
    #expect(server.count(of: "GET /api/v1/storage") == 1)
  }

  @Test("a stick that is pulled is seen after a while, and one that comes is used at once")
  func stickPulled() {
    let (rig, server) = HubRig.with(FakePrusaLink())
    server.storages = [.init(isAvailable: false)]
    rig.run(milliseconds: 120_000)
    #expect(rig.cloud.lastStatus(server.serial)?["sd_card"] as? String == "missing")
    rig.send("j1", to: server, size: 500)
    rig.run(milliseconds: 20_000)
    #expect(
      rig.cloud.failure(of: "j1")
        == "printer refused the file with HTTP 404: it has no storage, or its drive was pulled")
    server.storages = [.init(isAvailable: false), .init(path: "/local")]
    rig.run(milliseconds: 12_000)
    #expect(rig.cloud.lastStatus(server.serial)?["sd_card"] as? String == "present")
    rig.cloud.start("j2", on: server.serial, name: "part.gcode", size: 500)
    rig.run(milliseconds: 20_000)
    #expect(server.doings.last == "POST /api/v1/files/local/part.gcode")
  }

  @Test("while it shows that a print is over, without its number, the next one waits")
  func endIsShown() {
    let (rig, server) = HubRig.printing(FakePrusaLink())
    server.isBusyWhenFinished = true
    server.state = "FINISHED"
    server.job = nil
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.phases(of: "j1").last == "completed")
    rig.cloud.start("j2", on: server.serial, name: "part.gcode", size: 11)
    rig.run(milliseconds: 7_000)
    #expect(rig.cloud.phases(of: "j2").last == "uploaded")
    server.state = "IDLE"
    rig.run(milliseconds: 8_000)
    #expect(rig.cloud.phases(of: "j2").last == "printing")
    #expect(server.count(of: "POST /api/v1/files/usb/part.gcode") == 2)
  }

  @Test("one that shows the end of a print until somebody comes is started all the same")
  func endStays() {
    let (rig, server) = HubRig.printing(FakePrusaLink())
    server.state = "FINISHED"
    server.job = nil
    rig.run(milliseconds: 6_000)
    rig.cloud.start("j2", on: server.serial, name: "part.gcode", size: 11)
    rig.run(milliseconds: 20_000)
    #expect(rig.cloud.phases(of: "j2").last == "printing")
  }

  private func unfound(_ times: Int) -> (HubRig, FakePrusaLink) {
    let server = FakePrusaLink()
    server.unfoundStarts = times
    let (rig, _) = HubRig.with(server)
    rig.send("j1", to: server, size: 500)
    return (rig, server)
  }

  private static let start = "POST /api/v1/files/usb/part.gcode"

  @Test("a file that the printer finds late is started as soon as it does, and once")
  func foundLate() {
    let (rig, server) = unfound(3)
    rig.run(milliseconds: 60_000)
    #expect(rig.cloud.phases(of: "j1") == ["downloading", "uploaded", "starting", "printing"])
    #expect(server.count(of: Self.start) == 4)
    #expect(server.job == 42)
  }

  @Test("a file that it never finds ends the job, with words")
  func neverFound() {
    let (rig, server) = unfound(1_000)
    rig.run(milliseconds: 14_000)
    #expect(rig.cloud.phases(of: "j1").last == "starting")
    rig.run(milliseconds: 10_000)
    #expect(
      rig.cloud.failure(of: "j1")
        == "printer refused the print: it does not find the file: is its drive still there?")
    let starts = server.count(of: Self.start)
    #expect((8...12).contains(starts))
    rig.run(milliseconds: 60_000)
    #expect(server.count(of: Self.start) == starts)
  }

  @Test("a job that is cancelled while its file is not found is not started any more")
  func cancelledUnfound() {
    let (rig, server) = unfound(1_000)
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.phases(of: "j1").last == "starting")
    server.unfoundStarts = 0
    rig.cloud.command("stop", server.serial, command: "c1")
    rig.run(milliseconds: 30_000)
    #expect(rig.cloud.phases(of: "j1").last == "cancelled")
    #expect(server.job == nil)
  }

  @Test("what somebody starts at the printer meanwhile is not started once more")
  func startedBySomebody() {
    let (rig, server) = unfound(1_000)
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.phases(of: "j1").last == "starting")
    server.unfoundStarts = 0
    server.begin("part.gcode")
    let starts = server.count(of: Self.start)
    rig.run(milliseconds: 30_000)
    #expect(rig.cloud.phases(of: "j1").last == "printing")
    #expect(server.count(of: Self.start) == starts)
  }

  @Test(
    "a print that ends out of sight is over, though nobody names it; one that was over before is not",
    arguments: [("IDLE", "completed"), ("FINISHED", "starting")])
  func endsUnseen(before: String, after: String) {
    let server = FakePrusaLink()
    server.state = before
    let (rig, _) = HubRig.with(server)
    var isTold = false
    server.override = { request in
      if isTold { return .empty(502) }
      guard request.method == "POST" else { return nil }
      isTold = true
      server.state = "FINISHED"
      return .empty(204)
    }
    rig.send("j1", to: server, size: 500)
    rig.run(atMost: 60_000) { isTold }
    rig.run(milliseconds: 20_000)
    #expect(rig.cloud.state(server.serial) == "offline")
    server.override = { _ in nil }
    rig.run(milliseconds: 60_000)
    #expect(rig.cloud.phases(of: "j1").last == after)
  }

  @Test("a print that is over before anybody looks is over, though nobody names it")
  func overAtOnce() {
    let server = FakePrusaLink()
    let (rig, _) = HubRig.with(server)
    server.override = { request in
      guard request.method == "POST" else { return nil }
      server.state = "FINISHED"
      return .empty(204)
    }
    rig.send("j1", to: server, size: 500)
    rig.run(milliseconds: 20_000)
    #expect(rig.cloud.phases(of: "j1").last == "completed")
  }
}
