// Brings an image into the idle slot, sector by sector.
//
//     header checked -> sectors written -> payload hashed as it came -> header written -> hashed
//                                                                       again from flash -> chosen
//
// What has been written is noted in the key store every so many sectors, together with the header.
// After a loss of power the sectors so noted are hashed again, and the rest comes anew.

import Wire

/// The idle slot while an image comes into it.
package struct ImageWriter: ~Copyable {
  /// Why an image that had a good header was given up.
  package enum Trouble: Error, Equatable {
    case flash
    case wrongContent

    package var name: StaticString {
      switch self {
      case .flash: "the slot cannot be written"
      case .wrongContent: "the payload is not what was signed"
      }
    }
  }

  private let pinned = Pinned()
  private let board: Board
  package let slot: UInt8
  package let header: ImageHeader
  /// Bytes of the image that are in the slot, header included.
  package private(set) var count = ImageHeader.size
  private var sum = SHA256()

  /// Begins with an image whose header was checked; nothing is written yet.
  package init(_ board: Board, slot: UInt8, _ header: ImageHeader) {
    self.board = board
    self.slot = slot
    self.header = header
  }

  package var isComplete: Bool { count == header.imageSize }
  private var partition: Board.Partition { .slot(slot) }

  /// Takes up what an earlier boot has left in the slot: whole sectors, hashed again.
  package mutating func resume(sectors: Int) {
    let end = sectors * Board.sectorSize
    guard count == ImageHeader.size, end > count, end < header.imageSize else { return }
    var fresh = SHA256()
    var offset = count
    var chunk = InlineArray<256, UInt8>(repeating: 0)
    while offset < end {
      var span = chunk.mutableSpan
      guard board.read(partition, at: offset, into: &span) else { return }
      board.digest(chunk.span, into: &fresh)
      offset += 256
    }
    sum = fresh
    count = end
  }

  /// Sectors that are full, or all when the image is complete.
  package var fullSectors: Int { count / Board.sectorSize }

  /// Writes what comes next; more than the image has is refused.
  package mutating func write(_ bytes: Span<UInt8>) throws(Trouble) {
    guard bytes.count <= header.imageSize - count else { throw .wrongContent }
    var done = 0
    while done < bytes.count {
      let start = count % Board.sectorSize
      // The first sector is erased when the first byte behind the header comes.
      if start == 0 || count == ImageHeader.size {
        guard board.erase(partition, at: count - start) else { throw .flash }
      }
      let left = bytes.count - done
      let room = Board.sectorSize - start
      let part = bytes.extracting(done..<done + (left < room ? left : room))
      guard board.program(partition, at: count, part) else { throw .flash }
      board.digest(part, into: &sum)
      count += part.count
      done += part.count
    }
  }

  /// Ends the image: only now does the slot hold one. Everything is read back before that counts.
  package mutating func finish() throws(Trouble) {
    guard isComplete, header.isPayload(copyOfSum().finish()) else { throw .wrongContent }
    guard board.program(partition, at: 0, header.bytes.span) else { throw .flash }
    guard board.holdsImage(in: slot) else { throw .flash }
  }

  private func copyOfSum() -> SHA256 { sum }
}
