import HubCore
import HubHost
import Testing

@Suite("The key store")
struct StoreTests {
  @Test("what is written is read, also after power was away")
  func roundTrip() throws {
    let bench = StoreBench()
    #expect(bench.read(.one) == nil)
    try bench.write(.one, "first")
    try bench.write(.two, "")
    try bench.write(.secret, "nobody may see this")
    #expect(bench.read(.one) == "first")
    try bench.write(.one, "second")
    bench.reboot()
    #expect(bench.read(.one) == "second")
    #expect(bench.read(.two) == "")
    #expect(bench.read(.secret) == "nobody may see this")
    #expect(bench.store.health.keyCount == 3)
  }

  @Test("a secret is not in flash in clear, and one cannot be put in another's place")
  func secrets() throws {
    let bench = StoreBench()
    try bench.write(.secret, "nobody may see this")
    let bytes = bench.flash.contents(of: .store)
    #expect(!String(decoding: bytes, as: UTF8.self).contains("nobody"))
    #expect(bench.read(StoreKey(.work, "secret", isSecret: true)) == nil)
  }

  @Test("the same value again costs no operation of the flash", arguments: [false, true])
  func sameValue(isSecret: Bool) throws {
    let bench = StoreBench()
    let key = isSecret ? StoreKey.secret : .one
    try bench.write(key, "value")
    let count = bench.flash.operationCount
    try bench.write(key, "value")
    #expect(bench.flash.operationCount == count)
    try bench.write(key, "valuf")
    #expect(bench.flash.operationCount > count)
  }

  @Test("what was removed stays away, however often the log goes round")
  func removal() throws {
    let bench = StoreBench()
    try bench.write(.two, "gone soon")
    try bench.store.remove(.two)
    try bench.store.remove(.two)
    for round in 0..<400 {
      try bench.write(.one, String(repeating: "x", count: 300) + "\(round)")
      bench.reboot()
      #expect(bench.read(.two) == nil)
    }
    #expect(bench.store.health.keyCount == 1)
  }

  @Test("a value too long, and a key too many, are refused and change nothing")
  func bounds() throws {
    let bench = StoreBench(StoreBench.flash(sectors: 20))
    try bench.write(.one, [UInt8](repeating: 7, count: 1_900))
    #expect(throws: StoreError.tooLong) {
      try bench.write(.one, [UInt8](repeating: 8, count: 1_901))
    }
    #expect(bench.read(.one)?.utf8.count == 1_900)
    #expect(bench.store.health.refusedWrites == 1)
  }

  @Test("a full store refuses, keeps what it has, and takes values again when some are removed")
  func full() throws {
    let bench = StoreBench(StoreBench.flash(sectors: 8))
    let names: [StaticString] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"]
    let value = String(repeating: "v", count: 1_500)
    var written = 0
    #expect(throws: StoreError.full) {
      for name in names {
        try bench.write(StoreKey(.work, name), value)
        written += 1
      }
    }
    #expect(written >= 4)
    bench.reboot()
    for name in names.prefix(written) { #expect(bench.read(StoreKey(.work, name)) == value) }
    try bench.store.remove(StoreKey(.work, "a"))
    try bench.write(StoreKey(.work, "m"), value)
    // What is there can always be replaced.
    for name in names[1..<written] {
      try bench.write(StoreKey(.work, name), String(value.reversed()) + "2")
    }
  }

  @Test("every sector is erased as often as the others, however lopsided the writes are")
  func wear() throws {
    let bench = StoreBench(StoreBench.flash(sectors: 6))
    try bench.write(.two, String(repeating: "never changes ", count: 60))
    for round in 0..<6_000 { try bench.write(.one, "round \(round)") }
    let erases = bench.flash.eraseCounts[1]
    #expect(erases.max()! - erases.min()! <= 1)
    #expect(erases.max()! > 5)
    #expect(Int(bench.store.health.mostErases) == erases.max()!)
    bench.reboot()
    #expect(Int(bench.store.health.mostErases) >= erases.max()! - 1)
  }

  @Test("a factory reset leaves nothing of a person behind, and the device what it is")
  func eraseAll() throws {
    let bench = StoreBench()
    try bench.write(.one, "a person's own words")
    try bench.write(.secret, "a secret")
    try bench.write(.device, "stays")
    try bench.store.eraseAll()
    #expect(bench.read(.one) == nil && bench.read(.secret) == nil)
    bench.reboot()
    #expect(bench.read(.one) == nil && bench.read(.device) == "stays")
    let text = String(decoding: bench.flash.contents(of: .store), as: UTF8.self)
    #expect(!text.contains("a person's"))
    try bench.write(.one, "new words")
    #expect(bench.read(.one) == "new words")
  }

  @Test("a board without a flash for it has a store in which nothing is found")
  func noFlash() {
    let bench = StoreBench(StoreBench.flash(sectors: 1))
    #expect(bench.read(.one) == nil)
    #expect(throws: StoreError.failed) { try bench.write(.one, "value") }
  }
}
