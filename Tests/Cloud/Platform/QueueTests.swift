import Testing
import VirtualWorld
import World

@testable import Cloud

@Suite("Queues and short-lived values")
struct QueueTests {
  private struct Nope: Error {}

  /// What a cloud stands on.
  static func platform(of cloud: CloudServer) -> Platform { cloud.platform }

  private final class Desk {
    let world = VirtualWorld(seed: 1)
    let storage = CloudStorage.memory()
    let host: VirtualHost
    private(set) var platform: Platform
    var taken: [(Int, Int64)] = []
    var failures = 0

    init() throws {
      host = world.addVirtualHost("cloud", on: .internet)
      platform = try Platform(
        host: host, storage: storage, configuration: CloudRig.configuration)
      try MigrationRunner(database: storage.database).run(at: 1)
      listen()
    }

    func listen() {
      platform.queues.consume(.notifications) { [unowned self] message in
        if failures > 0 {
          failures -= 1
          throw Nope()
        }
        taken.append((message["n"]?.int ?? 0, platform.now))
      }
    }

    /// The process dies and another comes up.
    func restart() throws {
      platform.queues.vanish()
      platform = try Platform(
        host: host, storage: storage, configuration: CloudRig.configuration)
      listen()
      platform.queues.start()
    }

    func send(_ number: Int64) throws {
      try platform.queues.send(["n": .integer(number)], to: .notifications)
    }
  }

  @Test("messages wait for others, but a full batch does not wait")
  func batches() throws {
    let desk = try Desk()
    try desk.send(1)
    desk.world.run(for: .seconds(4))
    #expect(desk.taken.isEmpty)
    desk.world.run(for: .seconds(2))
    #expect(desk.taken.map(\.0) == [1])
    for number in 2...11 { try desk.send(Int64(number)) }
    desk.world.run(for: .milliseconds(10))
    #expect(desk.taken.map(\.0) == Array(1...11))
  }

  @Test("how many wait is known of every queue; what was given up does not wait")
  func waiting() throws {
    let desk = try Desk()
    desk.failures = 100
    try desk.send(1)
    desk.world.run(for: .seconds(120))
    for number in 2...4 { try desk.send(Int64(number)) }
    try desk.platform.queues.send(["n": .integer(5)], to: .shopifySync)
    let waiting = try desk.platform.queues.waiting()
    #expect(waiting.map(\.queue.name) == QueueConfiguration.all.map(\.name))
    #expect(waiting.map(\.count) == [0, 0, 3, 1])
    let depth = try desk.platform.queues.depth(.notifications)
    #expect(depth.waiting == 3 && depth.dead == 1)
  }

  @Test("what fails is tried again, later and later, and then given up")
  func retries() throws {
    let desk = try Desk()
    desk.failures = 2
    try desk.send(1)
    desk.world.run(for: .seconds(60))
    #expect(desk.taken.map(\.0) == [1])
    desk.failures = 100
    try desk.send(2)
    desk.world.run(for: .seconds(600))
    #expect(desk.failures == 95)
    #expect(try desk.platform.queues.depth(.notifications) == (0, 1))
    // A dead letter holds nobody up.
    desk.failures = 0
    try desk.send(3)
    desk.world.run(for: .seconds(10))
    #expect(desk.taken.map(\.0) == [1, 3])
  }

  @Test("a message outlives the process, and is taken once")
  func restart() throws {
    let desk = try Desk()
    try desk.send(1)
    try desk.restart()
    desk.world.run(for: .seconds(30))
    try desk.restart()
    desk.world.run(for: .seconds(30))
    #expect(desk.taken.map(\.0) == [1])
  }

  @Test("what a message was to be sent with is what it is sent with")
  func rollback() throws {
    let desk = try Desk()
    try? desk.storage.database.transaction {
      try desk.send(1)
      throw Nope()
    }
    desk.world.run(for: .seconds(30))
    #expect(desk.taken.isEmpty)
  }

  @Test("a value is there until its time is over")
  func values() throws {
    let desk = try Desk()
    let values = desk.platform.values
    try values.set("a", "1", until: 1000)
    try values.set("b", "2", until: nil)
    #expect(try values.value("a", at: 999) == "1")
    #expect(try values.value("a", at: 1000) == nil)
    try values.removeExpired(at: 1000)
    #expect(try values.value("a", at: 0) == nil)
    #expect(try values.value("b", at: .max) == "2")
    try values.set("b", "3", until: nil)
    #expect(try values.value("b", at: 0) == "3")
    try values.remove("b")
    #expect(try values.value("b", at: 0) == nil)
  }
}
