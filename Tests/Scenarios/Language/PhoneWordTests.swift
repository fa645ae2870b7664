import Testing

@testable import Scenarios

@Suite("Words about phones")
struct PhoneWordTests {
  private func read(
    _ step: String, hub: String = "{ name: hub-1 }", farm: String = ""
  ) throws -> Scenario {
    try story("  - {\(step)}", hub: hub, farm: "\n      phones: [anna, bert]" + farm)
  }

  @Test("what somebody does with a phone is read, with what he types")
  func deed() throws {
    let scenario = try read("phone: anna, does: sends-wifi, network: other, password: typed")
    #expect(scenario.world.farms[0].phones == ["anna", "bert"])
    guard case .phone(let step)? = scenario.steps.first?.action else {
      Issue.record("no step of a phone")
      return
    }
    #expect(step.phone == "anna" && step.deed == .sendsWiFi)
    #expect(step.network == "other" && step.password == "typed" && step.token == .new)
  }

  @Test("a hub comes out of its box, and its button is pushed for so long")
  func box() throws {
    let scenario = try read("push: hub-1, for: 11s", hub: "{name: hub-1, comes: boxed}")
    #expect(scenario.world.farms[0].hub.origin == .boxed)
    guard case .push(let hub, let length)? = scenario.steps.first?.action else {
      Issue.record("no push")
      return
    }
    #expect(hub == "hub-1" && length == .seconds(11))
  }

  @Test(
    "mistakes are told with what would be right",
    arguments: [
      ("phone: anne, does: pairs", "no phone is called \"anne\""),
      ("phone: anna, does: pear", "pairs"),
      ("phone: anna", "does"),
      ("phone: anna, does: pairs, password: x", "\"pairs\" has nothing to do with a network"),
      (
        "phone: anna, does: sends-wifi, token: new", "\"sends-wifi\" has nothing to do with a claim"
      ),
      ("push: p1", "no hub is called \"p1\""),
      ("expect: anna is paird", "paired"),
      ("expect: hub-1 is blu", "blue"),
    ])
  func mistakes(step: String, words: String) {
    #expect(complaint { try read(step) }.contains(words))
  }

  @Test("a prepared hub cannot know a network with accounts")
  func prepared() {
    func flaw(_ hub: String) -> String {
      complaint { try read("wait: 1s", hub: hub, farm: "\n      security: enterprise") }
    }
    #expect(flaw("{ name: hub-1 }").contains("comes: boxed"))
    #expect(flaw("{ name: hub-1, comes: boxed }") == "")
  }
}
