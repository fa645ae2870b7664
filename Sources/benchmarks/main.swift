// Speeds and sizes of the rig, measured here and now. Nothing in the table is written by hand but
// the aims.

import Glibc

setvbuf(stdout, nil, _IOLBF, 0)
let wanted = Array(CommandLine.arguments.dropFirst())
for name in wanted where !Benchmark.all.contains(where: { $0.name == name }) {
  giveUp("there is no \"\(name)\"; there are \(Benchmark.all.map(\.name).joined(separator: ", "))")
}
var table = Table()
table.head()
for benchmark in Benchmark.all where wanted.isEmpty || wanted.contains(benchmark.name) {
  for row in benchmark.measure() { table.add(row) }
}
table.foot()
exit(table.isAllMet ? 0 : 1)
