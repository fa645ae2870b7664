// The comment lines at the head of sliced g-code:
//
//     ; HEADER_BLOCK_START
//     ; model printing time: 14m 31s; total estimated time: 20m 33s
//     ; total layer number: 50
//     ; total filament weight [g] : 9.59
//     ; HEADER_BLOCK_END
//
// Only these lines count here; the moves are not looked at.

import Archives

/// What the head of a g-code file says.
struct SlicedGCode {
  /// The header block is at the very beginning, long before this.
  static let headLimit = 64 << 10

  private(set) var layers: Int?
  private(set) var seconds: Int?
  private(set) var weightGrams: Double?
  private(set) var filament: String?

  init(head: [UInt8]) { add(head) }

  /// Reads more comments; what is known already stays.
  mutating func add(_ text: [UInt8]) {
    GCodeComments.each(in: text, within: Self.headLimit) { name, value in
      read(name.trimmed, value.trimmed)
    }
  }

  /// A plain g-code file as a plate of its own, or nil when it does not say how long it is.
  func summary() throws(ThreeMFError) -> PlateSummary {
    guard let layers, let seconds,
      (1...PlateSummary.layerLimit).contains(layers),
      (1...PlateSummary.secondsLimit).contains(seconds)
    else { throw .badNumbers }
    return PlateSummary(
      layers: layers, seconds: seconds, weightGrams: weightGrams ?? 0, filament: filament ?? "")
  }

  private mutating func read(_ key: String, _ value: String) {
    switch key {
    case "total layer number", "total layers count": layers = layers ?? Int(value)
    case "model printing time", "estimated printing time (normal mode)":
      seconds = seconds ?? Self.seconds(value)
    case "total filament weight [g]", "filament used [g]":
      weightGrams = weightGrams ?? Double(value)
    case "filament_type": filament = filament ?? value
    default: break
    }
  }

  /// "1d 2h 3m 4s", any part of which may be missing.
  static func seconds(_ text: String) -> Int? {
    var sum = 0
    for part in text.split(separator: " ") {
      guard let unit = part.last, let number = Int(part.dropLast()), number >= 0,
        number <= PlateSummary.secondsLimit
      else { return nil }
      switch unit {
      case "d": sum += number * 86_400
      case "h": sum += number * 3_600
      case "m": sum += number * 60
      case "s": sum += number
      default: return nil
      }
    }
    return sum
  }

  /// The other way round, as slicers write it.
  static func duration(_ seconds: Int) -> String {
    let parts = [
      (seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"),
      (seconds % 60, "s"),
    ]
    return parts.drop { $0.0 == 0 && $0.1 != "s" }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
  }
}

extension Substring {
  /// Without spaces and tabs at either end, and without a carriage return.
  var trimmed: String {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
    let rest = utf8.drop(while: isBlank)
    guard let last = rest.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(Substring(rest[...last]))
  }
}
