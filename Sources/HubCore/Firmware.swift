/// What this firmware is.
enum Firmware {
  static let version: StaticString = "0.1.0"
  static let hardwareRevision: StaticString = "rig-1"
}
