import Glibc

/// The comments in which slicers say what a file of g-code is:
///
///     ; model printing time: 14m 31s; total estimated time: 20m 33s
///     ; filament_type = PLA
public enum GCodeComments {
  /// Pictures and scripts stand in comments too; what says something is shorter.
  private static let lineLimit = 400

  /// Shows each name and its value, as they stand in the first `limit` bytes, blanks and all.
  public static func each(
    in bytes: [UInt8], within limit: Int = .max,
    _ body: (_ name: Substring, _ value: Substring) -> Void
  ) {
    // Nearly all lines are moves without a comment: they are passed over at once.
    let bytes = bytes.prefix(limit)
    var start = bytes.startIndex
    while let mark = first(UInt8(ascii: ";"), in: bytes[start...]) {
      let end = first(UInt8(ascii: "\n"), in: bytes[mark...]) ?? bytes.endIndex
      let isWholeLine = mark == bytes.startIndex || bytes[mark - 1] == UInt8(ascii: "\n")
      if isWholeLine, end - mark <= lineLimit {
        pairs(of: String(decoding: bytes[mark..<end], as: UTF8.self), body)
      }
      start = end
    }
  }

  /// A line may hold several, divided by semicolons.
  private static func pairs(
    of line: String, _ body: (_ name: Substring, _ value: Substring) -> Void
  ) {
    for part in line.utf8.split(separator: UInt8(ascii: ";")) {
      if let (name, value) = pair(part) { body(name, value) }
    }
  }

  /// What stands before and behind the mark of `name = value` or `name: value`, blanks and all.
  public static func pair(_ text: Substring.UTF8View) -> (name: Substring, value: Substring)? {
    text.firstIndex { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") }.map {
      (Substring(text[..<$0]), Substring(text[text.index(after: $0)...]))
    }
  }

  private static func first(_ byte: UInt8, in bytes: ArraySlice<UInt8>) -> Int? {
    bytes.withUnsafeBytes { memory in
      memory.baseAddress.flatMap { base in
        memchr(base, Int32(byte), memory.count).map { UnsafeRawPointer($0) - base }
      }
    }.map { bytes.startIndex + $0 }
  }
}
