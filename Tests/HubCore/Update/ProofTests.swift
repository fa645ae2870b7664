import HubCore
import HubHost
import Testing

@Suite("The proof that a new firmware owes")
struct ProofTests {
  static let next = FirmwareImage.rig(version: "1.3.0", securityVersion: 3, payloadSize: 5_000)

  private func installed() -> UpdateRig {
    let hub = UpdateRig()
    #expect(hub.install(Self.next))
    return hub
  }

  @Test("an image that dies at each start is given up, the cloud hears it, and it stays refused")
  func dies() {
    let hub = installed()
    for _ in 0..<3 {
      hub.startInVain()
      #expect(hub.slot == 1)
    }
    hub.restart(3)
    #expect(hub.slot == 0)
    hub.cloud.firmware = "{\(UpdateRig.offer(Self.next))}"
    hub.connect()
    #expect(hub.phases.last == "rolled_back")
    #expect(hub.lastError == "the new firmware did not prove itself")
    #expect(hub.board.logged("is not taken: it has failed on this hub before") == 1)
    let count = hub.downloads.count
    hub.restart(0)
    hub.connect()
    hub.rig.run(milliseconds: 30_000)
    #expect(hub.downloads.count == count)
    let tellings = hub.cloud.messages("update_progress").map { $0["phase"] as? String }
    #expect(tellings.count { $0 == "rolled_back" } == 1)
  }

  @Test("what became of an update is told until the cloud knows it, over connections and restarts")
  func toldUntilKnown() {
    func tellings(_ hub: UpdateRig) -> Int {
      hub.cloud.messages("update_progress").count { $0["phase"] as? String == "succeeded" }
    }
    let hub = installed()
    hub.cloud.acknowledges = false
    hub.restart()
    hub.connect()
    #expect(tellings(hub) == 1)
    hub.cloud.forget()
    hub.cloud.close(1001)
    hub.rig.run(atMost: 60_000) { !hub.rig.view.cloud_connected }
    hub.connect()
    #expect(tellings(hub) == 1)
    hub.cloud.forget()
    hub.restart()
    hub.connect()
    #expect(tellings(hub) == 1)
    hub.cloud.acknowledges = true
    hub.rig.run(milliseconds: 60_000)
    hub.cloud.forget()
    hub.restart()
    hub.connect()
    #expect(tellings(hub) == 0)
  }

  @Test("a crash is told with the version that crashed, whichever tells of it")
  func versionOfCrash() {
    let hub = installed()
    func versions() -> [String?] {
      hub.cloud.messages("crash_report").map { $0["firmware_version"] as? String }
    }
    hub.restart()
    hub.connect()
    #expect(hub.phases.last == "succeeded")
    hub.restart(3)
    hub.connect()
    #expect(versions() == ["1.3.0"])
    let other = FirmwareImage.rig(version: "1.4.0", securityVersion: 3, payloadSize: 5_000)
    #expect(hub.install(other, id: "u2"))
    for _ in 0..<3 { hub.startInVain() }
    hub.cloud.forget()
    hub.restart(3)
    hub.connect()
    #expect(versions() == ["1.4.0"])
    #expect(hub.phases.last == "rolled_back")
  }

  @Test("phones are told the version that runs")
  func versionOnTheAir() {
    let hub = installed()
    hub.restart()
    hub.connect()
    hub.rig.press()
    #expect(hub.board.radio.advertisement?.data.hasSuffix(" 1.3.0") == true)
  }

  @Test("what has failed is taken again when a person offers it anew, and forgotten once it works")
  func anew() {
    let hub = installed()
    for _ in 0..<3 { hub.startInVain() }
    hub.restart()
    hub.connect()
    #expect(hub.install(Self.next, force: true, id: "u2"))
    hub.restart()
    #expect(hub.slot == 1)
    hub.connect()
    #expect(hub.phases.last == "succeeded")
    #expect(!hub.choice.isPending)
  }

  @Test("an image that never reaches the cloud gives way after five minutes, not before")
  func neverReachesCloud() {
    let hub = installed()
    hub.rig.closedPorts = [8787]
    hub.restart()
    hub.rig.run(milliseconds: 290_000)
    #expect(hub.board.restarts.isEmpty)
    hub.rig.run(milliseconds: 20_000)
    #expect(hub.board.restarts == [1])
    hub.rig.closedPorts = []
    hub.restart()
    #expect(hub.slot == 0)
    hub.connect()
    #expect(hub.phases.last == "rolled_back")
  }

  @Test("before it has proved itself no other image is taken: what it goes back to stays")
  func fallbackStays() {
    let hub = installed()
    hub.cloud.greets = false
    hub.restart()
    hub.rig.run(milliseconds: 3_000)
    let old = hub.board.flash.contents(of: .slotA)
    hub.command(UpdateRig.offer(Self.next, version: "1.4.0"), id: "u9")
    hub.rig.run(milliseconds: 3_000)
    #expect(hub.board.flash.contents(of: .slotA) == old)
    #expect(hub.choice.isPending)
  }

  @Test("the hub restarts into a new image only while the cloud hears it")
  func waitsForCloud() {
    let hub = UpdateRig()
    hub.rig.fileServer.holdsAfter = 3_000
    hub.rig.fileServer.holds = 1
    hub.serve(Self.next.bytes)
    hub.command(UpdateRig.offer(Self.next))
    hub.rig.closedPorts = [8787]
    hub.cloud.stream?.state = 3
    hub.rig.run(milliseconds: 200_000)
    #expect(hub.downloads.count == 2)
    #expect(hub.board.restarts.isEmpty)
    hub.rig.closedPorts = []
    #expect(hub.rig.run(atMost: 120_000) { !hub.board.restarts.isEmpty })
  }

