// What hubs say, taken apart in one pass without a document in between: `printer_status` comes by the
// thousand. Members that we do not know are skipped; one that is there twice counts the last time.

import Wire

/// One message of a hub.
struct HubMessage {
  enum Kind {
    case hello, printerStatus, jobStatus, fileProgress, commandAck, health, crash, diagnostics
    case fileURLRequest, fileRequest, discoveredPrinters, updateProgress, unknown
  }

  var kind = Kind.unknown
  var typeName = ""

  // hub_hello
  var hubID: String?
  var firmwareVersion: String?
  var hardwareRevision: String?
  var uptimeSeconds: Int?
  var wifiSignal: Int?
  /// On the network of its printers.
  var localAddress: String?
  var signature: String?
  var claimToken: String?
  /// Under which the events of this boot are numbered.
  var eventEpoch: Int?

  // whatever must not be lost
  var sequence: Int?
  /// How long ago it happened.
  var secondsAgo: Int?

  // printer_status, job_status, file_progress
  var printerID: String?
  var report: PrinterReport?
  var jobID: String?
  var phase: String?
  var progress: Int?
  var errorMessage: String?
  var bytesSent: Int?
  var bytesTotal: Int?

  // file_request
  var stream: Int?
  var tag: Int?
  var offset: Int?
  var count: Int?

  // command_ack
  var commandID: String?
  var isSuccess: Bool?
}

