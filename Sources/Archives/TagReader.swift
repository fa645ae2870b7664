/// Goes through XML from tag to tag, as far as slicers' settings need it: names, attributes, and the
/// text right behind a tag. Entities other than the five of XML stay as they are written.
public struct TagReader: Sequence, IteratorProtocol {
  /// One tag; an end's name begins with a slash. What nobody asks for stays in the bytes.
  public struct Tag {
    public let name: String
    fileprivate let attributes: ArraySlice<UInt8>
    fileprivate let following: ArraySlice<UInt8>

    /// What stands between this tag and the next.
    public var text: String { TagReader.plain(following) }

    /// The value of the first attribute of that name.
    public subscript(_ name: String) -> String? {
      var rest = attributes
      while let equals = rest.firstIndex(of: UInt8(ascii: "=")) {
        let found = rest[..<equals].lazy.filter { !TagReader.isBlank($0) }
        rest = rest[(equals + 1)...].drop(while: TagReader.isBlank)
        guard let quote = rest.popFirst(),
          quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
          let end = rest.firstIndex(of: quote)
        else { return nil }
        if found.elementsEqual(name.utf8) { return TagReader.plain(rest[..<end]) }
        rest = rest[(end + 1)...]
      }
      return nil
    }
  }

  private var rest: ArraySlice<UInt8>

  public init(_ bytes: [UInt8]) { rest = bytes[...] }

  public mutating func next() -> Tag? {
    while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
      rest = rest[(start + 1)...]
      let piece = rest.prefix { $0 != UInt8(ascii: "<") }
      rest = rest[piece.endIndex...]
      guard let end = piece.firstIndex(of: UInt8(ascii: ">")) else { continue }
      let inside = piece[..<end]
      var name = inside.prefix { !Self.isBlank($0) }
      let attributes = inside[name.endIndex...]
      if name.last == UInt8(ascii: "/") { name.removeLast() }
      return Tag(
        name: String(decoding: name, as: UTF8.self), attributes: attributes,
        following: piece[(end + 1)...])
    }
    return nil
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D
  }

  private static let entities = [
    ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
  ]

  private static func plain(_ bytes: ArraySlice<UInt8>) -> String {
    var rest = bytes
    var plain: [UInt8] = []
    while let mark = rest.firstIndex(of: UInt8(ascii: "&")) {
      plain += rest[..<mark]
      rest = rest[mark...]
      if let (entity, character) = entities.first(where: { rest.starts(with: $0.0.utf8) }) {
        plain += character.utf8
        rest = rest.dropFirst(entity.utf8.count)
      } else {
        plain.append(UInt8(ascii: "&"))
        rest = rest.dropFirst()
      }
    }
    return String(decoding: plain.isEmpty ? rest : (plain + rest)[...], as: UTF8.self)
  }
}
