/// What a PrusaLink says its printer is at.
enum PrusaLinkState: String {
  case idle = "IDLE"
  case busy = "BUSY"
  case printing = "PRINTING"
  case paused = "PAUSED"
  case finished = "FINISHED"
  case stopped = "STOPPED"
  case error = "ERROR"
  case attention = "ATTENTION"

  /// Whether something new may be started.
  var isFree: Bool { self == .idle || self == .finished || self == .stopped }
}

/// Names as the FAT of the stick keeps them beside the long ones: eight, a dot, three.
enum ShortName {
  static func of(_ name: String) -> String {
    let parts = name.split(separator: ".")
    let ending = parts.count > 1 ? String(parts[parts.count - 1]) : ""
    let stem = parts.count > 1 ? parts.dropLast().joined(separator: ".") : name
    let isShort = stem.utf8.count <= 8 && ending.utf8.count <= 3 && !stem.contains(" ")
    guard !isShort else { return name.uppercased() }
    let plain = stem.uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    return "\(plain.prefix(6))~1" + (ending.isEmpty ? "" : ".\(ending.uppercased().prefix(3))")
  }
}
