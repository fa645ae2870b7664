import Archives
import Foundation
import Printers
import Testing

@Suite("Sliced files")
struct ThreeMFTests {
  static func fixture(_ name: String) throws -> [UInt8] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return Array(try Data(contentsOf: root.appendingPathComponent("Fixtures/printers/\(name)")))
  }

  @Test(
    "what is made can be read, and says what it was made to say",
    arguments: [
      (1, 1), (20, 600), (333, 86_399), (5_000, 400_000),
    ])
  func roundTrip(layers: Int, seconds: Int) throws {
    let file = ThreeMF.make(name: "a <\"&\"> b", layers: layers, seconds: seconds)
    let summary = try ThreeMF.summary(of: file, plate: 1)
    #expect(summary.layers == layers)
    #expect(summary.seconds == seconds)
    #expect(summary.filament == "PLA")
    #expect(summary.bedType == "textured_plate")
    #expect(summary.weightGrams > 0)
  }

  @Test("it has exactly the size asked for", arguments: Array(20_000...20_070) + [1_000_003])
  func size(byteCount: Int) throws {
    let file = ThreeMF.make(name: "x", layers: 7, seconds: 60, byteCount: byteCount, seed: 9)
    #expect(file.count == byteCount)
    #expect(try ThreeMF.summary(of: file, plate: 1).layers == 7)
  }

  @Test("when it needs more than was asked for it takes what it needs")
  func minimum() throws {
    let least = ThreeMF.make(name: "x", layers: 100, seconds: 60, byteCount: 10)
    #expect(least.count > 2_000)
    #expect(ThreeMF.make(name: "x", layers: 100, seconds: 60, byteCount: least.count) == least)
  }

  @Test("the same seed makes the same bytes, another seed makes others all over the file")
  func seeds() {
    func make(_ seed: UInt64) -> [UInt8] {
      ThreeMF.make(name: "x", layers: 10, seconds: 60, byteCount: 100_000, seed: seed)
    }
    #expect(make(1) == make(1))
    let (a, b) = (make(1), make(2))
    for start in stride(from: 10_000, to: 90_000, by: 10_000) {
      #expect(a[start..<(start + 64)] != b[start..<(start + 64)])
    }
    #expect(contentDigest(a) != contentDigest(b))
  }

  @Test("a file that another program has packed is read plate by plate")
  func deflated() throws {
    let file = try Self.fixture("two-plates-deflated.3mf")
    let first = try ThreeMF.summary(of: file, plate: 1)
    #expect(
      first
        == PlateSummary(
          layers: 40, seconds: 1234, weightGrams: 9.59, filament: "PETG",
          bedType: "textured_plate"))
    let second = try ThreeMF.summary(of: file, plate: 2)
    #expect(second == PlateSummary(layers: 75, seconds: 7384, weightGrams: 51.2, filament: "ABS"))
    #expect(throws: ThreeMFError.noSuchPlate) { try ThreeMF.summary(of: file, plate: 3) }
  }

  @Test("an entry that grows beyond measure is refused before it is unpacked")
  func bomb() throws {
    let file = try Self.fixture("grows-too-far.3mf")
    #expect(throws: ThreeMFError.expandsTooFar) { try ThreeMF.summary(of: file, plate: 1) }
  }

  @Test("an entry that is larger than it says is refused")
  func lie() throws {
    var file = try Self.fixture("two-plates-deflated.3mf")
    let directory = try #require(Self.directoryHeader(of: "Metadata/plate_1.gcode", in: file))
    file[directory + 24] = 10
    file[directory + 25] = 0
    #expect(throws: ThreeMFError.expandsTooFar) { try ThreeMF.summary(of: file, plate: 1) }
  }

  /// Where the directory describes an entry.
  static func directoryHeader(of name: String, in file: [UInt8]) -> Int? {
    let wanted = Array(name.utf8)
    return (0..<(file.count - 46)).first { start in
      file[start..<(start + 4)].elementsEqual([0x50, 0x4B, 1, 2])
        && file[(start + 46)...].starts(with: wanted)
        && Int(file[start + 28]) == wanted.count
    }
  }

  @Test("a file that was cut anywhere is no archive")
  func cuts() {
    let file = ThreeMF.make(name: "x", layers: 3, seconds: 60)
    for count in 0..<file.count {
      #expect(throws: ThreeMFError.notAnArchive) {
        try ThreeMF.summary(of: Array(file.prefix(count)), plate: 1)
      }
    }
  }

  @Test("no single changed byte is fatal, and none in the g-code goes unnoticed")
  func flips() throws {
    let files = [
      ThreeMF.make(name: "x", layers: 3, seconds: 60), try Self.fixture("two-plates-deflated.3mf"),
    ]
    for file in files {
      let good = try ThreeMF.summary(of: file, plate: 1)
      for index in file.indices {
        var damaged = file
        damaged[index] ^= [0x01, 0x80, 0xFF][index % 3]
        _ = try? ThreeMF.summary(of: damaged, plate: 1)
      }
      var damaged = file
      let start = try #require(Self.position(of: "Metadata/plate_1.gcode", in: file))
      damaged[start + 60] ^= 0x10
      #expect((try? ThreeMF.summary(of: damaged, plate: 1)) == nil)
      #expect(try ThreeMF.summary(of: file, plate: 1) == good)
    }
  }

  /// Where a local header has this name.
  static func position(of name: String, in file: [UInt8]) -> Int? {
    let wanted = Array(name.utf8)
    return (0..<(file.count - wanted.count)).first { file[$0...].starts(with: wanted) }
  }

  @Test(
    "offsets and counts outside of the file are found out",
    arguments: [
      (42, 0xFF, ThreeMFError.damagedDirectory), (20, 0xFF, .damagedDirectory),
      (10, 0x0C, .unsupported), (16, 0xAA, .damagedEntry),
    ] as [(Int, UInt8, ThreeMFError)])
  func lies(offset: Int, value: UInt8, error: ThreeMFError) throws {
    var file = ThreeMF.make(name: "x", layers: 3, seconds: 60)
    let directory = try #require(Self.directoryHeader(of: "Metadata/plate_1.gcode", in: file))
    // The upper half too, so that sizes become absurd.
    file[directory + offset] = value
    if value == 0xFF { file[directory + offset + 2] = value }
    // A stored entry has one size; let the lie be consistent.
    if offset == 20 {
      file[directory + 24] = value
      file[directory + 26] = value
    }
    #expect(throws: error) { try ThreeMF.summary(of: file, plate: 1) }
  }

  @Test("a model that was saved and not sliced is told apart")
  func notSliced() throws {
    var file = ThreeMF.make(name: "x", layers: 3, seconds: 60)
    // Both names of both entries lose their ending.
    for _ in 1...4 {
      let start = try #require(Self.position(of: "plate_1.gcode", in: file))
      file.replaceSubrange(start..<(start + 13), with: Array("plate_1.model".utf8))
    }
    #expect(throws: ThreeMFError.notSliced) { try ThreeMF.summary(of: file, plate: 1) }
  }

  @Test("the digest does not depend on how the bytes were cut")
  func digestCuts() {
    let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let whole = contentDigest(bytes)
    for cut in 0...64 {
      for second in stride(from: cut, to: 200, by: 13) {
        var digest = ContentDigest()
        digest.update(Array(bytes[..<cut]))
        digest.update(Array(bytes[cut..<second]))
        digest.update(Array(bytes[second...]))
        #expect(digest.value == whole)
      }
    }
  }

  @Test("the digest sees every changed, swapped, lost and added byte")
  func digestSees() {
    let bytes = (0..<100).map { UInt8($0) }
    var digests: Set<UInt64> = [contentDigest(bytes), contentDigest([])]
    var count = 2
    func see(_ other: [UInt8]) {
      count += 1
      digests.insert(contentDigest(other))
    }
    for index in bytes.indices {
      var other = bytes
      other[index] ^= 0x10
      see(other)
      other = bytes
      other.remove(at: index)
      see(other)
      other = bytes
      other.insert(0xF0, at: index)
      see(other)
      if index > 0 {
        other = bytes
        other.swapAt(index, index - 1)
        see(other)
      }
    }
    for zeros in 1...40 { see([UInt8](repeating: 0, count: zeros)) }
    #expect(digests.count == count)
  }
}
