import HubHost
import Testing
import World

@testable import Cloud

@Suite("Firmware in the cloud")
struct FirmwareTests {
  /// An image that the rig has signed, if `key` does not say otherwise.
  private func image(
    _ version: String, hardware: String = "rig-1", payload: [UInt8] = Array("run".utf8),
    key: FirmwareKey? = .rig
  ) throws -> [UInt8] {
    var image = try FirmwareImage(
      version: version, securityVersion: 2, hardware: hardware, payload: payload)
    if let key { try image.sign(with: key) }
    return image.bytes
  }

  private let factory = [("X-Factory-Key", CloudRig.factoryKey)]

  private func publish(
    _ rig: CloudRig, _ bytes: [UInt8], expecting status: Int = 201
  ) throws -> JSON {
    let leave = try rig.json(
      "POST", "/api/v1/factory/firmware/upload-url", ["size": .integer(Int64(bytes.count))],
      headers: factory)
    let url = try #require(leave["upload_url"]?.string)
    #expect(try rig.call("PUT", url, body: bytes).status == 200)
    return try rig.json(
      "POST", "/api/v1/factory/firmware", ["token": leave["token"] ?? .null], headers: factory,
      expecting: status)
  }

  private func rollOut(_ rig: CloudRig, _ release: JSON, _ more: JSON = [:]) throws -> JSON {
    var body = more
    body["release_id"] = release["id"] ?? .null
    return try rig.json(
      "POST", "/api/v1/factory/firmware/rollouts", body, headers: factory, expecting: 201)
  }

  private func rollout(_ rig: CloudRig, _ rollout: JSON) throws -> JSON {
    try rig.json(
      "GET", "/api/v1/factory/firmware/rollouts/\(rollout["id"]?.string ?? "")", headers: factory)
  }

  private func tell(_ hub: RigHub, _ version: String, _ phase: String, refused: Bool = false) {
    var message: JSON = [
      "type": "update_progress", "version": .string(version), "phase": .string(phase),
      "percent": 0,
    ]
    if refused { message["refused"] = true }
    hub.say(message)
  }

  @Test("a release is offered in the hello, with a link that serves its bytes and its checksum")
  func offered() throws {
    let rig = try CloudRig()
    let bytes = try image("9.1.0")
    let release = try publish(rig, bytes)
    #expect(release["version"] == "9.1.0")
    #expect(release["security_version"] == 2)
    _ = try rollOut(rig, release)
    let hub = try rig.floor().hub
    let hello = try #require(hub.messages.first { $0["type"] == "cloud_hello" })
    let offer = try #require(hello["firmware_update_available"])
    #expect(offer["version"] == "9.1.0")
    #expect(offer["checksum"] == release["checksum"])
    let answer = try rig.call("GET", try #require(offer["url"]?.string))
    #expect(answer.body == bytes)
  }

  @Test("what is no image, or is not whole, is not published")
  func notAnImage() throws {
    let rig = try CloudRig()
    var broken = try image("9.1.0", payload: [UInt8](repeating: 7, count: 500))
    broken[400] ^= 1
    for bytes in try [
      Array("hello".utf8), Array(image("9.1.0").dropLast()), image("9.1.0") + [0], broken,
      image(""), image("9.1.0", hardware: ""),
    ] {
      _ = try publish(rig, bytes, expecting: 400)
    }
    #expect(try rig.json("GET", "/api/v1/factory/firmware", headers: factory) == [])
    _ = try publish(rig, image("9.1.0"))
    _ = try publish(rig, image("9.1.0"), expecting: 409)
  }

  @Test("an image that hubs would refuse is refused where it is uploaded, for its own reason")
  func refused() throws {
    let rig = try CloudRig()
    let good = try image("9.1.0")
    var turned = good
    turned[8] ^= 1
    var form = good
    form[4] = 2
    var other = good
    other.replaceSubrange(128..<192, with: [UInt8](repeating: 0xFF, count: 64))
    let rows: [(bytes: [UInt8], reason: String)] = [
      (try image("9.1.0", key: nil), "nobody has signed the image"),
      (try image("9.1.0", key: .stranger), "the signature is not good"),
      (turned, "the signature is not good"), (other, "the signature is not good"),
      (form, "header has version 2"),
      (try image("9.1.0", hardware: "rig-7"), "is for the hardware rig-7; hubs are rig-1, rig-9"),
    ]
    for row in rows {
      let answer = try publish(rig, row.bytes, expecting: 400)
      #expect(answer["message"]?.string?.contains(row.reason) == true, "\(row.reason)")
    }
    #expect(try rig.json("GET", "/api/v1/factory/firmware", headers: factory) == [])
    _ = try publish(rig, good)
  }

  @Test("no image is published that is larger than a slot of the flash")
  func sizeLimit() {
    #expect(FirmwareFile.sizeLimit == PartitionLayout.product[.slotA])
    #expect(FirmwareFile.sizeLimit == PartitionLayout.product[.slotB])
  }

  @Test("the cloud's own development key is the one that images of the rig are signed with")
  func developmentKey() {
    #expect(FirmwareTrust.development.publicKey == FirmwareKey.rig.publicKey)
    let bytes = [UInt8](repeating: 7, count: 65)
    #expect(FirmwareTrust(publicKey: bytes) == nil)
  }

  @Test("a hub that is there is told when a rollout starts, and not when it is paused")
  func pushed() throws {
    let rig = try CloudRig()
    let hub = try rig.floor().hub
    let first = try rollOut(rig, try publish(rig, image("9.1.0")))
    rig.wait(for: "the command") { hub.commands.contains { $0["type"] == "firmware_update" } }
    let command = try #require(hub.commands.first { $0["type"] == "firmware_update" })
    #expect(command["version"] == "9.1.0")
    #expect(command["force"] == nil)
    tell(hub, "9.1.0", "rolled_back")
    rig.wait(for: "the pause") { rig.events.contains(.rolloutPaused(version: "9.1.0")) }
    let seen = try rollout(rig, first)
    #expect(seen["status"] == "paused")
    #expect(seen["hubs"]?.array?.first?["phase"] == "rolled_back")
    hub.breakOff()
    rig.wait(.seconds(1))
    hub.connect()
    rig.wait(for: "a hello") { hub.isWelcome }
    #expect(
      hub.messages.first { $0["type"] == "cloud_hello" }?["firmware_update_available"] == nil)
  }

