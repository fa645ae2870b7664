import Testing
import VirtualWorld
import World
import WorldConformance

@Suite("The virtual world does what every world must")
struct VirtualWorldConformanceTests {
  @Test(arguments: WorldConformance.checks.map(\.sentence))
  func conforms(sentence: String) throws {
    let check = try #require(WorldConformance.checks.first { $0.sentence == sentence }).check
    // In one farm, on one network, from a farm to the internet, and on one machine.
    try perform(check, from: .farm("north"), to: .farm("north"))
    try perform(check, from: .farm("north"), to: .internet)
    try perform(check, from: .internet, to: .internet)
    try performOnOneMachine(check)
  }

  @Test(arguments: WorldConformance.datagramChecks.map(\.sentence))
  func datagramsConform(sentence: String) throws {
    let check = try #require(WorldConformance.datagramChecks.first { $0.sentence == sentence })
      .check
    try perform(check, from: .farm("north"), to: .farm("north"))
    try perform(check, from: .internet, to: .internet)
    try performOnOneMachine(check)
  }

  private func perform(
    _ check: WorldConformance.Check, from: Segment, to: Segment
  ) throws {
    let world = VirtualWorld(seed: 1)
    try check(
      WorldConformance(
        server: world.addVirtualHost("server", on: to),
        client: world.addVirtualHost("client", on: from), serverName: "server",
        goOn: { isDone in !world.run(for: .seconds(30)) { !isDone() } }))
  }

  private func performOnOneMachine(_ check: WorldConformance.Check) throws {
    let world = VirtualWorld(seed: 1)
    let host = world.addVirtualHost("server", on: .internet)
    try check(
      WorldConformance(
        server: host, client: host, serverName: "server",
        goOn: { isDone in !world.run(for: .seconds(30)) { !isDone() } }))
  }
}
