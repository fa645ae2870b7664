// One of the five places for a printer: its configuration, its connection, what is known of it, its
// latest job and the file on its way. What happens to one part is told to the others here.

import Wire

/// A place for a printer, free or taken.
struct PrinterSlot: ~Copyable {
  private let pinned = Pinned()
  private(set) var isTaken = false
  private(set) var configuration = PrinterConfiguration()
  private(set) var link: PrinterLink
  private(set) var status = PrinterStatus()
  /// Whether the printer has said what it does since it was connected.
  private(set) var isStatusFresh = false
  fileprivate(set) var job: PrintJob
  private(set) var transfer: Transfer
  var news = News()
  /// What the printer was told and has not answered.
  var orders = PendingOrders()
  /// The job is different from its record in flash.
  fileprivate(set) var mustRemember = false
  /// The printer is to be told to start, as soon as flash says so: it is told at most once.
  fileprivate(set) var wantsStart = false
  fileprivate var mayStart = false
  /// Its settings are other than those in flash.
  var mustKeepSettings = false
  /// What the cloud was last told to be wrong with the connection.
  private var toldProblem = false

  // Kept apart, so that its temporaries do not stand on the stack beside the hub's own.
  /// Carves the slot's memory out of `region`.
  @inline(never)
  init(_ region: inout Region) {
    link = PrinterLink(&region)
    transfer = Transfer(&region, door: link.door)
    job = unsafe PrintJob(fileURL: region.bytes(Limits.fileURL))
  }

  /// What `init` carves.
  static let memory = PrinterLink.memory + Transfer.memory + Region.cost(Limits.fileURL)

  var badInputCount: UInt32 { link.badInputCount &+ transfer.badInputCount }

  /// What the cloud is told as the printer's state.
  var unified: PrinterStatus.Unified {
    link.isConnected && isStatusFresh ? status.unified : .offline
  }

  /// Whether the printer says that it prints, whoever told it to.
  var isPrinting: Bool { link.isConnected && isStatusFresh && status.state.isBusy }

  /// The number in `hub_view`.
  var linkNumber: UInt8 {
    guard isTaken else { return 0 }
    switch link.state {
    case .offline, .waiting: return 1
    case .connecting, .handshake: return 2
    case .connected: return 3
    }
  }

  // ------------------------------------------------------------------------------ configuration

  /// Takes the slot for a printer, or gives a known one another configuration.
  mutating func configure(
    _ board: Board, _ new: borrowing PrinterConfiguration, hasNetwork: Bool, now: Uptime
  ) {
    let isNew = !isTaken
    let isSameDoor = configuration.reaches(sameAs: new)
    configuration.set(new)
    isTaken = true
    if !isSameDoor { link.forgetDoor() }
    if link.kind != new.kind {
      // What is on its way to the other one has lost its way.
      if !isNew {
        cancelTransfer(now)
        printerLost(board, now)
        tell(board, .removed, now)
      }
      link.become(new.kind)
      if !isNew { forgetStatus() }
      _ = link.networkChanged(isThere: hasNetwork, now: now)
    }
    if isNew {
      forgetStatus()
      transfer.forgetHabits()
      if job.printerID != new.serial { job.forget() }
      _ = link.networkChanged(isThere: hasNetwork, now: now)
    } else if !isSameDoor {
      if link.doorChanged(now: now) { printerLost(board, now) }
    }
    news.statusIsUrgent = true
  }

  private mutating func forgetStatus() {
    status = PrinterStatus()
    isStatusFresh = false
  }

  /// Frees the slot. A job that was under way has failed.
  mutating func remove(_ board: Board, now: Uptime) {
    cancelTransfer(now)
    orders.printerLost()
    tell(board, .removed, now)
    _ = link.networkChanged(isThere: false, now: now)
    isTaken = false
    configuration = PrinterConfiguration()
    news.statusChanged = false
    news.statusIsUrgent = false
  }

