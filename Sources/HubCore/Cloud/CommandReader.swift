// Fills a `Command` from the JSON of a message while the message arrives. What it does not know it
// passes over; what is too long it notes, so that the command can be refused by name.

import Wire

/// Reads one message from the cloud, in chunks cut anywhere.
struct CommandReader: ~Copyable {
  fileprivate enum Field {
    case unknown
    case type, commandID, action, printerID, jobID, fileURL, fileName, fileSize, plate, useAMS
    case heartbeatSeconds, sequence, printer
    case serialNumber, ipAddress, accessCode, name, model, mqttPort, ftpsPort
  }

  private let pinned = Pinned()
  private var reader: JSONReader
  private var skipper = JSONSkipper()
  private var isSkipping = false
  private var field = Field.unknown
  private var isInPrinter = false
  var command: Command

  init(scratch: UnsafeMutableBufferPointer<UInt8>, fileURL: UnsafeMutableBufferPointer<UInt8>) {
    reader = unsafe JSONReader(scratch: scratch)
    command = unsafe Command(fileURL: fileURL)
  }

  /// Forgets what it has read and is ready for another message.
  mutating func begin() {
    reader.reset()
    isSkipping = false
    isInPrinter = false
    field = .unknown
    command.removeAll()
  }

  /// Reads one chunk of the message.
  mutating func read(_ chunk: Span<UInt8>) throws(JSONError) {
    var position = 0
    while true {
      let token = try reader.next(chunk, at: &position)
      if token == .needsMore || token == .end { return }
      take(token)
    }
  }

  /// The message is over; it must be whole.
  mutating func finish() throws(JSONError) { try reader.finish() }

  private mutating func take(_ token: JSONToken) {
    if isSkipping {
      isSkipping = !skipper.done(after: token)
      return
    }
    switch token {
    case .key:
      field = isInPrinter ? printerField() : topField()
    case .beginObject:
      if reader.depth == 1 { return }
      if field == .printer, !isInPrinter {
        isInPrinter = true
      } else {
        skip(token)
      }
    case .endObject:
      isInPrinter = false
    case .string, .number, .bool:
      fill(token)
    case .beginArray:
      skip(token)
    case .null, .endArray, .needsMore, .end:
      break
    }
  }

  private mutating func skip(_ token: JSONToken) {
    skipper = JSONSkipper()
    isSkipping = !skipper.done(after: token)
  }

  private func topField() -> Field {
    if reader.textEquals("type") { return .type }
    if reader.textEquals("command_id") { return .commandID }
    if reader.textEquals("action") { return .action }
    if reader.textEquals("printer_id") { return .printerID }
    if reader.textEquals("job_id") { return .jobID }
    if reader.textEquals("file_url") { return .fileURL }
    if reader.textEquals("file_name") { return .fileName }
    if reader.textEquals("file_size") { return .fileSize }
    if reader.textEquals("plate") { return .plate }
    if reader.textEquals("use_ams") { return .useAMS }
    if reader.textEquals("heartbeat_seconds") { return .heartbeatSeconds }
    if reader.textEquals("seq") { return .sequence }
    if reader.textEquals("printer") { return .printer }
    return .unknown
  }

  private func printerField() -> Field {
    if reader.textEquals("serial_number") { return .serialNumber }
    if reader.textEquals("ip_address") { return .ipAddress }
    if reader.textEquals("access_code") { return .accessCode }
    if reader.textEquals("name") { return .name }
    if reader.textEquals("model") { return .model }
    if reader.textEquals("mqtt_port") { return .mqttPort }
    if reader.textEquals("ftps_port") { return .ftpsPort }
    return .unknown
  }

  private mutating func fill(_ token: JSONToken) {
    // At the top level, or in an array that nobody expects, there is no field.
    guard reader.depth == (isInPrinter ? 2 : 1) else { return }
    if case .bool(let value) = token {
      if field == .useAMS { command.usesAMS = value }
    } else {
      command.take(field, from: reader)
    }
  }
}

extension Command {
  /// Takes the text or number that was read last as the value of a field.
  fileprivate mutating func take(_ field: CommandReader.Field, from reader: borrowing JSONReader) {
    let text = reader.text
    switch field {
    case .unknown, .printer, .useAMS: break
    case .type:
      kindName.setBeginning(of: text)
      kind = Kind(text)
    case .action:
      actionName.setBeginning(of: text)
      action = Action(text)
    case .commandID: note("command_id", id.set(text), reader)
    case .printerID: note("printer_id", printerID.set(text), reader)
    case .jobID: note("job_id", jobID.set(text), reader)
    case .fileURL: note("file_url", fileURL.set(text), reader)
    case .fileName: fileName.setBeginning(of: text)
    case .fileSize: fileSize = reader.integer ?? 0
    case .plate: plate = reader.integer ?? 0
    case .heartbeatSeconds: heartbeatSeconds = reader.integer ?? 0
    case .sequence: sequence = reader.integer ?? 0
    case .serialNumber: note("serial_number", printer.serial.set(text), reader)
    case .ipAddress: note("ip_address", printer.address.set(text), reader)
    case .accessCode: note("access_code", printer.accessCode.set(text), reader)
    case .name: printer.name.setBeginning(of: text)
    case .model: printer.model.setBeginning(of: text)
    case .mqttPort: printer.mqttPort = Self.port(reader) ?? printer.mqttPort
    case .ftpsPort: printer.ftpsPort = Self.port(reader) ?? printer.ftpsPort
    }
  }

  private mutating func note(
    _ name: StaticString, _ fits: Bool, _ reader: borrowing JSONReader
  ) {
    if !fits || reader.isTextCut, oversizedField == nil { oversizedField = name }
  }

  private static func port(_ reader: borrowing JSONReader) -> UInt16? {
    guard let number = reader.integer, number > 0, number <= 65_535 else { return nil }
    return UInt16(truncatingIfNeeded: number)
  }
}

extension Command.Kind {
  init(_ name: Span<UInt8>) {
    if equals(name, "cloud_hello") {
      self = .cloudHello
    } else if equals(name, "configure_printer") {
      self = .configurePrinter
    } else if equals(name, "print_command") {
      self = .printCommand
    } else if equals(name, "printer_command") {
      self = .printerCommand
    } else if equals(name, "event_ack") {
      self = .eventAcknowledgement
    } else {
      self = .unknown
    }
  }
}

extension Command.Action {
  init(_ name: Span<UInt8>) {
    if equals(name, "add") {
      self = .add
    } else if equals(name, "update") {
      self = .update
    } else if equals(name, "remove") {
      self = .remove
    } else if equals(name, "start") {
      self = .start
    } else if equals(name, "pause") {
      self = .pause
    } else if equals(name, "resume") {
      self = .resume
    } else if equals(name, "stop") {
      self = .stop
    } else {
      self = .unknown
    }
  }
}
