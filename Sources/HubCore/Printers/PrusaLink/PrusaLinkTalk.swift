// PrusaLink, interface v1: /api/v1/status says nearly everything, /api/v1/job only which file it is,
// and is asked when the number of the job is another one. Orders go to the job's number, so that
// none can hit a print that somebody else has begun meanwhile. Which storages there are is asked
// first, again when the status shows another one than it did, and now and then: printers name their
// stick there when it is gone, too.

import Wire

/// How PrusaLink is spoken to.
struct PrusaLinkTalk: PrinterTalk, ~Copyable {
  enum Question: Equatable { case version, status, storage, job }

  private let pinned = Pinned()
  /// The job whose file is known.
  private var knownJob: Int?
  /// The job that is there now.
  private var job: Int?
  /// How far the job was at most: some printers begin to count anew when a print is resumed.
  private var furthest: UInt8 = 0
  /// The program for the Raspberry Pi shows the end of a print for ten seconds, by then without the
  /// print's number, and refuses another one meanwhile.
  private(set) var startsAt = Uptime.start
  /// The same program looks for what was brought a moment after it has said yes to it.
  static var findsFilesLate: Bool { true }
  /// The storage that the status showed when the list of them was read; nil before that.
  private var storageShown: UInt32?
  /// How often the printer was looked at since then.
  private var looksSince: UInt8 = 0

  init() {}

  mutating func begin(isGreeting: Bool) -> Question {
    if isGreeting {
      knownJob = nil
      storageShown = nil
    }
    return isGreeting ? .version : .status
  }

  func write(
    _ question: Question, _ report: borrowing PolledReport, into request: inout HTTPRequest
  ) {
    switch question {
    case .version: request.begin("GET", "/api/version")
    case .status: request.begin("GET", "/api/v1/status")
    case .storage: request.begin("GET", "/api/v1/storage")
    case .job: request.begin("GET", "/api/v1/job")
    }
  }

  func take(_ token: JSONToken, _ json: borrowing PathReader, into report: inout PolledReport) {
    switch token {
    case .number: Self.takeNumber(json, into: &report)
    case .string:
      if json.stands(at: "printer/state") {
        report.word.setPrintable(json.text)
      } else if json.stands(at: "file/display_name") {
        report.takeFile(json.text)
      } else if json.stands(at: "file/name") {
        // The short name is for those that have no long one.
        if !report.hasFile { report.takeFile(json.text) }
      } else if json.stands(at: "printer/status_printer/message") || json.stands(at: "message")
        || json.stands(at: "title")
      {
        if !json.text.isEmpty { report.remark.setPrintable(json.text) }
      } else if json.stands(at: "firmware") {
        report.takeFirmware(json.text)
      } else if json.stands(at: "storage/path") {
        report.storageShown = CRC32.of(json.text)
      } else if json.stands(at: "storage_list/#/path") {
        report.storage.take(path: json.text, of: json.elementCount)
      }
    case .bool(let isSo):
      if json.stands(at: "storage_list/#/available") {
        report.storage.take(isAvailable: isSo, of: json.elementCount)
      } else if json.stands(at: "storage_list/#/read_only") {
        report.storage.take(isReadOnly: isSo, of: json.elementCount)
      }
    default: break
    }
  }

  private static func takeNumber(_ json: borrowing PathReader, into report: inout PolledReport) {
    if json.stands(at: "job/id") {
      report.jobNumber = json.number(upTo: 1_000_000_000)
    } else if json.stands(at: "job/progress") {
      report.percent = json.number(upTo: 100)
    } else if json.stands(at: "job/time_remaining") {
      report.remainingSeconds = json.number(upTo: 100_000_000)
    } else if json.stands(at: "printer/temp_nozzle") {
      report.nozzle = json.temperature
    } else if json.stands(at: "printer/target_nozzle") {
      report.nozzleTarget = json.temperature
    } else if json.stands(at: "printer/temp_bed") {
      report.bed = json.temperature
    } else if json.stands(at: "printer/target_bed") {
      report.bedTarget = json.temperature
    } else if json.stands(at: "printer/speed") {
      report.speedPercent = json.number(upTo: 1_000)
    }
  }