  /// The certificate of a printer that is met for the first time is the one to come.
  private mutating func knowCertificate(_ board: Board) {
    guard configuration.certificate == .firstUse, configuration.pin.isEmpty else { return }
    let shown = link.certificate
    guard !shown.isEmpty else { return }
    configuration.pin = shown
    mustKeepSettings = true
    board.log(.information) {
      $0.put("printer ")
      $0.put(configuration.serial.span)
      $0.put(": known by its certificate from now on")
    }
  }

  /// A person says that the printer may show another certificate: the next one is believed.
  mutating func trustAnew(_ board: Board, now: Uptime) {
    configuration.pin.removeAll()
    configuration.filesPin.removeAll()
    toldProblem = false
    if link.doorChanged(now: now) { printerLost(board, now) }
    news.statusIsUrgent = true
  }

  /// The printer was heard from another address. Answers whether it is sought there from now on.
  mutating func moved(_ board: Board, to address: Address, now: Uptime) -> Bool {
    guard !link.isConnected, configuration.address != address,
      IPv4Address(configuration.address.span) != nil
    else { return false }
    configuration.address = address
    if link.doorChanged(now: now) { printerLost(board, now) }
    return true
  }

  mutating func networkChanged(_ board: Board, isThere: Bool, now: Uptime) {
    guard isTaken else { return }
    if !isThere { transfer.networkLost(now: now) }
    if link.networkChanged(isThere: isThere, now: now) { printerLost(board, now) }
  }

  // ----------------------------------------------------------------------------------- commands

  /// Takes up a job. It has been checked that the slot can.
  mutating func start(
    _ board: Board, _ command: borrowing Command, cloudServesPieces: Bool, now: Uptime
  ) {
    transfer.cancel(job.remoteName.span, now: now)
    job.accept(command, configuration.kind)
    transfer.begin(
      size: job.fileSize, configuration.kind, inPieces: command.comesInPieces,
      mayUsePieces: cloudServesPieces, now: now)
    news.jobIsNew()
    mustRemember = true
    mayStart = false
    logJob(board)
  }

  /// Whether the printer has said that it takes no command without a signature.
  var wantsSignature: Bool { link.isConnected && status.wantsSignature == true }

  /// Hands an order to the printer. What comes of it is among `orders` later, under `ticket`.
  mutating func control(
    _ board: Board, _ order: ControlOrder, _ command: borrowing Command, ticket: UInt32,
    _ hub: borrowing Surroundings, now: Uptime
  ) -> CommandOutcome {
    guard link.isConnected else { return .printerNotConnected }
    if wantsSignature, order.needsSignature { return .developerModeNeeded }
    guard orders.hasRoom else { return .printerOverloaded }
    let sequence: UInt32
    switch link.send(order, command.order[0], status, configuration, hub, now: now) {
    case .sent(let number): sequence = number
    case .noRoom: return .printerOverloaded
    case .unsupported(let what): return .notSupported(configuration.kind, what)
    }
    board.log(.information) {
      $0.put("printer ")
      $0.put(configuration.serial.span)
      $0.put(": told to ")
      $0.put(order.name)
    }
    orders.add(
      PendingOrder(
        ticket: ticket, order: order, sequence: sequence, deadline: now + Limits.orderAnswer,
        wasDone: !isStatusFresh || order.isDone(status)))
    if order == .stop {
      tell(board, .stopWanted, now)
      tell(board, .stopSent, now)
      mustRemember = job.phase.isActive || mustRemember
    }
    return .pending
  }

  /// Stops a job that is not at the printer yet, which needs no word to it; false when there is none.
  mutating func cancelBeforePrint(_ board: Board, now: Uptime) -> Bool {
    if job.phase == .starting, link.takeBackWaitingStart() { tell(board, .startNeverLeft, now) }
    guard job.phase == .downloading || job.phase == .uploaded else { return false }
    if has(.forgetsStop) { return true }
    cancelTransfer(now)
    tell(board, .stopWanted, now)
    return true
  }

  /// The cloud has another link for the file on its way.
  mutating func linkIsNew(_ command: borrowing Command, now: Uptime) {
    job.linkIsNew(command)
    transfer.linkIsNew(now: now)
  }

  /// The cloud was asked for another link.
  mutating func linkWasAskedFor() { transfer.linkWasAskedFor() }

