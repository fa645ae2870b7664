// Waiting between two attempts to reach a printer, and saying so: the same for every kind.

import Wire

/// How long to wait before a printer is tried again: longer after each failure, and long at once when
/// its code or key is wrong, for only a person can change that.
struct Retries {
  private var backoff = Backoff(base: Limits.printerRetryBase, cap: Limits.printerRetryCap)
  private var wrongCodeBackoff = Backoff(base: Limits.wrongCodeRetry, cap: Limits.wrongCodeRetryCap)

  init() {}

  /// The printer is sought at another door: nothing was tried there yet.
  mutating func reset() {
    backoff.reset()
    wrongCodeBackoff.reset()
  }

  /// The printer has let us in.
  mutating func codeWasRight() { wrongCodeBackoff.reset() }

  /// Counts a failure of less than the whole connection; answers how long to wait.
  mutating func next(on board: Board) -> UInt64 { backoff.next(on: board) }

  /// Counts a connection that came to nothing or was lost, and says why; answers how long to wait.
  /// After one that was good it counts as the first.
  mutating func failed(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ reason: StaticString,
    isCodeWrong: Bool, wasGood: Bool
  ) -> UInt64 {
    if wasGood { backoff.reset() }
    let pause =
      isCodeWrong
      ? Limits.wrongCodeRetry + wrongCodeBackoff.next(on: board) : backoff.next(on: board)
    board.log(.warning) {
      $0.put("printer ")
      $0.put(printer.serial.span)
      $0.put(": ")
      $0.put(reason)
      $0.put(", next attempt in ")
      $0.put(decimal64: pause)
      $0.put(" ms")
    }
    return pause
  }
}
