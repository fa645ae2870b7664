/// One line of g-code, such as `M104 S220`.
struct GCodeCommand {
  /// In upper case.
  let name: String
  private let words: [(letter: Character, value: Double)]

  /// Nil for an empty line or a comment.
  init?(_ line: Substring) {
    let code = line.prefix { $0 != ";" }
    let parts = code.split { $0 == " " || $0 == "\t" || $0 == "\r" }
    guard let first = parts.first else { return nil }
    name = first.uppercased()
    words = parts.dropFirst().compactMap { part in
      guard let letter = part.uppercased().first, let value = Double(part.dropFirst()),
        value.isFinite
      else { return nil }
      return (letter, value)
    }
  }

  func value(_ letter: Character) -> Double? { words.first { $0.letter == letter }?.value }
}
