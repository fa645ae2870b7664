import Testing

@testable import Scenarios

@Suite("Words about people")
struct PeopleWordTests {
  private func read(_ step: String, expecting condition: String = "p1 is idle") throws -> Scenario {
    try story(
      "  - { queue: part.3mf, on: p1, as: job-1 }\n  - {\(step)}",
      expect: "  - { finally: \(condition) }",
      farm: "\n      people: [{ name: eva, role: viewer }]")
  }

  @Test("what somebody does is read, with the job or the role that it is about")
  func deeds() throws {
    let scenario = try read("person: eva, does: pauses, job: job-1, refused: 403")
    #expect(scenario.world.farms[0].people.map(\.role) == [.viewer])
    guard case .request(.person(let step), 403?, nil)? = scenario.steps.last?.action else {
      Issue.record("no person's step")
      return
    }
    #expect(step.person == "eva" && step.deed == .pauses && step.job == "job-1")
    guard
      case .request(.person(let other), _, _)? = try read("person: eva, does: becomes, role: admin")
        .steps.last?.action
    else {
      Issue.record("no person's step")
      return
    }
    #expect(other.role == .admin)
  }

  @Test(
    "what does not fit is told, with what to do",
    arguments: [
      ("person: eve, does: looks", "no person is called \"eve\"; did you mean \"eva\"?"),
      ("person: eva, does: pauses", "\"pauses\" needs \"job\""),
      ("person: eva, does: looks, job: job-1", "\"looks\" has nothing to do with a job"),
      ("person: eva, does: becomes", "\"becomes\" needs \"role\""),
      ("person: eva, does: looks, role: admin", "\"looks\" has nothing to do with a role"),
      ("person: eva, does: becomes, role: king", "role"),
      ("claim: hub-1", "in"), ("claim: hub-1, in: hub-1", "no farm is called"),
      ("release: p1", "no hub is called"),
    ])
  func mistakes(step: String, words: String) {
    let told = complaint { try read(step) }
    #expect(told.contains(words), "\(told)")
  }

  @Test("people's dashboards can be spoken of in conditions")
  func conditions() {
    func told(_ condition: String) -> String {
      complaint { try read("wait: 1s", expecting: condition) }
    }
    #expect(told("eva is watching and eva is not admin") == "")
    #expect(told("eva news >= 3") == "")
    #expect(told("eva is ready").contains("person state"))
    #expect(told("p1 news >= 3").contains("news"))
  }
}
