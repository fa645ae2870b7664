import HubCore
import HubHost
import Testing

@Suite("An update")
struct UpdateTests {
  static let good = FirmwareImage.rig(version: "1.3.0", securityVersion: 3, payloadSize: 9_000)

  // ---------------------------------------------------------------------------------- the good way

  @Test("a good image is brought in, started, proved by the cloud's hello, and kept")
  func good() {
    let hub = UpdateRig()
    #expect(hub.install(Self.good))
    #expect(hub.phases.last == "installing")
    hub.restart()
    #expect(hub.slot == 1)
    #expect(hub.choice.isPending)
    hub.connect()
    #expect(!hub.choice.isPending)
    #expect(hub.phases.suffix(2) == ["installing", "succeeded"])
    #expect(hub.cloud.messages("hub_hello").last?["firmware_version"] as? String == "1.3.0")
    for _ in 0..<5 { hub.startInVain() }
    #expect(hub.slot == 1)
  }

  @Test("what the cloud's hello offers is taken like a command")
  func offeredInHello() {
    let hub = UpdateRig()
    hub.serve(Self.good.bytes)
    hub.cloud.firmware = "{\(UpdateRig.offer(Self.good))}"
    hub.restart()
    hub.connect()
    #expect(hub.rig.run(atMost: 30_000) { !hub.board.restarts.isEmpty })
    #expect(hub.phases.last == "installing")
  }

  @Test("while a firmware is brought in the power light blinks, and not before or after")
  func lamp() {
    let hub = UpdateRig()
    #expect(hub.board.lamps[0] == 1)
    hub.rig.fileServer.holdsAfter = 3_000
    hub.rig.fileServer.holds = 1
    hub.serve(Self.good.bytes)
    hub.command(UpdateRig.offer(Self.good))
    hub.rig.run(milliseconds: 1_000)
    #expect(hub.board.lamps[0] == 2)
    hub.rig.run(atMost: 200_000) { !hub.board.restarts.isEmpty }
    hub.restart()
    hub.connect()
    #expect(hub.board.lamps[0] == 1)
  }

  @Test("an offer that comes again and again costs one download")
  func replayed() {
    let hub = UpdateRig()
    hub.serve(Self.good.bytes)
    #expect(hub.command(UpdateRig.offer(Self.good), id: "u1") == nil)
    #expect(hub.command(UpdateRig.offer(Self.good), id: "u1") == nil)
    #expect(hub.command(UpdateRig.offer(Self.good), id: "u2") == nil)
    hub.rig.run(atMost: 30_000) { !hub.board.restarts.isEmpty }
    hub.restart()
    hub.connect()
    #expect(hub.command(UpdateRig.offer(Self.good), id: "u1") == nil)
    #expect(hub.command(UpdateRig.offer(Self.good), id: "u3") == nil)
    hub.rig.run(milliseconds: 60_000)
    #expect(hub.downloads.count == 1)
    #expect(hub.board.restarts.isEmpty)
  }

  // ----------------------------------------------------------------------------------- what is wrong

  @Test("an image that is not right is refused, for its own reason and for good")
  func attacks() throws {
    let stranger = FirmwareKey.stranger
    let bytes = Self.good.bytes
    let other = FirmwareImage.rig(
      version: "1.3.1", securityVersion: 3, payloadSize: 9_000
    ).bytes
    func rig(
      security: UInt32 = 3, hardware: String = "rig-1", size: Int = 9_000, key: FirmwareKey = .rig
    ) -> [UInt8] {
      FirmwareImage.rig(
        version: "1.3.0", securityVersion: security, hardware: hardware, payloadSize: size, key: key
      ).bytes
    }
    var corrupted = bytes
    corrupted[5_000] ^= 0x10
    let rows: [(file: [UInt8], error: String)] = [
      (corrupted, "the payload is not what was signed"),
      (Array(bytes.prefix(256)) + other.dropFirst(256), "the payload is not what was signed"),
      (other, "not the version that was offered"),
      (rig(key: stranger), "signature is not good"),
      (rig(security: 1), "security version is older than what runs"),
      (rig(hardware: "rig-2"), "made for other hardware"),
      (rig(size: 2_100_000), "larger than a slot"),
      ([UInt8](repeating: 0x47, count: 9_000), "not a firmware image"),
    ]
    for row in rows {
      let hub = UpdateRig(
        running: .rig(version: "1.0.0", securityVersion: 2, payloadSize: 1_000))
      hub.serve(row.file)
      #expect(hub.command(UpdateRig.offer(Self.good)) == nil)
      hub.rig.run(atMost: 60_000) { hub.phases.last == "failed" }
      #expect(hub.lastError == row.error)
      #expect(hub.cloud.messages("update_progress").last?["refused"] as? Bool == true)
      #expect(hub.board.restarts.isEmpty)
      hub.restart()
      hub.connect()
      #expect(hub.slot == 0)
      let answer = hub.command(UpdateRig.offer(Self.good), id: "u2")
      #expect(answer == "it has failed on this hub before; offer it anew with force")
    }
  }

