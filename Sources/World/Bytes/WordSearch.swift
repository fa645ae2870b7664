/// Looks for words in bytes, as those do who look for secrets. Most bytes begin none of them: a table
/// of the first two bytes of each word tells so at once.
public struct WordSearch: Sendable {
  public let words: [[UInt8]]
  /// A bit for each pair of bytes that begins a word.
  private var beginnings = [UInt64](repeating: 0, count: 1_024)

  /// Words of less than two bytes are never found.
  public init(_ words: [[UInt8]]) {
    self.words = words
    for word in words where word.count >= 2 {
      let pair = Int(word[0]) << 8 | Int(word[1])
      beginnings[pair >> 6] |= 1 << UInt64(pair & 63)
    }
  }

  /// Calls `hit` with the number of each word that stands in the bytes, once for each place: not
  /// inside of a longer word on both sides, or on neither side when `isStrict`.
  public func search(
    _ bytes: UnsafeRawBufferPointer, isStrict: Bool = false, _ hit: (Int) -> Void
  ) {
    guard bytes.count >= 2 else { return }
    beginnings.withUnsafeBufferPointer { beginnings in
      var pair = Int(bytes[0])
      for position in 1..<bytes.count {
        pair = (pair &<< 8 | Int(bytes[position])) & 0xFFFF
        guard beginnings[pair &>> 6] &>> UInt64(pair & 63) & 1 != 0 else { continue }
        for index in words.indices where stands(words[index], in: bytes, at: position - 1, isStrict)
        {
          hit(index)
        }
      }
    }
  }

  private func stands(
    _ word: [UInt8], in bytes: UnsafeRawBufferPointer, at start: Int, _ isStrict: Bool
  ) -> Bool {
    let end = start + word.count
    guard word.count >= 2, end <= bytes.count else { return false }
    for index in word.indices where bytes[start + index] != word[index] { return false }
    let begins = start == 0 || !isWordByte(bytes[start - 1])
    let ends = end == bytes.count || !isWordByte(bytes[end])
    return isStrict ? begins && ends : begins || ends
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}
