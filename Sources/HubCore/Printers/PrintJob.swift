// One job of one printer, from the cloud's order to the end of the print.
//
//     downloading --file is there--> uploaded --project_file sent--> starting
//          |                            |                                | printer prints ours
//          | given up                   | busy, away                     v
//          '-----------> failed <-------'-------------------------- printing <--> paused
//                                                                        |
//                           completed <--FINISH--------------------------|
//                           failed    <--FAILED, forgotten, other print--|
//                           cancelled <--FAILED after a stop-------------'
//
// A stop before the file was sent on its way cancels at once, whatever comes later. What is decided
// stays decided: a final phase never changes.

import Wire

/// The latest job of a slot. It stays after its end, so that its end can be told again.
struct PrintJob: ~Copyable {
  private let pinned = Pinned()
  private(set) var id = Identifier()
  private(set) var printerID = Serial()
  private(set) var phase = JobPhase.none
  private(set) var failure: JobFailure?
  /// What the printer said about a refusal.
  private(set) var remark = Remark()
  private(set) var fileURL: LongText
  /// What the file is called on the printer.
  private(set) var remoteName = FileName()
  /// What the printer shows as the name of the print, by which we know it again.
  private(set) var shownName = ShownName()
  private(set) var fileSize = 0
  /// The SHA-256 of the file in hexadecimal digits; empty when the cloud did not say.
  private(set) var checksum = Text<64>()
  private(set) var plate = 1
  private(set) var usesAMS = false
  private(set) var options = PrintOptions()
  /// How far the print is; the way of the file is told apart from it.
  private(set) var percent = 0
  /// Not after a restart, until the printer has been heard.
  private(set) var isPercentKnown = true

  /// The `sequence_id` of our project_file, to know its answer.
  private(set) var startSequence: UInt32 = 0
  /// What the printer showed when the job was sent: it may linger for a while.
  private var stateBefore = MachineState.unknown
  private var errorBefore = PrinterError.none
  private var startTimeBefore = 0
  private var wasOursBefore = false
  /// The printer was out of sight since the job was sent, or since it was last seen at it.
  private var wasLost = false
  /// The printer has said that our print has begun.
  private var hasBegun = false
  /// Its printer has said yes to the start.
  private var wasTaken = false
  /// What the printer shows in place of our print: another one, or nothing.
  private var seesOtherPrint = false
  /// It was asked how it is, and has not said what it does since.
  private var awaitsWord = false

  private(set) var isStopWanted = false
  /// How often a stop was sent, and when the next one is due if it has no effect.
  private(set) var stopCount = 0
  private(set) var stopAgainAt = Uptime.never
  /// When the phase ends by itself.
  private(set) var deadline = Uptime.never
  /// What was left until the deadline when the printer was lost; time without it does not count.
  private var timeLeft: UInt64?
  /// When a printer that was told to start is to be asked how it is, before it is given up.
  private(set) var lookAt = Uptime.never
  /// By when a start must have come to something, whatever the printer seems to be busy with.
  private var startBy = Uptime.never

  /// What can happen to a job.
  enum Event {
    case fileStored
    case fileFailed(JobFailure)
    /// The printer shows what it showed before it was told.
    case startSent(sequence: UInt32)
    case startCannotBeSent(JobFailure)
    case startNeverLeft
    /// `meansBegun`: a yes says more than that the order was heard.
    case answered(isSuccess: Bool, meansBegun: Bool, remark: Remark)
    case printerReported
    case printerLost
    case printerConnected
    case stopWanted
    case stopSent
    case removed
    /// `isInSight`: what the printer does is known.
    case timePassed(isInSight: Bool)
  }

  /// `fileURL` is memory for the longest address of a file.
  init(fileURL: UnsafeMutableBufferPointer<UInt8>) {
    unsafe self.fileURL = LongText(fileURL)
  }

  /// Takes up a new job in the place of the last one, which must be over.
  mutating func accept(_ command: borrowing Command, _ kind: PrinterKind) {
    id = command.jobID
    printerID = command.printerID
    phase = .downloading
    failure = nil
    remark.removeAll()
    fileURL.set(command.fileURL.span)
    remoteName = FileNames.remoteName(for: command.fileName.span, kind)
    shownName = FileNames.shownName(for: remoteName.span)
    fileSize = command.fileSize
    checksum = command.checksum
    plate = command.plate
    usesAMS = command.usesAMS
    options = command.options
    percent = 0
    isPercentKnown = true
    startSequence = 0
    wasLost = false
    seesOtherPrint = false
    isStopWanted = false
    stopCount = 0
    stopAgainAt = .never
    deadline = .never
    lookAt = .never
    awaitsWord = false
    timeLeft = nil
  }