  @Test("an image that is not the one whose checksum was offered is refused")
  func checksum() {
    let hub = UpdateRig()
    hub.serve(Self.good.bytes)
    hub.command(
      UpdateRig.offer(Self.good, checksum: String(repeating: "a", count: 64)))
    hub.rig.run(atMost: 30_000) { hub.phases.last == "failed" }
    #expect(hub.lastError == "not the image that was offered")
    let right = Self.good.payloadDigest.map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
    hub.command(UpdateRig.offer(Self.good, checksum: right, force: true), id: "u2")
    #expect(hub.rig.run(atMost: 30_000) { !hub.board.restarts.isEmpty })
  }

  @Test("an image that is cut short is tried again, then given up, and not held against")
  func truncated() {
    let hub = UpdateRig()
    hub.serve(Array(Self.good.bytes.dropLast(100)))
    hub.command(UpdateRig.offer(Self.good))
    hub.rig.run(atMost: 1_000_000) { hub.phases.last == "failed" }
    #expect(hub.phases.last == "failed")
    #expect(hub.cloud.messages("update_progress").last?["refused"] == nil)
    #expect(hub.downloads.count >= 3)
    hub.board.restarts = []
    #expect(hub.install(Self.good, id: "u2"))
  }

  @Test("what comes behind the end of an image, be it without end, is not read")
  func endless() {
    let hub = UpdateRig()
    hub.serve(Self.good.bytes + [UInt8](repeating: 0x5A, count: 200_000))
    hub.command(UpdateRig.offer(Self.good))
    #expect(hub.rig.run(atMost: 30_000) { !hub.board.restarts.isEmpty })
    #expect(hub.board.opened.last { $0.host == "files.test" }!.toHub.count > 150_000)
    hub.restart()
    #expect(hub.slot == 1)
  }

  @Test("parts of two images never make one, whether the server owns up to the change or not")
  func mixedParts() throws {
    let payload = Array("behaviour: works\n".utf8) + [UInt8](repeating: 0x3C, count: 9_283)
    var other = try FirmwareImage(version: "1.3.0", securityVersion: 3, payload: payload)
    try other.sign(with: .rig)
    for ownsUp in [true, false] {
      let hub = UpdateRig()
      hub.rig.fileServer.holdsAfter = 5_000
      hub.rig.fileServer.holds = 1
      hub.serve(Self.good.bytes)
      hub.command(UpdateRig.offer(Self.good))
      hub.rig.run(milliseconds: 2_000)
      // Half of the good one is here; the other half is another image's.
      hub.rig.fileServer.others = [("/firmware", other.bytes)]
      if ownsUp { hub.rig.fileServer.tag = "\"two\"" }
      hub.rig.run(atMost: 300_000) { !hub.board.restarts.isEmpty || hub.phases.last == "failed" }
      #expect(hub.downloads.count >= 2)
      guard ownsUp else {
        #expect(hub.board.restarts.isEmpty)
        #expect(hub.lastError == "the payload is not what was signed")
        continue
      }
      // The whole of the other one, which is as good, from its first byte on.
      hub.restart()
      #expect(hub.slot == 1)
      let slot = hub.board.flash.contents(of: .slotB)
      #expect(slot.prefix(other.bytes.count).elementsEqual(other.bytes))
    }
  }

  @Test("an offer that was recorded long ago and is played again brings no old image back")
  func oldOffer() {
    let old = FirmwareImage.rig(version: "1.2.0", securityVersion: 2, payloadSize: 5_000)
    let hub = UpdateRig()
    #expect(hub.install(old))
    hub.restart()
    hub.connect()
    #expect(hub.install(Self.good, id: "u2"))
    hub.restart()
    hub.connect()
    #expect(hub.phases.last == "succeeded")
    hub.serve(old.bytes)
    // Word for word, under its old number and under a new one; and with a person's force added.
    hub.command(UpdateRig.offer(old), id: "u1")
    let answer = hub.command(UpdateRig.offer(old), id: "u3")
    #expect(answer?.isEmpty == false)
    let count = hub.downloads.count
    hub.command(UpdateRig.offer(old, force: true), id: "u4")
    hub.rig.run(milliseconds: 60_000)
    #expect(hub.downloads.count == count + 1)
    #expect(hub.lastError == "security version is older than what runs")
    #expect(hub.board.restarts.isEmpty)
  }

