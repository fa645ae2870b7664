// Names of files on a printer's card: what is safe there, and how a printer shows them.

import Wire

/// Makes and compares names of files.
enum FileNames {
  /// The longest name that printers were seen to take.
  static let limit = 96

  /// Whether a printer of this kind can print a file with this name.
  static func fits(_ name: Span<UInt8>, _ kind: PrinterKind) -> Bool {
    switch kind {
    case .bambu: true
    case .octoPrint, .moonraker: ends(name, ".gcode") || ends(name, ".gco") || ends(name, ".g")
    case .prusaLink:
      ends(name, ".gcode") || ends(name, ".bgcode") || ends(name, ".gco") || ends(name, ".g")
    }
  }

  /// A name that every printer takes: ASCII without the characters that some refuse, short, and
  /// ending as its kind wants it.
  static func remoteName(for name: Span<UInt8>, _ kind: PrinterKind = .bambu) -> FileName {
    var stem = name.count
    var suffix: StaticString = kind == .bambu ? ".3mf" : ".gcode"
    if kind == .bambu {
      if ends(name, ".3mf") { stem -= 4 }
    } else {
      let count = suffixCount(name)
      if count == 7 { suffix = ".bgcode" }
      stem -= count
    }
    if stem > limit - suffix.utf8CodeUnitCount { stem = limit - suffix.utf8CodeUnitCount }
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
      writer.put(suffix)
    }
    return result
  }

  /// What a printer shows for a file: its name without what says of which type it is.
  static func shownName(for remoteName: Span<UInt8>) -> ShownName {
    var start = remoteName.count
    while start > 0, remoteName[start - 1] != UInt8(ascii: "/") { start -= 1 }
    var result = ShownName()
    result.setBeginning(
      of: remoteName.extracting(start..<remoteName.count - suffixCount(remoteName)))
    return result
  }

  /// How many bytes at the end say of which type a file is.
  private static func suffixCount(_ name: Span<UInt8>) -> Int {
    if ends(name, ".3mf") || ends(name, ".gco") { return 4 }
    if ends(name, ".gcode") { return 6 }
    if ends(name, ".bgcode") { return 7 }
    return ends(name, ".g") ? 2 : 0
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

  /// Whether a name ends so, and does not consist of it alone.
  private static func ends(_ name: Span<UInt8>, _ suffix: StaticString) -> Bool {
    let count = suffix.utf8CodeUnitCount
    return name.count >= count
      && equalsIgnoringCase(name.extracting(name.count - count..<name.count), suffix)
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
