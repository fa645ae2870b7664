/// Where something stands in a file: both numbers begin at 1, columns count characters.
public struct Mark: Hashable, Sendable {
  public var line: Int
  public var column: Int
  /// The file, where it is another than the story's own.
  public var file: String?

  public init(line: Int, column: Int, file: String? = nil) {
    self.line = line
    self.column = column
    self.file = file
  }
}

/// One value of a YAML file, with its place. All scalars are text; what they mean is decided by
/// whoever reads them, so that `no` and `1.10` never turn into something else behind one's back.
public struct YAMLNode {
  /// One `key: value` of a map.
  public struct Pair {
    public let key: String
    public let keyMark: Mark
    public let value: YAMLNode
  }

  /// What the value is made of.
  public enum Content {
    /// `isInline` tells that the text stands in one line, so that a place inside of it can be named.
    case text(String, isInline: Bool)
    case list([YAMLNode])
    /// In the order of the file; no key comes twice.
    case map([Pair])
  }

  public let mark: Mark
  public let content: Content

  /// What it is, for a sentence such as "expected a list, found a map".
  public var kind: String {
    switch content {
    case .text(let text, _): text.isEmpty ? "nothing" : "\"\(text)\""
    case .list: "a list"
    case .map: "a map"
    }
  }
}

/// What is wrong with a file, and where.
public struct Problem: Error, Hashable, CustomStringConvertible {
  public let file: String
  public let mark: Mark
  public let message: String

  public init(file: String, mark: Mark, message: String) {
    self.file = mark.file ?? file
    self.mark = mark
    self.message = message
  }

  public var description: String { "\(file):\(mark.line):\(mark.column): \(message)" }
}
