// Fills a `BambuReport` from the JSON of a message while the message arrives, through a window of
// any size. Fields that are unknown, null or of the wrong type are passed over: firmware updates
// bring them, and a printer must not be lost for that.
//
// Fields come in any order, the number of a unit or place after what it holds as well as before:
// each is gathered apart and put where it belongs when it is whole.

import Wire

/// Reads one message of a printer, in chunks cut anywhere.
package struct BambuReportReader: ~Copyable {
  /// Where in the message we are.
  private enum Place {
    case outside, top, print, info, system
    case ams, units, unit, trays, tray, external, externals
    case alarms, alarm, lights, light, skipped, modules, module
  }

  private let pinned = Pinned()
  private var reader: JSONReader
  private var place = Place.outside
  private var field = BambuField.unknown
  /// What the top key just read leads to.
  private var opening = BambuReport.Topic.other
  private(set) var report = BambuReport()

  // What is being gathered.
  private var unit = FilamentUnit()
  private var tray = Tray()
  private var trayNumber: UInt8?
  private var alarm = Alarm()
  private var lightIsChamber = false
  private var lightMode = PrinterStatus.Light.unknown
  private var moduleIsMain = false
  private var moduleVersion = FirmwareVersion()

  package init(scratch: UnsafeMutableBufferPointer<UInt8>) {
    reader = unsafe JSONReader(scratch: scratch)
  }

  /// Forgets what it has read and is ready for another message.
  package mutating func begin() {
    reader.reset()
    place = .outside
    field = .unknown
    opening = .other
    report = BambuReport()
  }

  /// Reads one chunk of the message.
  package mutating func read(_ chunk: Span<UInt8>) throws(JSONError) {
    var position = 0
    while true {
      let token = try reader.next(chunk, at: &position)
      if token == .needsMore || token == .end { return }
      take(token)
    }
  }

  /// The message is over; it must be whole.
  package mutating func finish() throws(JSONError) { try reader.finish() }

  private mutating func take(_ token: JSONToken) {
    switch token {
    case .key: takeKey()
    case .beginObject: enterObject()
    case .beginArray: enterArray()
    case .endObject, .endArray: leave()
    case .string, .number: takeValue()
    case .bool(let value): report.take(field, value)
    case .null, .needsMore, .end: break
    }
  }

  // ---------------------------------------------------------------------------- in and out again

  private mutating func enterObject() {
    switch place {
    case .outside: place = .top
    case .top where opening == .print: place = .print
    case .top where opening == .info: place = .info
    case .top where opening == .system: place = .system
    case .print where field == .ams: place = .ams
    case .print where field == .external:
      place = .external
      beginTray()
    case .externals:
      place = .external
      beginTray()
    case .units:
      place = .unit
      unit = FilamentUnit()
    case .trays:
      place = .tray
      beginTray()
    case .alarms:
      place = .alarm
      alarm = Alarm()
    case .lights:
      place = .light
      lightIsChamber = false
      lightMode = .unknown
    case .modules:
      place = .module
      moduleIsMain = false
      moduleVersion.removeAll()
    default: reader.skip()
    }
    field = .unknown
  }

  private mutating func enterArray() {
    switch (place, field) {
    case (.print, .alarms):
      place = .alarms
      report.hasAlarms = true
      report.alarms.removeAll()
    case (.print, .lights): place = .lights
    case (.print, .skipped):
      place = .skipped
      report.hasSkippedObjects = true
      report.skippedObjects = 0
    case (.print, .externals): place = .externals
    case (.ams, .units):
      place = .units
      report.filament.beginUnits()
    case (.unit, .trays): place = .trays
    case (.info, .modules): place = .modules
    default: reader.skip()
    }
    field = .unknown
  }

  private mutating func leave() {
    switch place {
    case .outside, .top: place = .outside
    case .print, .info, .system: place = .top
    case .ams, .alarms, .lights, .skipped, .externals: place = .print
    case .units: place = .ams
    case .unit:
      report.filament.append(unit)
      place = .units
    case .trays: place = .unit
    case .tray:
      if let trayNumber, trayNumber < FilamentUnit.trayLimit {
        unit.trays[Int(trayNumber)] = tray
      }
      place = .trays
    case .external:
      // A printer with two nozzles has a second holder, 255; the first stands for both.
      if trayNumber == 254 || trayNumber == nil { report.filament.external = tray }
      place = reader.depth == 3 ? .externals : .print
    case .alarm:
      report.alarms.append(alarm)
      place = .alarms
    case .light:
      if lightIsChamber, lightMode != .unknown { report.light = lightMode }
      place = .lights
    case .modules: place = .info
    case .module:
      if moduleIsMain {
        report.firmware = moduleVersion
        report.hasFirmware = true
      }
      place = .modules
    }
    field = .unknown
  }

  private mutating func beginTray() {
    tray = Tray()
    tray.said.place = true
    trayNumber = nil
  }

  private mutating func takeKey() {
    switch place {
    case .outside, .units, .trays, .externals, .alarms, .lights, .skipped, .modules: break
    case .top:
      // A message has one key at the top; with more, the first that we know counts.
      opening = report.topic == .other ? .of(reader) : .other
      if opening == .other { reader.skip() } else { report.topic = opening }
      return
    case .print: field = .ofPrint(reader)
    case .info, .system: field = .ofAnswer(reader)
    case .ams: field = .ofSupply(reader)
    case .unit: field = .ofUnit(reader)
    case .tray, .external: field = .ofTray(reader)
    case .alarm: field = .ofAlarm(reader)
    case .light: field = .ofLight(reader)
    case .module: field = .ofModule(reader)
    }
    if field == .unknown { reader.skip() }
  }

  // ------------------------------------------------------------------------------------- values

  private mutating func takeValue() {
    switch place {
    case .outside, .top, .units, .trays, .externals, .alarms, .lights, .modules: break
    case .print, .info, .system, .ams: report.take(field, from: reader)
    case .skipped:
      if report.skippedObjects < .max { report.skippedObjects += 1 }
    case .unit: unit.take(field, from: reader)
    case .tray, .external:
      if field == .number {
        trayNumber = BambuReport.number(reader, from: 0, to: 255).map {
          UInt8(truncatingIfNeeded: $0)
        }
      } else {
        tray.take(field, from: reader)
      }
    case .alarm: alarm.take(field, from: reader)
    case .light:
      if field == .node { lightIsChamber = reader.textEquals("chamber_light") }
      if field == .mode { lightMode = PrinterStatus.Light(reader) }
    case .module:
      if field == .name { moduleIsMain = reader.textEquals("ota") }
      if field == .version { moduleVersion.setPrintable(in: reader) }
    }
  }
}