  @Test("power that goes between the note and the choice makes nobody think that the image failed")
  func cutBeforeChoice() {
    let hub = UpdateRig()
    hub.serve(Self.next.bytes)
    hub.command(UpdateRig.offer(Self.next))
    // The last operations of an update are the note, the erasing of a record, and the record.
    var isCut = false
    hub.board.flash.willOperate = { operation, _ in
      guard !isCut, operation.partition == .choice, operation.isErase else { return }
      isCut = true
      hub.board.flash.cutPower(
        at: FlashCut(operation: hub.board.flash.operationCount, byteCount: 0))
    }
    hub.rig.run(milliseconds: 10_000)
    #expect(isCut)
    hub.board.flash.powerReturns()
    hub.board.flash.willOperate = nil
    hub.cloud.forget()
    hub.restart(0)
    #expect(hub.slot == 0)
    hub.connect()
    #expect(hub.phases.isEmpty)
    #expect(hub.install(Self.next, id: "u2"))
  }

  @Test("after a loss of power the download goes on where it was noted")
  func resumes() {
    let large = FirmwareImage.rig(version: "1.3.0", payloadSize: 200_000)
    let hub = UpdateRig()
    hub.rig.fileServer.holdsAfter = 150_000
    hub.rig.fileServer.holds = 1
    hub.serve(large.bytes)
    hub.command(UpdateRig.offer(large))
    hub.rig.run(milliseconds: 2_000)
    #expect(hub.phases == ["downloading"])
    hub.restart(0)
    hub.cloud.firmware = "{\(UpdateRig.offer(large))}"
    hub.connect()
    #expect(hub.rig.run(atMost: 30_000) { !hub.board.restarts.isEmpty })
    #expect(hub.downloads.count == 3)
    #expect(hub.downloads[2].contains("Range: bytes=131072-"))
    hub.restart()
    hub.connect()
    #expect(hub.phases.last == "succeeded")
  }

  @Test("a slot that rotted between two halves of a download is filled anew")
  func rottenHalf() {
    let large = FirmwareImage.rig(version: "1.3.0", payloadSize: 100_000)
    let hub = UpdateRig()
    hub.rig.fileServer.holdsAfter = 80_000
    hub.rig.fileServer.holds = 1
    hub.serve(large.bytes)
    hub.command(UpdateRig.offer(large))
    hub.rig.run(milliseconds: 2_000)
    hub.board.flash.flipBit(.slotB, byte: 20_000, bit: 1)
    hub.restart(0)
    hub.connect()
    hub.command(UpdateRig.offer(large), id: "u2")
    #expect(hub.rig.run(atMost: 60_000) { !hub.board.restarts.isEmpty })
    hub.restart()
    #expect(hub.slot == 1)
  }
}

@Suite("The security floor at a start")
struct FloorTests {
  private let old = FirmwareImage.rig(version: "1.0.0", securityVersion: 1, payloadSize: 2_000)
  private let new = FirmwareImage.rig(version: "2.0.0", securityVersion: 3, payloadSize: 2_000)

  @Test("an image below the floor is not started while another is there")
  func belowFloor() {
    let bench = SlotBench()
    bench.load(old, slot: 0)
    bench.load(new, slot: 1)
    var choice = BootChoice(bench.door)
    var isChosen = choice.choose(1, isProven: true, floor: 3)
    #expect(isChosen)
    // Somebody names the old slot again.
    isChosen = choice.choose(0, isProven: true)
    #expect(isChosen)
    #expect(bench.boot() == 1)
    #expect(bench.boot() == 1)
    #expect(BootChoice(bench.door).floor == 3)
  }

  @Test("a pending image below the floor is given up at once")
  func pendingBelowFloor() {
    let bench = SlotBench()
    bench.load(new, slot: 0)
    bench.load(old, slot: 1)
    var choice = BootChoice(bench.door)
    let isChosen = choice.choose(1, isProven: false, floor: 3)
    #expect(isChosen)
    #expect(bench.boot() == 0)
  }

  @Test("with both records gone the image of the higher security version is started, unproven")
  func recordsGone() {
    for slot: UInt8 in [0, 1] {
      let bench = SlotBench()
      bench.load(new, slot: slot)
      bench.load(old, slot: 1 - slot)
      bench.flash.load([UInt8](repeating: 0x3C, count: 8_192), into: .choice)
      #expect(bench.boot() == slot)
      #expect(BootChoice(bench.door).isPending)
    }
  }

  @Test("with nothing else left, an image below the floor is better than none")
  func lastResort() {
    let bench = SlotBench()
    bench.load(old, slot: 0)
    bench.load(new, slot: 1)
    var choice = BootChoice(bench.door)
    let isChosen = choice.choose(1, isProven: true, floor: 3)
    #expect(isChosen)
    bench.flash.flipBit(.slotB, byte: 1_000, bit: 2)
    #expect(bench.boot() == 0)
    #expect(bench.board.logged("only an image of an older security version is left") == 1)
  }

  @Test("a confirmed update raises the floor, and what lies below is refused after any restart")
  func raised() {
    let hub = UpdateRig(running: old)
    #expect(hub.install(new))
    hub.restart()
    hub.connect()
    for _ in 0..<2 {
      let below = FirmwareImage.rig(version: "2.1.0", securityVersion: 2, payloadSize: 2_000)
      hub.serve(below.bytes)
      hub.cloud.forget()
      hub.command(UpdateRig.offer(below, force: true), id: "below")
      hub.rig.run(atMost: 30_000) { hub.phases.last == "failed" }
      #expect(hub.lastError == "security version is older than what runs")
      hub.restart(0)
      hub.connect()
    }
  }
}
