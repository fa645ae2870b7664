// Conditions are short English sentences:
//
//     condition = clause { "and" clause }
//     clause    = name "is" [ "not" ] state
//               | name measure ( ">=" | "<=" | ">" | "<" | "=" ) value
//
// Each word knows its column, so that a mistake is pointed at.

import World

/// The names that a scenario has given, and to what.
struct NameTable {
  private(set) var subjects: [(name: String, subject: Subject)] = [("cloud", .cloud)]

  subscript(name: String) -> Subject? { subjects.first { $0.name == name }?.subject }

  func names(of subject: Subject) -> [String] {
    subjects.filter { $0.subject == subject }.map(\.name)
  }

  var names: [String] { subjects.map(\.name) }

  mutating func add(_ name: String, _ subject: Subject) { subjects.append((name, subject)) }
}

/// Reads one condition.
struct ConditionReader {
  private struct Token {
    let text: String
    let column: Int
  }

  private let checker: Checker
  private let names: NameTable
  private let node: YAMLNode
  private var tokens: [Token] = []
  private var position = 0
  private let isInline: Bool

  /// Reads the text of `node`; nil, with a problem, when it is not a condition.
  static func read(_ node: YAMLNode, names: NameTable, checker: Checker) -> Condition? {
    guard case .text(let text, let isInline) = node.content else { return nil }
    var reader = ConditionReader(
      text: text, node: node, isInline: isInline, names: names, checker: checker)
    return reader.condition(text)
  }

  private init(text: String, node: YAMLNode, isInline: Bool, names: NameTable, checker: Checker) {
    self.node = node
    self.isInline = isInline
    self.names = names
    self.checker = checker
    var column = 0
    var word = ""
    for scalar in text.unicodeScalars {
      if scalar == " " || scalar == "\n" {
        if !word.isEmpty {
          tokens.append(Token(text: word, column: column - word.unicodeScalars.count))
        }
        word = ""
      } else {
        word.unicodeScalars.append(scalar)
      }
      column += 1
    }
    if !word.isEmpty {
      tokens.append(Token(text: word, column: column - word.unicodeScalars.count))
    }
    end = column
  }

  private let end: Int

  private mutating func condition(_ text: String) -> Condition? {
    var clauses: [Clause] = []
    while true {
      guard let clause = clause() else { return nil }
      clauses.append(clause)
      guard let token = next() else { break }
      guard token.text == "and" else {
        complain(token, "expected \"and\" or the end of the condition, found \"\(token.text)\"")
        return nil
      }
    }
    return Condition(text: tokens.map(\.text).joined(separator: " "), clauses: clauses)
  }

  private mutating func clause() -> Clause? {
    guard let name = next() else {
      complain(nil, "expected the name of a job, printer, hub or phone, or \"cloud\"")
      return nil
    }
    guard let subject = names[name.text], subject != .farm, subject != .file else {
      let known = [Subject.job, .printer, .hub, .cloud, .phone, .person].flatMap {
        names.names(of: $0)
      }
      complain(name, "nobody is called \"\(name.text)\"" + hint(for: name.text, among: known))
      return nil
    }
    guard let word = next() else {
      complain(nil, "expected \"is\" or a measure after \"\(name.text)\"")
      return nil
    }
    if word.text == "is" { return state(of: name.text, subject) }
    if subject == .hub, word.text == "firmware" { return firmware(of: name.text) }
    if subject == .hub, word.text == "update" { return update(of: name.text) }
    return comparison(of: name.text, subject, measure: word)
  }

  /// "hub-1 firmware = 1.3.0", or "is not".
  private mutating func firmware(of name: String) -> Clause? {
    let sign = next()
    let isNot = sign?.text == "is" && peek()?.text == "not"
    if isNot { position += 1 }
    guard isNot || sign?.text == "=" || sign?.text == "is" else {
      complain(sign, "expected \"=\" or \"is not\" after \"firmware\"")
      return nil
    }
    guard let version = next(), isVersion(version.text) else {
      complain(nil, "expected a version such as 1.3.0")
      return nil
    }
    return Clause(subject: name, test: .firmware(version.text, isNot: isNot))
  }

