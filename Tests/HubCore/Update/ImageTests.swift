import CBoard
import HubCore
import HubHost
import Testing

/// A fake board with two slots, reached as the firmware reaches it.
final class SlotBench {
  let board = FakeBoard()
  private let raw: UnsafeMutablePointer<hub_board>

  init() {
    raw = .allocate(capacity: 1)
    raw.initialize(to: board.raw)
  }

  deinit { raw.deallocate() }

  var door: Board { Board(raw) }
  var flash: NORFlash { board.flash }

  func load(_ image: FirmwareImage, slot: UInt8) {
    flash.load(image.bytes, into: slot == 0 ? .slotA : .slotB)
  }

  func boot() -> UInt8 { hubChooseSlot(board: raw) }

  /// Brings a file into slot B as an update does; answers why that came to nothing.
  func install(_ file: [UInt8], floor: UInt32 = 0) -> String? {
    var head = ImageHeader.Bytes(repeating: 0)
    guard file.count >= 256 else { return "cut" }
    for index in 0..<256 { head[index] = file[index] }
    do throws(ImageHeader.Refusal) {
      let header = try ImageHeader(head)
      try header.check(
        on: door, hardware: "rig-1", slotSize: flash.layout[.slotB], floor: floor)
      var writer = ImageWriter(door, slot: 1, header)
      do throws(ImageWriter.Trouble) {
        try writer.write(Array(file[256...]).span)
        try writer.finish()
      } catch {
        return String(describing: error.name)
      }
    } catch {
      return String(describing: error.name)
    }
    return nil
  }
}

@Suite("New firmware")
struct ImageTests {
  static let good = FirmwareImage.rig(version: "2.0.0", securityVersion: 3, payloadSize: 6_000)

  @Test("a good image is taken, and its slot then holds it")
  func good() {
    let bench = SlotBench()
    #expect(bench.install(Self.good.bytes, floor: 3) == nil)
    #expect(
      bench.flash.contents(of: .slotB).prefix(Self.good.bytes.count).elementsEqual(Self.good.bytes))
  }

  @Test("an image that is not right is refused, for its own reason")
  func attacks() throws {
    let stranger = try #require(FirmwareKey(privateKey: [UInt8](repeating: 9, count: 32)))
    let bytes = Self.good.bytes
    let other = FirmwareImage.rig(version: "2.0.1", payloadSize: 6_000).bytes
    let rows: [(file: [UInt8], reason: String)] = [
      (Array(bytes.prefix(100)), "cut"),
      (Array(bytes.dropLast()), "the payload is not what was signed"),
      (bytes + [0], "the payload is not what was signed"),
      (
        Array(bytes.prefix(256)) + Array(other.dropFirst(256)), "the payload is not what was signed"
      ),
      (
        FirmwareImage.rig(version: "2.0.0", securityVersion: 3, key: stranger).bytes,
        "signature is not good"
      ),
      (
        FirmwareImage.rig(version: "1.0.0", securityVersion: 2).bytes,
        "security version is older than what runs"
      ),
      (
        FirmwareImage.rig(version: "2.0.0", securityVersion: 3, hardware: "rig-2").bytes,
        "made for other hardware"
      ),
      (
        FirmwareImage.rig(version: "2.0.0", securityVersion: 3, payloadSize: 2_100_000).bytes,
        "larger than a slot"
      ),
      ([UInt8](repeating: 0x47, count: 5_000), "not a firmware image"),
    ]
    for row in rows {
      let bench = SlotBench()
      #expect(bench.install(row.file, floor: 3) == row.reason)
      #expect(bench.boot() == 0)
    }
  }

  @Test("no flipped bit of a header goes through")
  func flippedBits() {
    let bench = SlotBench()
    for bit in stride(from: 0, to: 192 * 8, by: 13) {
      var bytes = Self.good.bytes
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(bench.install(bytes) != nil, "bit \(bit)")
    }
  }

  /// It ran 1.0.0, and starts a new image next.
  private func updated(isProven: Bool) -> SlotBench {
    let bench = SlotBench()
    bench.load(FirmwareImage.rig(version: "1.0.0"), slot: 0)
    #expect(bench.boot() == 0)
    #expect(bench.install(Self.good.bytes) == nil)
    var choice = BootChoice(bench.door)
    let isChosen = choice.choose(1, isProven: isProven)
    #expect(isChosen)
    return bench
  }

  @Test("an image that does not prove itself is given up after three starts")
  func bootLoop() {
    let bench = updated(isProven: false)
    #expect((0..<3).map { _ in bench.boot() } == [1, 1, 1])
    #expect((0..<3).map { _ in bench.boot() } == [0, 0, 0])
  }

  @Test("an image that has proved itself stays, and one that was told off does not")
  func confirmed() {
    for isGood in [true, false] {
      let bench = updated(isProven: false)
      #expect(bench.boot() == 1)
      var choice = BootChoice(bench.door)
      if isGood {
        let isConfirmed = choice.confirm()
        #expect(isConfirmed)
      } else {
        choice.abort()
      }
      #expect((0..<6).map { _ in bench.boot() }.allSatisfy { $0 == (isGood ? 1 : 0) })
    }
  }

  @Test(
    "with both records gone, the slot with a good image is started", arguments: [0, 1] as [UInt8])
  func recordsGone(slot: UInt8) {
    let bench = SlotBench()
    bench.load(Self.good, slot: slot)
    bench.flash.load([UInt8](repeating: 0x3C, count: 8_192), into: .choice)
    #expect(bench.boot() == slot)
    #expect(BootChoice(bench.door).slot == slot)
  }

  @Test("an image that rots in its slot is left for the other one")
  func rot() {
    let bench = updated(isProven: true)
    #expect(bench.boot() == 1)
    bench.flash.flipBit(.slotB, byte: 5_000, bit: 3)
    #expect(bench.boot() == 0)
  }
}
