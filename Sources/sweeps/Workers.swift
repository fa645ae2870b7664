// The sweep on several cores: this program again, once for each, with a share of the cuts. A worker
// writes a line for every flow that it has swept, and one for every failure.

import Glibc

/// Processes that each sweep a share.
struct Workers {
  /// Sums over all of them, by flow.
  struct Count {
    var operations = 0
    var cuts = 0
    var secondCuts = 0
    var knownCuts = 0
  }

  private(set) var counts: [(name: String, count: Count)] = []
  private(set) var failures: [String] = []
  private(set) var hasBroken = false

  mutating func run(_ number: Int, share: String) {
    var pipes: [UnsafeMutablePointer<FILE>] = []
    let program = quoted(CommandLine.arguments[0])
    for part in 0..<number {
      guard let pipe = popen("\(program) \(share) \(part) \(number)", "r") else {
        hasBroken = true
        continue
      }
      pipes.append(pipe)
    }
    for pipe in pipes {
      var line = [CChar](repeating: 0, count: 1_024)
      while fgets(&line, 1_024, pipe) != nil {
        let end = line.firstIndex(of: 0) ?? line.endIndex
        take(String(decoding: line[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self))
      }
      if pclose(pipe) != 0 { hasBroken = true }
    }
  }

  private mutating func take(_ line: String) {
    let words = line.split(whereSeparator: { $0 == " " || $0 == "\n" })
    guard words.count == 6, words[0] == "swept", let operations = Int(words[2]),
      let cuts = Int(words[3]), let seconds = Int(words[4]), let known = Int(words[5])
    else {
      failures.append(String(line.filter { $0 != "\n" }))
      return
    }
    let name = String(words[1])
    let index = counts.firstIndex { $0.name == name } ?? counts.endIndex
    if index == counts.endIndex { counts.append((name, Count())) }
    counts[index].count.operations =
      name == "model" ? counts[index].count.operations + operations : operations
    counts[index].count.cuts += cuts
    counts[index].count.secondCuts += seconds
    counts[index].count.knownCuts += known
  }

  private func quoted(_ path: String) -> String {
    "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}
