// "${name}" in any text of a scenario stands for a value that is given elsewhere.

/// The values of a story's parameters, and what they do to a tree.
struct Parameters {
  private(set) var values: [(name: String, value: String)] = []

  init(_ values: [(name: String, value: String)] = []) {
    for (name, value) in values { self[name] = value }
  }

  var names: [String] { values.map(\.name) }

  /// Setting a name that is known gives it another value.
  subscript(name: String) -> String? {
    get { values.first { $0.name == name }?.value }
    set {
      if let place = values.firstIndex(where: { $0.name == name }) {
        if let newValue { values[place].value = newValue } else { values.remove(at: place) }
      } else if let newValue {
        values.append((name, newValue))
      }
    }
  }

  /// The names that a text asks for.
  static func names(in text: String) -> [String] {
    pieces(of: text).compactMap { if case .name(let name) = $0 { name } else { nil } }
  }

  /// The tree with the values in it; names that are not known here are left for others.
  func filled(_ node: YAMLNode) -> YAMLNode {
    switch node.content {
    case .text(let text, let isInline):
      let full = filled(text)
      // What stands in the file has another width than what it means.
      return full == text
        ? node : YAMLNode(mark: node.mark, content: .text(full, isInline: isInline && full == text))
    case .list(let nodes):
      return YAMLNode(mark: node.mark, content: .list(nodes.map { filled($0) }))
    case .map(let pairs):
      return YAMLNode(
        mark: node.mark,
        content: .map(
          pairs.map {
            YAMLNode.Pair(key: $0.key, keyMark: $0.keyMark, value: filled($0.value))
          }))
    }
  }

  func filled(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
    return Self.pieces(of: text).map { piece in
      switch piece {
      case .plain(let text): text
      case .name(let name): self[name] ?? "${\(name)}"
      }
    }.joined()
  }

  private enum Piece {
    case plain(String)
    case name(String)
  }

  private static func pieces(of text: String) -> [Piece] {
    var pieces: [Piece] = []
    var rest = text[...]
    while let start = rest.firstRange(of: "${"),
      let end = rest[start.upperBound...].firstIndex(of: "}")
    {
      if start.lowerBound > rest.startIndex {
        pieces.append(.plain(String(rest[..<start.lowerBound])))
      }
      pieces.append(.name(String(rest[start.upperBound..<end])))
      rest = rest[rest.index(after: end)...]
    }
    if !rest.isEmpty { pieces.append(.plain(String(rest))) }
    return pieces
  }
}
