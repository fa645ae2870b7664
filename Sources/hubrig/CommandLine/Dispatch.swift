import Glibc
import Scenarios

extension Command {
  /// Finds the command that `words` name, runs it, and answers the exit code.
  func dispatch(_ words: [String], path: String = "") -> Int32 {
    let path = path.isEmpty ? name : path + " " + name
    if let first = words.first,
      first == "--help" || first == "-h" || (run == nil && first == "help")
    {
      if first == "help", words.count > 1 { return dispatch(Array(words.dropFirst()) + ["--help"]) }
      Console.out(help(path: path))
      return Exit.success
    }
    guard let run else { return dispatchGroup(words, path: path) }
    if words.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
      Console.out(help(path: path))
      return Exit.success
    }
    do {
      return try run(Arguments(words, for: self))
    } catch let error as UsageError {
      Console.error("\(path): \(error.message)\nTry \"\(path) --help\".")
      return Exit.usage
    } catch {
      Console.error("\(path): \(error)")
      return Exit.failure
    }
  }

  private func dispatchGroup(_ words: [String], path: String) -> Int32 {
    guard let word = words.first else {
      Console.error(help(path: path))
      return Exit.usage
    }
    if let command = subcommands.first(where: { $0.name == word }) {
      return command.dispatch(Array(words.dropFirst()), path: path)
    }
    let what = word.hasPrefix("-") ? "flag" : "command"
    let near = nearest(to: word, among: subcommands.map(\.name) + ["--help"])
    Console.error(
      "\(path): unknown \(what) \"\(word)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? "")
        + "\nTry \"\(path) --help\".")
    return Exit.usage
  }

  /// The page that `--help` shows.
  func help(path: String) -> String {
    var lines = [summary, ""]
    var usage = "usage: " + path
    if run == nil {
      usage += " COMMAND"
    } else {
      if !flags.isEmpty { usage += " [flags]" }
      if !operands.usage.isEmpty { usage += " " + operands.usage }
    }
    lines.append(usage)
    if !details.isEmpty { lines += ["", details] }
    if !subcommands.isEmpty {
      let shown = subcommands.filter { !$0.isInternal }
      lines += ["", "commands:"] + table(shown.map { ($0.name, $0.summary) })
      lines += ["", "\"\(path) COMMAND --help\" tells more."]
    }
    if run != nil {
      let rows = flags.map { ($0.usage, $0.meaning) } + [("--help", "Show this page.")]
      lines += ["", "flags:"] + table(rows)
    }
    return lines.joined(separator: "\n")
  }

  private func table(_ rows: [(String, String)]) -> [String] {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { "  " + $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 }
  }
}
