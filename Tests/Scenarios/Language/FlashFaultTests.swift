import Testing

@testable import Scenarios

@Suite("Faults of a hub's flash in a story")
struct FlashFaultTests {
  @Test(
    "a fault that waits for the flash, and one in a thing of the flash, are read",
    arguments: [
      "fault: power-cut, on: hub-1, at-flash-operation: 7",
      "fault: power-cut, on: hub-1, while-writing: claim, for: 10s",
      "fault: brown-out, on: hub-1, while-erasing: anything",
      "fault: flipped-bits, on: hub-1, in: boot-record, to: 3",
      "fault: worn-sectors, on: hub-1, to: 2", "fault: stuck-bits, on: hub-1, to: 2",
      "fault: full-store, on: hub-1",
    ])
  func good(step: String) { #expect(complaint { try story("  - { \(step) }") } == "") }

  @Test(
    "a word in the wrong place is pointed at",
    arguments: [
      ("fault: wifi-down, on: hub-1, at-flash-operation: 7", "does not wait for"),
      (
        "fault: power-cut, on: hub-1, at-flash-operation: 7, while-writing: job",
        "\"while-writing\" cannot go with \"at-flash-operation\""
      ),
      ("fault: power-cut, on: hub-1, in: wifi", "is not about a thing in flash"),
      ("fault: flipped-bits, on: hub-1, to: 1", "needs \"in\""),
      ("fault: flipped-bits, on: hub-1, in: wifi", "needs \"to\""),
      ("fault: power-cut, on: hub-1, while-writing: printr", "did you mean \"printer\"?"),
      ("fault: power-cut, on: hub-1, at-flash-operation: 0", "a whole number from 1"),
    ])
  func bad(step: String, message: String) {
    #expect(complaint { try story("  - { \(step) }") }.contains(message))
  }
}
