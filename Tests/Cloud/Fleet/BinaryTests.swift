import Testing
import World

@testable import Cloud

@Suite("What goes over a hub's socket in binary")
struct BinaryTests {
  private let picture: [UInt8] = [0xFF, 0xD8] + [UInt8](repeating: 7, count: 3_000) + [0xFF, 0xD9]

  /// The messages that a hub makes of a picture.
  private func messages(_ picture: [UInt8], number: UInt8 = 1, serial: String = RigHub.serial)
    -> [[UInt8]]
  {
    let size = (0..<4).map { UInt8(truncatingIfNeeded: picture.count >> (24 - 8 * $0)) }
    return stride(from: 0, to: picture.count, by: 500).map { start in
      let bytes = Array(picture[start..<min(start + 500, picture.count)])
      let isLast = start + 500 >= picture.count
      let head = [2, (start == 0 ? 1 : 0) | (isLast ? 2 : 0), 0, number] + size
      return head + (start == 0 ? [UInt8(serial.utf8.count)] + Array(serial.utf8) : []) + bytes
    }
  }

  private func path(_ floor: CloudRig.Floor, _ rest: String) -> String {
    "/api/v1/printers/\(floor.printer)/\(rest)"
  }

  @Test("a picture is asked for, comes in pieces, and is shown to whose printer it is")
  func pictures() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try rig.json("GET", path(floor, "camera/snapshot"), as: floor.user, expecting: 404)
    try rig.json("POST", path(floor, "camera/snapshot"), as: floor.user)
    rig.wait(for: "the order") { floor.hub.commands.last?["type"] == "camera_snapshot" }
    #expect(floor.hub.commands.last?["printer_id"]?.string == RigHub.serial)
    for message in messages(picture) { floor.hub.say(bytes: message, isText: false) }
    floor.hub.answerAll()
    rig.wait(.seconds(1))
    let answer = try rig.call(
      "GET", path(floor, "camera/snapshot"), headers: floor.user.headers)
    #expect(answer.body == picture)
    #expect(answer.headers.contains { $0.0.lowercased() == "content-type" && $0.1 == "image/jpeg" })
    let takenAt = answer.headers.first { $0.0.lowercased() == "x-taken-at" }?.1
    #expect(takenAt.flatMap { Int64($0) } ?? 0 > 0)
    let order = try rig.json("GET", path(floor, ""), as: floor.user)["last_order"]
    #expect(order?["state"] == "done")
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    try rig.json("GET", path(floor, "camera/snapshot"), as: bob, expecting: 404)
    try rig.json("POST", path(floor, "camera/snapshot"), as: bob, expecting: 404)
    try rig.json("POST", path(floor, "trust"), as: bob, expecting: 404)
  }

  @Test("the latest picture outlives the cloud's end, and goes with its printer")
  func lastingPictures() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let middle = [UInt8](repeating: 9, count: 20_000)
    let later: [UInt8] = Array(picture.dropLast(2)) + middle + [0xFF, 0xD9]
    for message in messages(picture) + messages(later, number: 2) {
      floor.hub.say(bytes: message, isText: false)
    }
    rig.wait(.seconds(1))
    try rig.restart()
    let answer = try rig.call("GET", path(floor, "camera/snapshot"), headers: floor.user.headers)
    #expect(answer.body == later)
    // The printer is only given up by who has no job on it.
    try rig.json("POST", "/api/v1/jobs/\(floor.job)/cancel", as: floor.user)
    rig.wait(.seconds(1))
    try rig.json("DELETE", "/api/v1/printers/\(floor.printer)", as: floor.user)
    let key = ObjectKey(
      signed: .snapshot, id: floor.printer, tenantID: try #require(floor.user.tenant))
    #expect(try rig.cloud.platform.objects.find(key) == nil)
  }

  @Test("what is no whole picture of a printer of this hub is not shown")
  func brokenPictures() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let whole = messages(picture)
    // Cut, without its beginning, of somebody else's printer, no JPEG, larger than it says.
    for message in whole.dropLast() { floor.hub.say(bytes: message, isText: false) }
    for message in messages(picture, number: 2).dropFirst() {
      floor.hub.say(bytes: message, isText: false)
    }
    for message in messages(picture, number: 3, serial: "01P00A999999999") {
      floor.hub.say(bytes: message, isText: false)
    }
    for message in messages([UInt8](repeating: 7, count: 900), number: 4) {
      floor.hub.say(bytes: message, isText: false)
    }
    floor.hub.say(bytes: whole[0], isText: false)
    for _ in 0..<10 { floor.hub.say(bytes: whole[1], isText: false) }
    rig.wait(.seconds(1))
    try rig.json("GET", path(floor, "camera/snapshot"), as: floor.user, expecting: 404)
    #expect(!floor.hub.isGone)
  }

  private func ask(_ floor: CloudRig.Floor, offset: Int64, count: Int64, job: String? = nil) {
    floor.hub.say([
      "type": "file_request", "printer_id": .string(RigHub.serial),
      "job_id": .string(job ?? floor.job), "stream": 3, "tag": 258, "offset": .integer(offset),
      "count": .integer(count),
    ])
  }

  @Test("a hub gets the pieces that it asks for, and nothing that is not its")
  func pieces() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let file = Array("a 3MF file".utf8)
    ask(floor, offset: 2, count: 5)
    rig.wait(for: "the piece") { floor.hub.binaries.count == 1 }
    #expect(floor.hub.binaries[0] == [1, 3, 1, 2, 0, 0, 0, 2] + file[2..<7])
    // Behind the end, too much, no such job.
    ask(floor, offset: 8, count: 5)
    ask(floor, offset: 0, count: 5_000)
    ask(floor, offset: -1, count: 1)
    ask(floor, offset: 0, count: 5, job: floor.file)
    rig.wait(for: "the answers") { floor.hub.binaries.count == 4 }
    #expect(floor.hub.binaries.dropFirst().allSatisfy { $0.count == 8 })
  }

  @Test("a printer is trusted anew by an order to its hub")
  func trust() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try rig.json("POST", path(floor, "trust"), as: floor.user)
    rig.wait(for: "the order") { floor.hub.commands.last?["action"] == "trust" }
    #expect(floor.hub.commands.last?["printer"]?["serial_number"]?.string == RigHub.serial)
    floor.hub.breakOff()
    rig.wait(.seconds(1))
    try rig.json("POST", path(floor, "trust"), as: floor.user, expecting: 409)
  }
}
