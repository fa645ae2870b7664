import CBoard
import HubCore
import HubHost

/// A hub with firmware in its slot A that has said hello, and a cloud that can offer it another.
final class UpdateRig {
  let rig: HubRig
  /// The slot that was started.
  private(set) var slot: UInt8 = 0

  init(running image: FirmwareImage = .rig(version: "1.0.0", payloadSize: 1_000)) {
    let board = FakeBoard()
    board.flash.load(image.bytes, into: .slotA)
    slot = Self.choose(board)
    rig = HubRig(board: board)
    connect()
  }

  /// A rig around a hub that a test has set up.
  init(_ rig: HubRig) { self.rig = rig }

  private static func choose(_ board: FakeBoard) -> UInt8 {
    withUnsafePointer(to: &board.raw) { hubChooseSlot(board: $0) }
  }

  var board: FakeBoard { rig.board }
  var cloud: FakeCloud { rig.cloud }

  func connect() {
    rig.run(atMost: 60_000) { rig.view.cloud_connected }
    rig.run(milliseconds: 100)
  }

  /// What a bootloader does after a restart, and what comes of it.
  func restart(_ reason: UInt8 = 1) {
    slot = Self.choose(board)
    rig.reboot(reason)
  }

  /// Starts whatever is to be started and throws it away again, as if it had died at once.
  func startInVain() { slot = Self.choose(board) }

  /// The record in flash of what is started.
  var choice: BootChoice {
    let pointer = UnsafeMutablePointer<hub_board>.allocate(capacity: 1)
    pointer.initialize(to: board.raw)
    // A board looks through the pointer as long as it lives; a test's few bytes may stay.
    return BootChoice(Board(pointer))
  }

  // ------------------------------------------------------------------------------- what is offered

  /// The members of an offer.
  static func offer(
    _ image: FirmwareImage, version: String? = nil, link: String = "good",
    checksum: String? = nil, force: Bool = false
  ) -> String {
    let sum = checksum.map { ",\"checksum\":\"\($0)\"" } ?? ""
    return """
      "version":"\(version ?? image.version)","url":"https://files.test/firmware?\(link)",\
      "size":\(image.bytes.count)\(sum)\(force ? ",\"force\":true" : "")
      """
  }

  func serve(_ bytes: [UInt8]) {
    rig.fileServer.others = [("/firmware", bytes)]
    rig.fileServer.tag = "\"one\""
  }

  /// The cloud commands an update; answers what the hub said to that.
  @discardableResult
  func command(_ members: String, id: String = "u1") -> String? {
    cloud.send("{\"type\":\"firmware_update\",\"command_id\":\"\(id)\",\(members)}")
    rig.run(milliseconds: 50)
    let answer = cloud.acknowledgements(id).last
    return answer?["success"] as? Bool == true ? nil : answer?["error_message"] as? String ?? "-"
  }

  /// Has an image offered and lets the hub bring it in, until it wants to restart.
  @discardableResult
  func install(_ image: FirmwareImage, force: Bool = false, id: String = "u1") -> Bool {
    serve(image.bytes)
    command(Self.offer(image, force: force), id: id)
    return rig.run(atMost: 30_000) { !board.restarts.isEmpty }
  }

  // --------------------------------------------------------------------------------- what was told

  /// The phases that the hub told, each once.
  var phases: [String] {
    var phases: [String] = []
    for message in cloud.messages("update_progress") {
      let phase = message["phase"] as! String
      if phases.last != phase { phases.append(phase) }
    }
    return phases
  }

  var lastError: String? { cloud.messages("update_progress").last?["error"] as? String }

  /// How often the image was asked for.
  var downloads: [String] { rig.fileServer.requests.filter { $0.hasPrefix("GET /firmware") } }
}
