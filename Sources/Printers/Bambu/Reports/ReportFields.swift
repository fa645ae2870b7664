// The part of a report that changes by itself. A full report has all of it, a delta has what is
// different from the report before.

import Wire

/// What a report says of the machine, at one moment.
struct ReportFields: Equatable {
  var state: MachineState
  var stage: Int
  var percent: Int
  var remainingMinutes: Int
  var layer: Int
  var totalLayers: Int
  var preparePercent: Int
  var nozzle: SensorTemperature
  var nozzleTarget: SensorTemperature
  var bed: SensorTemperature
  var bedTarget: SensorTemperature
  /// Nil where there is no thermometer.
  var chamber: SensorTemperature?
  var fans: PrinterMachine.Fans
  var speedLevel: Int
  var speedPercent: Int
  var printError: UInt32
  var messages: [HealthMessage]
  var lamp: PrinterMachine.Lamp
  var isHomed: Bool
  var isDoorOpen: Bool
  var card: Card
  var cardIsSaidInWords: Bool
  var signal: Int
  var trayNow: Int
  var trayTarget: Int
  /// `ams_status` apart from printing.
  var filamentStatus: Int
  /// Percent of each spool that is left, place by place.
  var remains: [Int]
  var skippedCount: Int
  var jobGeneration: Int
  var filamentGeneration: Int
  var optionGeneration: Int

  /// How the card is.
  enum Card {
    case normal, missing, abnormal

    var words: StaticString {
      switch self {
      case .normal: "HAS_SDCARD_NORMAL"
      case .missing: "NO_SDCARD"
      case .abnormal: "HAS_SDCARD_ABNORMAL"
      }
    }
  }

  /// Bits 0 to 2: axes that know where they are; 8: there is a card; 9: it is broken; 23: the door
  /// is open.
  var homeFlag: Int {
    (isHomed ? 7 : 0) | (card == .missing ? 0 : 1 << 8) | (card == .abnormal ? 1 << 9 : 0)
      | (isDoorOpen ? 1 << 23 : 0)
  }

  /// `ams_status`: 768 while it feeds.
  private var unitStatus: Int { state == .running ? 768 : filamentStatus }

  /// Adds what differs from `old`, or everything when there is none.
  func write(into json: inout JSONWriter, changedFrom old: ReportFields?) {
    writeTemperatures(into: &json, changedFrom: old)
    writeProgress(into: &json, changedFrom: old)
    writeFans(into: &json, changedFrom: old)
    if old?.speedLevel != speedLevel {
      json.pair("spd_lvl", speedLevel)
      json.pair("spd_mag", speedPercent)
    }
    if old?.signal != signal {
      json.key("wifi_signal")
      json.quoted(signal, "dBm")
    }
    if old?.lamp != lamp {
      json.key("lights_report")
      json.beginArray()
      json.beginObject()
      json.pair("node", "chamber_light")
      json.pair("mode", lamp.name)
      json.endObject()
      json.endArray()
    }
    if old?.homeFlag != homeFlag { json.pair("home_flag", homeFlag) }
    if old?.card != card {
      json.key("sdcard")
      if cardIsSaidInWords { json.string(card.words) } else { json.bool(card != .missing) }
    }
    if old?.messages != messages { json.healthMessages(messages) }
  }

  private func writeTemperatures(into json: inout JSONWriter, changedFrom old: ReportFields?) {
    if old?.nozzle != nozzle { json.temperature("nozzle_temper", nozzle) }
    if old?.nozzleTarget != nozzleTarget { json.temperature("nozzle_target_temper", nozzleTarget) }
    if old?.bed != bed { json.temperature("bed_temper", bed) }
    if old?.bedTarget != bedTarget { json.temperature("bed_target_temper", bedTarget) }
    if let chamber, old?.chamber != chamber { json.temperature("chamber_temper", chamber) }
  }

