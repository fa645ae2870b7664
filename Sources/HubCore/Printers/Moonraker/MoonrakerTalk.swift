// Moonraker: over HTTP until Klippy is ready, from then on over a WebSocket on which it tells what
// has changed (JSON-RPC 2.0). A server that refuses the socket is asked for the same by polling.
//
// What has to be worked out of several values is kept here, because a message has only those that
// changed.

import Wire

/// How Moonraker is spoken to.
struct MoonrakerTalk: PrinterTalk, ~Copyable {
  enum Question: Equatable { case info, trouble, objects, file }

  /// The numbers of our own requests on the socket; orders count from `firstOrder`.
  private enum ID {
    static let identify = 1
    static let subscribe = 2
    static let file = 3
  }

  static let firstOrder = 100

  private let pinned = Pinned()
  private var isReady = false
  /// Klippy has stopped: it takes nothing but a restart.
  private var isShut = false
  private var state = MachineState.unknown
  /// The last print was stopped, by whomever.
  private var wasStopped = false
  private var elapsed = 0
  private var percent = 0
  /// What the slicer thought, of the file that is known; 0 when nobody knows.
  private var estimate = 0
  /// A short digest of the name of the file that is known; 0 for none.
  private var file: UInt32 = 0
  private var wantsFile = false

  init() {}

  mutating func begin(isGreeting: Bool) -> Question {
    isReady = false
    return .info
  }

  func write(
    _ question: Question, _ report: borrowing PolledReport, into request: inout HTTPRequest
  ) {
    switch question {
    case .info: request.begin("GET", "/server/info")
    case .trouble: request.begin("GET", "/printer/info")
    case .objects:
      request.begin("GET") {
        $0.put("/printer/objects/query?webhooks&print_stats&virtual_sdcard=progress&fan=speed")
        $0.put("&extruder=temperature,target&heater_bed=temperature,target")
        $0.put("&gcode_move=speed_factor")
      }
    case .file:
      let name = report.file
      request.begin("GET") {
        $0.put("/server/files/metadata?filename=")
        PercentCoding.encode(name.span, into: &$0)
      }
    }
  }

  // ----------------------------------------------------------------------------------- answers

  func take(_ token: JSONToken, _ json: borrowing PathReader, into report: inout PolledReport) {
    if let start = json.behind("params/#/") ?? json.behind("result/status/") {
      Self.takeObject(token, json, behind: start, into: &report)
    } else if token == .number {
      if json.stands(at: "id") {
        report.id = json.number(upTo: 1_000_000_000)
      } else if json.stands(at: "error/code") {
        report.hasFailed = true
      } else if json.stands(at: "result/estimated_time") {
        report.estimatedSeconds = json.number(upTo: 100_000_000)
      } else if json.stands(at: "result/layer_count") {
        report.totalLayers = json.number(upTo: 100_000)
      }
    } else if token == .string {
      if json.stands(at: "method") {
        report.method.setPrintable(json.text)
      } else if json.stands(at: "result/klippy_state") || json.stands(at: "result/state") {
        report.inner.setPrintable(json.text)
      } else if json.stands(at: "result/state_message") || json.stands(at: "error/message") {
        report.remark.setPrintable(json.text)
      } else if json.stands(at: "result/moonraker_version") {
        report.takeFirmware(json.text)
      }
    }
  }

  private static func takeObject(
    _ token: JSONToken, _ json: borrowing PathReader, behind start: Int,
    into report: inout PolledReport
  ) {
    if token == .number { return takeNumber(json, behind: start, into: &report) }
    guard token == .string else { return }
    if json.stands(at: "print_stats/state", behind: start) {
      report.word.setPrintable(json.text)
    } else if json.stands(at: "print_stats/filename", behind: start) {
      report.takeFile(json.text)
    } else if json.stands(at: "print_stats/message", behind: start) {
      if !json.text.isEmpty { report.remark.setPrintable(json.text) }
    } else if json.stands(at: "webhooks/state", behind: start) {
      report.inner.setPrintable(json.text)
    } else if json.stands(at: "webhooks/state_message", behind: start) {
      // What Klippy says of itself counts only where the print has no words of its own.
      if report.remark.isEmpty { report.remark.setPrintable(json.text) }
    }
  }

