import HubHost
import Testing

@Suite("Firmware images as files")
struct ImageFileTests {
  private let payload = [UInt8]("what is to run".utf8)

  private func signed() throws -> FirmwareImage {
    var image = try FirmwareImage(
      version: "1.3.0", securityVersion: 3, hardware: "rig-1", payload: payload)
    try image.sign(with: .rig)
    return image
  }

  @Test("what is built and signed is read back as it was, and good")
  func roundTrip() throws {
    let image = try FirmwareImage(signed().bytes)
    #expect(image.version == "1.3.0" && image.hardware == "rig-1" && image.securityVersion == 3)
    #expect(Array(image.payload) == payload)
    try image.verify(with: .rig, hardware: "rig-1", atLeast: 3)
  }

  @Test("the same image signed twice is the same to the byte")
  func deterministic() throws {
    let (one, other) = (try signed(), try signed())
    #expect(one == other)
  }

  @Test("no flipped bit of what counts goes through")
  func flippedBits() throws {
    let good = try signed().bytes
    // Behind the signature stand 64 bytes that say nothing.
    for byte in Array(0..<192) + Array(256..<good.count) {
      var bytes = good
      bytes[byte] ^= 1 << UInt8(byte % 8)
      #expect(throws: FirmwareImageError.self, "byte \(byte)") {
        try FirmwareImage(bytes).verify(with: .rig)
      }
    }
  }

  @Test("no length but the right one goes through")
  func lengths() throws {
    let good = try signed().bytes
    for count in 0..<good.count {
      #expect(throws: FirmwareImageError.self, "\(count) bytes") {
        try FirmwareImage(Array(good.prefix(count)))
      }
    }
    #expect(throws: FirmwareImageError.trailing(1)) { try FirmwareImage(good + [0]) }
  }

  @Test("each refusal has its own sentence")
  func sentences() throws {
    let image = try signed()
    let unsigned = try FirmwareImage(version: "1.3.0", payload: payload)
    let publicHalf = try #require(FirmwareKey(publicKey: FirmwareKey.rig.publicKey))
    let sentences = [
      refusal { try image.verify(with: .stranger) },
      refusal { try image.verify(with: .rig, atLeast: 4) },
      refusal { try image.verify(with: .rig, hardware: "rig-2") },
      refusal { try unsigned.verify(with: .rig) },
      refusal { _ = try FirmwareImage(Array(image.bytes.dropLast(4))) },
      refusal { _ = try FirmwareImage(Array(image.bytes.dropLast(4)) + [0, 0, 0, 0]) },
      refusal {
        var copy = image
        try copy.sign(with: publicHalf)
      },
    ]
    #expect(
      sentences == [
        "the signature was not made with this key over this header",
        "its security version is 3, and 4 is the least that may run",
        "it is for the hardware rig-1, not for rig-2", "nobody has signed it yet",
        "the file is cut short: it has 266 bytes of 270",
        "the payload is not the one that the header was made for",
        "the key has no secret half to sign with",
      ])
  }

  private func refusal(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "-"
    } catch {
      return "\(error)"
    }
  }

  @Test("a hub leaves the factory with a good image in its first slot, and runs it")
  func firstImage() throws {
    let bench = try Bench()
    bench.hub.powerOn()
    #expect(bench.hub.firmwareVersion == "0.1.0")
    #expect(bench.hub.runningSlot == 0)
    let size = FirmwareImage.headerSize
    let head = Array(bench.hub.flash.contents(of: .slotA).prefix(8_192))
    let count =
      size + (0..<4).reduce(0) { $0 | Int(head[12 + $1]) << (8 * $1) }
    try FirmwareImage(Array(head.prefix(count))).verify(with: .rig, hardware: "rig-1")
  }
}
