// `ams` and `vt_tray`: the spools, as reports describe them.

import Wire

extension JSONWriter {
  mutating func filamentUnits(
    _ units: [FilamentUnit], _ fields: ReportFields, _ options: PrinterOptions,
    of model: BambuModel
  ) {
    key("ams")
    beginObject()
    key("ams")
    beginArray()
    for unit in units {
      beginObject()
      key("id")
      quoted(unit.id)
      key("humidity")
      quoted(unit.humidity)
      pair("humidity_raw", "31")
      pair("temp", "25.6")
      pair("dry_time", 0)
      pair("info", model.hasLiteUnit ? "1002" : "1001")
      key("tray")
      beginArray()
      for (index, tray) in unit.trays.enumerated() { filamentTray(tray, id: index) }
      endArray()
      endObject()
    }
    endArray()
    let trayBits = units.flatMap { $0.trays }.enumerated().reduce(0) {
      $0 | ($1.element == nil ? 0 : 1 << $1.offset)
    }
    let bits = String(trayBits, radix: 16)
    pair("ams_exist_bits", text: String((1 << units.count) - 1, radix: 16))
    pair("tray_exist_bits", text: bits)
    pair("tray_is_bbl_bits", text: bits)
    pair("tray_read_done_bits", text: bits)
    pair("tray_reading_bits", "0")
    trayChoice(fields)
    pair("version", 4)
    pair("insert_flag", options.readsSpoolsWhenInserted)
    pair("power_on_flag", options.readsSpoolsAtStart)
    endObject()
  }

  /// The part of `ams` that changes with every print: which spool feeds, and what is left on it. Of
  /// a unit only the places that are different are told.
  mutating func filamentUnits(_ fields: ReportFields, changedFrom old: ReportFields) {
    key("ams")
    beginObject()
    if old.trayNow != fields.trayNow || old.trayTarget != fields.trayTarget { trayChoice(fields) }
    if old.remains != fields.remains { remains(fields.remains, old.remains) }
    endObject()
  }

  private mutating func remains(_ remains: [Int], _ old: [Int]) {
    key("ams")
    beginArray()
    for unit in 0..<(remains.count / 4) {
      let changed = (unit * 4..<unit * 4 + 4).filter {
        !old.indices.contains($0) || old[$0] != remains[$0]
      }
      guard !changed.isEmpty else { continue }
      beginObject()
      key("id")
      quoted(unit)
      key("tray")
      beginArray()
      for place in changed {
        beginObject()
        key("id")
        quoted(place % 4)
        pair("remain", remains[place])
        endObject()
      }
      endArray()
      endObject()
    }
    endArray()
  }

  private mutating func trayChoice(_ fields: ReportFields) {
    key("tray_tar")
    quoted(fields.trayTarget)
    for name: StaticString in ["tray_now", "tray_pre"] {
      key(name)
      quoted(fields.trayNow)
    }
  }

  mutating func externalSpool(_ tray: FilamentTray) {
    key("vt_tray")
    filamentTray(tray, id: 254)
  }

  /// An empty place has nothing but its id.
  private mutating func filamentTray(_ tray: FilamentTray?, id: Int) {
    beginObject()
    key("id")
    quoted(id)
    defer { endObject() }
    guard let tray else { return }
    pair("remain", tray.remainPercent)
    key("k")
    fixedPoint(20, decimals: 3)
    pair("n", 1)
    pair("cali_idx", -1)
    pair("total_len", 330_000)
    pair("state", 11)
    pair("tag_uid", tray.brand.isEmpty ? "0000000000000000" : "A1C24D5E00000100")
    pair("tray_id_name", text: tray.brand.isEmpty ? "" : "A00-W1")
    pair("tray_info_idx", text: tray.profile)
    pair("tray_type", text: tray.type)
    pair("tray_sub_brands", text: tray.brand)
    pair("tray_color", text: tray.color)
    pair("tray_weight", tray.brand.isEmpty ? "0" : "1000")
    pair("tray_diameter", tray.brand.isEmpty ? "0.00" : "1.75")
    pair("tray_temp", "55")
    pair("tray_time", "8")
    pair("bed_temp_type", "1")
    key("bed_temp")
    quoted(tray.bedTemperature)
    key("nozzle_temp_max")
    quoted(tray.nozzleMaximum)
    key("nozzle_temp_min")
    quoted(tray.nozzleMinimum)
    pair("drying_temp", "55")
    pair("drying_time", "8")
    pair("ctype", 0)
    key("cols")
    beginArray()
    text(tray.color)
    endArray()
    pair("xcam_info", "000000000000000000000000")
    pair(
      "tray_uuid",
      tray.brand.isEmpty
        ? "00000000000000000000000000000000" : "5F3B0C7E2D914A6688A1C0B2D4E6F801")
  }
}
