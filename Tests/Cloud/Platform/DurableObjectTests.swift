import Testing
import VirtualWorld
import World

@testable import Cloud

@Suite("Durable objects")
struct DurableObjectTests {
  /// Counts its alarms.
  private final class Clock: DurableObject {
    var rungAt: [Int64] = []
    override func alarm() { rungAt.append(platform.now) }
  }

  private final class Desk {
    let world = VirtualWorld(seed: 1)
    let storage = CloudStorage.memory()
    private(set) var namespace: ObjectNamespace<Clock>
    let platform: Platform

    init() throws {
      platform = try Platform(
        host: world.addVirtualHost("cloud", on: .internet), storage: storage,
        configuration: CloudRig.configuration)
      try MigrationRunner(database: storage.database).run(at: 1)
      namespace = ObjectNamespace("Clock", platform: platform) { _ in }
    }

    func restart() throws {
      namespace.vanish()
      namespace = ObjectNamespace("Clock", platform: platform) { _ in }
      try namespace.start()
    }
  }

  @Test("of one name there is one object")
  func identity() throws {
    let desk = try Desk()
    #expect(desk.namespace.object("a") === desk.namespace.object("a"))
    #expect(desk.namespace.object("a") !== desk.namespace.object("b"))
  }

  @Test("what an object stores is its own, and outlives it")
  func storage() throws {
    let desk = try Desk()
    try desk.namespace.object("a").store("1", as: "key")
    try desk.namespace.object("b").store("2", as: "key")
    try desk.namespace.object("b").store("3", as: "key")
    try desk.restart()
    #expect(try desk.namespace.object("a").stored("key") == "1")
    #expect(try desk.namespace.object("b").stored("key") == "3")
    try desk.namespace.object("b").store(nil, as: "key")
    #expect(try desk.namespace.object("b").stored("key") == nil)
  }

  @Test("an alarm rings once, at its time, as it was set last")
  func alarm() throws {
    let desk = try Desk()
    let clock = desk.namespace.object("a")
    let start = desk.platform.now
    try clock.setAlarm(at: start + 1_000)
    try clock.setAlarm(at: start + 5_000)
    desk.world.run(for: .seconds(20))
    #expect(clock.rungAt == [start + 5_000])
    try clock.setAlarm(at: start + 30_000)
    try clock.setAlarm(at: nil)
    desk.world.run(for: .seconds(20))
    #expect(clock.rungAt.count == 1)
  }

  @Test("an alarm whose time comes while the cloud is away rings when it is back")
  func late() throws {
    let desk = try Desk()
    let start = desk.platform.now
    let before = desk.namespace.object("a")
    try before.setAlarm(at: start + 1_000)
    desk.namespace.vanish()
    desk.world.run(for: .seconds(10))
    #expect(before.rungAt.isEmpty)
    try desk.restart()
    desk.world.run(for: .seconds(1))
    #expect(desk.namespace.object("a").rungAt == [start + 10_000])
    try desk.restart()
    desk.world.run(for: .seconds(1))
    #expect(desk.namespace.object("a").rungAt.isEmpty)
  }

  @Test("an alarm that cannot be kept now rings again until it can")
  func busy() throws {
    let desk = try Desk()
    let start = desk.platform.now
    let clock = desk.namespace.object("a")
    try clock.setAlarm(at: start + 1_000)
    desk.storage.trouble.isDatabaseBusy = true
    desk.world.run(for: .seconds(10))
    #expect(clock.rungAt.isEmpty)
    desk.storage.trouble.isDatabaseBusy = false
    desk.world.run(for: .seconds(10))
    #expect(clock.rungAt == [start + 11_000])
    #expect(!clock.hasAlarm)
  }
}
