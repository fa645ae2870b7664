// What each field of a report means.

import Wire

extension BambuReport {
  /// Takes the text or number that was read last as the value of a field.
  mutating func take(_ field: BambuField, from reader: borrowing JSONReader) {
    switch field {
    case .command: command.setBeginning(of: reader.text)
    case .sequence: sequence.setBeginning(of: reader.text)
    case .reason: reason.setPrintable(reader.text)
    case .mark: mark = reader.integer
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
    case .stage: stage = Self.number(reader, from: -1, to: 255)
    case .startTime: startTime = reader.integer
    case .shownName:
      shownName.setPrintable(reader.text)
      hasShownName = true
    case .file:
      file.setPrintable(reader.text)
      hasFile = true
    case .taskID:
      taskID.setPrintable(reader.text)
      hasTaskID = true
    case .subtaskID:
      subtaskID.setPrintable(reader.text)
      hasSubtaskID = true
    case .jobID:
      jobID.setPrintable(reader.text)
      hasJobID = true
    case .error:
      if let code = unsignedInteger(reader.text) {
        error = PrinterError(code: code)
      } else if let code = reader.integer {
        error = PrinterError(code: UInt32(truncatingIfNeeded: code))
      }
    default: takeMachine(field, from: reader)
    }
  }

  private mutating func takeMachine(_ field: BambuField, from reader: borrowing JSONReader) {
    switch field {
    case .nozzle: nozzle = Self.temperature(reader)
    case .bed: bed = Self.temperature(reader)
    case .chamber: chamber = Self.temperature(reader)
    case .nozzleTarget: nozzleTarget = Self.temperature(reader)
    case .bedTarget: bedTarget = Self.temperature(reader)
    case .partFan: fans.part = Self.small(reader, to: 15)
    case .auxiliaryFan: fans.auxiliary = Self.small(reader, to: 15)
    case .chamberFan: fans.chamber = Self.small(reader, to: 15)
    case .hotendFan: fans.hotend = Self.small(reader, to: 15)
    case .speedLevel: speedLevel = Self.small(reader, to: 4)
    case .speedPercent:
      if let percent = Self.number(reader, from: 0, to: 1_000) {
        speedPercent = UInt16(truncatingIfNeeded: percent)
      }
    case .preparePercent: preparePercent = Self.small(reader, to: 100)
    case .trayNow: trayNow = Self.number(reader, from: 0, to: 255)
    case .spoolBits: filament.spoolBits = hexadecimalInteger(reader.text)
    case .signal:
      if let signal = leadingInteger(reader.text), signal < 0, signal > -128 {
        self.signal = Int8(truncatingIfNeeded: signal)
      }
    case .card: takeCard(reader.text)
    case .homeFlags:
      // The low word has what we look at; older firmware sends the whole as a negative number.
      if let flags = unsignedInteger(reader.text) {
        takeFlags(flags)
      } else if let flags = reader.integer {
        takeFlags(UInt32(truncatingIfNeeded: flags))
      }
    case .functions:
      if let bits = hexadecimalInteger(reader.text) { wantsSignature = bits & 0x2000_0000 != 0 }
    default: break
    }
  }

  /// Takes a truth as the value of a field.
  mutating func take(_ field: BambuField, _ value: Bool) {
    if field == .card { card = value ? .present : .missing }
  }

  private mutating func takeCard(_ text: Span<UInt8>) {
    if FileNames.contains(text, "abnormal") {
      card = .abnormal
    } else if FileNames.contains(text, "no_sdcard") || equals(text, "false") {
      card = .missing
    } else if FileNames.contains(text, "has_sdcard") || equals(text, "true") {
      card = .present
    }
  }

  private mutating func takeFlags(_ flags: UInt32) {
    if card == nil {
      card = flags & 0x200 != 0 ? .abnormal : flags & 0x100 != 0 ? .present : nil
    }
    isDoorOpen = flags & 0x80_0000 != 0
  }

  static func number(
    _ reader: borrowing JSONReader, from least: Int, to most: Int
  ) -> Int? {
    guard let number = reader.fixedPoint(decimals: 0), number >= least, number <= most
    else { return nil }
    return number
  }

  static func temperature(_ reader: borrowing JSONReader) -> Int? {
    guard let tenths = reader.fixedPoint(decimals: 1), tenths > -1_000, tenths < 10_000
    else { return nil }
    return tenths
  }

  private static func small(_ reader: borrowing JSONReader, to most: Int) -> UInt8? {
    number(reader, from: 0, to: most).map { UInt8(truncatingIfNeeded: $0) }
  }
}
