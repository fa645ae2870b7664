import Testing
import World

@testable import Scenarios

@Suite("Quantities as people write them")
struct QuantityTests {
  @Test(
    "durations are read exactly",
    arguments: [
      ("90s", 90_000), ("2m30s", 150_000), ("1h", 3_600_000), ("250ms", 250), ("1.5h", 5_400_000),
      ("0s", 0), ("1d2h3m4s5ms", 93_784_005), ("0.5s", 500),
    ] as [(String, Int64)])
  func duration(text: String, milliseconds: Int64) {
    #expect(Quantity.duration(text) == .milliseconds(milliseconds))
  }

  @Test(
    "what is not a duration is refused",
    arguments: [
      "", "s", "5", "5 s", "-5s", "5s2m", "5s5s", "1.2.3s", "5.s", "1e3s", "5sec",
      "99999999999999d",
      "0.0000000001s", "٣s",
    ])
  func notDuration(text: String) { #expect(Quantity.duration(text) == nil) }

  @Test(
    "sizes are read exactly, in powers of 1000 and of 1024",
    arguments: [
      ("2 MB", 2_000_000), ("300 KB", 300_000), ("64 KiB", 65_536), ("1.5MB", 1_500_000),
      ("7 B", 7),
    ])
  func size(text: String, bytes: Int) { #expect(Quantity.size(text) == bytes) }

  @Test(
    "what is not a size is refused",
    arguments: ["", "2", "MB", "2 mb", "2  MB", "-1 KB", "0.0001 KB", "99999999999 GB", "1.5 B"])
  func notSize(text: String) { #expect(Quantity.size(text) == nil) }

  @Test("rates are sizes a second, shares lie between 0% and 100%")
  func ratesAndShares() {
    #expect(Quantity.rate("4 MB/s") == 4_000_000)
    #expect(Quantity.rate("4 MB") == nil)
    #expect(Quantity.share("0.1%") == 0.001)
    #expect(Quantity.share("100%") == 1)
    #expect(Quantity.share("101%") == nil)
    #expect(Quantity.share("5") == nil)
  }

  @Test("times are written for people")
  func written() {
    #expect(Quantity.describe(.seconds(1572)) == "26 m 12 s")
    #expect(Quantity.describe(.milliseconds(1_500)) == "1.5 s")
    #expect(Quantity.describe(.milliseconds(250)) == "250 ms")
    #expect(Quantity.describe(.seconds(90_061)) == "1 d 1 h 1 m 1 s")
    #expect(Quantity.describe(.seconds(3_600)) == "1 h")
    #expect(Quantity.clock(Instant(nanoseconds: 754_500_000_000)) == "12:34.5")
    #expect(Quantity.clock(Instant(nanoseconds: 3_754_500_000_000)) == "1:02:34.5")
    #expect(Quantity.grouped(1_234_567) == "1,234,567")
    #expect(Quantity.fixed(0.0309, digits: 3) == "0.031")
    #expect(Quantity.describe(bytes: 1_940_000) == "1.9 MB")
  }
}
