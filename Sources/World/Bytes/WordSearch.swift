/// Whether `word` stands somewhere in `bytes` and not in the middle of a longer run of letters or
/// digits, for eight digits are easily found in a longer number. `isStrict`: nor at either end of one.
public func holdsWord(
  _ word: [UInt8], in bytes: UnsafeRawBufferPointer, isStrict: Bool = false
) -> Bool {
  guard let first = word.first, word.count <= bytes.count else { return false }
  let last = bytes.count - word.count
  var position = 0
  search: while position <= last {
    guard bytes[position] == first else {
      position += 1
      continue
    }
    let end = position + word.count
    for index in 1..<word.count where bytes[position + index] != word[index] {
      position += 1
      continue search
    }
    let begins = position == 0 || !isWordByte(bytes[position - 1])
    let ends = end == bytes.count || !isWordByte(bytes[end])
    if isStrict ? begins && ends : begins || ends { return true }
    position += 1
  }
  return false
}

private func isWordByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "A")...UInt8(ascii: "Z"):
    true
  default: false
  }
}