  /// The cloud has another link to the same file.
  mutating func linkIsNew(_ command: borrowing Command) { fileURL.set(command.fileURL.span) }

  /// The slot is for another printer now.
  mutating func forget() {
    id.removeAll()
    printerID.removeAll()
    phase = .none
  }

  /// The only place where a job's phase changes. Answers whether it did. `status` is what the
  /// printer says at this moment.
  mutating func handle(
    _ event: Event, _ status: borrowing PrinterStatus, now: Uptime
  ) -> Bool {
    let before = phase
    switch (phase, event) {
    case (.none, _), (.completed, _), (.failed, _), (.cancelled, _):
      return false

    case (_, .removed):
      end(.failed, .printerRemoved)

    case (.downloading, .fileStored):
      phase = .uploaded
      deadline = now + Limits.jobPrinterAway
    case (.downloading, .fileFailed(let why)), (.uploaded, .startCannotBeSent(let why)):
      end(.failed, why)
    case (.downloading, .stopWanted), (.uploaded, .stopWanted):
      end(.cancelled)

    case (.uploaded, .startSent(let sequence)):
      phase = .starting
      percent = 0
      startSequence = sequence
      stateBefore = status.state
      errorBefore = status.error
      startTimeBefore = status.startTime
      wasOursBefore = isOurs(status) == .ours
      wasLost = false
      wasTaken = false
      hasBegun = false
      seesOtherPrint = false
      startBy = now + Limits.jobStartLongest
      awaitStart(now)
    case (.uploaded, .timePassed(_)):
      if deadline <= now { end(.failed, .printerAway) }

    case (.starting, .startNeverLeft):
      // No byte of it was complete at the printer, so it may be sent again.
      if isStopWanted {
        end(.cancelled)
      } else {
        phase = .uploaded
        deadline = now + Limits.jobPrinterAway
        timeLeft = nil
      }
    case (.starting, .answered(let isSuccess, let meansBegun, let remark)):
      if isSuccess {
        wasTaken = true
        hasBegun = meansBegun
      } else {
        refused(remark)
      }
    case (.starting, .printerReported):
      reportWhileStarting(status, now)
    case (.starting, .timePassed(let isInSight)):
      if deadline <= now { startIsOverdue(isInSight: isInSight && !awaitsWord, now) }

    case (.printing, .printerReported), (.paused, .printerReported):
      reportWhilePrinting(status, now)
    case (.printing, .timePassed(_)), (.paused, .timePassed(_)):
      if deadline <= now { end(.failed, seesOtherPrint ? .otherPrint : .printerForgot) }

    case (.starting, .stopWanted), (.printing, .stopWanted), (.paused, .stopWanted):
      isStopWanted = true
    case (.starting, .stopSent), (.printing, .stopSent), (.paused, .stopSent):
      // Nothing is decided yet: printers have begun a print minutes after they were told to.
      stopWasSent(now)

    case (.starting, .printerLost), (.printing, .printerLost), (.paused, .printerLost):
      // Nobody can see what goes on, so nothing is decided meanwhile.
      if deadline != .never { timeLeft = deadline - now }
      deadline = .never
      lookAt = .never
      stopAgainAt = .never
      wasLost = true
    case (.starting, .printerConnected), (.printing, .printerConnected),
      (.paused, .printerConnected):
      if let timeLeft { deadline = now + timeLeft }
      timeLeft = nil
      if isStopWanted, stopCount < Limits.stopAttempts { stopAgainAt = now }

    // What comes too late or too early to matter.
    case (.downloading, _), (.uploaded, _), (.starting, _), (.printing, _), (.paused, _):
      break
    }
    return phase != before
  }

  // ----------------------------------------------------------------------------- what it reports

  /// Whose print it is that a printer shows.
  enum Owner { case ours, other, unknown }

  func isOurs(_ status: borrowing PrinterStatus) -> Owner {
    if status.shownName.isEmpty, status.file.isEmpty { return .unknown }
    if status.shownName == shownName { return .ours }
    if FileNames.lastPart(of: status.file.span, equals: remoteName.span) { return .ours }
    return status.shownName.isEmpty ? .unknown : .other
  }

  /// Gives the printer its time to start, with a question to it before that is over.
  private mutating func awaitStart(_ now: Uptime) {
    deadline = earlier(now + Limits.jobStart, startBy)
    lookAt = deadline == startBy ? .never : now + (Limits.jobStart - Limits.jobStartLook)
  }

  /// The printer was asked how it is.
  mutating func looked() {
    lookAt = .never
    awaitsWord = true
  }

  /// The printer has said what it does.
  mutating func heardHowItIs() { awaitsWord = false }

