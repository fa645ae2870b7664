/// What of a machine differs from one maker's printers to another's.
struct MachineTraits {
  /// How many units with four spools each feed it; without one it prints from the spool outside.
  var filamentUnitCount = 0
  /// `stg_cur` while nothing is printed.
  var idleStage = -1
  /// Whether a second fan blows onto the part from the side.
  var hasAuxiliaryFan = false
}

extension BambuModel {
  var traits: MachineTraits {
    MachineTraits(
      filamentUnitCount: filamentUnitCount, idleStage: idleStage, hasAuxiliaryFan: reportsChamber)
  }
}
