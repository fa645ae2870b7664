// PrusaLink, interface v1: /api/v1/status says nearly everything, /api/v1/job only which file it is,
// and is asked when the number of the job is another one. Orders go to the job's number, so that
// none can hit a print that somebody else has begun meanwhile.

import Wire

/// How PrusaLink is spoken to.
struct PrusaLinkTalk: PrinterTalk, ~Copyable {
  enum Question: Equatable { case version, status, job }

  private let pinned = Pinned()
  /// The job whose file is known.
  private var knownJob: Int?
  /// The job that is there now.
  private var job: Int?
  private var isHeld = false

  init() {}

  mutating func begin(isGreeting: Bool) -> Question {
    if isGreeting { knownJob = nil }
    return isGreeting ? .version : .status
  }

  func write(
    _ question: Question, _ report: borrowing PolledReport, into request: inout HTTPRequest
  ) {
    switch question {
    case .version: request.begin("GET", "/api/version")
    case .status: request.begin("GET", "/api/v1/status")
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
      job = report.jobNumber
      guard let job, job != knownJob else { return .whole }
      return .ask(.job)
    case (.job, 200):
      if report.hasFile { knownJob = job }
      return .whole
    // Between two states there is none.
    case (.job, 204), (.job, 404): return .whole
    default: return .missed
    }
  }

  mutating func lay(_ report: borrowing PolledReport, over status: inout PrinterStatus) -> Bool {
    var isChanged = report.merge(into: &status)
    // The number of the job tells a new print from one that lingers on the screen.
    if let number = report.jobNumber { status.startTime = number }
    isHeld = report.word.equals("ATTENTION")
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
      request.begin("POST", "/api/printer/command")
      request.carry { json in
        json.key("commands")
        json.beginArray()
        Lines.each(of: lines) { json.string($0) }
        json.endArray()
      }
      return true
    }
    guard let job else { return false }
    let isHeld = isHeld
    request.begin(order == .stop ? "DELETE" : "PUT") {
      $0.put("/api/v1/job/")
      $0.put(decimal: job)
      switch order {
      case .pause: $0.put("/pause")
      case .resume: $0.put(isHeld ? "/continue" : "/resume")
      default: break
      }
    }
    if order != .stop { request.carryNothing() }
    return true
  }

  func writeStart(of file: Span<UInt8>, into request: inout HTTPRequest) {
    request.begin("POST") {
      $0.put("/api/v1/files/usb/")
      PercentCoding.encode(file, into: &$0)
    }
    request.carryNothing()
  }

  func refusal(of order: PlainOrder, status: UInt16) -> CommandOutcome? {
    guard order == .gcode, status == 404 || status == 405 || status == 501 else { return nil }
    return .notSupported(.prusaLink, .gcode)
  }
}