/// Reads hubs' messages.
final class HubMessageReader {
  /// Longer texts are cut; none that we act on is longer.
  private static let textLimit = 512
  private let scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: textLimit)

  deinit { scratch.deallocate() }

  /// Throws for bytes that are no JSON object.
  func read(_ bytes: [UInt8]) throws(JSONError) -> HubMessage {
    var reader = JSONReader(scratch: scratch)
    var message = HubMessage()
    var position = 0
    let input = bytes.span
    guard try reader.next(input, at: &position) == .beginObject else { throw .unexpectedByte }
    try readMembers(bytes, &position, &reader, &message)
    // Blanks may follow, nothing else.
    guard try reader.next(input, at: &position) == .end else { throw .trailingBytes }
    return message
  }

  private func readMembers(
    _ bytes: [UInt8], _ position: inout Int, _ reader: inout JSONReader,
    _ message: inout HubMessage
  ) throws(JSONError) {
    let input = bytes.span
    while true {
      switch try reader.next(input, at: &position) {
      case .key: break
      case .endObject: return
      case .needsMore: throw .truncated
      default: throw .unexpectedByte
      }
      let field = Field(reader)
      let token = try reader.next(input, at: &position)
      switch token {
      case .beginObject where field == .status:
        var report = PrinterReport()
        let start = position - 1
        try readReport(input, &position, &reader, &report)
        report.source = Array(bytes[start..<position])
        message.report = report
      case .beginObject, .beginArray:
        reader.skip()
      case .needsMore:
        throw .truncated
      default:
        set(field, token, reader, &message)
      }
    }
  }

  private func readReport(
    _ input: Span<UInt8>, _ position: inout Int, _ reader: inout JSONReader,
    _ report: inout PrinterReport
  ) throws(JSONError) {
    while true {
      switch try reader.next(input, at: &position) {
      case .key: break
      case .endObject: return
      case .needsMore: throw .truncated
      default: throw .unexpectedByte
      }
      let field = StatusField(reader)
      let token = try reader.next(input, at: &position)
      switch token {
      case .beginObject where field == .temperatures:
        try readReport(input, &position, &reader, &report)
      case .beginArray where field == .spools:
        report.hasSpools = true
        reader.skip()
      case .beginObject, .beginArray:
        reader.skip()
      case .needsMore:
        throw .truncated
      default:
        set(field, token, reader, &report)
      }
    }
  }

  private enum Field {
    case eventEpoch, sequence, secondsAgo
    case type, claimToken, hubID, firmwareVersion, hardwareRevision, uptime, wifiSignal,
      localAddress,
      signature, printerID
    case status, jobID, phase, progress, errorMessage, bytesSent, bytesTotal, commandID, success
    case stream, tag, offset, count
    case other

    /// What comes most often stands first.
    private static let names: [(StaticString, Field)] = [
      ("type", .type), ("printer_id", .printerID), ("status", .status), ("timestamp", .other),
      ("job_id", .jobID), ("phase", .phase), ("progress_percent", .progress),
      ("error_message", .errorMessage), ("bytes_sent", .bytesSent), ("bytes_total", .bytesTotal),
      ("command_id", .commandID), ("success", .success), ("hub_id", .hubID),
      ("firmware_version", .firmwareVersion), ("hardware_revision", .hardwareRevision),
      ("uptime_seconds", .uptime), ("wifi_signal", .wifiSignal), ("signature", .signature),
      ("local_ip_address", .localAddress),
      ("claim_token", .claimToken),
      ("seq", .sequence), ("seconds_ago", .secondsAgo), ("event_epoch", .eventEpoch),
      ("stream", .stream), ("tag", .tag), ("offset", .offset), ("count", .count),
    ]

    init(_ reader: borrowing JSONReader) { self = field(reader, of: Self.names) ?? .other }
  }

  private func set(
    _ field: Field, _ token: JSONToken, _ reader: borrowing JSONReader,
    _ message: inout HubMessage
  ) {
    switch field {
    case .type:
      message.typeName = text(token, reader) ?? ""
      message.kind =
        switch message.typeName {
        case "printer_status": .printerStatus
        case "job_status": .jobStatus
        case "file_progress": .fileProgress
        case "command_ack": .commandAck
        case "file_url_request": .fileURLRequest
        case "file_request": .fileRequest
        case "discovered_printers": .discoveredPrinters
        case "hub_hello": .hello
        case "update_progress": .updateProgress
        case "hub_health": .health
        case "crash_report": .crash
        case "diagnostics": .diagnostics
        default: .unknown
        }
    case .hubID: message.hubID = text(token, reader)
    case .firmwareVersion: message.firmwareVersion = text(token, reader)
    case .hardwareRevision: message.hardwareRevision = text(token, reader)
    case .uptime: message.uptimeSeconds = number(token, reader)
    case .wifiSignal: message.wifiSignal = number(token, reader)
    case .localAddress: message.localAddress = text(token, reader)
    case .signature: message.signature = text(token, reader)
    case .claimToken: message.claimToken = text(token, reader)
    case .eventEpoch: message.eventEpoch = number(token, reader)
    case .sequence: message.sequence = number(token, reader)
    case .secondsAgo: message.secondsAgo = number(token, reader)
    case .printerID: message.printerID = text(token, reader)
    case .jobID: message.jobID = text(token, reader)
    case .phase: message.phase = text(token, reader)
    case .progress: message.progress = number(token, reader)
    case .errorMessage: message.errorMessage = text(token, reader)
    case .bytesSent: message.bytesSent = number(token, reader)
    case .bytesTotal: message.bytesTotal = number(token, reader)
    case .commandID: message.commandID = text(token, reader)
    case .stream: message.stream = number(token, reader)
    case .tag: message.tag = number(token, reader)
    case .offset: message.offset = number(token, reader)
    case .count: message.count = number(token, reader)
    case .success: if case .bool(let value) = token { message.isSuccess = value }
    case .status, .other: break
    }
  }

  private enum StatusField {
    case state, progress, layer, layerTotal, remaining, temperatures, nozzle, bed, chamber
    case currentFile, errorCode, printerState, spools, other

    private static let names: [(StaticString, StatusField)] = [
      ("state", .state), ("progress_percent", .progress), ("layer_current", .layer),
      ("layer_total", .layerTotal), ("time_remaining_minutes", .remaining),
      ("temperatures", .temperatures), ("nozzle", .nozzle), ("bed", .bed), ("chamber", .chamber),
      ("current_file", .currentFile), ("error_code", .errorCode), ("gcode_state", .printerState),
      ("ams_status", .spools),
    ]

    init(_ reader: borrowing JSONReader) { self = field(reader, of: Self.names) ?? .other }
  }

  private func set(
    _ field: StatusField, _ token: JSONToken, _ reader: borrowing JSONReader,
    _ report: inout PrinterReport
  ) {
    switch field {
    case .state:
      guard token == .string else { return }
      for (name, state) in Self.states where reader.textEquals(name) { report.state = state }
    case .progress: report.progress = number(token, reader)
    case .layer: report.layer = number(token, reader)
    case .layerTotal: report.layerTotal = number(token, reader)
    case .remaining: report.remainingMinutes = number(token, reader)
    case .nozzle: report.nozzle = token == .number ? reader.fixedPoint(decimals: 1) : nil
    case .bed: report.bed = token == .number ? reader.fixedPoint(decimals: 1) : nil
    case .chamber: report.chamber = token == .number ? reader.fixedPoint(decimals: 1) : nil
    case .currentFile: report.currentFile = text(token, reader)
    case .errorCode: report.errorCode = text(token, reader)
    case .printerState: report.printerState = text(token, reader)
    case .temperatures, .spools, .other: break
    }
  }

  private static let states: [(StaticString, PrinterReport.State)] = [
    ("idle", .idle), ("printing", .printing), ("paused", .paused), ("error", .error),
    ("offline", .offline),
  ]

  private func number(_ token: JSONToken, _ reader: borrowing JSONReader) -> Int? {
    token == .number ? reader.integer : nil
  }

  private func text(_ token: JSONToken, _ reader: borrowing JSONReader) -> String? {
    guard token == .string else { return nil }
    return reader.text.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }
}

/// What the name under way stands for.
private func field<Field>(
  _ reader: borrowing JSONReader, of names: [(StaticString, Field)]
) -> Field? {
  let count = reader.text.count
  for (name, field) in names where name.utf8CodeUnitCount == count && reader.textEquals(name) {
    return field
  }
  return nil
}
