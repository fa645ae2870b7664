/// Looks for words in bytes, as those do who look for secrets. Of every few bytes one pair is looked
/// at: wherever a word stands, one of these pairs lies in it, and a table tells of most pairs at once
/// that they lie in none.
public struct WordSearch: Sendable {
  public let words: [[UInt8]]
  /// A bit for each pair of bytes that stands early in a word.
  private var pairs = [UInt64](repeating: 0, count: 1_024)
  /// From one pair that is looked at to the next: no word is so short that it fits between two.
  private let stride: Int

  /// Words of less than two bytes are never found.
  public init(_ words: [[UInt8]]) {
    self.words = words
    let shortest = words.map(\.count).filter { $0 >= 2 }.min() ?? 2
    stride = shortest - 1
    for word in words where word.count >= 2 {
      for offset in 0..<stride {
        let pair = Int(word[offset]) << 8 | Int(word[offset + 1])
        pairs[pair >> 6] |= 1 << UInt64(pair & 63)
      }
    }
  }

  /// Calls `hit` with the number of each word that stands in the bytes, once for each place: not
  /// inside of a longer word on both sides, or on neither side when `isStrict`.
  public func search(
    _ bytes: UnsafeRawBufferPointer, isStrict: Bool = false, _ hit: (Int) -> Void
  ) {
    pairs.withUnsafeBufferPointer { pairs in
      var position = 0
      while position + 1 < bytes.count {
        let pair = Int(bytes[position]) << 8 | Int(bytes[position + 1])
        if pairs[pair &>> 6] &>> UInt64(pair & 63) & 1 != 0 {
          // Words that begin further ahead have had a pair of their own.
          for start in max(0, position - stride + 1)...position {
            for index in words.indices where stands(words[index], in: bytes, at: start, isStrict) {
              hit(index)
            }
          }
        }
        position += stride
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
