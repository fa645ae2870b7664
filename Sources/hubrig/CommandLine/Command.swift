// The command line is data, like the language: each command is a table of flags and operands, from
// which parsing, help and the messages for mistakes come.

/// A word that begins with two dashes.
struct Flag {
  let name: String
  /// What stands behind it, such as "FILE"; nil for a switch.
  let value: String?
  let meaning: String

  init(_ name: String, _ value: String? = nil, _ meaning: String) {
    self.name = name
    self.value = value
    self.meaning = meaning
  }

  var usage: String { value.map { "\(name) \($0)" } ?? name }
}

/// The words that are not flags.
struct Operands {
  /// As help shows them, such as "FILE...".
  let usage: String
  let count: ClosedRange<Int>

  static let none = Operands(usage: "", count: 0...0)
}

/// One command, or a group of them.
struct Command {
  let name: String
  let summary: String
  var details = ""
  var flags: [Flag] = []
  var operands = Operands.none
  var subcommands: [Command] = []
  /// Only the program itself calls it; help does not name it.
  var isInternal = false
  /// Does the work and answers the exit code; nil for a group.
  var run: ((Arguments) throws -> Int32)?
}

/// The command line was not understood, or asks for what cannot be; exit code 2.
struct UsageError: Error {
  let message: String

  init(_ message: String) { self.message = message }
}

/// The exit codes.
enum Exit {
  static let success: Int32 = 0
  /// Something that was expected did not hold.
  static let failure: Int32 = 1
  /// The command line or a scenario was not understood.
  static let usage: Int32 = 2
}
