import Glibc

/// The terminal, or what stands in for it.
enum Console {
  /// A line to standard output, at once.
  static func out(_ text: String) {
    fputs(text + "\n", stdout)
    fflush(stdout)
  }

  /// A text as it is to standard output.
  static func write(_ text: String) {
    fputs(text, stdout)
    fflush(stdout)
  }

  /// A line to standard error.
  static func error(_ text: String) { fputs(text + "\n", stderr) }

  /// Whether colours and overwritten lines make sense.
  static var isTerminal: Bool { isatty(1) == 1 }

  static var wantsColour: Bool {
    guard isTerminal, environment("NO_COLOR").map(\.isEmpty) ?? true else { return false }
    return environment("TERM") != "dumb"
  }

  static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