  private func writeProgress(into json: inout JSONWriter, changedFrom old: ReportFields?) {
    if old?.state != state { json.pair("gcode_state", state.name) }
    if old?.state.isBusy != state.isBusy { json.pair("mc_print_stage", state.isBusy ? "2" : "1") }
    if old?.unitStatus != unitStatus { json.pair("ams_status", unitStatus) }
    if old?.stage != stage { json.pair("stg_cur", stage) }
    if old?.percent != percent { json.pair("mc_percent", percent) }
    if old?.remainingMinutes != remainingMinutes {
      json.pair("mc_remaining_time", remainingMinutes)
    }
    if old?.layer != layer { json.pair("layer_num", layer) }
    if old?.totalLayers != totalLayers { json.pair("total_layer_num", totalLayers) }
    if old?.preparePercent != preparePercent {
      json.key("gcode_file_prepare_percent")
      json.quoted(preparePercent)
    }
    if old?.printError != printError {
      json.pair("print_error", Int(printError))
      json.key("mc_print_error_code")
      // The lower half, as the main board numbers it.
      json.quoted(Int(printError & 0xFFFF))
    }
  }

  private func writeFans(into json: inout JSONWriter, changedFrom old: ReportFields?) {
    guard old?.fans != fans else { return }
    let before = old?.fans
    json.fan("cooling_fan_speed", fans.part, before?.part)
    json.fan("big_fan1_speed", fans.auxiliary, before?.auxiliary)
    json.fan("big_fan2_speed", fans.chamber, before?.chamber)
    json.fan("heatbreak_fan_speed", fans.heatbreak, before?.heatbreak)
    if before?.gear != fans.gear { json.pair("fan_gear", fans.gear) }
  }
}

extension PrinterMachine.Lamp {
  var name: StaticString {
    switch self {
    case .off: "off"
    case .on: "on"
    case .flashing: "flashing"
    }
  }
}

extension MachineState {
  var name: StaticString {
    switch self {
    case .idle: "IDLE"
    case .prepare: "PREPARE"
    case .running: "RUNNING"
    case .pause: "PAUSE"
    case .finish: "FINISH"
    case .failed: "FAILED"
    }
  }
}

extension JSONWriter {
  /// A number that the printers send as a string.
  mutating func quoted(_ number: Int, _ unit: StaticString = "") {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 48) { memory in
      var text = ByteWriter(memory)
      text.put(UInt8(ascii: "\""))
      text.put(decimal: number)
      text.put(unit)
      text.put(UInt8(ascii: "\""))
      raw(text.written)
    }
  }

  /// A fan in the sixteen steps that reports know.
  fileprivate mutating func fan(_ name: StaticString, _ speed: Int, _ before: Int?) {
    guard before != speed else { return }
    key(name)
    quoted(speed / 17)
  }

  /// Whole degrees without a fraction, as the printers do.
  mutating func temperature(_ name: StaticString, _ reading: SensorTemperature) {
    key(name)
    if reading.parts % 32 == 0 {
      integer(reading.parts / 32)
    } else {
      fixedPoint(reading.hundredThousandths, decimals: 5)
    }
  }

  fileprivate mutating func healthMessages(_ messages: [HealthMessage]) {
    key("hms")
    beginArray()
    for message in messages {
      beginObject()
      pair("attr", Int(message.attribute))
      pair("code", Int(message.code))
      endObject()
    }
    endArray()
  }

  mutating func text(_ text: String) { string(text.utf8.span) }

  mutating func pair(_ name: StaticString, _ value: StaticString) {
    key(name)
    string(value)
  }

  mutating func pair(_ name: StaticString, text value: String) {
    key(name)
    text(value)
  }

  mutating func pair(_ name: StaticString, _ value: Int) {
    key(name)
    integer(value)
  }

  mutating func pair(_ name: StaticString, _ value: Bool) {
    key(name)
    bool(value)
  }
}
