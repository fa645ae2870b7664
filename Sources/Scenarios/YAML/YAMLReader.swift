// YAML 1.1 by libyaml, cut down to what a story needs: one document of texts, lists and maps.
// Anchors, aliases and tags are refused: a scenario is read by people from top to bottom, and a
// file of a few lines must not be able to grow without bound.

import CYAML

/// Reads one YAML document into a tree.
public struct YAMLReader {
  public static let byteLimit = 1 << 20
  public static let depthLimit = 24
  public static let nodeLimit = 50_000

  /// Reads `bytes`; `file` is the name that problems carry.
  public static func read(_ bytes: [UInt8], file: String) throws(Problem) -> YAMLNode {
    guard bytes.count <= byteLimit else {
      throw Problem(
        file: file, mark: Mark(line: 1, column: 1),
        message: "the file has \(bytes.count) bytes, more than the \(byteLimit) allowed")
    }
    let source = EventSource(bytes, file: file)
    var reader = YAMLReader(source: source)
    return try reader.document()
  }

  private let source: EventSource
  private var nodeCount = 0

  private init(source: EventSource) { self.source = source }

  private mutating func document() throws(Problem) -> YAMLNode {
    var event = try source.next()
    if case .other = event.content { event = try source.next() }  // stream start
    guard case .documentStart = event.content else {
      throw source.problem(Mark(line: 1, column: 1), "the file is empty")
    }
    let root = try node(from: source.next(), depth: 0)
    event = try source.next()  // document end
    event = try source.next()
    if case .documentStart = event.content {
      throw source.problem(event.mark, "a second document; a scenario is one document")
    }
    return root
  }

  private mutating func node(from event: Event, depth: Int) throws(Problem) -> YAMLNode {
    nodeCount += 1
    guard nodeCount <= Self.nodeLimit else {
      throw source.problem(event.mark, "more than \(Self.nodeLimit) values")
    }
    guard depth <= Self.depthLimit else {
      throw source.problem(event.mark, "nested deeper than \(Self.depthLimit) levels")
    }
    if event.hasAnchor { throw source.problem(event.mark, "anchors are not part of the language") }
    if event.hasTag { throw source.problem(event.mark, "tags are not part of the language") }
    switch event.content {
    case .scalar(let text, let isInline):
      return YAMLNode(mark: event.mark, content: .text(text, isInline: isInline))
    case .listStart:
      return YAMLNode(mark: event.mark, content: .list(try list(depth: depth)))
    case .mapStart:
      return YAMLNode(mark: event.mark, content: .map(try map(depth: depth)))
    case .alias:
      throw source.problem(event.mark, "aliases are not part of the language")
    case .documentStart, .end, .other:
      throw source.problem(event.mark, "expected a value")
    }
  }

  private mutating func list(depth: Int) throws(Problem) -> [YAMLNode] {
    var elements: [YAMLNode] = []
    while true {
      let event = try source.next()
      if case .end = event.content { return elements }
      elements.append(try node(from: event, depth: depth + 1))
    }
  }

  private mutating func map(depth: Int) throws(Problem) -> [YAMLNode.Pair] {
    var pairs: [YAMLNode.Pair] = []
    var places: [String: Mark] = [:]
    while true {
      let event = try source.next()
      if case .end = event.content { return pairs }
      let key = try node(from: event, depth: depth + 1)
      guard case .text(let name, _) = key.content else {
        throw source.problem(key.mark, "expected a word before the colon, found \(key.kind)")
      }
      if let first = places[name] {
        throw source.problem(
          key.mark, "\"\(name)\" stands here twice; the first is in line \(first.line)")
      }
      places[name] = key.mark
      let value = try node(from: source.next(), depth: depth + 1)
      pairs.append(YAMLNode.Pair(key: name, keyMark: key.mark, value: value))
    }
  }
}

/// One event of libyaml, copied out of it.
private struct Event {
  enum Content {
    case scalar(String, isInline: Bool)
    case listStart, mapStart
    /// Of a list or a map.
    case end
    case alias
    case documentStart
    case other
  }

  var content: Content
  var mark: Mark
  var hasAnchor = false
  var hasTag = false
}

/// Owns libyaml's parser.
private final class EventSource {
  private let file: String
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private var parser = yaml_parser_t()

  init(_ input: [UInt8], file: String) {
    self.file = file
    bytes = UnsafeMutableBufferPointer.allocate(capacity: max(1, input.count))
    _ = bytes.initialize(from: input)
    yaml_parser_initialize(&parser)
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(&parser, bytes.baseAddress, input.count)
  }

  deinit {
    yaml_parser_delete(&parser)
    bytes.deallocate()
  }

  func problem(_ mark: Mark, _ message: String) -> Problem {
    Problem(file: file, mark: mark, message: message)
  }

  func next() throws(Problem) -> Event {
    var raw = yaml_event_t()
    guard yaml_parser_parse(&parser, &raw) == 1 else { throw parserProblem() }
    defer { yaml_event_delete(&raw) }
    let mark = Mark(line: raw.start_mark.line + 1, column: raw.start_mark.column + 1)
    switch raw.type {
    case YAML_SCALAR_EVENT:
      let scalar = raw.data.scalar
      let text = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      let isQuoted =
        scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE
        || scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE
      let width = text.unicodeScalars.count + (isQuoted ? 2 : 0)
      // A text with escapes or over several lines has another width in the file than in memory.
      let isInline =
        raw.start_mark.line == raw.end_mark.line
        && raw.end_mark.column - raw.start_mark.column == width
      var place = mark
      if isQuoted && isInline { place.column += 1 }
      return Event(
        content: .scalar(text, isInline: isInline), mark: place,
        hasAnchor: scalar.anchor != nil, hasTag: scalar.tag != nil)
    case YAML_SEQUENCE_START_EVENT:
      return Event(
        content: .listStart, mark: mark, hasAnchor: raw.data.sequence_start.anchor != nil,
        hasTag: raw.data.sequence_start.tag != nil)
    case YAML_MAPPING_START_EVENT:
      return Event(
        content: .mapStart, mark: mark, hasAnchor: raw.data.mapping_start.anchor != nil,
        hasTag: raw.data.mapping_start.tag != nil)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
      return Event(content: .end, mark: mark)
    case YAML_ALIAS_EVENT:
      return Event(content: .alias, mark: mark)
    case YAML_DOCUMENT_START_EVENT:
      return Event(content: .documentStart, mark: mark)
    default:
      return Event(content: .other, mark: mark)
    }
  }

  private func parserProblem() -> Problem {
    let text = parser.problem.map { String(cString: $0) } ?? "this is not YAML"
    if parser.error == YAML_READER_ERROR {
      // The reader knows only an offset in bytes.
      var mark = Mark(line: 1, column: 1)
      for byte in bytes.prefix(parser.problem_offset) {
        if byte == 0x0A {
          mark.line += 1
          mark.column = 1
        } else if byte & 0xC0 != 0x80 {
          mark.column += 1
        }
      }
      return problem(mark, "not readable as UTF-8 text: \(text)")
    }
    let mark = Mark(line: parser.problem_mark.line + 1, column: parser.problem_mark.column + 1)
    guard let context = parser.context.map({ String(cString: $0) }) else {
      return problem(mark, "not YAML: \(text)")
    }
    let began = parser.context_mark.line + 1
    return problem(mark, "not YAML: \(text), \(context) that began in line \(began)")
  }
}
