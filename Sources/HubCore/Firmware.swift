/// What this firmware is.
package enum Firmware {
  package static let version: StaticString = "0.1.0"
  package static let hardwareRevision: StaticString = "rig-1"
}
