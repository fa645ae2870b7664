import Printers
import Scenarios
import World

let fileCommand = Command(
  name: "file", summary: "Make files that slicers make.",
  subcommands: [
    Command(
      name: "make",
      summary: "Write a sliced file: 3MF with one plate, or g-code, by the ending of its name.",
      flags: [
        Flag("--layers", "N", "How many layers it has; 50 when not told."),
        Flag("--print-time", "DURATION", "How long it prints, such as 10m; 20m when not told."),
        Flag(
          "--size", "SIZE", "How large it is, such as \"2 MB\"; as small as can be when not told."),
        Flag("--seed", "N", "What makes its bytes differ from another's; 1 when not told."),
      ],
      operands: Operands(usage: "OUT.3mf|.gcode|.bgcode", count: 1...1),
      run: { arguments in
        let path = arguments.operands[0]
        let time = try arguments.duration("--print-time") ?? .minutes(20)
        let size = try arguments.size("--size") ?? 0
        guard time >= .seconds(1) else { throw UsageError("a print takes at least 1s") }
        guard size <= 2_000_000_000 else { throw UsageError("a file has at most 2 GB") }
        let name = path.split(separator: "/").last.map { String($0) } ?? path
        guard FilePlan.Form(of: name) != nil else {
          throw UsageError("expected a name that ends in .3mf, .gcode or .bgcode")
        }
        let plan = FilePlan(
          name: name, layers: try arguments.count("--layers", in: 1...100_000) ?? 50,
          printTime: time, byteCount: size)
        let bytes = plan.bytes(seed: UInt64(try arguments.count("--seed", in: 0...Int.max) ?? 1))
        try Files.write(bytes, to: path)
        Console.out("\(path): \(Quantity.grouped(bytes.count)) bytes")
        return Exit.success
      })
  ])