  /// "hub-1 update is rolled-back".
  private mutating func update(of name: String) -> Clause? {
    let verb = next()
    guard verb?.text == "is" else {
      complain(verb, "expected \"is\" after \"update\"")
      return nil
    }
    var token = next()
    let isNot = token?.text == "not"
    if isNot { token = next() }
    return word(token, UpdateWord.self).map {
      Clause(subject: name, test: .update($0, isNot: isNot))
    }
  }

  private mutating func state(of name: String, _ subject: Subject) -> Clause? {
    var token = next()
    let isNot = token?.text == "not"
    if isNot { token = next() }
    let test: Clause.Test? =
      switch subject {
      case .job: word(token, JobWord.self).map { .job($0, isNot: isNot) }
      case .printer: word(token, PrinterWord.self).map { .printer($0, isNot: isNot) }
      case .hub: word(token, HubWord.self).map { .hub($0, isNot: isNot) }
      case .cloud: word(token, CloudWord.self).map { .cloud($0, isNot: isNot) }
      case .phone: word(token, PhoneWord.self).map { .phone($0, isNot: isNot) }
      case .person: word(token, PersonWord.self).map { .person($0, isNot: isNot) }
      case .farm, .file: nil
      }
    return test.map { Clause(subject: name, test: $0) }
  }

  private func word<W: VocabularyWord>(_ token: Token?, _: W.Type) -> W? {
    let known = W.vocabulary.names
    guard let token else {
      complain(nil, "expected a \(W.title); known: \(known.joined(separator: ", "))")
      return nil
    }
    guard let word = W(rawValue: token.text) else {
      complain(token, "unknown \(W.title) \"\(token.text)\"" + hint(for: token.text, among: known))
      return nil
    }
    return word
  }

  private mutating func comparison(
    of name: String, _ subject: Subject, measure token: Token
  ) -> Clause? {
    let known = Measure.allCases.filter { $0.subjects.contains(subject) }.map(\.rawValue)
    guard let measure = Measure(rawValue: token.text), measure.subjects.contains(subject) else {
      complain(
        token,
        "unknown word \"\(token.text)\" after the name of a \(subject.rawValue)"
          + hint(
            for: token.text,
            among: ["is"] + (subject == .hub ? ["firmware", "update"] : []) + known))
      return nil
    }
    let signs = Comparison.allCases.map(\.rawValue).joined(separator: " ")
    guard let sign = next() else {
      complain(nil, "expected one of \(signs) after \"\(token.text)\"")
      return nil
    }
    guard let comparison = Comparison(rawValue: sign.text) else {
      complain(sign, "expected one of \(signs), found \"\(sign.text)\"")
      return nil
    }
    let first = peek()
    var words: [String] = []
    while let word = peek(), word.text != "and" {
      words.append(word.text)
      position += 1
    }
    let text = words.joined(separator: " ")
    guard let value = value(text, measure.form) else {
      let found = text.isEmpty ? "nothing" : "\"\(text)\""
      complain(first, "expected \(measure.form.expectation), found \(found)")
      return nil
    }
    return Clause(subject: name, test: .measure(measure, of: subject, comparison, value))
  }

  private func value(_ text: String, _ form: Form) -> Double? {
    switch form {
    case .share: Quantity.share(text)
    case .size: Quantity.size(text).map { Double($0) }
    case .count: Quantity.count(text).map { Double($0) }
    default: nil
    }
  }

  private func peek() -> Token? { position < tokens.count ? tokens[position] : nil }

  private mutating func next() -> Token? {
    defer { position += 1 }
    return peek()
  }

  /// Points at a word of the condition, or behind its last one.
  private func complain(_ token: Token?, _ message: String) {
    var mark = node.mark
    if isInline { mark.column += token?.column ?? end }
    checker.complain(mark, message)
  }
}
