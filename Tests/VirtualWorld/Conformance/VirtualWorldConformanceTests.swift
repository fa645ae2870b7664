import Testing
import VirtualWorld
import World

@Suite("The virtual world does what every world must")
struct VirtualWorldConformanceTests {
  @Test(arguments: WorldConformance.checks.map(\.sentence))
  func conforms(sentence: String) throws {
    let check = try #require(WorldConformance.checks.first { $0.sentence == sentence }).check
    // In one farm, from a farm to the internet, and on one machine.
    for (from, to) in [
      (Segment.farm("north"), Segment.farm("north")), (.farm("north"), .internet),
      (.internet, .internet),
    ] {
      let world = VirtualWorld(seed: 1)
      try check(
        WorldConformance(
          server: world.addVirtualHost("server", on: to),
          client: world.addVirtualHost("client", on: from), serverName: "server",
          goOn: { isDone in !world.run(for: .seconds(30)) { !isDone() } }))
    }
    let world = VirtualWorld(seed: 1)
    let host = world.addVirtualHost("server", on: .internet)
    try check(
      WorldConformance(
        server: host, client: host, serverName: "server",
        goOn: { isDone in !world.run(for: .seconds(30)) { !isDone() } }))
  }
}
