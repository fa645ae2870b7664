// Members that only the bigger printers send: each part of the machine described once more, in the
// form that newer firmware has for all models. Clients are to pass over what they do not know, and
// this is what they pass over.

import Wire

extension JSONWriter {
  mutating func newerStatics(_ identity: PrinterIdentity) {
    for name: StaticString in ["cfg", "aux", "stat"] { pair(name, "0") }
    for name: StaticString in ["err", "fail_reason", "design_id", "xcam_status"] { pair(name, "0") }
    for name: StaticString in ["model_id", "file", "lan_task_id", "ver"] { pair(name, "") }
    for name: StaticString in [
      "batch_id", "canvas_id", "ctt", "job_attr", "maintain", "mc_action", "mc_err", "mc_stage",
      "plate_cnt", "plate_id", "plate_idx", "prepare_per", "remain_time", "state", "stg_cd",
    ] {
      pair(name, 0)
    }
    job()
    device(identity)
    care()
    spoolPlaces()
  }

  private mutating func job() {
    key("job")
    beginObject()
    key("cur_stage")
    beginObject()
    pair("idx", 0)
    pair("state", 0)
    endObject()
    key("stage")
    beginArray()
    for (index, name) in Self.jobStages.enumerated() {
      beginObject()
      pair("idx", index)
      pair("name", name)
      pair("clock_in", false)
      pair("color", "")
      pair("est_time", 0)
      key("heigh")
      fixedPoint(0, decimals: 1)
      pair("state", 0)
      pair("platform", "")
      pair("print_then", false)
      key("tool")
      beginArray()
      string("HH00-0.4")
      endArray()
      pair("type", index)
      endObject()
    }
    endArray()
    endObject()
  }

  private mutating func device(_ identity: PrinterIdentity) {
    let nozzles = identity.model == .H2D ? 2 : 1
    key("device")
    beginObject()
    pair("type", 1)
    pair("fan", 0)
    key("airduct")
    beginObject()
    pair("modeCur", -1)
    pair("subMode", 0)
    key("modeList")
    beginArray()
    for mode in 0..<3 { numbered(mode, ["ctrl", "off"]) }
    endArray()
    key("parts")
    beginArray()
    for part in [16, 32, 48, 96] {
      beginObject()
      pair("func", 0)
      pair("id", part)
      pair("range", 6_553_600)
      pair("state", 0)
      endObject()
    }
    endArray()
    endObject()
    heated("bed")
    heated("ctc")
    key("extruder")
    beginObject()
    key("info")
    beginArray()
    for nozzle in 0..<nozzles { extruder(nozzle) }
    endArray()
    pair("state", nozzles)
    endObject()
    key("nozzle")
    beginObject()
    pair("exist", (1 << nozzles) - 1)
    key("info")
    beginArray()
    for nozzle in 0..<nozzles {
      beginObject()
      key("diameter")
      fixedPoint(4, decimals: 1)
      pair("id", nozzle)
      pair("tm", 0)
      pair("type", "HH01")
      pair("wear", 0)
      pair("stat", 0)
      pair("p_t", 0)
      pair("fila_id", "GFA00")
      pair("sn", text: "N\(identity.serial.suffix(8))\(nozzle)")
      endObject()
    }
    endArray()
    pair("state", 0)
    endObject()
    key("plate")
    beginObject()
    pair("base", 0)
    pair("cali2d_id", "")
    pair("cur_id", "")
    pair("mat", 1)
    pair("tar_id", "")
    endObject()
    key("cam")
    beginObject()
    key("laser")
    beginObject()
    pair("cond", 0)
    pair("state", 0)
    endObject()
    endObject()
    endObject()
  }

  private mutating func heated(_ name: StaticString) {
    key(name)
    beginObject()
    key("info")
    beginObject()
    pair("temp", 24)
    endObject()
    pair("state", 0)
    endObject()
  }

  private mutating func extruder(_ id: Int) {
    beginObject()
    pair("id", id)
    key("filam_bak")
    beginArray()
    endArray()
    for name: StaticString in [
      "hnow", "hpre", "htar", "info", "snow", "spre", "star", "stat", "temp", "tmp_ctrl",
    ] {
      pair(name, name.description == "temp" ? 24 : 0)
    }
    endObject()
  }

  private mutating func care() {
    key("care")
    beginArray()
    for (name, hours) in [("cr", 300), ("ls", 600), ("fa", 1200), ("re", 1800)] {
      beginObject()
      pair("id", text: name)
      pair("info", text: "\(hours)")
      endObject()
    }
    endArray()
    key("mapping")
    beginArray()
    for place in 0..<16 { integer(place < 4 ? place : 65_535) }
    endArray()
  }

  /// The external holder once more, as if it were a unit.
  private mutating func spoolPlaces() {
    key("vir_slot")
    beginArray()
    for id in [254, 255] {
      beginObject()
      key("id")
      quoted(id)
      for name: StaticString in ["tag_uid", "tray_id_name", "tray_sub_brands", "xcam_info"] {
        pair(name, "")
      }
      pair("tray_info_idx", "GFL99")
      pair("tray_type", "PLA")
      pair("tray_color", "000000FF")
      pair("tray_uuid", "00000000000000000000000000000000")
      for name: StaticString in ["tray_weight", "tray_temp", "tray_time", "bed_temp"] {
        pair(name, "0")
      }
      pair("nozzle_temp_max", "240")
      pair("nozzle_temp_min", "190")
      pair("remain", 0)
      pair("cali_idx", -1)
      endObject()
    }
    endArray()
  }

  private mutating func numbered(_ id: Int, _ lists: [StaticString]) {
    beginObject()
    pair("modeId", id)
    for name in lists {
      key(name)
      beginArray()
      for part in [16, 32, 48] { integer(part) }
      endArray()
    }
    endObject()
  }

  private static let jobStages: [StaticString] = [
    "unpack", "heat_bed", "home", "heat_nozzle", "clean_nozzle", "level", "first_layer", "print",
    "cool_down",
  ]
}
