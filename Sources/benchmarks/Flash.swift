import HubHost
import Scenarios
import VirtualWorld
import World

/// How sparingly the key store uses its flash, and how fast a hub is back after a loss of power.
func measureFlash() -> [Row] {
  [
    Row(
      what: "key store: writes of 4 bytes per sector erase", value: writesPerErase(byteCount: 4),
      unit: "writes", aim: .none, digits: 1),
    // 4,096 bytes hold 126 entries of 32; a number takes one, nothing is copied.
    Row(
      what: "  ESP-IDF's layout on paper: 126 entries / 1", value: 126, unit: "writes", aim: .none),
    Row(
      what: "key store: writes of 60 bytes per sector erase", value: writesPerErase(byteCount: 60),
      unit: "writes", aim: .atLeast(31)),
    // A blob of 60 bytes takes an index, a header and two entries of data.
    Row(
      what: "  ESP-IDF's layout on paper: 126 entries / 4", value: 31.5, unit: "writes",
      aim: .none, digits: 1),
    Row(
      what: "power on to running, one printer (virtual)", value: bootMilliseconds(), unit: "ms",
      aim: .none),
  ]
}

/// One value written again and again on the product's partition, beside forty that stay.
private func writesPerErase(byteCount: Int) -> Double {
  let flash = NORFlash()
  let tool = StoreTool(flash)
  let others: [StaticString] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
  for name in others { _ = tool.write(name, [UInt8](repeating: 1, count: 60)) }
  let count = 200_000
  for number in 0..<count {
    let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: number >> (8 * ($0 & 3))) }
    guard tool.write("counter", bytes) else { giveUp("the store refuses a write") }
  }
  return Double(count) / Double(flash.eraseCounts[1].reduce(0, +))
}

/// From the plug to `running`, with the network, the cloud and the printer there.
private func bootMilliseconds() -> Double {
  let world = VirtualWorld(seed: 1)
  let plan = WorldPlan(farms: [
    FarmPlan(
      name: "farm", owner: "ada", hub: HubPlan(name: "hub"),
      printers: [PrinterPlan(name: "p1", model: "P1S")])
  ])
  let stage = VirtualStage(world: world, plan: plan)
  do { try stage.stage.open { _ in } } catch { giveUp("the farm does not open: \(error)") }
  let site = stage.stage.farms[0].hub
  world.run(for: .minutes(2))
  site.powerOff()
  world.run(for: .minutes(2))
  let begin = world.now
  site.powerOn()
  while site.hub.view.state != .running {
    world.run(for: .milliseconds(1))
    if world.now > begin + .minutes(5) { giveUp("the hub does not get to run") }
  }
  return Double((world.now - begin).milliseconds)
}
