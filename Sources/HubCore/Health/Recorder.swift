// What the firmware notes of itself wherever it is: which lines of the log are wanted, how many
// troubles there were, and the last lines in memory that outlives a restart.

import Wire

/// Notes that every part of the firmware can add to, through its board.
struct Recorder {
  /// Lines that matter less are not written.
  var level = Board.LogLevel.information
  private(set) var warningCount: UInt32 = 0
  private(set) var errorCount: UInt32 = 0
  /// How often the board had no more streams to give, and when the last time was.
  private(set) var streamShortages: UInt32 = 0
  private(set) var lastShortage: Uptime?
  /// Which half of the retained lines is this boot's, and where the next line goes.
  var lineBank = 0
  private var lineCount = 0

  mutating func noteShortage(at now: Uptime) {
    streamShortages &+= 1
    lastShortage = now
  }

  /// Whether it is too early to ask the board for streams again.
  func isShortOfStreams(at now: Uptime) -> Bool {
    guard let lastShortage else { return false }
    return now - lastShortage < Limits.streamShortage
  }

  /// Counts a line and keeps it where it can be found after a crash.
  mutating func keep(_ level: Board.LogLevel, _ line: borrowing LogLine, on board: Board) {
    switch level {
    case .debug: return
    case .information: break
    case .warning: warningCount &+= 1
    case .error: errorCount &+= 1
    }
    var kept = Text<96>()
    let text = line.span
    let count = text.count < Retained.lineSize - 2 ? text.count : Retained.lineSize - 2
    kept.write {
      $0.put(UInt8(truncatingIfNeeded: count))
      $0.put(level.rawValue)
      $0.put(text.extracting(first: count))
    }
    board.writeRetained(at: Retained.line(lineCount % Retained.lines, of: lineBank), kept.span)
    lineCount += 1
  }
}
