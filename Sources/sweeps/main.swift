// Cuts the power, and the connections of a job, everywhere. `sweeps` runs all; `sweeps ID` runs one failure again.

import Glibc

let flows: [any Flow] = [
  StoreFlow(name: "store4", sectors: 4, count: 110, seed: 11),
  StoreFlow(name: "store8", sectors: 8, count: 160, seed: 23),
  UpdateFlow(name: "update", isGood: true),
  UpdateFlow(name: "rollback", isGood: false),
]

func column(_ number: Int) -> String {
  let text = String(number)
  return String(repeating: " ", count: max(10 - text.count, 0)) + text
}

var failed = false
let wanted = CommandLine.arguments.dropFirst().first?.split(separator: ":") ?? []
print("flow      operations       cuts  second cuts")
for flow in flows where wanted.isEmpty || wanted[0] == flow.name {
  var sweep = Sweep(flow, wanted: wanted.dropFirst().compactMap { Sweep.Point($0) })
  sweep.run()
  let name = flow.name + String(repeating: " ", count: 9 - flow.name.count)
  print(name, column(sweep.operations), column(sweep.cuts), " ", column(sweep.secondCuts))
  for failure in sweep.failures.prefix(20) { print("  FAILED  sweeps \(failure)") }
  if !sweep.failures.isEmpty {
    failed = true
    print("  \(sweep.failures.count) failures")
  }
}
if wanted.isEmpty || wanted[0] == "breaks" {
  var breaks = BreakSweep(wanted: wanted.dropFirst().first.map(String.init))
  breaks.run()
  print("breaks   ", column(breaks.moves), column(breaks.runs))
  for failure in breaks.failures.prefix(20) { print("  FAILED  sweeps \(failure)") }
  if !breaks.failures.isEmpty { failed = true }
}
if wanted.isEmpty {
  var model = ModelTest(operations: 1_000_000, seed: 5)
  model.run()
  print("model     ", column(1_000_000), column(model.cuts))
  if let failure = model.failure {
    failed = true
    print("  FAILED  \(failure)")
  }
}
exit(failed ? 1 : 0)
