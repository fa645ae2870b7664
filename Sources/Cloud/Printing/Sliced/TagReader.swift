/// Goes through XML from tag to tag, as far as slicers' settings need it: names, attributes, and the
/// text right behind a tag. Entities other than the five of XML stay as they are written.
struct TagReader: Sequence, IteratorProtocol {
  /// One tag; an end's name begins with a slash.
  struct Tag {
    let name: String
    let attributes: [(name: String, value: String)]
    /// What stands between this tag and the next.
    let text: String

    subscript(_ name: String) -> String? { attributes.first { $0.name == name }?.value }
  }

  private var pieces: ArraySlice<ArraySlice<UInt8>>

  init(_ bytes: [UInt8]) {
    pieces = bytes.split(separator: UInt8(ascii: "<"))[...]
  }

  mutating func next() -> Tag? {
    while let piece = pieces.popFirst() {
      guard let end = piece.firstIndex(of: UInt8(ascii: ">")) else { continue }
      let inside = String(decoding: piece[..<end], as: UTF8.self)
      let name = String(inside.prefix { $0 != " " && $0 != "\n" && $0 != "\t" && $0 != "\r" })
      return Tag(
        name: name.hasSuffix("/") ? String(name.dropLast()) : name,
        attributes: Self.attributes(inside.dropFirst(name.count)),
        text: Self.plain(String(decoding: piece[(end + 1)...], as: UTF8.self)))
    }
    return nil
  }

  private static func attributes(_ text: Substring) -> [(name: String, value: String)] {
    var found: [(name: String, value: String)] = []
    var rest = text
    while let equals = rest.firstIndex(of: "=") {
      let name = rest[..<equals].filter { !$0.isWhitespace }
      rest = rest[rest.index(after: equals)...].drop(while: \.isWhitespace)
      guard let quote = rest.first, quote == "\"" || quote == "'" else { break }
      rest = rest.dropFirst()
      guard let end = rest.firstIndex(of: quote) else { break }
      found.append((name, plain(String(rest[..<end]))))
      rest = rest[rest.index(after: end)...]
    }
    return found
  }

  private static func plain(_ text: String) -> String {
    guard text.contains("&") else { return text }
    var plain = ""
    var rest = text[...]
    while let mark = rest.firstIndex(of: "&") {
      plain += rest[..<mark]
      rest = rest[mark...]
      let entities = [
        ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
      ]
      if let (entity, character) = entities.first(where: { rest.hasPrefix($0.0) }) {
        plain += character
        rest = rest.dropFirst(entity.count)
      } else {
        plain.append("&")
        rest = rest.dropFirst()
      }
    }
    return plain + rest
  }
}
