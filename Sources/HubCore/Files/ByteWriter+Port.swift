import Wire

extension ByteWriter {
  /// Puts a colon and the port behind a host, unless everybody knows it: what signs an address signs
  /// the host as browsers write it.
  mutating func putPort(_ port: UInt16, isSecure: Bool) {
    guard port != (isSecure ? 443 : 80) else { return }
    put(":")
    put(decimal: Int(port))
  }
}
