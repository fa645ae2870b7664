// Holds a tree of texts against the tables of words. It goes on after a problem, so that somebody
// who writes a scenario hears of all mistakes at once.

import World

/// A value that has the form its word asks for.
struct Value {
  enum Content {
    case text(String)
    case count(Int)
    case duration(Interval)
    case size(Int)
    case share(Double)
    case fields(Fields)
    case list([Value])
    case steps([YAMLNode])
  }

  let node: YAMLNode
  let content: Content

  var mark: Mark { node.mark }
  var text: String? { if case .text(let text) = content { text } else { nil } }
  var count: Int? { if case .count(let count) = content { count } else { nil } }
  var duration: Interval? { if case .duration(let length) = content { length } else { nil } }
  var size: Int? { if case .size(let bytes) = content { bytes } else { nil } }
  var share: Double? { if case .share(let share) = content { share } else { nil } }
  var fields: Fields? { if case .fields(let fields) = content { fields } else { nil } }
  var list: [Value] { if case .list(let values) = content { values } else { [] } }
}

/// The words of one map that were understood.
struct Fields {
  let mark: Mark
  fileprivate(set) var values: [(name: String, value: Value)] = []

  subscript(name: String) -> Value? { values.first { $0.name == name }?.value }
}

/// Collects problems while a file is read.
final class Checker {
  let file: String
  /// The names that can stand in `${...}` anywhere in the file.
  let parameters: [String]
  private(set) var problems: [Problem] = []

  init(file: String, parameters: [String] = []) {
    self.file = file
    self.parameters = parameters
  }

  func complain(_ mark: Mark, _ message: String) {
    problems.append(Problem(file: file, mark: mark, message: message))
  }

  /// Reads a map by the words of a section; nil when it is not a map or lacks a word it needs.
  func fields(_ node: YAMLNode, as section: Section) -> Fields? {
    guard let pairs = map(node, or: "a map with \(section.title)") else { return nil }
    return fields(pairs, mark: node.mark, as: section)
  }

  func fields(_ pairs: [YAMLNode.Pair], mark: Mark, as section: Section) -> Fields? {
    var fields = Fields(mark: mark)
    var isWhole = true
    for pair in pairs {
      guard let word = section[pair.key] else {
        complain(
          pair.keyMark,
          "unknown word \"\(pair.key)\" in \(section.title)"
            + hint(for: pair.key, among: section.words.map(\.name)))
        isWhole = false
        continue
      }
      guard let value = value(pair.value, as: word.form, after: word.name) else {
        isWhole = false
        continue
      }
      fields.values.append((word.name, value))
    }
    for word in section.words
    where word.isRequired && !pairs.contains(where: { $0.key == word.name }) {
      complain(mark, "\(section.title) needs \"\(word.name)\"")
      isWhole = false
    }
    return isWhole ? fields : nil
  }

  /// The pairs of a map; nothing at all counts as an empty one.
  func map(_ node: YAMLNode, or expectation: String) -> [YAMLNode.Pair]? {
    switch node.content {
    case .map(let pairs): return pairs
    case .text("", _): return []
    default:
      complain(node.mark, "expected \(expectation), found \(node.kind)")
      return nil
    }
  }

  /// Reads one value by its form; nil, with a problem, when it has another.
  func value(_ node: YAMLNode, as form: Form, after word: String) -> Value? {
    switch form {
    case .section(let section):
      return fields(node, as: section).map { Value(node: node, content: .fields($0)) }
    case .list(let element):
      guard case .list(let nodes) = node.content else { return wrong(node, form, after: word) }
      let values = nodes.map { value($0, as: element, after: word) }
      let good = values.compactMap { $0 }
      return good.count == values.count ? Value(node: node, content: .list(good)) : nil
    case .steps:
      guard case .list(let nodes) = node.content else { return wrong(node, form, after: word) }
      return Value(node: node, content: .steps(nodes))
    default:
      guard case .text(let text, _) = node.content, !text.isEmpty else {
        return wrong(node, form, after: word)
      }
      if let unknown = Parameters.names(in: text).first {
        complain(
          node.mark, "no parameter is called \"\(unknown)\"" + hint(for: unknown, among: parameters)
        )
        return nil
      }
      return scalar(text, node, as: form, after: word)
    }
  }

  private func scalar(
    _ text: String, _ node: YAMLNode, as form: Form, after word: String
  ) -> Value? {
    var content: Value.Content?
    switch form {
    case .text, .condition, .name, .moment: content = .text(text)
    case .newName: content = Self.isName(text) ? .text(text) : nil
    case .count(let range):
      content = Quantity.count(text).flatMap { range.contains($0) ? .count($0) : nil }
    case .duration: content = Quantity.duration(text).map { .duration($0) }
    case .size: content = Quantity.size(text).map { .size($0) }
    case .rate: content = Quantity.rate(text).map { .size($0) }
    case .share: content = Quantity.share(text).map { .share($0) }
    case .choice(let vocabulary):
      guard vocabulary.names.contains(text) else {
        complain(
          node.mark,
          "unknown \(vocabulary.title) \"\(text)\"" + hint(for: text, among: vocabulary.names))
        return nil
      }
      content = .text(text)
    case .section, .list, .steps, .table: break
    }
    guard let content else { return wrong(node, form, after: word) }
    return Value(node: node, content: content)
  }

  private func wrong(_ node: YAMLNode, _ form: Form, after word: String) -> Value? {
    complain(node.mark, "expected \(form.expectation) after \"\(word)\", found \(node.kind)")
    return nil
  }

  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 64 else { return false }
    func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    return isPlain(first)
      && text.utf8.allSatisfy {
        isPlain($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
      }
  }
}
