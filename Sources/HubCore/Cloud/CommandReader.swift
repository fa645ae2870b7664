// Fills a `Command` from the JSON of a message while the message arrives. What it does not know it
// passes over; what is too long it notes, so that the command can be refused by name.

import Wire

/// Reads one message from the cloud, in chunks cut anywhere.
struct CommandReader: ~Copyable {
  fileprivate enum Field {
    case unknown
    case type, commandID, action, printerID, jobID, fileURL, fileName, fileSize, checksum, plate,
      useAMS, inPieces, servesPieces
    case heartbeatSeconds, sequence, force, printer
    case level, tray, option, temperature, mode, lines, objects, mapping
    case levelsBed, calibratesFlow, calibratesVibration, inspectsFirstLayer, recordsTimelapse
    case version, url, size, offer
    case serialNumber, ipAddress, accessCode, name, model, mqttPort, ftpsPort
    case printerKind, port, secure, userName, certificate
  }

  private let pinned = Pinned()
  private var reader: JSONReader
  private var field = Field.unknown
  private var isInPrinter = false
  /// In a list of numbers.
  private var isInList = false
  private var isInOffer = false
  var command: Command

  @inline(never)
  init(
    scratch: UnsafeMutableBufferPointer<UInt8>, fileURL: UnsafeMutableBufferPointer<UInt8>,
    order: consuming Table<OrderDetails>
  ) {
    reader = unsafe JSONReader(scratch: scratch)
    command = unsafe Command(fileURL: fileURL, order: order)
  }

  /// Forgets what it has read and is ready for another message.
  mutating func begin() {
    reader.reset()
    isInPrinter = false
    isInList = false
    isInOffer = false
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
    switch token {
    case .key:
      field = isInPrinter ? printerField() : topField()
    case .beginObject:
      if reader.depth == 1 { return }
      if field == .printer, !isInPrinter {
        isInPrinter = true
      } else if field == .offer, !isInOffer {
        isInOffer = true
      } else {
        reader.skip()
      }
    case .endObject:
      isInPrinter = false
      isInOffer = false
    case .string, .number, .bool:
      fill(token)
    case .beginArray:
      if reader.depth == 2, field == .objects || field == .mapping {
        isInList = true
      } else {
        reader.skip()
      }
    case .endArray:
      isInList = false
    case .null, .needsMore, .end:
      break
    }
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
    if reader.textEquals("sha256") || reader.textEquals("checksum") { return .checksum }
    if reader.textEquals("plate") { return .plate }
    if reader.textEquals("use_ams") { return .useAMS }
    if reader.textEquals("file_in_pieces") { return .inPieces }
    if reader.textEquals("serves_pieces") { return .servesPieces }
    if reader.textEquals("heartbeat_seconds") { return .heartbeatSeconds }
    if reader.textEquals("seq") { return .sequence }
    if reader.textEquals("force") { return .force }
    if reader.textEquals("printer") { return .printer }
    if reader.textEquals("version") { return .version }
    if reader.textEquals("url") { return .url }
    if reader.textEquals("size") { return .size }
    if reader.textEquals("firmware_update_available") { return .offer }
    return orderField()
  }

  private func orderField() -> Field {
    if reader.textEquals("level") { return .level }
    if reader.textEquals("tray") { return .tray }
    if reader.textEquals("option") { return .option }
    if reader.textEquals("temperature") { return .temperature }
    if reader.textEquals("mode") { return .mode }
    if reader.textEquals("lines") { return .lines }
    if reader.textEquals("objects") { return .objects }
    if reader.textEquals("ams_mapping") { return .mapping }
    if reader.textEquals("bed_leveling") { return .levelsBed }
    if reader.textEquals("flow_calibration") { return .calibratesFlow }
    if reader.textEquals("vibration_calibration") { return .calibratesVibration }
    if reader.textEquals("layer_inspection") { return .inspectsFirstLayer }
    return reader.textEquals("timelapse") ? .recordsTimelapse : .unknown
  }

  private func printerField() -> Field {
    if reader.textEquals("serial_number") { return .serialNumber }
    if reader.textEquals("ip_address") { return .ipAddress }
    if reader.textEquals("access_code") { return .accessCode }
    if reader.textEquals("name") { return .name }
    if reader.textEquals("model") { return .model }
    if reader.textEquals("mqtt_port") { return .mqttPort }
    if reader.textEquals("ftps_port") { return .ftpsPort }
    if reader.textEquals("kind") { return .printerKind }
    if reader.textEquals("port") { return .port }
    if reader.textEquals("secure") { return .secure }
    if reader.textEquals("certificate") { return .certificate }
    return reader.textEquals("user_name") ? .userName : .unknown
  }

