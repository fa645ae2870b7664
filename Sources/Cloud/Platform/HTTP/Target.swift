import Wire
import World

/// The target of a request line, taken apart.
struct Target {
  /// The parts between slashes, decoded.
  let parts: [String]
  let query: [(name: String, value: String)]

  /// Nil for what is no path, holds broken percent codes, text that is not UTF-8, or tricks with
  /// dots.
  init?(_ bytes: [UInt8]) {
    guard bytes.first == UInt8(ascii: "/") else { return nil }
    let halves = bytes.split(
      separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    var parts: [String] = []
    let raw = halves[0].dropFirst()
    if !raw.isEmpty {
      for part in raw.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
        guard let text = Self.decode(part), text != ".", text != ".." else { return nil }
        parts.append(text)
      }
    }
    // One slash at the end changes nothing.
    if parts.last == "" { parts.removeLast() }
    var query: [(name: String, value: String)] = []
    if halves.count == 2 {
      for pair in halves[1].split(separator: UInt8(ascii: "&")) {
        let sides = pair.split(
          separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = Self.decode(sides[0], plusIsSpace: true),
          let value = sides.count == 2 ? Self.decode(sides[1], plusIsSpace: true) : ""
        else { return nil }
        query.append((name, value))
      }
    }
    self.parts = parts
    self.query = query
  }

  private static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> String? {
    // Most parts are what they look like.
    guard bytes.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") || $0 == 0 })
    else { return String(validating: bytes, as: UTF8.self) }
    var input = [UInt8](bytes)
    if plusIsSpace {
      for index in input.indices where input[index] == UInt8(ascii: "+") { input[index] = 0x20 }
    }
    if input.contains(UInt8(ascii: "%")) {
      var isWhole = false
      let decoded = encoded(input.count + 1) { writer in
        isWhole = PercentCoding.decode(input.span, into: &writer)
      }
      guard isWhole else { return nil }
      input = decoded
    }
    guard !input.contains(0) else { return nil }
    return String(validating: input, as: UTF8.self)
  }
}
