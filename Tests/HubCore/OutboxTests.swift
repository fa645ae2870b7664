import Foundation
import Testing

@Suite("What the cloud must hear of")
struct OutboxTests {
  @Test("events of a job are numbered from one and told in order")
  func inOrder() {
    let (rig, printer) = HubRig.withJobPrinting()
    printer.prints("FINISH", percent: 100)
    rig.run(milliseconds: 10)
    #expect(rig.cloud.events.map(\.sequence) == [1, 2, 3, 4, 5])
    #expect(
      rig.cloud.events.map(\.phase)
        == ["downloading", "uploaded", "starting", "printing", "completed"])
  }

  @Test("all that a job went through while the cloud was away is told when it is back")
  func cloudAway() {
    let (rig, printer) = HubRig.withJobPrinting()
    cutCloud(rig)
    printer.prints("PAUSE", percent: 20)
    rig.run(milliseconds: 1_000)
    printer.prints("RUNNING", percent: 30)
    rig.run(milliseconds: 1_000)
    printer.prints("FINISH", percent: 100)
    rig.run(milliseconds: 60_000)
    rig.cloud.forget()
    healCloud(rig)
    #expect(rig.cloud.events.map(\.phase) == ["paused", "printing", "completed"])
    #expect(rig.cloud.events.map(\.sequence) == [5, 6, 7])
    let end = rig.cloud.messages("job_status").first { $0["phase"] as? String == "completed" }
    #expect((end?["seconds_ago"] as? Int ?? 0) >= 60)
  }

  @Test("the ends of two printers' jobs outlast an hour without the cloud")
  func twoEnds() {
    let (rig, printer) = HubRig.withJobPrinting()
    let second = FakePrinter("01P00A000000002", address: "10.0.0.12")
    rig.printers.append(second)
    rig.cloud.addPrinter(second.serial, address: "10.0.0.12")
    rig.run(atMost: 60_000) { rig.cloud.lastStatus(second.serial)?["state"] as? String == "idle" }
    rig.cloud.start("j2", on: second.serial, size: 8)
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j2").last == "starting" }
    second.prints("RUNNING", percent: 1)
    rig.run(milliseconds: 100)
    cutCloud(rig)
    printer.prints("FINISH", percent: 100)
    second.prints("FAILED", error: 0x0300_8003)
    rig.run(milliseconds: 3_600_000)
    rig.cloud.forget()
    healCloud(rig)
    let ends = rig.cloud.events.map { "\($0.job) \($0.phase)" }
    #expect(ends.contains("j1 completed") && ends.contains("j2 failed"))
  }

  @Test("what was not acknowledged is told again on the next connection, under the same number")
  func toldAgain() {
    let (rig, printer) = HubRig.withJobPrinting()
    rig.cloud.acknowledges = false
    printer.prints("FINISH", percent: 100)
    rig.run(milliseconds: 10)
    let end = rig.cloud.events.last!
    rig.cloud.forget()
    rig.cloud.close(1001)
    rig.run(atMost: 60_000) { rig.view.cloud_connects == 2 }
    rig.run(milliseconds: 10)
    #expect(rig.cloud.events.map(\.sequence) == [end.sequence])
    rig.cloud.acknowledge(end.sequence)
    rig.run(milliseconds: 100)
    rig.cloud.forget()
    rig.cloud.close(1001)
    rig.run(atMost: 60_000) { rig.view.cloud_connects == 3 }
    rig.run(milliseconds: 10)
    #expect(rig.cloud.events.isEmpty)
  }

  @Test("a hub says under which epoch it numbers its events")
  func epoch() {
    let rig = HubRig.connected()
    let first = rig.cloud.messages("hub_hello").last?["event_epoch"] as? Int
    rig.cloud.close(1001)
    rig.run(atMost: 60_000) { rig.view.cloud_connects == 2 }
    #expect(first != nil && first != 0)
    #expect(rig.cloud.messages("hub_hello").last?["event_epoch"] as? Int == first)
  }

  @Test("with too much untold no job is taken up, and of those that were no end is lost")
  func full() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = Array("the file".utf8)
    rig.cloud.acknowledges = false
    var accepted: [String] = []
    var refusal: String?
    for number in 0..<100 where refusal == nil {
      let job = "job-\(number)"
      rig.cloud.start(job, on: printer.serial, command: "c\(number)", size: 8)
      rig.run(atMost: 60_000) {
        rig.cloud.phases(of: job).last == "starting"
          || rig.cloud.acknowledgements("c\(number)").last?["success"] as? Bool == false
      }
      let answer = rig.cloud.acknowledgements("c\(number)").last
      refusal = answer?["error_message"] as? String
      guard refusal == nil else { break }
      accepted.append(job)
      // A printer in two minds fills what is left of the room.
      for _ in 0..<40 {
        printer.prints("RUNNING", percent: 10)
        rig.run(milliseconds: 10)
        printer.prints("PAUSE", percent: 10)
        rig.run(milliseconds: 10)
      }
      printer.prints("FINISH", percent: 100)
      rig.run(milliseconds: 100)
    }
    #expect(refusal == "hub has too much to tell the cloud: no new job before that is heard")
    #expect(!accepted.isEmpty)
    cutCloud(rig)
    rig.cloud.forget()
    healCloud(rig)
    let ends = rig.cloud.events.filter { $0.phase == "completed" }.map(\.job)
    #expect(ends == accepted)
    // Once it is heard, jobs are taken up again.
    rig.cloud.acknowledge(rig.cloud.events.last!.sequence)
    rig.cloud.acknowledges = true
    rig.cloud.start("again", on: printer.serial, command: "again", size: 8)
    rig.run(milliseconds: 1_000)
    #expect(rig.cloud.acknowledgements("again").last?["success"] as? Bool == true)
  }

  private func cutCloud(_ rig: HubRig) {
    rig.board.openFailure = { $0.host == "cloud.test" ? -2 : nil }
    rig.cloud.stream?.fail(-5)
    rig.run(milliseconds: 10)
  }

  private func healCloud(_ rig: HubRig) {
    rig.board.openFailure = nil
    let before = rig.view.cloud_connects
    rig.run(atMost: 200_000) { rig.view.cloud_connects > before }
    rig.run(milliseconds: 100)
  }
}
