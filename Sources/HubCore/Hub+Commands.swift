// What the cloud may command, and what comes of it. Every command is answered exactly once for
// each time that it arrives, and executed once however often it arrives.

import Wire

extension Hub {
  /// Executes the command that the cloud link has read.
  mutating func execute(_ now: Uptime) {
    if cloud.commands.command.kind == .eventAcknowledgement {
      return eventsAreKnown(upTo: cloud.commands.command.sequence, now)
    }
    if cloud.commands.command.kind == .fileURL { return takeLink(now) }
    guard !cloud.commands.command.id.isEmpty else {
      board.log(.warning) {
        $0.put("cloud: passed over a message without a usable command id: ")
        $0.put(cloud.commands.command.kindName.span)
      }
      return
    }
    if !has(.repeatsCommands), commands.repeatAnswer(to: cloud.commands.command.id.span) {
      commandsRepeated &+= 1
      return
    }
    let outcome = perform(now)
    commandsHandled &+= 1
    // An unknown action of a known kind is named by its action.
    let isKindKnown = cloud.commands.command.kind != .unknown
    commands.remember(
      cloud.commands.command.id,
      name: isKindKnown
        ? cloud.commands.command.actionName : cloud.commands.command.kindName,
      outcome)
    if outcome.mayHaveBeenDone, cloud.commands.command.outlivesRestart,
      !has(.keepsNoRecord)
    {
      commands.newestWasExecuted()
      // Before anything is sent: what was done must never be done again.
      var record = Text<520>()
      record.write { commands.writeExecuted(into: &$0) }
      try? store.write(.commands, record.span)
    }
    log(outcome)
  }

  /// The cloud has another link for a file that is on its way.
  private mutating func takeLink(_ now: Uptime) {
    guard !cloud.commands.command.fileURL.isEmpty, cloud.commands.command.oversizedField == nil
    else { return }
    for index in 0..<slots.count
    where slots[index].job.phase == .downloading
      && slots[index].job.id == cloud.commands.command.jobID
    {
      slots[index].linkIsNew(cloud.commands.command, now: now)
      wake(slot: index, now)
    }
  }

  private func log(_ outcome: CommandOutcome) {
    // What the printer makes of it is logged when it is known.
    if case .pending = outcome { return }
    board.log(outcome.isSuccess ? .information : .warning) {
      $0.put("cloud: ")
      $0.put(cloud.commands.command.kindName.span)
      $0.put(" ")
      $0.put(cloud.commands.command.actionName.span)
      $0.put(outcome.isSuccess ? " done" : " refused: ")
      outcome.write(cloud.commands.command.actionName.span, into: &$0)
    }
  }

  private mutating func perform(_ now: Uptime) -> CommandOutcome {
    if let field = cloud.commands.command.oversizedField { return .oversizedField(field) }
    switch cloud.commands.command.kind {
    case .configurePrinter: return configurePrinter(now)
    case .printCommand, .printerCommand: return commandPrinter(now)
    case .firmwareUpdate: return takeFirmware(now)
    case .reboot: return restart(forgetsAll: false, now)
    case .factoryReset: return restart(forgetsAll: true, now)
    case .setLogLevel: return setLogLevel()
    case .runDiagnostics:
      condition[0].diagnosticsFor = cloud.commands.command.id
      return .success
    case .discoverPrinters:
      // What is found is told when it has answered.
      discovery.search(now: now)
      wakeHub(now)
      return .success
    case .cameraSnapshot: return takePicture(now)
    case .unknown, .cloudHello, .eventAcknowledgement, .fileURL: return .unknownCommand
    }
  }

  private mutating func configurePrinter(_ now: Uptime) -> CommandOutcome {
    let serial = cloud.commands.command.printer.serial
    switch cloud.commands.command.action {
    case .add, .update:
      if cloud.commands.command.isKindUnknown {
        return .badParameter("kind bambu, octoprint, prusalink or moonraker")
      }
      if let field = cloud.commands.command.printer.missingField { return .missingField(field) }
      guard let index = place(for: serial) else { return .noFreeSlot }
      slots[index].configure(
        board, cloud.commands.command.printer, hasNetwork: state.hasNetwork, now: now)
      printerIsSet(index, now)
      return .success
    case .remove:
      if serial.isEmpty { return .missingField("serial_number") }
      // What is not there is as good as removed.
      removePrinter(serial, now)
      return .success
    case .trust:
      guard let index = slot(of: serial) else { return .unknownPrinter }
      slots[index].trustAnew(board, now: now)
      printerIsSet(index, now)
      return .success
    default:
      return .unknownCommand
    }
  }