extension BambuReport.Topic {
  fileprivate static func of(_ reader: borrowing JSONReader) -> BambuReport.Topic {
    if reader.textEquals("print") { return .print }
    if reader.textEquals("info") { return .info }
    return reader.textEquals("system") ? .system : .other
  }
}

// Each takes the text or number that was read last as the value of a field.

extension FilamentUnit {
  fileprivate mutating func take(_ field: BambuField, from reader: borrowing JSONReader) {
    switch field {
    case .number:
      if let number = BambuReport.number(reader, from: 0, to: 254) {
        self.number = UInt8(truncatingIfNeeded: number)
      }
    case .humidity:
      if let level = BambuReport.number(reader, from: 0, to: 100) {
        humidity = UInt8(truncatingIfNeeded: level)
      }
    case .temperature:
      if let tenths = BambuReport.temperature(reader) {
        temperature = Int16(truncatingIfNeeded: tenths)
      }
    default: break
    }
  }
}

extension Tray {
  fileprivate mutating func take(_ field: BambuField, from reader: borrowing JSONReader) {
    switch field {
    case .kind:
      kind.setPrintable(reader.text)
      said.kind = true
    case .color:
      guard let digits = hexadecimalInteger(reader.text) else { return }
      color = reader.text.count == 6 ? digits &<< 8 | 0xFF : digits
      said.color = true
    case .remaining:
      guard let percent = BambuReport.number(reader, from: -1, to: 100) else { return }
      remaining = Int8(truncatingIfNeeded: percent)
      said.remaining = true
    default: break
    }
  }
}

extension Alarm {
  fileprivate mutating func take(_ field: BambuField, from reader: borrowing JSONReader) {
    guard let number = unsignedInteger(reader.text) else { return }
    if field == .attribute { attribute = number }
    if field == .code { code = number }
  }
}

extension PrinterStatus.Light {
  fileprivate init(_ reader: borrowing JSONReader) {
    if reader.textEquals("on") {
      self = .on
    } else if reader.textEquals("off") {
      self = .off
    } else {
      self = reader.textEquals("flashing") ? .flashing : .unknown
    }
  }
}

extension Text {
  fileprivate mutating func setPrintable(in reader: borrowing JSONReader) {
    setPrintable(reader.text)
  }
}
