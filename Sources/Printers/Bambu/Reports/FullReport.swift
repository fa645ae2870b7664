// The part of a full report that hardly ever changes. It is encoded when something in it changes
// and copied into each report, so that a printer which sends everything every second stays cheap.

import Wire
import World

/// Who the printer is, for its reports.
struct PrinterIdentity {
  var model: BambuModel
  var serial: String
  var address: String
  /// Newer firmware with developer mode off.
  var demandsSignatures = false

  var version: String { demandsSignatures ? model.authorisingVersion : model.firmwareVersion }
}

enum FullReport {
  /// Members of `print`, ready to be put behind those of ``ReportFields``.
  static func restingMembers(
    of machine: PrinterMachine, _ identity: PrinterIdentity, _ options: PrinterOptions,
    _ fields: ReportFields
  ) -> [UInt8] {
    encoded(12 << 10) { writer in
      writer.json { json in
        json.filamentUnits(machine.units, fields, options, of: identity.model)
        json.externalSpool(machine.externalSpool)
        json.skippedObjects(machine.skippedObjects)
        json.statics(identity)
        json.camera(identity, options)
        json.watches(options)
        if identity.model.tellsAbilities { json.abilities(identity) }
        if !identity.model.isDelta { json.newerStatics(identity) }
      }
    }
  }

  /// Members of `print` that say which job it is.
  static func jobMembers(of order: PrintOrder?, startedAt wallSeconds: Int64) -> [UInt8] {
    encoded(512) { writer in
      writer.json { json in
        json.pair("gcode_file", text: order.map { gcodeFile(of: $0) } ?? "")
        json.pair("subtask_name", text: order?.title ?? "")
        json.pair("project_id", text: order?.projectID ?? "0")
        json.pair("profile_id", text: order?.profileID ?? "0")
        json.pair("task_id", text: order?.taskID ?? "0")
        json.pair("subtask_id", text: order?.subtaskID ?? "0")
        json.pair("job_id", text: order?.subtaskID ?? "0")
        json.key("gcode_start_time")
        json.quoted(Int(wallSeconds))
        let isCloud = order.map { $0.taskID != "0" && !$0.taskID.isEmpty } ?? false
        let isOwn = order?.calibration != nil
        json.pair(
          "print_type", order == nil ? "idle" : isOwn ? "system" : isCloud ? "cloud" : "local")
      }
    }
  }

  private static func gcodeFile(of order: PrintOrder) -> String {
    order.path.hasPrefix("/") ? String(order.path.dropFirst()) : order.path
  }
}

extension JSONWriter {
  mutating func skippedObjects(_ objects: [Int]) {
    key("s_obj")
    beginArray()
    for object in objects { integer(object) }
    endArray()
  }

  /// What every model sends.
  fileprivate mutating func statics(_ identity: PrinterIdentity) {
    if !identity.model.reportsChamber { pair("chamber_temper", 5) }
    key("stg")
    beginArray()
    for stage in [2, 14, 1] { integer(stage) }
    endArray()
    key("filam_bak")
    beginArray()
    endArray()
    for name: StaticString in ["mc_print_sub_stage", "ams_rfid_status", "hw_switch_state"] {
      pair(name, 0)
    }
    for name: StaticString in ["queue_number", "queue_total", "queue_est", "queue_sts"] {
      pair(name, 0)
    }
    for name: StaticString in ["print_gcode_action", "print_real_action", "cali_version"] {
      pair(name, 0)
    }
    pair("mc_print_line_number", "0")
    pair("nozzle_diameter", "0.4")
    pair("nozzle_type", identity.model == .A1 ? "stainless_steel" : "hardened_steel")
    pair("lifecycle", "product")
    pair("mess_production_state", "active")
    pair("force_upgrade", false)
    upload()
    pair("k", "0.0200")
    pair("flag3", 15)
    network(identity)
    key("online")
    beginObject()
    pair("ahb", identity.model != .A1mini)
    pair("rfid", false)
    pair("version", 7)
    endObject()
    upgradeState(identity)
  }

  /// Bit 29: commands must be signed.
  fileprivate mutating func abilities(_ identity: PrinterIdentity) {
    pair("fun", identity.demandsSignatures ? "3AFF9CFF" : "1AFF9CFF")
  }

  private mutating func upload() {
    key("upload")
    beginObject()
    pair("status", "idle")
    pair("progress", 0)
    pair("message", "")
    endObject()
  }

  private mutating func network(_ identity: PrinterIdentity) {
    // The address as a number, first part lowest.
    let parts = identity.address.split(separator: ".").compactMap { Int($0) }
    key("net")
    beginObject()
    pair("conf", 16)
    key("info")
    beginArray()
    beginObject()
    pair("ip", parts.enumerated().reduce(0) { $0 | $1.element << (8 * $1.offset) })
    pair("mask", 16_777_215)
    endObject()
    endArray()
    endObject()
  }

  mutating func camera(_ identity: PrinterIdentity, _ options: PrinterOptions) {
    key("ipcam")
    beginObject()
    pair("ipcam_dev", "1")
    pair("ipcam_record", options.records ? "enable" : "disable")
    pair("timelapse", options.makesTimelapse ? "enable" : "disable")
    pair("resolution", identity.model.isDelta ? "720p" : "1080p")
    pair("tutk_server", "disable")
    pair("mode_bits", identity.model.isDelta ? 2 : 3)
    if identity.model.camera == .video {
      let isOn = identity.model != .H2D
      let url = "rtsps://\(identity.address):322/streaming/live/1"
      pair("rtsp_url", text: isOn ? url : "disable")
    }
    endObject()
  }

  private mutating func upgradeState(_ identity: PrinterIdentity) {
    key("upgrade_state")
    beginObject()
    pair("sequence_id", 0)
    for name: StaticString in ["progress", "status", "message", "module"] { pair(name, "") }
    pair("consistency_request", false)
    pair("force_upgrade", false)
    pair("dis_state", 0)
    pair("err_code", 0)
    pair("new_version_state", 2)
    pair("cur_state_code", 0)
    pair("idx2", 0)
    pair("ota_new_version_number", text: identity.version)
    pair("ahb_new_version_number", "")
    pair("ams_new_version_number", "")
    key("new_ver_list")
    beginArray()
    endArray()
    endObject()
  }

  mutating func watches(_ options: PrinterOptions) {
    key("xcam")
    beginObject()
    for watch in options.watches {
      key(watch.name.utf8.span)
      bool(watch.isOn)
    }
    pair("print_halt", false)
    pair("halt_print_sensitivity", "medium")
    endObject()
  }
}
