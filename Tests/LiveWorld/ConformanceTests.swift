import LiveWorld
import Testing
import World
import WorldConformance

@Suite("The live world does what every world must", .serialized)
struct LiveWorldConformanceTests {
  @Test(arguments: (WorldConformance.checks + WorldConformance.datagramChecks).map(\.sentence))
  func conforms(sentence: String) throws {
    let checks = WorldConformance.checks + WorldConformance.datagramChecks
    let check = try #require(checks.first { $0.sentence == sentence }).check
    // Between two hosts, and on one.
    for isOneMachine in [false, true] {
      let place = try Place()
      try check(
        WorldConformance(
          server: place.server, client: isOneMachine ? place.server : place.client,
          serverName: "server.test", goOn: { isDone in place.run(until: isDone) }))
    }
  }
}
