import Printers
import Synchronization

extension FilePlan {
  /// The file as a slicer would write it; another `seed` makes other moves.
  public func bytes(seed: UInt64) -> [UInt8] {
    Self.latest.withLock { latest in
      if let latest, latest.plan == self, latest.seed == seed { return latest.bytes }
      let bytes = made(seed: seed)
      latest = (self, seed, bytes)
      return bytes
    }
  }

  /// A story that is told again, as by exploring and shrinking, needs the same file each time.
  private static let latest = Mutex<(plan: FilePlan, seed: UInt64, bytes: [UInt8])?>(nil)

  private func made(seed: UInt64) -> [UInt8] {
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