  /// A printer that nobody sees may be printing. One that was seen has not started, or starts
  /// something else.
  private mutating func startIsOverdue(isInSight: Bool, _ now: Uptime) {
    if isStopWanted {
      end(.cancelled)
    } else if isInSight || startBy <= now {
      end(.failed, seesOtherPrint ? .otherPrint : .notStarted)
    } else {
      awaitStart(now)
    }
  }

  private mutating func reportWhileStarting(_ status: borrowing PrinterStatus, _ now: Uptime) {
    let owner = isOurs(status)
    seesOtherPrint = owner == .other && status.state.isBusy
    // Some never say that they prepare a print. One that heats for our file has begun.
    if owner == .ours, !status.state.isBusy, status.nozzleTarget > 0 || status.bedTarget > 0 {
      awaitStart(now)
    }
    switch status.state {
    case .prepare, .slicing, .running:
      // Just after our command the name may still be the last print's.
      if owner != .other { begin(.printing, status) }
    case .pause:
      if owner != .other { begin(.paused, status) }
    case .failed:
      // It may linger from the last print, whose error goes away before its state does.
      let isNew = stateBefore != .failed || !status.error.isNone && status.error != errorBefore
      guard isNew else { return }
      if isStopWanted || status.error.isStop {
        end(.cancelled)
      } else if status.error == .wantsSignature {
        end(.failed, .developerModeNeeded)
      } else {
        remark = status.remark
        end(.failed, .printerError(status.error))
      }
    case .finish:
      // A print that began and ended while nobody could see it; not one that lingers.
      let isNew =
        stateBefore != .finish || hasBegun || wasLost && !wasOursBefore
        || status.startTime != 0 && status.startTime != startTimeBefore
      // Some name no file any more when its print is over. One that took our start has not begun
      // another's meanwhile.
      let isUnnamed = owner == .unknown && (wasLost || wasTaken) && stateBefore != .finish
      if owner == .ours && isNew || isUnnamed { end(.completed) }
    case .idle:
      if status.error == .wantsSignature, errorBefore != .wantsSignature {
        end(.failed, .developerModeNeeded)
      }
    case .unknown:
      break
    }
  }

  private mutating func begin(_ phase: JobPhase, _ status: borrowing PrinterStatus) {
    self.phase = phase
    percent = status.percent
    isPercentKnown = true
    wasLost = false
    deadline = .never
    lookAt = .never
    timeLeft = nil
  }

  private mutating func reportWhilePrinting(_ status: borrowing PrinterStatus, _ now: Uptime) {
    if isOurs(status) == .other, status.state != .idle {
      return doubt(isOther: true, now)
    }
    switch status.state {
    case .prepare, .slicing, .running:
      begin(.printing, status)
    case .pause:
      begin(.paused, status)
    case .finish:
      end(.completed)
    case .failed:
      if isStopWanted || status.error.isStop {
        end(.cancelled)
      } else {
        remark = status.remark
        end(.failed, .printerError(status.error))
      }
    case .idle:
      if isStopWanted {
        end(.cancelled)
      } else if isDone(status) || has(.takesIdleForDone) {
        end(.completed)
      } else {
        doubt(isOther: false, now)
      }
    case .unknown:
      break
    }
  }

  /// Whether a printer that has come to rest is done. One that was away knows it, or was switched off.
  private func isDone(_ status: borrowing PrinterStatus) -> Bool {
    percent >= 99 && (!wasLost || status.percent >= 99)
  }

  /// The printer seems to know nothing of our print. It is believed when it stays so.
  private mutating func doubt(isOther: Bool, _ now: Uptime) {
    seesOtherPrint = isOther
    if deadline == .never { deadline = now + Limits.forgottenPrint }
  }

  private mutating func refused(_ remark: Remark) {
    self.remark = remark
    end(.failed, FileNames.contains(remark.span, "verif") ? .developerModeNeeded : .printerRefused)
  }

  private mutating func stopWasSent(_ now: Uptime) {
    isStopWanted = true
    stopCount += 1
    stopAgainAt = stopCount < Limits.stopAttempts ? now + Limits.stopAgain : .never
  }

  /// Whether a stop had no effect yet and is to be sent again.
  func needsStop(_ status: borrowing PrinterStatus, now: Uptime) -> Bool {
    isStopWanted && stopAgainAt <= now && status.state.isBusy
      && (phase == .printing || phase == .paused)
  }

  /// A stop that cannot be sent now is tried again later.
  mutating func postponeStop(now: Uptime) {
    if stopAgainAt <= now { stopAgainAt = now + Limits.stopAgain }
  }

