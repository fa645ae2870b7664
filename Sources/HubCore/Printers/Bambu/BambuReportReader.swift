// Fills a `BambuReport` from the JSON of a message while the message arrives, through a window of
// any size. Fields that are unknown, null or of the wrong type are passed over: firmware updates
// bring them, and a printer must not be lost for that.

import Wire

/// Reads one message of a printer, in chunks cut anywhere.
struct BambuReportReader: ~Copyable {
  fileprivate enum Field {
    case unknown
    case command, sequence, result, reason
    case state, percent, layer, totalLayers, remainingMinutes
    case nozzle, bed, chamber, error, stage, startTime, shownName, file
    case ams, trayNow
  }

  /// Where in the message we are.
  private enum Place { case outside, top, print, info, ams }

  private let pinned = Pinned()
  private var reader: JSONReader
  private var skipper = JSONSkipper()
  private var isSkipping = false
  private var place = Place.outside
  private var field = Field.unknown
  /// What the top key just read leads to.
  private var opening = BambuReport.Topic.other
  private(set) var report = BambuReport()

  init(scratch: UnsafeMutableBufferPointer<UInt8>) {
    reader = unsafe JSONReader(scratch: scratch)
  }

  /// Forgets what it has read and is ready for another message.
  mutating func begin() {
    reader.reset()
    isSkipping = false
    place = .outside
    field = .unknown
    opening = .other
    report = BambuReport()
  }

  /// Reads one chunk of the message.
  mutating func read(_ chunk: Span<UInt8>) throws(JSONError) {
    var position = 0
    while true {
      let token = try reader.next(chunk, at: &position)
      if token == .needsMore || token == .end { return }
      if isSkipping {
        isSkipping = !skipper.done(after: token)
      } else {
        take(token)
      }
    }
  }

  /// The message is over; it must be whole.
  mutating func finish() throws(JSONError) { try reader.finish() }

  private mutating func take(_ token: JSONToken) {
    switch token {
    case .key: takeKey()
    case .beginObject: enter(token)
    case .endObject: leave()
    case .string, .number: report.take(field, from: reader)
    case .beginArray: skip(token)
    case .bool, .null, .endArray, .needsMore, .end: break
    }
  }

  private mutating func enter(_ token: JSONToken) {
    switch place {
    case .outside: place = .top
    case .top where opening == .print: place = .print
    case .top where opening == .info: place = .info
    case .print where field == .ams: place = .ams
    case .top, .print, .info, .ams: skip(token)
    }
    field = .unknown
  }

  private mutating func leave() {
    switch place {
    case .ams: place = .print
    case .print, .info: place = .top
    case .top, .outside: place = .outside
    }
    field = .unknown
  }

  private mutating func skip(_ token: JSONToken) {
    skipper = JSONSkipper()
    isSkipping = !skipper.done(after: token)
  }

  private mutating func takeKey() {
    switch place {
    case .outside: break
    case .top:
      // A message has one key at the top; with more, the first that we know counts.
      opening = .other
      guard report.topic == .other else { return }
      if reader.textEquals("print") {
        opening = .print
      } else if reader.textEquals("info") {
        opening = .info
      }
      report.topic = opening
    case .print: field = printField()
    case .info:
      field =
        reader.textEquals("command")
        ? .command
        : reader.textEquals("sequence_id") ? .sequence : .unknown
    case .ams: field = reader.textEquals("tray_now") ? .trayNow : .unknown
    }
  }

  /// Most fields of a report are none of ours, so their lengths are looked at first.
  private func printField() -> Field {
    switch reader.text.count {
    case 3: if reader.textEquals("ams") { return .ams }
    case 6:
      if reader.textEquals("result") { return .result }
      if reader.textEquals("reason") { return .reason }
    case 7:
      if reader.textEquals("command") { return .command }
      if reader.textEquals("stg_cur") { return .stage }
    case 9: if reader.textEquals("layer_num") { return .layer }
    case 10:
      if reader.textEquals("mc_percent") { return .percent }
      if reader.textEquals("bed_temper") { return .bed }
      if reader.textEquals("gcode_file") { return .file }
    case 11:
      if reader.textEquals("gcode_state") { return .state }
      if reader.textEquals("print_error") { return .error }
      if reader.textEquals("sequence_id") { return .sequence }
    case 12: if reader.textEquals("subtask_name") { return .shownName }
    case 13: if reader.textEquals("nozzle_temper") { return .nozzle }
    case 14: if reader.textEquals("chamber_temper") { return .chamber }
    case 15: if reader.textEquals("total_layer_num") { return .totalLayers }
    case 16: if reader.textEquals("gcode_start_time") { return .startTime }
    case 17: if reader.textEquals("mc_remaining_time") { return .remainingMinutes }
    default: break
    }
    return .unknown
  }
}

extension BambuReport {
  /// Takes the text or number that was read last as the value of a field.
  fileprivate mutating func take(
    _ field: BambuReportReader.Field, from reader: borrowing JSONReader
  ) {
    switch field {
    case .unknown, .ams: break
    case .command: command.setBeginning(of: reader.text)
    case .sequence: sequence.setBeginning(of: reader.text)
    case .reason: reason.setBeginning(of: reader.text)
    case .result:
      if equalsIgnoringCase(reader.text, "success") { result = true }
      if equalsIgnoringCase(reader.text, "fail") { result = false }
    case .state:
      state = MachineState(reader.text)
      hasUnknownState = state == nil
    case .percent: percent = Self.number(reader, from: 0, to: 100)
    case .layer: layer = Self.number(reader, from: 0, to: 1_000_000)
    case .totalLayers: totalLayers = Self.number(reader, from: 0, to: 1_000_000)
    case .remainingMinutes: remainingMinutes = Self.number(reader, from: 0, to: 1_000_000)
    case .nozzle: nozzle = Self.temperature(reader)
    case .bed: bed = Self.temperature(reader)
    case .chamber: chamber = Self.temperature(reader)
    case .error:
      if let code = reader.integer { error = PrinterError(code: UInt32(truncatingIfNeeded: code)) }
    case .stage: stage = Self.number(reader, from: -1, to: 255)
    case .trayNow: trayNow = Self.number(reader, from: 0, to: 255)
    case .startTime: startTime = reader.integer
    case .shownName:
      shownName.setBeginning(of: reader.text)
      hasShownName = true
    case .file:
      file.setBeginning(of: reader.text)
      hasFile = true
    }
  }

  private static func number(
    _ reader: borrowing JSONReader, from least: Int, to most: Int
  ) -> Int? {
    guard let number = reader.fixedPoint(decimals: 0), number >= least, number <= most
    else { return nil }
    return number
  }

  private static func temperature(_ reader: borrowing JSONReader) -> Int? {
    guard let tenths = reader.fixedPoint(decimals: 1), tenths > -1_000, tenths < 10_000
    else { return nil }
    return tenths
  }
}
