// Names of files on a printer's card: what is safe there, and how a printer shows them.

import Wire

/// Makes and compares names of files.
enum FileNames {
  /// The longest name that printers were seen to take.
  static let limit = 96

  /// A name that every printer takes: ASCII without the characters that some refuse, short, and
  /// ending in .3mf.
  static func remoteName(for name: Span<UInt8>) -> FileName {
    var stem = name.count
    if hasSuffix(name) { stem -= 4 }
    if stem > limit - 4 { stem = limit - 4 }
    var result = FileName()
    result.write { writer in
      var wrote = false
      for index in 0..<stem {
        let byte = name[index]
        // One sign for each character, not one for each of its bytes; no hidden files.
        if byte & 0xC0 == 0x80 || (!wrote && byte == UInt8(ascii: ".")) { continue }
        writer.put(isSafe(byte) ? byte : UInt8(ascii: "_"))
        wrote = true
      }
      if !wrote { writer.put("print") }
      writer.put(".3mf")
    }
    return result
  }

  /// What a printer shows for a file: its name without .3mf.
  static func shownName(for remoteName: Span<UInt8>) -> ShownName {
    var result = ShownName()
    result.setBeginning(of: remoteName.extracting(first: remoteName.count - 4))
    return result
  }

  /// Whether the part of `path` after its last slash is `name`.
  static func lastPart(of path: Span<UInt8>, equals name: Span<UInt8>) -> Bool {
    guard path.count >= name.count else { return false }
    let start = path.count - name.count
    guard start == 0 || path[start - 1] == UInt8(ascii: "/") else { return false }
    return equals(path.extracting(start..<path.count), name)
  }

  /// Whether `word`, in small letters, stands in `text` in any letters.
  static func contains(_ text: Span<UInt8>, _ word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard text.count >= length else { return false }
    for start in 0...(text.count - length)
    where equalsIgnoringCase(text.extracting(start..<start + length), word) {
      return true
    }
    return false
  }

  private static func hasSuffix(_ name: Span<UInt8>) -> Bool {
    name.count >= 4 && equalsIgnoringCase(name.extracting(name.count - 4..<name.count), ".3mf")
  }

  private static func isSafe(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "_"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "+"):
      true
    default: false
    }
  }
}
