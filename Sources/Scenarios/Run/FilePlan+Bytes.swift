import Printers

extension FilePlan {
  /// The file as a slicer would write it; another `seed` makes other moves.
  public func bytes(seed: UInt64) -> [UInt8] {
    let seconds = Int(printTime.milliseconds / 1_000)
    switch Form(of: name) {
    case .archive, nil:
      return ThreeMF.make(
        name: name, layers: layers, seconds: seconds, byteCount: byteCount, seed: seed)
    case .gcode:
      return PlainGCode.make(
        name: name, layers: layers, seconds: seconds, byteCount: byteCount, seed: seed)
    case .binaryGCode:
      return PlainGCode.makeBinary(
        name: name, layers: layers, seconds: seconds, byteCount: byteCount, seed: seed)
    }
  }
}