  private mutating func fill(_ token: JSONToken) {
    if isInList { return command.takeElement(of: field, from: reader) }
    // At the top level, or in an array that nobody expects, there is no field.
    guard reader.depth == (isInPrinter || isInOffer ? 2 : 1) else { return }
    if case .bool(let value) = token {
      command.take(field, value)
    } else {
      command.take(field, from: reader)
    }
  }
}

extension Command {
  /// Takes a truth as the value of a field.
  fileprivate mutating func take(_ field: CommandReader.Field, _ value: Bool) {
    switch field {
    case .useAMS: usesAMS = value
    case .inPieces: comesInPieces = value
    case .servesPieces: servesPieces = value
    case .force: isForced = value
    case .secure: printer.isSecure = value
    case .levelsBed: options.levelsBed = value
    case .calibratesFlow: options.calibratesFlow = value
    case .calibratesVibration: options.calibratesVibration = value
    case .inspectsFirstLayer: options.inspectsFirstLayer = value
    case .recordsTimelapse: options.recordsTimelapse = value
    default: break
    }
  }

  /// Takes a number as an element of a list.
  fileprivate mutating func takeElement(
    of field: CommandReader.Field, from reader: borrowing JSONReader
  ) {
    guard let number = reader.integer else { return note(field, false, reader) }
    let fits =
      field == .objects ? order[0].append(object: number) : options.append(tray: number)
    note(field, fits, reader)
  }

  private mutating func note(
    _ field: CommandReader.Field, _ fits: Bool, _ reader: borrowing JSONReader
  ) {
    note(field == .objects ? "objects" : "ams_mapping", fits, reader)
  }

  /// Takes the text or number that was read last as the value of a field.
  fileprivate mutating func take(_ field: CommandReader.Field, from reader: borrowing JSONReader) {
    let text = reader.text
    switch field {
    case .unknown, .printer, .useAMS, .inPieces, .servesPieces, .force, .objects, .mapping,
      .levelsBed, .calibratesFlow, .calibratesVibration, .inspectsFirstLayer, .recordsTimelapse,
      .offer, .secure:
      break
    case .level:
      order[0].number = reader.integer
      levelName.setBeginning(of: text)
    case .tray, .option: order[0].number = reader.integer
    case .temperature: order[0].temperature = reader.integer ?? order[0].temperature
    case .mode: note("mode", order[0].word.set(text), reader)
    case .lines: note("lines", order[0].lines.set(text), reader)
    case .version: note("version", version.set(text), reader)
    case .url: note("url", fileURL.set(text), reader)
    case .size: fileSize = reader.integer ?? 0
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
    case .checksum: note("sha256", checksum.set(text), reader)
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
    case .printerKind:
      if let kind = PrinterKind(name: text) { printer.kind = kind } else { isKindUnknown = true }
    case .certificate:
      // A rule that we do not know may be a stricter one.
      let rule = CertificateRule(name: text)
      if let rule { printer.certificate = rule }
      note("certificate", rule != nil, reader)
    case .port: printer.givenPort = Self.port(reader) ?? printer.givenPort
    case .userName: note("user_name", printer.userName.set(text), reader)
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
    } else if equals(name, "discover_printers") {
      self = .discoverPrinters
    } else if equals(name, "camera_snapshot") {
      self = .cameraSnapshot
    } else if equals(name, "file_url") {
      self = .fileURL
    } else if equals(name, "event_ack") {
      self = .eventAcknowledgement
    } else if equals(name, "firmware_update") {
      self = .firmwareUpdate
    } else if equals(name, "reboot") {
      self = .reboot
    } else if equals(name, "set_log_level") {
      self = .setLogLevel
    } else if equals(name, "factory_reset") {
      self = .factoryReset
    } else if equals(name, "run_diagnostics") {
      self = .runDiagnostics
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
    } else if equals(name, "trust") {
      self = .trust
    } else if equals(name, "start") {
      self = .start
    } else if equals(name, "pause") {
      self = .pause
    } else if equals(name, "resume") {
      self = .resume
    } else if equals(name, "stop") {
      self = .stop
    } else {
      self = Self.order(name)
    }
  }

  private static func order(_ name: Span<UInt8>) -> Command.Action {
    if equals(name, "speed") { return .speed }
    if equals(name, "light") { return .light }
    if equals(name, "gcode") { return .gcode }
    if equals(name, "clear_error") { return .clearError }
    if equals(name, "load_filament") { return .load }
    if equals(name, "unload_filament") { return .unload }
    if equals(name, "ams") { return .feeder }
    if equals(name, "skip_objects") { return .skip }
    return equals(name, "calibrate") ? .calibrate : .unknown
  }
}
