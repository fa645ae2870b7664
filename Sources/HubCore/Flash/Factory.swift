// The factory partition: who the hub is, written once where it was made and only read here.
//
//     magic | version | 0 | bytes that follow | their sum      4 + 1 + 3 + 4 + 4
//     field | sealed  | length | value ...                     1 + 1 + 2 + length, again and again
//
// A sealed value is a nonce of 12 bytes, what the device's key has made of it, and a tag of 16. One
// flipped bit is put right on every reading.

import Wire

/// What the factory says about this hub.
struct Factory {
  /// One of its statements. The number stands in flash.
  enum Field: UInt8 {
    case hubID = 1
    case hubSecret = 2
    case cloudURL = 3
    case hardwareRevision = 4
    /// A network to join before anybody has set one.
    case wifiName = 5
    case wifiKey = 6
    case claimCode = 7
  }

  private static let magic: UInt32 = 0x4655_4248
  private static let headerSize = 16

  private let board: Board
  private var count = 0
  /// The bit of the statements that is not what it was.
  private var flippedBit: Int?

  /// Whether a bit of it has to be put right on every reading.
  var isRepaired: Bool { flippedBit != nil }

  /// Looks at the partition; with one that cannot be read every field is missing.
  init(_ board: Board) {
    self.board = board
    var header = InlineArray<16, UInt8>(repeating: 0xFF)
    var span = header.mutableSpan
    guard board.read(.factory, at: 0, into: &span), header.number32(at: 0) == Self.magic,
      header[4] == 1
    else { return }
    let count = Int(truncatingIfNeeded: header.number32(at: 8))
    guard count >= 0, count <= board.size(of: .factory) - Self.headerSize else { return }
    var sum: UInt32 = 0
    var offset = 0
    var chunk = InlineArray<64, UInt8>(repeating: 0)
    while offset < count {
      let size = count - offset < 64 ? count - offset : 64
      var span = chunk.mutableSpan
      guard board.read(.factory, at: Self.headerSize + offset, into: &span, count: size) else {
        return
      }
      sum = CRC32.update(sum, chunk.span.extracting(first: size))
      offset += size
    }
    let wanted = header.number32(at: 12)
    if sum != wanted, (sum ^ wanted).nonzeroBitCount != 1 {
      flippedBit = CRC32.flippedBit(wanted: wanted, found: sum, byteCount: count)
      guard flippedBit != nil else { return }
    }
    self.count = count
  }

  func read<let capacity: Int>(_ field: Field, into text: inout Text<capacity>) -> StoreAnswer {
    text.removeAll()
    var offset = 0
    while offset + 4 <= count {
      var head = InlineArray<4, UInt8>(repeating: 0)
      var span = head.mutableSpan
      guard fill(&span, from: offset) else { return .damaged }
      let length = Int(head.number16(at: 2))
      if head[0] == field.rawValue {
        return head[1] == 0
          ? readPlain(length, at: offset + 4, into: &text)
          : readSealed(field, length, at: offset + 4, into: &text)
      }
      offset += 4 + length
    }
    return .missing
  }

  private func readPlain<let capacity: Int>(
    _ length: Int, at offset: Int, into text: inout Text<capacity>
  ) -> StoreAnswer {
    guard length <= capacity else { return .tooLong }
    guard text.fill(length, { fill(&$0, from: offset) }) else { return .damaged }
    return length == 0 ? .missing : .found(length)
  }

  private func readSealed<let capacity: Int>(
    _ field: Field, _ length: Int, at offset: Int, into text: inout Text<capacity>
  ) -> StoreAnswer {
    guard length >= StoreEntryHeader.sealSize else { return .damaged }
    let count = length - StoreEntryHeader.sealSize
    guard count <= capacity else { return .tooLong }
    var nonce = InlineArray<12, UInt8>(repeating: 0)
    var nonceSpan = nonce.mutableSpan
    var tag = InlineArray<16, UInt8>(repeating: 0)
    var tagSpan = tag.mutableSpan
    guard fill(&nonceSpan, from: offset), fill(&tagSpan, from: offset + 12 + count) else {
      return .damaged
    }
    let label = InlineArray<1, UInt8>(repeating: field.rawValue)
    let isGood = text.fill(count) {
      fill(&$0, from: offset + 12)
        && board.unseal(&$0, nonce: nonce.span, tag: tag.span, label: label.span)
    }
    guard isGood else { return .damaged }
    return count == 0 ? .missing : .found(count)
  }

  private func fill(_ bytes: inout MutableSpan<UInt8>, from offset: Int) -> Bool {
    guard offset + bytes.count <= count else { return false }
    guard board.read(.factory, at: Self.headerSize + offset, into: &bytes) else { return false }
    if let bit = flippedBit, bit &>> 3 >= offset, bit &>> 3 < offset + bytes.count {
      bytes[bit &>> 3 - offset] ^= 1 &<< UInt8(bit & 7)
    }
    return true
  }
}
