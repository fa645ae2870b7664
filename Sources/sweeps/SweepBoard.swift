import CBoard
import HubCore
import HubHost
import Wire

/// A board that is nothing but a flash. Its seal and its signature are quick stand-ins: what is
/// tested is the order of writes, not the mathematics.
final class SweepBoard {
  var flash: NORFlash
  let raw: UnsafeMutablePointer<hub_board>
  let scratch: UnsafeMutableBufferPointer<UInt8>
  private var chance: UInt32 = 0x6D2B_79F5
  /// The error that is planted in every board, to see whether it is noticed.
  nonisolated(unsafe) static var planted: Mutation?
  let mutation = SweepBoard.planted
  /// What the planted errors remember as long as the device has power.
  var isSwapped = false
  var givenUp: Set<Int> = []
  /// What gives the firmware that is offered.
  var server = SweepServer()
  /// What stands around it, if a whole hub is to run on it.
  var farm: SweepFarm?
  private var region: UnsafeMutableRawPointer?
  /// Memory for an update, aligned for anything; whoever boots finds nothing of use in it.
  private var room: UnsafeMutableRawPointer?

  var board: Board { Board(raw) }

  init(_ flash: NORFlash) {
    self.flash = flash
    raw = .allocate(capacity: 1)
    raw.initialize(to: hub_board())
    scratch = .allocate(capacity: Store.scratchBytes)
    scratch.initialize(repeating: 0xA5)
    raw.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    addMemory()
    addCodes()
    addFarm(&raw.pointee)
  }

  deinit {
    raw.deallocate()
    scratch.deallocate()
    room?.deallocate()
    region?.deallocate()
  }

  static func at(_ context: UnsafeMutableRawPointer?) -> SweepBoard {
    Unmanaged<SweepBoard>.fromOpaque(context!).takeUnretainedValue()
  }

  private func addMemory() {
    raw.pointee.log = { _, _, _, _ in }
    raw.pointee.entropy = { context, bytes, count in
      let board = SweepBoard.at(context)
      for index in 0..<Int(count) {
        board.chance = board.chance &* 1_664_525 &+ 1_013_904_223
        bytes![index] = UInt8(truncatingIfNeeded: board.chance >> 16)
      }
    }
    raw.pointee.flash_size = { UInt32(SweepBoard.at($0).flash.size(of: $1)) }
    raw.pointee.flash_read = { context, partition, offset, into, count in
      SweepBoard.at(context).read(
        partition, Int(offset), UnsafeMutableBufferPointer(start: into, count: Int(count)))
    }
    raw.pointee.flash_program = { context, partition, offset, bytes, count in
      SweepBoard.at(context).program(
        partition, Int(offset), UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
    raw.pointee.flash_erase = { SweepBoard.at($0).erase($1, Int($2)) }
  }

  private func addCodes() {
    raw.pointee.seal = { _, nonce, label, labelCount, bytes, count, tag in
      let sum = SweepBoard.sum(nonce, label, labelCount)
      for index in 0..<Int(count) {
        bytes![index] ^= UInt8(truncatingIfNeeded: sum >> (index & 15))
      }
      for index in 0..<16 { tag![index] = UInt8(truncatingIfNeeded: sum >> index) }
    }
    raw.pointee.unseal = { _, nonce, label, labelCount, bytes, count, tag in
      let sum = SweepBoard.sum(nonce, label, labelCount)
      for index in 0..<16 where tag![index] != UInt8(truncatingIfNeeded: sum >> index) {
        return false
      }
      for index in 0..<Int(count) {
        bytes![index] ^= UInt8(truncatingIfNeeded: sum >> (index & 15))
      }
      return true
    }
    raw.pointee.firmware_signature_is_good = { _, digest, signature in
      for index in 0..<32 where digest![index] != signature![index] { return false }
      return true
    }
  }

  private static func sum(
    _ nonce: UnsafePointer<UInt8>?, _ label: UnsafePointer<UInt8>?, _ labelCount: UInt32
  ) -> UInt32 {
    CRC32.update(
      CRC32.of(UnsafeBufferPointer(start: nonce, count: 12).span),
      UnsafeBufferPointer(start: label, count: Int(labelCount)).span)
  }

  /// Starts the firmware with memory in which nothing of an earlier boot is left.
  func openUpdate(_ store: inout Store, sectorsPerNote: Int) -> UpdateBench {
    server.hangUp()
    let room = room ?? .allocate(byteCount: UpdateBench.memory, alignment: 16)
    self.room = room
    room.initializeMemory(as: UInt8.self, repeating: 0xA5, count: UpdateBench.memory)
    return UpdateBench(board, unsafeMemory: room, sectorsPerNote: sectorsPerNote, &store)
  }

  /// Starts the whole firmware, after a loss of power.
  func boot() -> RunningHub? {
    farm?.powerOn()
    let count = Int(hubSize())
    let region = region ?? .allocate(byteCount: count, alignment: 16)
    self.region = region
    region.initializeMemory(as: UInt8.self, repeating: 0xA5, count: count)
    return RunningHub(self, region)
  }

  /// Opens the store with memory in which nothing of an earlier boot is left.
  func openStore() -> Store {
    scratch.update(repeating: 0xA5)
    return Store(board, unsafeScratch: scratch)
  }
}

/// An image whose signature the board of the sweeps takes for good.
func sweepImage(version: String, security: UInt32, payloadSize: Int) -> [UInt8] {
  let image = FirmwareImage.rig(
    version: version, securityVersion: security, payloadSize: payloadSize)
  var bytes = image.bytes
  let digest = SHA256.of(Array(bytes.prefix(128)).span)
  for index in 0..<32 { bytes[128 + index] = digest[index] }
  return bytes
}
