// G-code that is long enough and different everywhere, written quickly: the head that printers
// read, then for each layer a mark and its share of moves, each move one line of 32 bytes:
//
//     G1 X123.456 Y065.432 E0.123456 ⏎

/// Writes the g-code of one plate.
enum PlateGCode {
  private static let moveSize = 32

  /// Exactly `byteCount` bytes, or the fewest it needs when that is more.
  static func make(summary: PlateSummary, byteCount: Int, seed: UInt64) -> [UInt8] {
    let head = Array(head(of: summary).utf8)
    let end = Array("; EXECUTABLE_BLOCK_END\n".utf8)
    let marks = (1...summary.layers).map { Array("; CHANGE_LAYER\nM73 L\($0)\n".utf8) }
    let needed = head.count + end.count + marks.reduce(0) { $0 + $1.count }
    var left = max(0, byteCount - needed)

    var gcode = head
    gcode.reserveCapacity(needed + left)
    var dice = MoveDice(seed: seed)
    for (index, mark) in marks.enumerated() {
      gcode += mark
      let moves = left / (summary.layers - index) / moveSize
      for _ in 0..<moves { dice.append(to: &gcode) }
      left -= moves * moveSize
    }
    // What is too short for a move becomes a comment.
    if left > 1 { gcode += [UInt8](repeating: UInt8(ascii: ";"), count: left - 1) }
    if left > 0 { gcode.append(UInt8(ascii: "\n")) }
    gcode += end
    return gcode
  }

  private static func head(of summary: PlateSummary) -> String {
    let time = SlicedGCode.duration(summary.seconds)
    return """
      ; HEADER_BLOCK_START
      ; model printing time: \(time); total estimated time: \(time)
      ; total layer number: \(summary.layers)
      ; total filament weight [g] : \(summary.weightGrams)
      ; max_z_height: \(summary.layers / 5).\(summary.layers % 5 * 2)
      ; HEADER_BLOCK_END
      ; CONFIG_BLOCK_START
      ; filament_type = \(summary.filament)
      ; layer_height = 0.2
      ; CONFIG_BLOCK_END
      ; EXECUTABLE_BLOCK_START

      """
  }
}

/// Makes moves out of a number: a xorshift generator whose bits are spelled out, three digits for
/// every ten bits.
private struct MoveDice {
  private var state: UInt64
  private var line = Array("G1 X000.000 Y000.000 E0.000000 \n".utf8)
  /// "000" to "999".
  private static let digits = (0..<1000).flatMap { (number: Int) -> [UInt8] in
    let digits: [Int] = [number / 100, number / 10 % 10, number % 10]
    return digits.map { 0x30 + UInt8($0) }
  }

  /// Where the groups of three digits stand in the line.
  private static let places: [Int] = [4, 8, 13, 17, 24, 27]

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func append(to gcode: inout [UInt8]) {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    var bits = state
    let digits = Self.digits.span
    var text = line.mutableSpan
    for place in Self.places {
      let number = Int(((bits & 1023) * 1000) >> 10) * 3
      text[place] = digits[number]
      text[place + 1] = digits[number + 1]
      text[place + 2] = digits[number + 2]
      bits >>= 10
    }
    gcode.append(contentsOf: line)
  }
}