  private mutating func end(_ phase: JobPhase, _ why: JobFailure? = nil) {
    self.phase = phase
    failure = why
    if phase == .completed {
      percent = 100
      isPercentKnown = true
    }
    deadline = .never
    stopAgainAt = .never
    lookAt = .never
    timeLeft = nil
  }

  /// When the job will change by itself.
  var turn: Turn {
    guard phase.isActive else { return .asleep }
    // A stop that is due waits for the printer to be busy, so it promises nothing.
    return Turn(next: earlier(deadline, earlier(stopAgainAt, lookAt)), promise: deadline)
  }
}

// ----------------------------------------------------------------------------- over a restart

extension PrintJob {
  /// What a record takes at most.
  static let recordLimit =
    recordHeader + Identifier.limit + Serial.limit + FileName.limit + Remark.limit
  private static let recordHeader = 27
  private static let recordVersion: UInt8 = 1

  /// Writes what must outlive a loss of power. With `isStarting` the printer is about to be told:
  /// from then on it is never told again, whatever happens.
  func write(
    isStarting: Bool, _ status: borrowing PrinterStatus, into record: inout ByteWriter
  ) {
    var reason = Remark()
    if let failure {
      var text = LogLine()
      text.write { failure.write(remark: remark, into: &$0) }
      reason.setBeginning(of: text.span)
    }
    record.put(Self.recordVersion)
    record.put((isStarting ? .starting : phase.kept).rawValue)
    let wasOurs = isStarting ? isOurs(status) == .ours : wasOursBefore
    record.put((isStopWanted ? 1 : 0) | (usesAMS ? 2 : 0) | (wasOurs ? 4 : 0))
    record.put(UInt8(truncatingIfNeeded: has(.wearsFlash) ? percent : plate))
    record.put(littleEndian32: UInt32(truncatingIfNeeded: fileSize))
    record.put(littleEndian32: startSequence)
    record.put((isStarting ? status.state : stateBefore).rawValue)
    record.put(littleEndian32: (isStarting ? status.error : errorBefore).code)
    record.put(
      littleEndian32: UInt32(truncatingIfNeeded: isStarting ? status.startTime : startTimeBefore))
    record.put(littleEndian16: failure?.code.rawValue ?? 0)
    record.put(UInt8(truncatingIfNeeded: id.count))
    record.put(UInt8(truncatingIfNeeded: printerID.count))
    record.put(UInt8(truncatingIfNeeded: remoteName.count))
    record.put(UInt8(truncatingIfNeeded: reason.count))
    record.put(id.span)
    record.put(printerID.span)
    record.put(remoteName.span)
    record.put(reason.span)
  }

  /// Takes up the job of a record; answers false, and takes up none, when it is none of ours.
  mutating func restore(_ record: Span<UInt8>, now: Uptime) -> Bool {
    guard record.count >= Self.recordHeader, record[0] == Self.recordVersion,
      let phase = JobPhase(rawValue: record[1]), phase != .none
    else { return false }
    var start = Self.recordHeader
    let ends = (Int(record[23]), Int(record[24]), Int(record[25]), Int(record[26]))
    guard start + ends.0 + ends.1 + ends.2 + ends.3 == record.count,
      id.set(record.extracting(start..<start + ends.0))
    else { return false }
    start += ends.0
    guard printerID.set(record.extracting(start..<start + ends.1)) else { return false }
    start += ends.1
    guard remoteName.set(record.extracting(start..<start + ends.2)) else { return false }
    start += ends.2
    remark.setBeginning(of: record.extracting(start..<start + ends.3))
    self.phase = phase
    shownName = FileNames.shownName(for: remoteName.span)
    isStopWanted = record[2] & 1 != 0
    usesAMS = record[2] & 2 != 0
    wasOursBefore = record[2] & 4 != 0
    plate = Int(record[3])
    fileSize = Int(record.littleEndian32(at: 4))
    startSequence = record.littleEndian32(at: 8)
    stateBefore = MachineState(rawValue: record[12]) ?? .unknown
    errorBefore = PrinterError(code: record.littleEndian32(at: 13))
    startTimeBefore = Int(record.littleEndian32(at: 17))
    failure = ErrorCode(rawValue: record.littleEndian16(at: 21)).map { .remembered($0) }
    isPercentKnown = false
    // Nobody saw what happened meanwhile, and nothing is decided before the printer is heard.
    wasLost = true
    switch phase {
    case .downloading: end(.failed, .transferCut)
    case .uploaded: deadline = now + Limits.jobPrinterAway
    case .starting:
      timeLeft = Limits.jobStart
      startBy = now + Limits.jobStartLongest
    case .none, .printing, .paused, .completed, .failed, .cancelled: break
    }
    return true
  }
}
