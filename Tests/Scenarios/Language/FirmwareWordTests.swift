import Testing

@testable import Scenarios

@Suite("Words about firmware")
struct FirmwareWordTests {
  private func read(_ step: String) throws -> Scenario { try story("  - {\(step)}") }

  @Test("a release is read with what it does and what is wrong with it")
  func release() throws {
    let scenario = try read(
      "release-firmware: 1.3.0, behaviour: hangs, security-version: 4, size: 300 KB, "
        + "hardware: rig-2, flaw: wrong-key, refused: 400")
    guard case .request(.firmware(let step), let refusal, _)? = scenario.steps.first?.action,
      case .release(let plan) = step.deed
    else {
      Issue.record("no release")
      return
    }
    #expect(step.version == "1.3.0" && refusal == 400)
    #expect(plan.behaviour == .hangs && plan.securityVersion == 4 && plan.byteCount == 300_000)
    #expect(plan.hardware == "rig-2" && plan.flaw == .wrongKey)
  }

  @Test("a rollout is read with whom it is for")
  func rollout() throws {
    let scenario = try read("roll-out: 1.3.0, share: 25%, pause-after: 3, again: yes")
    guard case .request(.firmware(let step), _, _)? = scenario.steps.first?.action,
      case .rollOut(let hub, let share, let pauseAfter, let isForced) = step.deed
    else {
      Issue.record("no rollout")
      return
    }
    #expect(hub == nil && share == 25 && pauseAfter == 3 && isForced)
  }

  @Test(
    "conditions speak of versions and of updates",
    arguments: [
      "hub-1 firmware = 1.3.0", "hub-1 firmware is 1.3.0", "hub-1 firmware is not 1.3.0",
      "hub-1 update is rolled-back", "hub-1 update is not none", "hub-1 update-progress >= 40%",
      "hub-1 is blinking", "cloud updated = 2 and cloud rolled-back = 0 and cloud paused = 1",
    ])
  func conditions(text: String) {
    #expect(complaint { try read("expect: \(text)") } == "")
  }

  @Test(
    "mistakes are told with what would be right",
    arguments: [
      ("release-firmware: newest", "expected a version such as 1.3.0 after \"release-firmware\""),
      (
        "release-firmware: 1.3.0, behaviour: hagns",
        "unknown behaviour \"hagns\"; did you mean \"hangs\"?"
      ),
      ("release-firmware: 1.3.0, size: 3 MB", "a firmware has between 1 KB and 2 MB"),
      (
        "roll-out: 1.3.0, to: hub-1, share: 5%",
        "\"share\" is of all hubs; it cannot go with \"to\""
      ),
      ("roll-out: 1.3.0, to: hub-2", "no hub is called \"hub-2\"; did you mean \"hub-1\"?"),
      ("roll-out: 1.3.0, share: 0%", "expected a share from 1% to 100%"),
      ("expect: hub-1 firmware 1.3.0", "expected \"=\" or \"is not\" after \"firmware\""),
      ("expect: hub-1 firmware = new", "expected a version such as 1.3.0"),
      ("expect: hub-1 update rolled-back", "expected \"is\" after \"update\""),
      (
        "expect: hub-1 update is rolledback",
        "unknown update state \"rolledback\"; did you mean \"rolled-back\"?"
      ),
    ])
  func mistakes(step: String, message: String) {
    let told = complaint { try read(step) }
    #expect(told.contains(message), "\(told)")
  }
}
