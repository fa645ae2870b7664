// What a Bambu printer is at inside its state: `stg_cur` in words.

/// Names of sub-stages.
enum BambuStages {
  /// What a stage means; nil for none, plain printing and what nobody knows.
  static func text(_ stage: Int) -> StaticString? {
    switch stage {
    case 1: "levelling the bed"
    case 2: "heating the bed"
    case 3: "sweeping XY"
    case 4: "changing filament"
    case 5: "paused by the print file"
    case 6: "paused: filament ran out"
    case 7: "heating the nozzle"
    case 8: "calibrating the extrusion"
    case 9: "scanning the bed"
    case 10: "inspecting the first layer"
    case 11: "identifying the plate"
    case 12: "calibrating the lidar"
    case 13: "homing"
    case 14: "cleaning the nozzle"
    case 15: "checking the nozzle's temperature"
    case 16: "paused by a person"
    case 17: "paused: front cover is off"
    case 18: "calibrating the lidar"
    case 19: "calibrating the flow"
    case 20: "paused: nozzle temperature"
    case 21: "paused: bed temperature"
    case 22: "unloading filament"
    case 23: "paused: skipped step"
    case 24: "loading filament"
    case 25: "calibrating the motors' noise"
    case 26: "paused: AMS lost"
    case 27: "paused: hotend fan is slow"
    case 28: "paused: chamber temperature"
    case 29: "cooling the chamber"
    case 30: "paused by the print file"
    case 31: "motor noise showcase"
    case 32: "paused: nozzle is covered with filament"
    case 33: "paused: cutter"
    case 34: "paused: first layer"
    case 35: "paused: nozzle is clogged"
    default: nil
    }
  }
}
