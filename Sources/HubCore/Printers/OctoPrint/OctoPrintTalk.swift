// OctoPrint's REST interface: the state in yes and no from /api/printer, the file and how far it is
// from /api/job. A printer that OctoPrint is not connected to is asked for with /api/connection.
//
// That a print is over is seen by completion: 100 for a finished one, less or nothing for one that
// was stopped.

import Wire

/// How OctoPrint is spoken to.
struct OctoPrintTalk: PrinterTalk, ~Copyable {
  enum Question: Equatable { case version, printer, job, connect }

  private let pinned = Pinned()
  /// /api/printer said that there is no printer.
  private var isDown = false
  /// The last look showed a print under way.
  private var wasBusy = false
  /// The last print was over before it was done.
  private var endedEarly = false
  private var connectAt = Uptime.start
  /// It pauses and has not paused: OctoPrint says yes to a resume that comes now, and forgets it.
  private(set) var holdsResume = false

  init() {}

  mutating func begin(isGreeting: Bool) -> Question {
    isDown = false
    return isGreeting ? .version : .printer
  }

  func write(
    _ question: Question, _ report: borrowing PolledReport, into request: inout HTTPRequest
  ) {
    switch question {
    case .version: request.begin("GET", "/api/version")
    case .printer: request.begin("GET", "/api/printer?exclude=sd")
    case .job: request.begin("GET", "/api/job")
    case .connect:
      request.begin("POST", "/api/connection")
      request.carry {
        $0.key("command")
        $0.string("connect")
      }
    }
  }

  func take(_ token: JSONToken, _ json: borrowing PathReader, into report: inout PolledReport) {
    switch token {
    case .bool(let isSo): Self.takeFlag(isSo, json, into: &report)
    case .number: Self.takeNumber(json, into: &report)
    case .string:
      if json.stands(at: "job/file/path") {
        report.takeFile(json.text)
      } else if json.stands(at: "job/file/name") {
        if !report.hasFile { report.takeFile(json.text) }
      } else if json.stands(at: "state") || json.stands(at: "state/text") {
        report.word.setPrintable(json.text)
      } else if json.stands(at: "error") || json.stands(at: "state/error") {
        if !json.text.isEmpty { report.remark.setPrintable(json.text) }
      } else if json.stands(at: "server") {
        report.takeFirmware(json.text)
      }
    default: break
    }
  }

  private static func takeFlag(
    _ isSo: Bool, _ json: borrowing PathReader, into report: inout PolledReport
  ) {
    guard isSo, let start = json.behind("state/flags/") else { return }
    if json.stands(at: "operational", behind: start) {
      report.flags.isOperational = true
    } else if json.stands(at: "printing", behind: start)
      || json.stands(at: "cancelling", behind: start)
      || json.stands(at: "finishing", behind: start)
      || json.stands(at: "resuming", behind: start)
    {
      report.flags.isPrinting = true
    } else if json.stands(at: "pausing", behind: start) {
      report.flags.isPausing = true
    } else if json.stands(at: "paused", behind: start) {
      report.flags.isPaused = true
    } else if json.stands(at: "error", behind: start) {
      report.flags.hasError = true
    } else if json.stands(at: "closedOrError", behind: start) {
      report.flags.isClosed = true
    }
  }

  private static func takeNumber(_ json: borrowing PathReader, into report: inout PolledReport) {
    if json.stands(at: "temperature/tool0/actual") {
      report.nozzle = json.temperature
    } else if json.stands(at: "temperature/tool0/target") {
      report.nozzleTarget = json.temperature
    } else if json.stands(at: "temperature/bed/actual") {
      report.bed = json.temperature
    } else if json.stands(at: "temperature/bed/target") {
      report.bedTarget = json.temperature
    } else if json.stands(at: "temperature/chamber/actual") {
      report.chamber = json.temperature
    } else if json.stands(at: "progress/completion") {
      report.percent = json.number(upTo: 100)
    } else if json.stands(at: "progress/printTimeLeft") {
      report.remainingSeconds = json.number(upTo: 100_000_000)
    }
  }

  mutating func answered(
    _ question: Question, status: UInt16, _ report: inout PolledReport, now: Uptime
  ) -> Verdict<Question> {
    if status == 401 || status == 403 { return .wrongKey }
    switch (question, status) {
    case (.version, 200): return .ask(.printer)
    case (.printer, 200): return .ask(.job)
    case (.printer, 409):
      isDown = true
      // Why it was lost is said with the job, if it was not just switched off.
      report.remark.removeAll()
      return .ask(.job)
    case (.job, 200):
      guard isDown || report.flags.isClosed else { return .whole }
      if connectAt <= now {
        connectAt = now + Limits.connectAgain
        return .ask(.connect)
      }
      return down(report)
    // It may not find the port just now; the next look shows what came of it.
    case (.connect, 200...299), (.connect, 400...499): return down(report)
    default: return .missed
    }
  }

  private func down(_ report: borrowing PolledReport) -> Verdict<Question> {
    hasFailed(report) ? .whole : .away(.noPrinter)
  }

  /// Whether OctoPrint lost its printer by an error, as its word says when its flags cannot.
  private func hasFailed(_ report: borrowing PolledReport) -> Bool {
    report.flags.hasError || FileNames.contains(report.word.span, "error")
  }

  mutating func lay(_ report: borrowing PolledReport, over status: inout PrinterStatus) -> Bool {
    var isChanged = report.merge(into: &status)
    holdsResume = report.flags.isPausing && !report.flags.isPaused
    if hasFailed(report) {
      if report.remark.isEmpty {
        let word = report.word
        status.remark.setPrintable(word.span)
      }
      report.set(.failed, .inWords, in: &status, &isChanged)
      wasBusy = false
      return isChanged
    }
    let isPaused = report.flags.isPaused || report.flags.isPausing
    if isPaused || report.flags.isPrinting {
      wasBusy = true
      endedEarly = false
      report.set(isPaused ? .pause : .running, .none, in: &status, &isChanged)
    } else {
      // One that was stopped stays selected; a server that began anew knows nothing of it.
      if wasBusy { endedEarly = report.percent != 100 && report.hasFile }
      wasBusy = false
      if report.hasFile, report.percent == 100 {
        // Also after one that was stopped: then another print began and ended between two looks.
        endedEarly = false
        report.set(.finish, .none, in: &status, &isChanged)
      } else if endedEarly {
        report.set(.failed, .stoppedEarly, in: &status, &isChanged)
      } else {
        report.set(.idle, .none, in: &status, &isChanged)
      }
    }
    return isChanged
  }

  // ------------------------------------------------------------------------------------- orders

  func write(
    _ order: PlainOrder, lines: Span<UInt8>, into request: inout HTTPRequest
  ) -> Bool {
    switch order {
    case .gcode:
      request.begin(gcode: lines)
    case .stop:
      request.begin("POST", "/api/job")
      request.carry {
        $0.key("command")
        $0.string("cancel")
      }
    default:
      let isPause = order == .pause
      request.begin("POST", "/api/job")
      request.carry {
        $0.key("command")
        $0.string("pause")
        $0.key("action")
        $0.string(isPause ? "pause" : "resume")
      }
    }
    return true
  }

  func writeStart(
    of file: Span<UInt8>, in storage: Text<32>, into request: inout HTTPRequest
  ) {
    request.begin("POST") {
      $0.put("/api/files/local/")
      PercentCoding.encode(file, into: &$0)
    }
    request.carry {
      $0.key("command")
      $0.string("select")
      $0.key("print")
      $0.bool(true)
    }
  }
}
