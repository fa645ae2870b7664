// New firmware: offered when the cloud says hello, or commanded.

import Wire

extension Hub {
  /// Whether no print's file is on its way to a printer.
  var isQuiet: Bool {
    for index in 0..<slots.count where slots[index].watchesFile { return false }
    return true
  }

  /// Takes up what the cloud's hello offers, if there is something to be taken.
  mutating func considerOffer(_ now: Uptime) {
    guard !cloud.commands.command.version.isEmpty, !cloud.commands.command.fileURL.isEmpty,
      cloud.commands.command.oversizedField == nil
    else { return }
    let outcome = update.value.take(
      board, cloud.commands.command, isQuiet: isQuiet, now: now)
    guard !outcome.isSuccess else { return }
    board.log(.information) {
      $0.put("update: version ")
      $0.put(cloud.commands.command.version.span)
      $0.put(" is not taken: ")
      outcome.write(Span(), into: &$0)
    }
  }

  mutating func takeFirmware(_ now: Uptime) -> CommandOutcome {
    if cloud.commands.command.version.isEmpty { return .missingField("version") }
    if cloud.commands.command.fileURL.isEmpty { return .missingField("url") }
    return update.value.take(board, cloud.commands.command, isQuiet: isQuiet, now: now)
  }

  /// Goes on with an update; answers when to come again, or nil when the hub is to start anew.
  mutating func stepUpdate(_ now: Uptime) -> Uptime? {
    let next = update.value.step(
      board, &store, isQuiet: isQuiet, isHeard: cloud.isOpen, now: now)
    return update.value.wantsRestart ? nil : next
  }
}
