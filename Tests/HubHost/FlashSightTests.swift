import HubHost
import Testing

@Suite("A flash looked at and cut from outside")
struct FlashSightTests {
  @Test("values are seen by their names, the oldest first")
  func entries() {
    let flash = NORFlash()
    let tool = StoreTool(flash)
    #expect(tool.write("first", [1, 2, 3]))
    #expect(tool.write("second", []))
    #expect(tool.write("first", [4]))
    let entries = StoreSight(flash).entries
    #expect(entries.map(\.name) == ["first", "second", "first"])
    #expect(entries.map(\.value.count) == [3, 0, 1])
    #expect(flash.contents(of: .store)[entries[2].value] == [4])
    #expect(StoreSight(flash).pages == [0])
  }

  @Test("the power goes in the middle of the value that was waited for")
  func trap() {
    let flash = NORFlash()
    let tool = StoreTool(flash)
    flash.trap = FlashTrap(flash, .value { $0 == "wanted" })
    #expect(tool.write("other", [1, 2, 3, 4]))
    #expect(!flash.isWithoutPower)
    #expect(!tool.write("wanted", [1, 2, 3, 4]))
    #expect(flash.isWithoutPower)
    let entry = StoreSight(flash).entries.last
    #expect(entry?.name == "wanted")
    #expect(entry.map { Array(flash.contents(of: .store)[$0.value]) } == [1, 2, 255, 255])
  }

  @Test("the power goes in the middle of the operation that was counted")
  func counted() {
    let flash = NORFlash()
    let tool = StoreTool(flash)
    flash.trap = FlashTrap(flash, .operation(5))
    #expect(tool.write("one", [1]))
    #expect(flash.operationCount == 4)
    #expect(!tool.write("two", [1]))
    #expect(flash.operationCount == 5 && flash.isWithoutPower)
  }

  @Test("a store that was filled takes nothing more, and keeps what it had")
  func full() {
    let flash = NORFlash()
    #expect(StoreTool(flash).write("mine", [7]))
    let tool = StoreTool(flash)
    #expect(tool.fill() > 10)
    #expect(!tool.write("more", [1, 2, 3]))
    #expect(StoreSight(flash).entries.contains { $0.name == "mine" })
  }

  @Test("whoever keeps a copy hears of every byte that changes")
  func copy() {
    let flash = NORFlash()
    var copy = flash.contents(of: .store)
    flash.onWritten = { [unowned flash] partition, range in
      guard partition == .store else { return }
      copy.withUnsafeMutableBufferPointer {
        flash.look(.store, at: range.lowerBound, into: .init(rebasing: $0[range]))
      }
    }
    let tool = StoreTool(flash)
    for number in 0..<3_000 { _ = tool.write("counter", [UInt8(number & 255), 1, 2, 3]) }
    #expect(flash.eraseCounts[1].reduce(0, +) > 0)
    #expect(copy == flash.contents(of: .store))
  }
}
