import Scenarios
import World

/// What somebody typed, held against a command's table.
struct Arguments {
  private(set) var operands: [String] = []
  private var values: [(flag: String, value: String)] = []

  init(_ words: [String], for command: Command) throws(UsageError) {
    var rest = words[...]
    var isOver = false
    while let word = rest.popFirst() {
      if isOver || word == "-" || !word.hasPrefix("-") {
        operands.append(word)
        continue
      }
      if word == "--" {
        isOver = true
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let flag = command.flags.first(where: { $0.name == name }) else {
        let near = nearest(to: name, among: command.flags.map(\.name) + ["--help"])
        throw UsageError(
          "unknown flag \"\(name)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
      }
      guard let placeholder = flag.value else {
        guard parts.count == 1 else { throw UsageError("\(name) takes no value") }
        values.append((name, ""))
        continue
      }
      if parts.count == 2 {
        values.append((name, String(parts[1])))
      } else if let value = rest.popFirst() {
        values.append((name, value))
      } else {
        throw UsageError("expected \(placeholder) after \(name)")
      }
    }
    guard operands.count <= command.operands.count.upperBound else {
      throw UsageError("nothing is expected at \"\(operands[command.operands.count.upperBound])\"")
    }
    guard operands.count >= command.operands.count.lowerBound else {
      throw UsageError("expected \(command.operands.usage)")
    }
  }

  func has(_ flag: String) -> Bool { values.contains { $0.flag == flag } }

  /// The value that was given last.
  func text(_ flag: String) -> String? { values.last { $0.flag == flag }?.value }

  func text(required flag: String) throws(UsageError) -> String {
    guard let text = text(flag), !text.isEmpty else { throw UsageError("\(flag) is needed") }
    return text
  }

  func count(_ flag: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    let form = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let number = try value(flag, form, { Quantity.count($0) }) else { return nil }
    guard range.contains(number) else {
      throw UsageError("expected \(form) after \(flag), found \"\(number)\"")
    }
    return number
  }

  func port(_ flag: String) throws(UsageError) -> UInt16? {
    try count(flag, in: 1...65_535).map { UInt16($0) }
  }

  func size(_ flag: String) throws(UsageError) -> Int? {
    try value(flag, Form.size.expectation) { Quantity.size($0) }
  }

  func rate(_ flag: String) throws(UsageError) -> Int? {
    try value(flag, Form.rate.expectation) { Quantity.rate($0) }
  }

  /// Every value that was given, in their order.
  func texts(_ flag: String) -> [String] { values.filter { $0.flag == flag }.map(\.value) }

  func duration(_ flag: String) throws(UsageError) -> Interval? {
    try value(flag, Form.duration.expectation) { Quantity.duration($0) }
  }

  private func value<V>(
    _ flag: String, _ expectation: String, _ read: (String) -> V?
  ) throws(UsageError) -> V? {
    guard let text = text(flag) else { return nil }
    guard let value = read(text) else {
      throw UsageError("expected \(expectation) after \(flag), found \"\(text)\"")
    }
    return value
  }
}
