import Testing

@testable import Scenarios

@Suite("Words about people")
struct PeopleWordTests {
  private func read(_ step: String, expecting condition: String = "p1 is idle") throws -> Scenario {
    let text = """
      scenario: words
      why: to be read
      world:
        farms:
          - name: garage
            people: [{name: eva, role: viewer}]
            hub: {name: hub-1}
            printers: [{name: p1, model: P1S}]
      files: [{name: a.3mf}]
      steps:
        - {queue: a.3mf, on: p1, as: job-1}
        - {\(step)}
      expect:
        - {finally: \(condition)}
      """
    return try ScenarioReader.read(Array(text.utf8), file: "words.yaml")
  }

  private func problem(_ step: String, expecting condition: String = "p1 is idle") -> String {
    do {
      _ = try read(step, expecting: condition)
      return ""
    } catch {
      return "\(error)"
    }
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
    #expect(problem(step).contains(words), "\(problem(step))")
  }

  @Test("people's dashboards can be spoken of in conditions")
  func conditions() {
    #expect(problem("wait: 1s", expecting: "eva is watching and eva is not admin") == "")
    #expect(problem("wait: 1s", expecting: "eva news >= 3") == "")
    #expect(problem("wait: 1s", expecting: "eva is ready").contains("person state"))
    #expect(problem("wait: 1s", expecting: "p1 news >= 3").contains("news"))
  }
}
