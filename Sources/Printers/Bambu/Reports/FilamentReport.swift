// `ams` and `vt_tray`: the spools, as reports describe them.

import Wire

extension JSONWriter {
  mutating func filamentUnits(_ units: [FilamentUnit], trayNow: Int) {
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
      pair("info", "1001")
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
    trayChoice(trayNow)
    pair("version", 4)
    pair("insert_flag", true)
    pair("power_on_flag", false)
    endObject()
  }

  /// The part of `ams` that changes with every print.
  mutating func filamentUnits(trayNow: Int) {
    key("ams")
    beginObject()
    trayChoice(trayNow)
    endObject()
  }

  private mutating func trayChoice(_ trayNow: Int) {
    for name: StaticString in ["tray_tar", "tray_now", "tray_pre"] {
      key(name)
      quoted(trayNow)
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