  private static func takeNumber(
    _ json: borrowing PathReader, behind start: Int, into report: inout PolledReport
  ) {
    if json.stands(at: "extruder/temperature", behind: start) {
      report.nozzle = json.temperature
    } else if json.stands(at: "extruder/target", behind: start) {
      report.nozzleTarget = json.temperature
    } else if json.stands(at: "heater_bed/temperature", behind: start) {
      report.bed = json.temperature
    } else if json.stands(at: "heater_bed/target", behind: start) {
      report.bedTarget = json.temperature
    } else if json.stands(at: "virtual_sdcard/progress", behind: start) {
      report.percent = json.fixedPoint(decimals: 2, from: 0, to: 100)
    } else if json.stands(at: "print_stats/print_duration", behind: start) {
      report.elapsedSeconds = json.number(upTo: 100_000_000)
    } else if json.stands(at: "print_stats/info/current_layer", behind: start) {
      report.layer = json.number(upTo: 100_000)
    } else if json.stands(at: "print_stats/info/total_layer", behind: start) {
      report.totalLayers = json.number(upTo: 100_000)
    } else if json.stands(at: "fan/speed", behind: start) {
      report.fan = json.fixedPoint(decimals: 2, from: 0, to: 100)
    } else if json.stands(at: "gcode_move/speed_factor", behind: start) {
      report.speedPercent = json.fixedPoint(decimals: 2, from: 0, to: 1_000)
    }
  }

  mutating func answered(
    _ question: Question, status: UInt16, _ report: inout PolledReport, now: Uptime
  ) -> Verdict<Question> {
    if status == 401 || status == 403 { return .wrongKey }
    switch (question, status) {
    case (.info, 200): return klippy(report)
    case (.trouble, 200): return .whole
    case (.objects, 200):
      if isStarting(report) { return .away(.klippyStarts) }
      isReady = !isOver(report.inner)
      noteFile(report)
      return isReady && wantsFile ? .ask(.file) : .whole
    case (.file, _):
      wantsFile = false
      return .whole
    // Klippy went away between two questions.
    case (.objects, 404), (.objects, 503), (.trouble, 503):
      return report.remark.isEmpty ? .missed : .away(.klippyGone)
    default: return .missed
    }
  }

  private func klippy(_ report: borrowing PolledReport) -> Verdict<Question> {
    if report.inner.equals("ready") { return .ask(.objects) }
    if isOver(report.inner) { return .ask(.trouble) }
    if isStarting(report) { return .away(.klippyStarts) }
    if report.inner.isEmpty { return .missed }
    return .away(.klippyGone)
  }

  /// Klippy answers already, and takes no orders yet.
  private func isStarting(_ report: borrowing PolledReport) -> Bool {
    report.inner.equals("startup")
  }

  private func isOver(_ word: Text<16>) -> Bool {
    word.equals("shutdown") || word.equals("error")
  }

  private mutating func noteFile(_ report: borrowing PolledReport) {
    let name = report.file
    let digest = name.isEmpty ? 0 : CRC32.of(name.span)
    guard report.hasFile, digest != file else { return }
    file = digest
    estimate = 0
    wantsFile = !name.isEmpty
  }

  mutating func lay(_ report: borrowing PolledReport, over status: inout PrinterStatus) -> Bool {
    var isChanged = report.merge(into: &status)
    if !report.inner.isEmpty { isShut = isOver(report.inner) }
    if let new = MachineState(klipper: report.word.span) { state = new }
    if let seconds = report.elapsedSeconds { elapsed = seconds }
    if let seconds = report.estimatedSeconds { estimate = seconds }
    if let new = report.percent { percent = new }
    if report.word.equals("cancelled") {
      wasStopped = true
    } else if !report.word.isEmpty {
      wasStopped = false
    }
    if isShut || state == .failed && !wasStopped {
      report.set(.failed, .inWords, in: &status, &isChanged)
    } else {
      report.set(state, wasStopped ? .stoppedEarly : .none, in: &status, &isChanged)
    }
    let minutes = remainingMinutes
    if status.remainingMinutes != minutes {
      status.remainingMinutes = minutes
      isChanged = true
    }
    return isChanged
  }

  private var remainingMinutes: Int {
    guard state.isBusy else { return 0 }
    var left = 0
    if estimate > 0 {
      left = estimate - elapsed
    } else if percent > 0 {
      left = elapsed / percent * (100 - percent)
    }
    return left > 0 ? (left + 59) / 60 : 0
  }

  // ------------------------------------------------------------------------------------- orders

  func unsupported(_ order: ControlOrder) -> Unsupported? {
    // Klippy forgets its trouble when it is restarted.
    order == .clearError ? nil : Unsupported(order)
  }

  func write(
    _ order: PlainOrder, lines: Span<UInt8>, into request: inout HTTPRequest
  ) -> Bool {
    request.begin("POST") {
      switch order {
      case .gcode:
        $0.put("/printer/gcode/script?script=")
        PercentCoding.encode(lines, into: &$0)
      case .pause: $0.put("/printer/print/pause")
      case .resume: $0.put("/printer/print/resume")
      case .stop: $0.put("/printer/print/cancel")
      default: $0.put("/printer/firmware_restart")
      }
    }
    request.carryNothing()
    return true
  }