  mutating func answered(
    _ question: Question, status: UInt16, _ report: inout PolledReport, now: Uptime
  ) -> Verdict<Question> {
    if status == 401 || status == 403 { return .wrongKey }
    switch (question, status) {
    case (.version, 200): return .ask(.status)
    case (.status, 200):
      guard !report.word.isEmpty else { return .missed }
      if let percent = report.percent {
        if report.jobNumber != job || percent > furthest {
          furthest = UInt8(clamping: percent)
        }
        report.percent = Int(furthest)
      }
      job = report.jobNumber
      noteEnd(report, now)
      guard report.storageShown == storageShown, looksSince < Limits.looksBetweenStorages else {
        return .ask(.storage)
      }
      looksSince += 1
      return aboutJob
    case (.storage, 200):
      report.storage.finish()
      looksSince = 0
      // Where there is none yet there may be one soon.
      storageShown = report.storage.path.isEmpty ? nil : report.storageShown
      return aboutJob
    // An older one has its stick and nothing to choose from.
    case (.storage, 404):
      looksSince = 0
      storageShown = report.storageShown
      return aboutJob
    case (.job, 200):
      if report.hasFile { knownJob = job }
      return .whole
    // Between two states there is none.
    case (.job, 204), (.job, 404): return .whole
    default: return .missed
    }
  }

  private mutating func noteEnd(_ report: borrowing PolledReport, _ now: Uptime) {
    let isOver = report.word.equals("FINISHED") || report.word.equals("STOPPED")
    if !isOver || report.jobNumber != nil {
      startsAt = .start
    } else if startsAt == .start {
      startsAt = now + Limits.finishedPrintShown
    }
  }

  /// Asks for the job if it is another one than before.
  private var aboutJob: Verdict<Question> {
    guard let job, job != knownJob else { return .whole }
    return .ask(.job)
  }

  mutating func lay(_ report: borrowing PolledReport, over status: inout PrinterStatus) -> Bool {
    var isChanged = report.merge(into: &status)
    // The number of the job tells a new print from one that lingers on the screen.
    if let number = report.jobNumber { status.startTime = number }
    let isHeld = report.word.equals("ATTENTION")
    let state: MachineState
    var error = PrinterError.none
    if report.word.equals("PRINTING") || report.word.equals("BUSY") && report.jobNumber != nil {
      state = .running
    } else if report.word.equals("PAUSED") {
      state = .pause
    } else if isHeld {
      state = .pause
      error = .inWords
    } else if report.word.equals("FINISHED") {
      state = .finish
    } else if report.word.equals("STOPPED") {
      state = .failed
      error = .stoppedEarly
    } else if report.word.equals("ERROR") {
      state = .failed
      error = .inWords
    } else if report.word.equals("IDLE") || report.word.equals("READY")
      || report.word.equals("BUSY")
    {
      state = .idle
    } else {
      return isChanged
    }
    // The name of the last print says nothing about the next one.
    if state == .idle, !report.word.equals("BUSY"), !status.file.isEmpty {
      knownJob = nil
      status.file.removeAll()
      status.shownName.removeAll()
      isChanged = true
    }
    if error == .inWords, report.remark.isEmpty { status.remark = Remark("look at its screen") }
    report.set(state, error, in: &status, &isChanged)
    return isChanged
  }

  // ------------------------------------------------------------------------------------- orders

  func write(
    _ order: PlainOrder, lines: Span<UInt8>, into request: inout HTTPRequest
  ) -> Bool {
    if order == .gcode {
      // Of the older interface; what has only the newer one says 404.
      request.begin(gcode: lines)
      return true
    }
    guard let job else { return false }
    request.begin(order == .stop ? "DELETE" : "PUT") {
      $0.put("/api/v1/job/")
      $0.put(decimal: job)
      switch order {
      case .pause: $0.put("/pause")
      // What wants attention refuses it, and has to be seen to; nothing else would help.
      case .resume: $0.put("/resume")
      default: break
      }
    }
    if order != .stop { request.carryNothing() }
    return true
  }

  func writeStart(
    of file: Span<UInt8>, in storage: Text<32>, into request: inout HTTPRequest
  ) {
    request.begin("POST") {
      UploadForm.writePath(of: file, in: storage, into: &$0)
    }
    request.carryNothing()
  }

  func refusal(of order: PlainOrder, status: UInt16) -> CommandOutcome? {
    guard order == .gcode, status == 404 || status == 405 || status == 501 else { return nil }
    return .notSupported(.prusaLink, .gcode)
  }
}