  @Test("the end of an update that is told late is known, also when the hub has changed hands")
  func toldLate() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let hub = floor.hub
    let started = try rollOut(rig, try publish(rig, image("9.1.0")))
    rig.wait(for: "the command") { hub.commands.contains { $0["type"] == "firmware_update" } }
    tell(hub, "9.1.0", "installing")
    rig.wait(.seconds(1))
    hub.breakOff()
    rig.wait(.seconds(60))
    try rig.json("DELETE", "/api/v1/hubs/\(RigHub.standardID)", as: floor.user)
    try rig.json(
      "POST", "/api/v1/hubs/claim", as: try rig.signUp("eve@example.com", tenant: "Eve's"),
      [
        "hub_id": .string(RigHub.standardID), "claim_code": "CLAIM-ME", "name": "Second-hand",
      ])
    hub.connect()
    rig.wait(for: "the hub to be welcome") { hub.isWelcome }
    hub.say([
      "type": "update_progress", "seq": 1, "seconds_ago": 50, "version": "9.1.0",
      "phase": "succeeded", "percent": 100,
    ])
    rig.wait(for: "the answer") { hub.acknowledged == [1] }
    #expect(try rollout(rig, started)["hubs"]?.array?.first?["phase"] == "succeeded")
  }

  @Test("what a hub has not taken is offered to it again only when a person wants it so")
  func anew() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let hub = floor.hub
    let release = try publish(rig, image("9.1.0"))
    _ = try rollOut(rig, release, ["pause_after": 5])
    rig.wait(for: "the command") { hub.commands.contains { $0["type"] == "firmware_update" } }
    tell(hub, "9.1.0", "failed", refused: true)
    rig.wait(.seconds(1))
    _ = try rollOut(rig, release, ["pause_after": 5])
    rig.wait(.seconds(1))
    #expect(hub.commands.count { $0["type"] == "firmware_update" } == 1)
    let path = "/api/v1/hubs/\(RigHub.standardID)/firmware"
    let before = try rig.json("GET", path, as: floor.user)
    #expect(before["updates"]?.array?.first?["phase"] == "refused")
    try rig.json("POST", path + "/retry", as: floor.user)
    rig.wait(for: "the offer") {
      hub.commands.count { $0["type"] == "firmware_update" } == 2
    }
    #expect(hub.commands.last { $0["type"] == "firmware_update" }?["force"] == true)
  }

  @Test("a hub whose link is out of date gets another")
  func anotherLink() throws {
    let rig = try CloudRig()
    let hub = try rig.floor().hub
    _ = try rollOut(rig, try publish(rig, image("9.1.0")))
    rig.wait(for: "the command") { hub.commands.contains { $0["type"] == "firmware_update" } }
    let first = try #require(hub.commands.last?["url"]?.string)
    rig.wait(.minutes(61))
    #expect(try rig.call("GET", first).status == 403)
    hub.breakOff()
    hub.connect()
    rig.wait(for: "a hello") { hub.isWelcome }
    tell(hub, "9.1.0", "link_expired")
    rig.wait(for: "another link") {
      hub.commands.contains { $0["type"] == "firmware_update" && $0["url"]?.string != first }
    }
    let second = try #require(hub.commands.last { $0["type"] == "firmware_update" }?["url"]?.string)
    #expect(try rig.call("GET", second).status == 200)
  }

  @Test("a rollout is for its channel, its hardware and its share alone")
  func reach() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let hub = floor.hub
    _ = try rollOut(rig, try publish(rig, image("9.1.0")), ["channel": "beta"])
    _ = try rollOut(rig, try publish(rig, image("9.2.0", hardware: "rig-9")))
    rig.wait(.seconds(2))
    #expect(!hub.commands.contains { $0["type"] == "firmware_update" })
    try rig.json(
      "PUT", "/api/v1/hubs/\(RigHub.standardID)/firmware", as: floor.user, ["channel": "beta"])
    rig.wait(for: "the offer") {
      hub.commands.contains { $0["type"] == "firmware_update" && $0["version"] == "9.1.0" }
    }
  }

  @Test("nobody without the factory's key publishes, rolls out or pauses")
  func factoryAlone() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    for (method, path) in [
      ("GET", "/api/v1/factory/firmware"), ("GET", "/api/v1/factory/firmware/rollouts"),
      ("POST", "/api/v1/factory/firmware/rollouts/x/pause"),
    ] {
      #expect(try rig.call(method, path, headers: user.headers).status == 401)
    }
  }

  @Test(
    "versions are compared number by number",
    arguments: [
      ("1.10.0", "1.9.9", true), ("1.0.0", "1.0", false), ("2", "1.99", true),
      ("1.3.0-rc1", "1.3.0", false), ("1.3", "1.3.1", false),
    ])
  func versions(version: String, other: String, isAbove: Bool) throws {
    let rig = try CloudRig()
    _ = try publish(rig, image(version))
    let release = try #require(try rig.cloud.fleet.releases().first)
    #expect(release.isNewer(than: other) == isAbove)
  }
}