  func writeStart(
    of file: Span<UInt8>, in storage: Text<32>, into request: inout HTTPRequest
  ) {
    request.begin("POST") {
      $0.put("/printer/print/start?filename=")
      PercentCoding.encode(file, into: &$0)
    }
    request.carryNothing()
  }

  // ------------------------------------------------------------------------------------- socket

  var wantsSocket: Bool { isReady }

  func writeUpgrade(into request: inout HTTPRequest) {
    request.begin("GET", "/websocket")
    request.upgrade()
  }

  func writeQuestion(
    _ question: SocketQuestion, _ key: Span<UInt8>, _ report: borrowing PolledReport,
    into json: inout JSONWriter
  ) {
    switch question {
    case .greeting:
      Self.begin("server.connection.identify", ID.identify, into: &json)
      json.key("params")
      json.beginObject()
      json.key("client_name")
      json.string("hubrig")
      json.key("version")
      json.string(Firmware.version)
      json.key("type")
      json.string("agent")
      json.key("url")
      json.string("")
      if !key.isEmpty {
        json.key("api_key")
        json.string(key)
      }
    case .everything:
      Self.begin("printer.objects.subscribe", ID.subscribe, into: &json)
      json.key("params")
      json.beginObject()
      json.key("objects")
      json.beginObject()
      for object in 0..<Self.objectCount {
        json.key(Self.object(object))
        json.null()
      }
      json.endObject()
    case .file:
      Self.begin("server.files.metadata", ID.file, into: &json)
      json.key("params")
      json.beginObject()
      json.key("filename")
      let name = report.file
      json.string(name.span)
    }
    json.endObject()
    json.endObject()
  }

  private static let objectCount = 7

  private static func object(_ number: Int) -> StaticString {
    switch number {
    case 0: "webhooks"
    case 1: "print_stats"
    case 2: "virtual_sdcard"
    case 3: "extruder"
    case 4: "heater_bed"
    case 5: "gcode_move"
    default: "fan"
    }
  }

  /// Nil is the start of a print.
  func writeSocketOrder(
    _ order: PlainOrder?, id: Int, lines: Span<UInt8>, file: Span<UInt8>,
    into json: inout JSONWriter
  ) {
    guard let order else {
      Self.begin("printer.print.start", id + Self.firstOrder, into: &json)
      json.key("params")
      json.beginObject()
      json.key("filename")
      json.string(file)
      json.endObject()
      json.endObject()
      return
    }
    switch order {
    case .gcode:
      Self.begin("printer.gcode.script", id + Self.firstOrder, into: &json)
      json.key("params")
      json.beginObject()
      json.key("script")
      json.string(lines)
      json.endObject()
    case .pause: Self.begin("printer.print.pause", id + Self.firstOrder, into: &json)
    case .resume: Self.begin("printer.print.resume", id + Self.firstOrder, into: &json)
    case .stop: Self.begin("printer.print.cancel", id + Self.firstOrder, into: &json)
    default: Self.begin("printer.firmware_restart", id + Self.firstOrder, into: &json)
    }
    json.endObject()
  }

  private static func begin(_ method: StaticString, _ id: Int, into json: inout JSONWriter) {
    json.beginObject()
    json.key("jsonrpc")
    json.string("2.0")
    json.key("id")
    json.integer(id)
    json.key("method")
    json.string(method)
  }

  mutating func heard(_ report: borrowing PolledReport, now: Uptime) -> Hearing {
    if let id = report.id {
      if id >= Self.firstOrder { return .answer(sequence: id - Self.firstOrder) }
      switch id {
      case ID.subscribe:
        if report.hasFailed || isStarting(report) { return .askAround }
        noteFile(report)
        return .all
      case ID.file: return report.hasFailed ? .nothing : .news
      case ID.identify: return report.hasFailed ? .askAround : .nothing
      default: return .nothing
      }
    }
    if report.method.equals("notify_status_update") {
      if isStarting(report) { return .askAround }
      noteFile(report)
      return .news
    }
    if report.method.equals("notify_klippy_ready") { return .followAgain }
    if report.method.equals("notify_klippy_shutdown")
      || report.method.equals("notify_klippy_disconnected")
    {
      return .askAround
    }
    return .nothing
  }

  mutating func takeFileQuestion() -> Bool {
    defer { wantsFile = false }
    return wantsFile
  }
}

extension MachineState {
  /// What `print_stats` calls it; nil for a word that nobody knows, or none.
  init?(klipper word: Span<UInt8>) {
    if equals(word, "standby") {
      self = .idle
    } else if equals(word, "printing") {
      self = .running
    } else if equals(word, "paused") {
      self = .pause
    } else if equals(word, "complete") {
      self = .finish
    } else if equals(word, "cancelled") || equals(word, "error") {
      self = .failed
    } else {
      return nil
    }
  }
}
