// Pieces of files, which the cloud hands out in binary messages:
//
//     kind 1 | stream | tag, 2 bytes | offset, 4 bytes | bytes ...
//
// Numbers are big-endian. A message comes in as many runs of bytes as the network makes of it; each
// of them is a piece by itself.

import Wire

/// Some bytes of a file, and whose they are.
struct FilePiece {
  var stream = 0
  var tag: UInt16 = 0
  /// Where in the file the bytes belong.
  var offset = 0
  /// Where they are in the inbox.
  var range = 0..<0
  var isLast = false
  /// The cloud has nothing for us: a piece without bytes.
  var isRefusal = false
}

/// Reads the heads of binary messages.
struct PieceReader {
  private(set) var piece = FilePiece()
  /// The head of a message, as far as it has come.
  private var head = InlineArray<8, UInt8>(repeating: 0)
  private var headCount = 0

  /// A message begins.
  mutating func begin() { headCount = 0 }

  /// Takes what has come of a message; answers whether `piece` tells of something to be used. What
  /// else is sent in binary is passed over.
  mutating func take(
    _ range: Range<Int>, of inbox: borrowing ByteQueue, endsMessage: Bool
  ) -> Bool {
    var start = range.lowerBound
    let wasHead = headCount < head.count
    while headCount < head.count, start < range.upperBound {
      head[headCount] = inbox.pending[start]
      headCount += 1
      start += 1
    }
    guard headCount == head.count, head[0] == 1 else { return false }
    if wasHead {
      piece.stream = Int(head[1])
      piece.tag = UInt16(head[2]) &<< 8 | UInt16(head[3])
      let high = UInt32(head[4]) &<< 24 | UInt32(head[5]) &<< 16
      piece.offset = Int(truncatingIfNeeded: high | UInt32(head[6]) &<< 8 | UInt32(head[7]))
    } else {
      piece.offset += piece.range.count
    }
    piece.range = start..<range.upperBound
    piece.isLast = endsMessage
    piece.isRefusal = wasHead && endsMessage && piece.range.isEmpty
    return !piece.range.isEmpty || endsMessage
  }
}
