// What the hub is told to do. A command lies in the database until it is answered or has timed out, so
// that it is sent again, under the same name, over whichever socket comes next.

import World

extension HubConnection {
  /// Gives the hub a command. It is kept until it is answered or has timed out, and sent when what
  /// gave it is on disk.
  @discardableResult
  func give(_ new: NewCommand, in scope: TenantScope) throws -> String {
    let id = platform.identifiers.uuid()
    let isPatient = new.waits || platform.has(.neverTimesOut)
    let dueAt = isPatient ? nil : platform.now + HubCommand.patienceMilliseconds
    try fleet.keep(new, id: id, hub: name, dueAt: dueAt, in: scope)
    try setNextAlarm()
    sendPendingOnCommit()
    return id
  }

  /// Tells the hub of all its printers. What was told and not answered before is left out: this says
  /// it anew.
  func configureAll() throws {
    guard let claim else { return }
    try fleet.dropConfigurations(of: name, in: claim.scope)
    for printer in try fleet.printerNames(of: name, in: claim.scope) {
      try give(
        NewCommand(
          kind: .configurePrinter, action: "add", printerID: printer.id, serial: printer.serial),
        in: claim.scope)
    }
  }

  /// By then another object may stand in this one's place.
  func sendPendingOnCommit() {
    platform.database.onCommit { [fleet, name] in fleet?.hubs.object(name).sendPending() }
  }

  private func sendPending() {
    guard let link, let claim else { return }
    attempt("sending commands") {
      for command in try fleet.commands(of: name, in: claim.scope)
      where !link.attachment.sent.contains(command.sequence) {
        link.attachment.sent.insert(command.sequence)
        guard let message = try fleet.message(for: command, in: claim.scope) else {
          // What it was about is gone.
          try fleet.withdraw(command, in: claim.scope)
          continue
        }
        link.send(message)
        if command.kind == .printCommand { sendAgain(message) }
        platform.tell(.commandSent(command: command.id, hub: name, what: command.summary))
      }
    }
  }

  /// What carries commands may hand one over twice, when that is what is wrong with the machine.
  private func sendAgain(_ message: JSON) {
    guard let pause = platform.trouble.commandsAgainAfter else { return }
    platform.host.after(pause) { [weak self] in self?.link?.send(message) }
  }

  func settle(
    _ command: HubCommand, _ outcome: CommandOutcome, in scope: TenantScope
  ) throws {
    try fleet.drop(command, in: scope)
    link?.attachment.sent.remove(command.sequence)
    try fleet.settled(command, outcome, in: scope)
  }

  /// Tells a hub that is there what it should run, if that is something else than it does.
  func offerFirmware() {
    guard isOnline, let claim else { return }
    attempt("offering firmware") {
      guard let hub = try fleet.hub(name), let version = hub.firmwareVersion,
        let offer = try fleet.firmwareOffer(for: hub, running: version)
      else { return }
      try give(
        NewCommand(kind: .firmwareUpdate, action: offer.release.id, serial: ""), in: claim.scope)
    }
  }
}