  /// A piece of the file on its way has come.
  mutating func takePiece(
    _ piece: FilePiece, of inbox: borrowing ByteQueue
  ) -> Bool {
    transfer.takePiece(
      tag: piece.tag, at: piece.offset, piece.range, of: inbox, isLast: piece.isLast,
      isRefusal: piece.isRefusal)
  }

  mutating func tagPiece() { transfer.tagPiece() }
  mutating func pieceWasAskedFor(now: Uptime) { transfer.pieceWasAskedFor(now: now) }

  /// The connection to the cloud is gone.
  mutating func cloudLost() { transfer.cloudLost() }

  private mutating func cancelTransfer(_ now: Uptime) {
    let name = job.remoteName
    transfer.cancel(name.span, now: now)
  }

  // -------------------------------------------------------------------------------------- steps

  /// Runs the connection and what follows from reports.
  mutating func stepPrinter(_ board: Board, _ hub: borrowing Surroundings, now: Uptime) -> Turn {
    guard isTaken else { return .asleep }
    let absence = link.absence
    var hasMore = true
    stepping: for _ in 0..<Limits.roundsPerStep {
      switch link.step(board, configuration, job, hub, now: now) {
      case .none:
        hasMore = false
        break stepping
      case .connected:
        board.log(.information) {
          $0.put("printer ")
          $0.put(configuration.serial.span)
          $0.put(": connected")
        }
        isStatusFresh = false
        news.statusIsUrgent = true
        toldProblem = false
        knowCertificate(board)
        tell(board, .printerConnected, now)
      case .lost:
        if link.problem != nil, !toldProblem {
          toldProblem = true
          news.statusIsUrgent = true
        }
        printerLost(board, now)
      case .report:
        takeReport(board, now)
        if orders.hasRefusal { break stepping }
      }
    }
    if link.absence != absence { news.statusIsUrgent = true }
    // What it did meanwhile may have been told in a report that is lost, and comes in no other.
    if orders.timePassed(now: now), link.isConnected {
      link.askHowItIs(configuration, hub, now: now)
    }
    tell(board, .timePassed(isInSight: !link.isConnected || isStatusFresh), now)
    advanceJob(board, hub, now)
    link.flush()
    var turn = link.turn.joined(with: job.turn).joined(with: .until(orders.deadline))
    // The others have their turn first.
    if hasMore { turn.next = now }
    return turn
  }

  /// Runs the file on its way.
  mutating func stepFile(_ board: Board, hasNetwork: Bool, now: Uptime) -> Turn {
    guard transfer.isActive else { return .asleep }
    switch transfer.step(board, configuration, job, hasNetwork: hasNetwork, now: now) {
    case .none:
      break
    case .stored:
      tell(board, .fileStored, now)
    case .failed(let failure):
      tell(board, .fileFailed(failure), now)
    }
    if configuration.certificate == .firstUse, configuration.filesPin.isEmpty {
      configuration.filesPin = transfer.certificate()
      if !configuration.filesPin.isEmpty { mustKeepSettings = true }
    }
    return transfer.turn
  }

  /// Whether its printer's stream may have brought something.
  var watchesPrinter: Bool { link.hasConnection }
  /// Whether streams of its file may have brought something.
  var watchesFile: Bool { transfer.isActive }

  private mutating func printerLost(_ board: Board, _ now: Uptime) {
    if isStatusFresh { news.statusIsUrgent = true }
    isStatusFresh = false
    orders.printerLost()
    if link.takeBackStart() || has(.startsAgain) { tell(board, .startNeverLeft, now) }
    tell(board, .printerLost, now)
    if has(.givesUpLostPrinter) { tell(board, .removed, now) }
  }

