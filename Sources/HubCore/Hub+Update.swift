// New firmware: offered when the cloud says hello, or commanded.

import Wire

extension Hub {
  /// Whether no print's file is on its way to a printer.
  var isQuiet: Bool {
    for index in 0..<slots.count where slots[index].watchesFile { return false }
    return true
  }

  /// Takes up what the cloud's hello offers, unless that was tried and found wanting.
  mutating func considerOffer(_ now: Uptime) {
    guard !cloud.commands.command.fileURL.isEmpty, cloud.commands.command.oversizedField == nil,
      isQuiet, !update.value.isSettled(cloud.commands.command.version.span)
    else { return }
    _ = update.value.begin(board, cloud.commands.command, now: now)
  }

  mutating func takeFirmware(_ now: Uptime) -> CommandOutcome {
    if cloud.commands.command.version.isEmpty { return .missingField("version") }
    if cloud.commands.command.fileURL.isEmpty { return .missingField("url") }
    guard isQuiet else { return .fileOnItsWay }
    // The same again, once it runs, is no news.
    if update.value.runningVersion == cloud.commands.command.version { return .success }
    let isTaken = update.value.begin(board, cloud.commands.command, now: now)
    return isTaken ? .success : .updateOnItsWay
  }
}
