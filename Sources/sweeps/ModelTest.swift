import HubCore
import HubHost

/// A million operations of the store, against a dictionary, with power cuts between and inside.
struct ModelTest {
  let operations: Int
  let seed: UInt32
  private(set) var cuts = 0
  private(set) var failure: String?

  init(operations: Int, seed: UInt32) {
    self.operations = operations
    self.seed = seed
  }

  mutating func run() {
    let names: [StaticString] = [
      "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p",
    ]
    let keys = names.indices.map { StoreKey(.work, names[$0], isSecret: $0 % 4 == 0) }
    let flash = NORFlash(layout: PartitionLayout(sizes: [4_096, 32_768, 8_192, 4_096, 4_096]))
    let board = SweepBoard(flash)
    var store = board.openStore()
    var model = [[UInt8]?](repeating: nil, count: keys.count)
    var luck = seed
    func next(_ bound: Int) -> Int {
      luck = luck &* 1_664_525 &+ 1_013_904_223
      return Int(luck >> 8) % bound
    }
    for number in 0..<operations {
      let key = next(keys.count)
      if next(40) == 0 {
        flash.cutPower(
          at: FlashCut(
            operation: flash.operationCount + 1 + next(4), byteCount: next(70),
            isPatchy: next(8) == 0))
      }
      let value: [UInt8]?
      if next(12) == 0 {
        value = nil
        do throws(StoreError) { try store.remove(keys[key]) } catch {}
      } else {
        let size = next(20) == 0 ? next(400) : next(50)
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 3 &+ number) }
        value = bytes
        if let trouble = store.trouble(writing: keys[key], bytes), !flash.isWithoutPower {
          failure = "operation \(number): \(trouble)"
          return
        }
      }
      if flash.isWithoutPower {
        cuts += 1
        flash.powerReturns()
        store = board.openStore()
        let found = store.text(keys[key])
        guard found == model[key] || found == value else {
          failure = "operation \(number): neither old nor new"
          return
        }
        model[key] = found
      } else {
        flash.cutPower(at: nil)
        model[key] = value
      }
      if number % 512 == 0 || number == operations - 1 {
        for index in keys.indices where store.text(keys[index]) != model[index] {
          failure = "operation \(number): \(names[index]) is wrong"
          return
        }
      }
    }
  }
}
