import Wire

/// The bytes of one file, in pieces, so that a large file grows without being moved.
///
/// It is a value: a copy keeps what was in the file at that moment and shares its memory.
public struct CardContent: Sendable {
  static let pieceSize = 256 << 10

  private(set) var pieces: [[UInt8]] = []
  public private(set) var count = 0

  public init() {}

  public init(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    pieces = [bytes]
    count = bytes.count
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    var offset = 0
    while offset < bytes.count {
      if pieces.isEmpty || pieces[pieces.count - 1].count >= Self.pieceSize {
        pieces.append([])
        // A small file should not cost a whole piece.
        pieces[pieces.count - 1].reserveCapacity(count == 0 ? bytes.count : Self.pieceSize)
      }
      let last = pieces.count - 1
      let room = Self.pieceSize - pieces[last].count
      let end = min(bytes.count, offset + room)
      pieces[last].append(contentsOf: bytes[offset..<end])
      offset = end
    }
    count += bytes.count
  }

  /// Everything in one array.
  public var bytes: [UInt8] {
    if pieces.count == 1 { return pieces[0] }
    var whole: [UInt8] = []
    whole.reserveCapacity(count)
    for piece in pieces { whole += piece }
    return whole
  }

  /// Some of the bytes.
  func slice(_ range: Range<Int>) -> [UInt8] {
    var part: [UInt8] = []
    part.reserveCapacity(range.count)
    var begin = 0
    for piece in pieces {
      let end = begin + piece.count
      let low = max(range.lowerBound, begin)
      let high = min(range.upperBound, end)
      if low < high { part += piece[(low - begin)..<(high - begin)] }
      begin = end
    }
    return part
  }

  /// What ``contentDigest(_:)`` says of ``bytes``.
  public var digest: UInt64 {
    var digest = ContentDigest()
    for piece in pieces { digest.update(piece) }
    return digest.value
  }

  /// The MD5 of ``bytes`` in lower-case hex.
  var md5: String { MD5.digits(of: pieces) }
}
