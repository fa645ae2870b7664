// Cuts the power, and the connections of a job, everywhere. `sweeps` runs all on every core, and then
// plants errors to see that they are noticed; `sweeps --replay ID` runs one failure again;
// `sweeps --mutations` plants alone, and `sweeps --breaks` breaks alone.

import Glibc

let flows: [any Flow] = [
  StoreFlow(name: "store4", sectors: 4, count: 110, seed: 11),
  StoreFlow(name: "store8", sectors: 8, count: 160, prelude: 100, seed: 23),
  StoreFlow(name: "turn", sectors: 4, count: 90, prelude: 84, isFine: true, seed: 31),
  SettingsFlow.settings, SettingsFlow.claim, SettingsFlow.reset,
  HubFlow(name: "claimed", story: .claimed), HubFlow(name: "forgotten", story: .forgotten),
  UpdateFlow(name: "update", .good),
  UpdateFlow(name: "update-back", .good, isSecond: true),
  UpdateFlow(name: "rollback", .dies),
  UpdateFlow(name: "rollback-back", .dies, isSecond: true),
  UpdateFlow(name: "mute", .mute),
  UpdateFlow(name: "resumed", .good, payloadSize: 5_000, breaksAfter: 3_000),
]
let modelOperations = 1_000_000

func column(_ number: Int, width: Int = 12) -> String {
  let text = String(number)
  return String(repeating: " ", count: max(width - text.count, 0)) + text
}

func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// One share of everything, told line by line.
func sweepPart(_ part: Int, of count: Int) {
  for flow in flows {
    let sweep = Sweep(flow)
    sweep.part = part
    sweep.partCount = count
    sweep.run()
    print(
      "swept \(flow.name) \(sweep.operations) \(sweep.cuts) \(sweep.secondCuts) \(sweep.knownCuts)")
    for failure in sweep.failures.prefix(20) { print("FAILED sweeps \(failure)") }
    if sweep.failures.count > 20 { print("FAILED \(sweep.failures.count) times in all") }
  }
  let share = modelOperations * (part + 1) / count - modelOperations * part / count
  var model = ModelTest(operations: share, seed: 5 &+ UInt32(part))
  model.run()
  print("swept model \(model.operations) \(model.cuts) 0 0")
  if let failure = model.failure { print("FAILED model \(failure)") }
}

/// One share of the breaks of a job's connections.
func breakPart(_ part: Int, of count: Int) {
  var breaks = BreakSweep(part: part, of: count)
  breaks.run()
  print("swept breaks \(breaks.moves) \(breaks.runs) 0 0")
  for failure in breaks.failures.prefix(20) { print("FAILED sweeps --replay \(failure)") }
}

let coreCount = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

/// A job's connections broken at every step, on every core.
func breakAll() -> Bool {
  let begin = seconds()
  var workers = Workers()
  workers.run(coreCount, share: "--break-part")
  let runs = workers.counts.reduce(0) { $0 + $1.count.cuts }
  for failure in workers.failures { print("  " + failure) }
  print(
    "\(runs) broken connections in \(Int(seconds() - begin)) s, "
      + "\(workers.failures.count) failures")
  return workers.failures.isEmpty && !workers.hasBroken && runs > 0
}

/// Everything, on every core.
func sweepAll() -> Bool {
  let begin = seconds()
  var workers = Workers()
  workers.run(coreCount, share: "--part")
  let length = seconds() - begin
  print("flow             operations        cuts  second cuts    of the same flash")
  var cuts = 0
  var known = 0
  for (name, count) in workers.counts {
    let padding = String(repeating: " ", count: max(14 - name.count, 0))
    print(
      name + padding, column(count.operations), column(count.cuts), column(count.secondCuts),
      column(count.knownCuts, width: 20))
    cuts += count.cuts + count.secondCuts
    known += count.knownCuts
  }
  for failure in workers.failures { print("  " + failure) }
  let tenths = Int((length * 10).rounded())
  print(
    "\(cuts) cuts, \(cuts - known) flashes recovered in \(tenths / 10).\(tenths % 10) s, "
      + "\(Int(Double(cuts - known) / length)) a second, \(workers.failures.count) failures")
  return workers.failures.isEmpty && !workers.hasBroken
}

/// Plants each error, and sees whether a sweep notices it.
func plantErrors() -> Bool {
  var isGood = true
  for mutation in Mutation.allCases {
    SweepBoard.planted = mutation
    defer { SweepBoard.planted = nil }
    var found: String?
    for flow in flows where flow.name == mutation.flow {
      let sweep = Sweep(flow)
      sweep.failureLimit = 1
      sweep.run()
      found = sweep.failures.first
    }
    print("planted \(mutation.rawValue): \(found.map { "caught, " + $0 } ?? "NOT NOTICED")")
    if found == nil { isGood = false }
  }
  return isGood
}

/// One failure again; with the name of a planted error behind it, with that error.
func replay(_ id: String, _ mutation: String?) -> Bool {
  let parts = id.split(separator: ":")
  if parts.first == "breaks", parts.count == 2 {
    var breaks = BreakSweep(wanted: String(parts[1]))
    breaks.run()
    for failure in breaks.failures { print("FAILED sweeps --replay \(failure)") }
    print("\(breaks.runs) broken connections, \(breaks.failures.count) failures")
    return breaks.failures.isEmpty && breaks.runs > 0
  }
  guard let name = parts.first, let flow = flows.first(where: { $0.name == name }) else {
    print("no flow is called so: \(id); there are \(flows.map(\.name).joined(separator: ", "))")
    return false
  }
  SweepBoard.planted = mutation.flatMap { Mutation(rawValue: $0) }
  let sweep = Sweep(flow)
  sweep.wanted = parts.dropFirst().compactMap { Point($0) }
  sweep.run()
  for failure in sweep.failures { print("FAILED sweeps \(failure)") }
  print("\(sweep.cuts) cuts, \(sweep.secondCuts) second cuts, \(sweep.failures.count) failures")
  return sweep.failures.isEmpty
}

setvbuf(stdout, nil, _IOLBF, 0)
let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case nil: exit(sweepAll() && plantErrors() && breakAll() ? 0 : 1)
case "--mutations"?: exit(plantErrors() ? 0 : 1)
case "--part"? where words.count == 3:
  sweepPart(Int(words[1]) ?? 0, of: max(Int(words[2]) ?? 1, 1))
case "--break-part"? where words.count == 3:
  breakPart(Int(words[1]) ?? 0, of: max(Int(words[2]) ?? 1, 1))
case "--breaks"?: exit(breakAll() ? 0 : 1)
case "--replay"? where words.count >= 2:
  exit(replay(words[1], words.dropFirst(2).first) ? 0 : 1)
default:
  print("usage: sweeps [--mutations | --breaks | --replay ID [PLANTED]]")
  exit(2)
}