  @Test("a server that falls silent is left and asked again for the rest")
  func stalled() {
    let hub = UpdateRig()
    hub.rig.fileServer.holdsAfter = 5_000
    hub.rig.fileServer.holds = 1
    hub.serve(Self.good.bytes)
    hub.command(UpdateRig.offer(Self.good))
    #expect(hub.rig.run(atMost: 200_000) { !hub.board.restarts.isEmpty })
    #expect(hub.downloads.count == 2)
    #expect(hub.downloads[1].contains("Range: bytes="))
    #expect(hub.downloads[1].contains("If-Range: \"one\""))
  }

  @Test("a link that is out of date is told, and another one is gone on with")
  func deadLink() {
    let hub = UpdateRig()
    hub.serve(Self.good.bytes)
    hub.rig.fileServer.goodLinks = "good"
    hub.command(UpdateRig.offer(Self.good, link: "old"))
    hub.rig.run(milliseconds: 5_000)
    #expect(hub.phases.last == "link_expired")
    #expect(hub.command(UpdateRig.offer(Self.good, link: "good"), id: "u2") == nil)
    #expect(hub.rig.run(atMost: 30_000) { !hub.board.restarts.isEmpty })
  }

  @Test("without another link an update is given up, to be offered again")
  func noLink() {
    let hub = UpdateRig()
    hub.serve(Self.good.bytes)
    hub.rig.fileServer.goodLinks = "good"
    hub.command(UpdateRig.offer(Self.good, link: "old"))
    hub.rig.run(atMost: 120_000) { hub.phases.last == "failed" }
    #expect(hub.lastError == "no link to it")
    #expect(hub.install(Self.good, id: "u2"))
  }

  // --------------------------------------------------------------------------------- what is offered

  @Test("what is not newer is only taken when a person wants it so")
  func notNewer() {
    let hub = UpdateRig(running: .rig(version: "1.10.0", payloadSize: 1_000))
    hub.serve(Self.good.bytes)
    let answer = hub.command(UpdateRig.offer(Self.good))
    #expect(answer == "it is not newer than what runs; offer it with force")
    #expect(hub.downloads.isEmpty)
    #expect(hub.install(Self.good, force: true, id: "u2"))
  }

  @Test(
    "versions are compared number by number",
    arguments: [
      ("1.10.0", "1.9.9", true), ("1.9.9", "1.10.0", false), ("2", "1.99", true),
      ("1.0.0", "1.0", false), ("1.0.1", "1.0", true), ("1.3.0", "1.3.0", false),
      ("1.3.0-rc1", "1.3.0", false), ("", "0.0", false), ("9999999999.1", "9999999999.0", true),
    ])
  func versions(version: String, other: String, isAbove: Bool) {
    #expect(
      isNewer(Array(version.utf8).span, than: Array(other.utf8).span) == isAbove)
  }

  @Test("an offer without a version or a link is refused by name")
  func incomplete() {
    let hub = UpdateRig()
    #expect(hub.command(#""url":"https://files.test/firmware""#, id: "a") == "version is missing")
    #expect(hub.command(#""version":"1.3.0""#, id: "b") == "url is missing")
  }

  @Test("a second version is not taken while one is on its way")
  func second() {
    let hub = UpdateRig()
    hub.rig.fileServer.holdsAfter = 3_000
    hub.rig.fileServer.holds = 1
    hub.serve(Self.good.bytes)
    hub.command(UpdateRig.offer(Self.good))
    let answer = hub.command(UpdateRig.offer(Self.good, version: "1.4.0"), id: "u2")
    #expect(answer == "another firmware is on its way")
  }

  // ----------------------------------------------------------------------------------------- prints

  @Test("while a print's file is on its way an offer is kept, and taken up afterwards")
  func printGoesFirst() {
    let (rig, printer) = HubRig.withPrinter()
    let hub = UpdateRig(rig)
    rig.fileServer.file = Array("the file".utf8)
    rig.closedPorts = [990]
    rig.cloud.start("j1", on: printer.serial, size: 8)
    rig.run(milliseconds: 1_000)
    hub.rig.fileServer.others = [("/firmware", Self.good.bytes)]
    #expect(hub.command(UpdateRig.offer(Self.good)) == nil)
    rig.run(milliseconds: 10_000)
    #expect(hub.phases == ["waiting"])
    #expect(hub.downloads.isEmpty)
    rig.closedPorts = []
    #expect(rig.run(atMost: 300_000) { rig.cloud.phases(of: "j1").contains("starting") })
    #expect(rig.run(atMost: 30_000) { !rig.board.restarts.isEmpty })
    #expect(hub.phases.first == "waiting" && hub.phases.last == "installing")
  }
}
