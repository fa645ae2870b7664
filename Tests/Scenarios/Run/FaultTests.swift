import Testing
import VirtualWorld
import World

@testable import Scenarios

@Suite("Faults and their ends")
struct FaultTests {
  private let world = VirtualWorld(seed: 1)
  private let stage: VirtualStage
  private let switches: FaultSwitches

  init() {
    stage = VirtualStage(
      world: world,
      plan: WorldPlan(farms: [
        FarmPlan(
          name: "workshop", owner: "ada", hub: HubPlan(name: "hub-1"),
          printers: [PrinterPlan(name: "p1", model: "P1S")])
      ]))
    switches = FaultSwitches(
      stage: stage, host: world.addHost("story", address: nil, on: .internet))
  }

  private func fault(
    _ kind: FaultKind, _ place: String, _ amount: Fault.Amount? = nil, seconds: Int64? = nil
  ) -> Fault {
    Fault(kind: kind, place: place, amount: amount, duration: seconds.map { .seconds($0) })
  }

  @Test("a fault lasts as long as it says")
  func lasts() throws {
    let network = try #require(stage.network(ofHub: "hub-1"))
    switches.begin(fault(.wifiDown, "hub-1", seconds: 10))
    #expect(!network.isUp)
    world.run(for: .seconds(9))
    #expect(!network.isUp)
    world.run(for: .seconds(2))
    #expect(network.isUp)
  }

  @Test("what two faults hold is free when both are over")
  func overlapping() {
    let uplink = world.farm("workshop").uplink
    switches.begin(fault(.uplinkDown, "workshop", seconds: 10))
    world.run(for: .seconds(5))
    switches.begin(fault(.uplinkDown, "workshop", seconds: 10))
    world.run(for: .seconds(7))
    #expect(!uplink.isUp)
    world.run(for: .seconds(4))
    #expect(uplink.isUp)
  }

  @Test("of several values for one link the newest counts, and the first comes back")
  func values() throws {
    let link = try #require(stage.link("hub-1"))
    let before = link.latency
    switches.begin(fault(.latency, "hub-1", .latency(.seconds(1)), seconds: 10))
    switches.begin(fault(.latency, "hub-1", .latency(.seconds(2)), seconds: 5))
    switches.begin(fault(.loss, "hub-1", .loss(0.5), seconds: 5))
    #expect(link.latency == .seconds(2))
    #expect(link.loss == 0.5)
    world.run(for: .seconds(6))
    #expect(link.latency == .seconds(1))
    #expect(link.loss == 0)
    world.run(for: .seconds(6))
    #expect(link.latency == before)
  }

  @Test("a fault without an end is mended; what is not broken cannot be")
  func mend() {
    switches.begin(fault(.slow, "p1", .bytesPerSecond(1_000)))
    world.run(for: .minutes(60))
    #expect(stage.link("p1")?.bandwidth == 1_000)
    #expect(switches.mend(.slow, at: "p1"))
    #expect(stage.link("p1")?.bandwidth == nil)
    #expect(!switches.mend(.slow, at: "p1"))
  }

  @Test("a cloud that crashed is up again after its time, and takes requests")
  func cloud() throws {
    try stage.stage.cloud.start()
    switches.begin(fault(.cloudCrash, "cloud", seconds: 5))
    #expect(!stage.stage.cloud.isUp)
    world.run(for: .seconds(6))
    #expect(stage.stage.cloud.isUp)
    var isHealthy = false
    stage.stage.farms[0].owner.settle(tenant: "workshop") { answer in
      if case .success = answer { isHealthy = true }
    }
    world.run(for: .seconds(5))
    #expect(isHealthy)
  }

  @Test("faults of networks do what they say, and are gone afterwards")
  func networks() throws {
    let farm = world.farm("workshop")
    let hub = try #require(stage.host("hub-1"))
    let link = try #require(stage.link("hub-1"))
    let kinds: [(FaultKind, String, Fault.Amount?, () -> Bool)] = [
      (.mute, "hub-1", nil, { link.blocksOutgoing }),
      (.deaf, "hub-1", nil, { link.blocksIncoming }),
      (.oneByte, "hub-1", nil, { link.fragment == 1 }),
      (.weakSignal, "hub-1", nil, { hub.wifi?.strength == -84 }),
      (.clock1970, "hub-1", nil, { hub.wallMilliseconds < 60_000 }),
      (.dnsDead, "workshop", nil, { farm.names == .dead }),
      (.dnsSlow, "workshop", .latency(.seconds(3)), { farm.names == .slow(.seconds(3)) }),
      (.dnsWrong, "workshop", nil, { farm.names != .right }),
      (.natForgets, "workshop", .latency(.seconds(9)), { farm.idleLimit == .seconds(9) }),
      (.captiveNetwork, "workshop", nil, { farm.portal?.isOn == true }),
      (.tlsStall, "cloud", nil, { stage.cloudHost.stallsHandshakes }),
    ]
    let latency = link.latency
    for (kind, place, amount, isSo) in kinds {
      #expect(!isSo(), "\(kind) before")
      switches.begin(fault(kind, place, amount, seconds: 5))
      world.run(for: .seconds(1))
      #expect(isSo(), "\(kind)")
      world.run(for: .seconds(5))
      #expect(!isSo(), "\(kind) afterwards")
    }
    #expect(link.latency == latency)
    let address = hub.address
    switches.begin(fault(.newAddress, "hub-1", seconds: 1))
    #expect(hub.address != address)
  }
}