  private mutating func takeReport(_ board: Board, _ now: Uptime) {
    let before = unified
    let phaseBefore = job.phase
    let troubles = (status.error, status.alarms)
    let filament = status.filament
    let report = link.lay(over: &status, configuration)
    if report.isStatus {
      if report.isChanged { news.statusChanged = true }
      if filament != status.filament { news.filamentChanged = true }
      if troubles.0 != status.error || troubles.1 != status.alarms { news.statusIsUrgent = true }
      if report.saysState {
        isStatusFresh = true
        job.heardHowItIs()
      }
      if report.hasUnknownState {
        board.log(.warning) {
          $0.put("printer ")
          $0.put(configuration.serial.span)
          $0.put(": a state that nobody knows; the last one stays")
        }
      }
      link.expectReports(atWork: status.state.isBusy)
      orders.reported(status)
      if has(.wearsFlash), job.phase.isActive { mustRemember = true }
      if isStatusFresh { tell(board, .printerReported, now) }
    } else if let answer = report.answer {
      orders.answered(answer)
      if answer.isStart, answer.sequence == job.startSequence {
        tell(
          board,
          .answered(
            isSuccess: answer.outcome.isSuccess, meansBegun: configuration.kind.saysYesOnceBegun,
            remark: answer.remark), now)
      }
    }
    if unified != before || job.phase != phaseBefore { news.statusIsUrgent = true }
  }

  /// Does what the job is waiting for, if it can be done now.
  private mutating func advanceJob(
    _ board: Board, _ hub: borrowing Surroundings, _ now: Uptime
  ) {
    guard link.isConnected, isStatusFresh else {
      if job.lookAt <= now { job.looked() }
      job.postponeStop(now: now)
      return
    }
    if job.phase == .uploaded {
      guard status.state.isFree else {
        tell(board, .startCannotBeSent(.printerBusy), now)
        return
      }
      guard mayStart else {
        wantsStart = true
        return
      }
      // With no room the next step tries again.
      guard let sequence = link.start(job, configuration, hub, now: now) else { return }
      tell(board, .startSent(sequence: sequence), now)
    } else if job.lookAt <= now {
      link.askHowItIs(configuration, hub, now: now)
      job.looked()
    } else if job.needsStop(status, now: now) {
      if link.stop(configuration, hub, now: now) { tell(board, .stopSent, now) }
    }
    job.postponeStop(now: now)
  }

  /// Tells the job what happened, and the cloud what came of it.
  private mutating func tell(_ board: Board, _ event: PrintJob.Event, _ now: Uptime) {
    let before = job.phase
    guard job.handle(event, status, now: now) else { return }
    // What was on record before it was sent needs no second record.
    if job.phase.kept != before.kept, job.phase != .starting { mustRemember = true }
    if job.phase == .uploaded { mayStart = false }
    news.jobIsNew()
    news.statusIsUrgent = true
    logJob(board)
  }

  fileprivate func logJob(_ board: Board) {
    board.log(job.phase == .failed ? .warning : .information) {
      $0.put("job ")
      $0.put(job.id.span)
      $0.put(": ")
      $0.put(job.phase.name)
      if let failure = job.failure {
        $0.put(", ")
        failure.write(remark: job.remark, into: &$0)
      }
    }
  }
}

// ----------------------------------------------------------------------------- over a restart

extension PrinterSlot {
  /// Whether the job has something to remember before the slot goes on.
  var hasToRemember: Bool { mustRemember || wantsStart }

  /// Puts the job on record. Without a store that works the job goes on all the same; the health
  /// report says what a restart would lose.
  @inline(never)
  mutating func remember(in store: inout Store, as number: Int) {
    var record = Text<320>()
    record.write { job.write(isStarting: wantsStart, status, into: &$0) }
    if !has(.keepsNoRecord) { try? store.write(.job(number), record.span) }
    mustRemember = false
    if wantsStart {
      wantsStart = false
      mayStart = true
    }
  }

  /// Takes up the job that is on record; answers whether there is one.
  @inline(never)
  mutating func restore(from store: inout Store, as number: Int, _ board: Board, now: Uptime)
    -> Bool
  {
    var record = Text<320>()
    guard store.read(.job(number), into: &record).isFound, job.restore(record.span, now: now)
    else { return false }
    if job.phase.isFinal {
      news.jobIsNew()
      mustRemember = job.failure == .transferCut
    }
    logJob(board)
    return true
  }
}
