import Glibc
import HubHost
import World

/// The same farm with the hub's firmware on an emulated chip; nothing where there is none.
func measureChip() -> [Row] {
  guard let chip = try? ChipSettings.find() else { return [] }
  let farms = PrintingFarms(
    count: 1, models: [String](repeating: "P1S", count: 5), chip: chip)
  // The emulator works in a process of its own, so it is the clock on the wall that counts.
  let begin = farms.world.now
  let start = wallSeconds()
  while wallSeconds() - start < 3 { farms.world.run(for: .minutes(1)) }
  let speed = (farms.world.now - begin).seconds / (wallSeconds() - start)
  let hub = farms.stage.farms[0].hub
  let poll = measurePoll(of: hub.hub)
  hub.powerOff()
  let report = hub.hub.chipReport
  return [
    Row(
      what: "the same hub on an emulated riscv32 chip", value: speed, unit: "× real", aim: .none),
    Row(what: "  one hub_poll with nothing to do", value: poll * 1e6, unit: "µs", aim: .none),
    Row(
      what: "  stack that it used", value: Double(report.stackUsed), unit: "bytes", aim: .none),
    Row(
      what: "  board calls that it waited for, of 100",
      value: 100 * Double(report.waits) / Double(max(report.calls, 1)), unit: "", aim: .none),
  ]
}

private func measurePoll(of hub: HubHost) -> Double {
  let start = wallSeconds()
  for _ in 0..<2_000 { hub.pollNow() }
  return (wallSeconds() - start) / 2_000
}

private func wallSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