  /// The slot that a printer has or may take; nil when all are taken.
  func place(for serial: Serial) -> Int? { slot(of: serial) ?? freeSlot(for: serial) }

  private mutating func commandPrinter(_ now: Uptime) -> CommandOutcome {
    guard let index = slot(of: cloud.commands.command.printerID) else { return .unknownPrinter }
    defer {
      collect(index, now)
      wake(slot: index, now)
    }
    if cloud.commands.command.action == .start { return start(index, now) }
    if cloud.commands.command.action == .stop, slots[index].cancelBeforePrint(board, now: now) {
      return .success
    }
    let (order, outcome) = cloud.commands.command.controlOrder
    guard let order else { return outcome }
    return slots[index].control(
      board, order, cloud.commands.command, ticket: commands.nextTicket, surroundings,
      now: now)
  }

  /// Takes what came of orders to a printer.
  mutating func settleOrders(_ slot: Int) {
    while let order = slots[slot].orders.takeSettled() {
      guard let outcome = order.outcome else { continue }
      let remark = slots[slot].orders.remark
      let serial = slots[slot].configuration.serial
      commands.settle(ticket: order.ticket, outcome, remark: remark)
      board.log(outcome.isSuccess ? .information : .warning) {
        $0.put("printer ")
        $0.put(serial.span)
        $0.put(": ")
        $0.put(order.order.name)
        $0.put(outcome.isSuccess ? " done" : " failed: ")
        outcome.write(remark.span, into: &$0)
      }
    }
  }

  private mutating func start(_ index: Int, _ now: Uptime) -> CommandOutcome {
    if cloud.commands.command.jobID.isEmpty { return .missingField("job_id") }
    // The same job again, under another command id: it is under way, or it is over.
    if slots[index].job.phase != .none, slots[index].job.id == cloud.commands.command.jobID,
      !has(.repeatsCommands)
    {
      return .success
    }
    let isInPieces = cloud.commands.command.comesInPieces
    if isInPieces, cloud.commands.command.fileSize <= 0 { return .missingField("file_size") }
    if !isInPieces, cloud.commands.command.fileURL.isEmpty { return .missingField("file_url") }
    if cloud.commands.command.fileName.isEmpty { return .missingField("file_name") }
    guard cloud.commands.command.plate >= 1, cloud.commands.command.plate <= 99 else {
      return .badPlate
    }
    guard !slots[index].wantsSignature else { return .developerModeNeeded }
    let kind = slots[index].configuration.kind
    guard FileNames.fits(cloud.commands.command.fileName.span, kind) else {
      return .notSupported(kind, .fileType)
    }
    if !isInPieces {
      guard let parts = URLParts(cloud.commands.command.fileURL.span),
        parts.scheme == .https || parts.scheme == .http
      else { return .badFileAddress }
    }
    guard !slots[index].job.phase.isActive, !slots[index].isPrinting else { return .printerBusy }
    if let shortage = shortage(now) {
      condition[0].vitals.refusedJobs &+= 1
      return shortage
    }
    slots[index].start(
      board, cloud.commands.command, cloudServesPieces: cloud.servesPieces, now: now)
    return .success
  }

  /// The slot of the printer with this serial number, or nil.
  func slot(of serial: Serial) -> Int? {
    guard !serial.isEmpty else { return nil }
    if has(.mixesUpPrinters), slots[0].isTaken { return 0 }
    for index in 0..<slots.count
    where slots[index].isTaken && slots[index].configuration.serial == serial {
      return index
    }
    return nil
  }

  /// A slot for a new printer: the one that it had, or any other that is free.
  private func freeSlot(for serial: Serial) -> Int? {
    var free: Int?
    var waiting: Int?
    for index in 0..<slots.count where !slots[index].isTaken {
      if slots[index].job.printerID == serial { return index }
      // A job that outlived a restart waits for its own printer.
      if slots[index].job.phase.isActive {
        if waiting == nil { waiting = index }
      } else if free == nil {
        free = index
      }
    }
    return free ?? waiting
  }
}
