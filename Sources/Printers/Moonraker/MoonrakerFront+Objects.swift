// Klippy's objects as they are now, for queries and for subscriptions.

import World

extension MoonrakerFront {
  static let objects = [
    "gcode", "webhooks", "configfile", "mcu", "gcode_move", "print_stats", "virtual_sdcard",
    "pause_resume", "display_status", "heaters", "heater_bed", "extruder", "fan", "toolhead",
    "idle_timeout", "motion_report", "system_stats",
  ]

  var printState: String {
    switch printer.machine.state {
    case .prepare, .running: return "printing"
    case .pause: return "paused"
    case .idle, .finish, .failed:
      switch lastOutcome {
      case .finished: return "complete"
      case .stopped: return "cancelled"
      case .failed: return "error"
      case nil, .underWay, .powerLost: return "standby"
      }
    }
  }

  /// The path without its slash; empty when nothing is loaded.
  var loadedFile: String {
    printState == "standby" ? "" : String(printer.machine.currentFile.dropFirst())
  }

  var progress: Double {
    let machine = printer.machine
    guard printState != "standby", !troubles.has(.progressUnknown) else { return 0 }
    return (machine.completion * 100).rounded() / 10_000
  }

  /// The fields of an object; nil when Klippy has none of that name.
  func status(of object: String) -> JSON? {
    let machine = printer.machine
    let now = printer.machineTime
    let isBusy = machine.state.isBusy
    switch object {
    case "webhooks":
      return ["state": .string(klippy.rawValue), "state_message": .string(stateMessage)]
    case "print_stats":
      let isUnknown = troubles.has(.progressUnknown) || machine.layer == 0
      return [
        "filename": .string(loadedFile),
        "total_duration": thousandths(
          printState == "standby" ? 0 : printer.printClock.total(at: now).seconds),
        "print_duration": thousandths(
          printState == "standby" ? 0 : printer.printClock.printing(at: now).seconds),
        "filament_used": thousandths(
          machine.completion * Double(machine.summary?.seconds ?? 0) / 33),
        "state": .string(printState), "message": .string(printState == "error" ? message : ""),
        "info": [
          "total_layer": isUnknown ? nil : .integer(Int64(machine.totalLayers)),
          "current_layer": isUnknown ? nil : .integer(Int64(machine.layer)),
        ],
      ]
    case "virtual_sdcard":
      let size = printer.card.entry(machine.currentFile)?.byteCount ?? 0
      let isLoaded = !loadedFile.isEmpty
      return [
        "file_path": isLoaded ? .string("/home/pi/printer_data/gcodes/\(loadedFile)") : nil,
        "progress": .double(progress), "is_active": .bool(isBusy && machine.state != .pause),
        "file_position": .integer(Int64(Double(size) * progress)),
        "file_size": .integer(Int64(isLoaded ? size : 0)),
      ]
    case "display_status":
      return [
        "progress": .double(progress),
        "message": displayText.isEmpty ? nil : .string(displayText),
      ]
    case "extruder":
      return heater(machine.nozzleTemperature, machine.nozzle.target, isExtruder: true)
    case "heater_bed": return heater(machine.bedTemperature, machine.bed.target, isExtruder: false)
    case "fan":
      return ["speed": .double(Double(machine.fans.part) / 255), "rpm": nil]
    case "toolhead":
      let z = (machine.height * 100).rounded() / 100
      return [
        "homed_axes": machine.isHomed ? "xyz" : "", "axis_minimum": [0.0, 0.0, 0.0, 0.0],
        "axis_maximum": [350.0, 350.0, 330.0, 0.0], "print_time": thousandths(now.seconds),
        "stalls": 0, "estimated_print_time": thousandths(now.seconds), "extruder": "extruder",
        "position": [175.0, 175.0, .double(z), 0.0], "max_velocity": 300.0, "max_accel": 5000.0,
      ]
    case "gcode_move":
      let z = (machine.height * 100).rounded() / 100
      return [
        "speed_factor": .double(Double(machine.speedPercent) / 100), "speed": 1500.0,
        "extrude_factor": 1.0, "absolute_coordinates": true, "absolute_extrude": true,
        "homing_origin": [0.0, 0.0, 0.0, 0.0], "position": [175.0, 175.0, .double(z), 0.0],
        "gcode_position": [175.0, 175.0, .double(z), 0.0],
      ]
    case "pause_resume": return ["is_paused": .bool(machine.state == .pause)]
    case "idle_timeout":
      return [
        "state": isBusy ? "Printing" : machine.isWarm ? "Ready" : "Idle",
        "printing_time": thousandths(isBusy ? printer.printClock.total(at: now).seconds : 0),
      ]
    case "heaters":
      return [
        "available_heaters": ["heater_bed", "extruder"],
        "available_sensors": ["heater_bed", "extruder"], "available_monitors": [],
      ]
    case "configfile":
      return [
        "config": [:], "settings": ["printer": ["kinematics": "corexy"]],
        "save_config_pending": false, "warnings": [],
      ]
    case "mcu": return ["mcu_version": "v0.12.0", "last_stats": [:]]
    case "motion_report":
      return ["live_position": [175.0, 175.0, .double(machine.height), 0.0], "live_velocity": 0.0]
    case "system_stats": return ["sysload": 0.1, "cputime": 12.5, "memavail": 300_000]
    case "gcode": return ["commands": ["G28": ["help": nil]]]
    default: return nil
    }
  }

  private func thousandths(_ value: Double) -> JSON { .double((value * 1000).rounded() / 1000) }

  private func heater(_ temperature: Double, _ target: Double, isExtruder: Bool) -> JSON {
    var json: JSON = [
      "temperature": .double((temperature * 100).rounded() / 100), "target": .double(target),
      "power": target > 0 ? 0.35 : 0.0,
    ]
    if isExtruder {
      json["can_extrude"] = .bool(temperature >= 170)
      json["pressure_advance"] = 0.04
      json["smooth_time"] = 0.04
    }
    return json
  }

  /// What was asked for of the objects: everything, or the named fields.
  func query(_ wanted: [(object: String, fields: [String]?)]) -> JSON {
    var status: JSON = [:]
    for (object, fields) in wanted {
      guard let all = self.status(of: object) else { continue }
      guard let fields else {
        status[object] = all
        continue
      }
      var some: JSON = [:]
      for field in fields { some[field] = all[field] ?? .null }
      status[object] = some
    }
    return status
  }

  /// Klippy's own clock.
  var eventTime: JSON { .double(Double(printer.host.now.milliseconds) / 1000) }
}
