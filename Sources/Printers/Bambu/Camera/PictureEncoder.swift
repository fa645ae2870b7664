// Baseline JPEG (ITU T.81), made of blocks of one colour: each 8 × 8 block has only its DC
// coefficient, so that a picture of 1280 × 720 is a mosaic of 160 × 90 and costs next to nothing.
//
//     FFD8 | APP0 JFIF | DQT | SOF0 | DHT DC | DHT AC | SOS | the blocks | FFD9
//
// With a quantisation of 8 the DC coefficient of a block is its colour less 128, exactly.

/// A colour as JPEG has it.
struct PictureColor: Equatable {
  var luminance: UInt8
  var blue: UInt8
  var red: UInt8

  static func grey(_ level: UInt8) -> PictureColor {
    PictureColor(luminance: level, blue: 128, red: 128)
  }

  /// From 0…255 each (JFIF, BT.601), in whole numbers.
  init(red r: Int, green g: Int, blue b: Int) {
    func byte(_ value: Int) -> UInt8 { UInt8(min(255, max(0, value))) }
    luminance = byte((299 * r + 587 * g + 114 * b + 500) / 1000)
    blue = byte(128 + (-169 * r - 331 * g + 500 * b) / 1000)
    red = byte(128 + (500 * r - 419 * g - 81 * b) / 1000)
  }

  private init(luminance: UInt8, blue: UInt8, red: UInt8) {
    self.luminance = luminance
    self.blue = blue
    self.red = red
  }
}

/// A picture made of coloured blocks.
struct Picture {
  static let blockSize = 8
  let width: Int
  let height: Int
  private(set) var blocks: [PictureColor]

  /// In blocks.
  init(width: Int, height: Int, color: PictureColor) {
    self.width = width
    self.height = height
    blocks = [PictureColor](repeating: color, count: width * height)
  }

  /// Colours a rectangle, as far as it is inside.
  mutating func fill(x: Range<Int>, y: Range<Int>, _ color: PictureColor) {
    for row in y.clamped(to: 0..<height) {
      for column in x.clamped(to: 0..<width) { blocks[row * width + column] = color }
    }
  }

  /// The picture as a JPEG file.
  var jpeg: [UInt8] {
    var encoder = PictureEncoder()
    encoder.begin(width: width * Self.blockSize, height: height * Self.blockSize)
    for block in blocks { encoder.add(block) }
    return encoder.finish()
  }
}

private struct PictureEncoder {
  /// How many DC codes have each length from 1 bit on; they stand for 0, 1, 2, … bits.
  private static let codeCounts: [UInt8] = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
  /// The codes that follow from those counts (T.81 annex C), with their lengths.
  private static let codes: [(code: UInt32, length: Int)] = {
    var codes: [(code: UInt32, length: Int)] = []
    var code: UInt32 = 0
    for (index, count) in codeCounts.enumerated() {
      for _ in 0..<count {
        codes.append((code, index + 1))
        code += 1
      }
      code <<= 1
    }
    return codes
  }()

  private var bytes: [UInt8] = []
  private var pending: UInt32 = 0
  private var pendingCount = 0
  private var previous = (luminance: 128, blue: 128, red: 128)

  mutating func begin(width: Int, height: Int) {
    bytes.reserveCapacity(width * height / 32)
    bytes += [0xFF, 0xD8]
    segment(0xE0, Array("JFIF".utf8) + [0, 1, 1, 0, 0, 1, 0, 1, 0, 0])
    segment(0xDB, [0] + [UInt8](repeating: 8, count: 64))
    let size = [height, width].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    let components: [UInt8] = (1...3).flatMap { [UInt8($0), 0x11, 0] }
    segment(0xC0, [8] + size + [3] + components)
    segment(0xC4, [0x00] + Self.codeCounts + (0..<12).map { UInt8($0) })
    // The one AC code says: nothing more in this block.
    segment(0xC4, [0x10, 1] + [UInt8](repeating: 0, count: 15) + [0])
    segment(0xDA, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0])
  }

  mutating func add(_ block: PictureColor) {
    let color = (
      luminance: Int(block.luminance), blue: Int(block.blue), red: Int(block.red)
    )
    put(difference: color.luminance - previous.luminance)
    put(difference: color.blue - previous.blue)
    put(difference: color.red - previous.red)
    previous = color
  }

  mutating func finish() -> [UInt8] {
    // Filled up with ones, as T.81 F.1.2.3 wants it.
    if pendingCount > 0 { put(bits: 0xFF >> UInt32(pendingCount), count: 8 - pendingCount) }
    return bytes + [0xFF, 0xD9]
  }

  private mutating func segment(_ marker: UInt8, _ content: [UInt8]) {
    let size = content.count + 2
    bytes += [0xFF, marker, UInt8(size >> 8), UInt8(size & 255)] + content
  }

  /// How much a colour differs from the one before: the number of its bits, the bits, and no more.
  private mutating func put(difference: Int) {
    var magnitude = difference < 0 ? -difference : difference
    var bitCount = 0
    while magnitude > 0 {
      bitCount += 1
      magnitude >>= 1
    }
    let code = Self.codes[bitCount]
    put(bits: code.code, count: code.length)
    let pattern = difference < 0 ? difference + (1 << bitCount) - 1 : difference
    put(bits: UInt32(pattern), count: bitCount)
    put(bits: 0, count: 1)
  }

  private mutating func put(bits: UInt32, count: Int) {
    pending = pending << UInt32(count) | bits
    pendingCount += count
    while pendingCount >= 8 {
      let byte = UInt8(truncatingIfNeeded: pending >> UInt32(pendingCount - 8))
      bytes.append(byte)
      // A byte that could begin a marker is followed by zero.
      if byte == 0xFF { bytes.append(0) }
      pendingCount -= 8
    }
  }
}
