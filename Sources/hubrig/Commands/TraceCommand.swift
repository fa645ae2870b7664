import Scenarios
import World

let traceCommand = Command(
  name: "trace", summary: "Look at timelines that \"hubrig run --trace\" has written.",
  subcommands: [
    Command(
      name: "diff", summary: "Show the first thing in which two timelines differ.",
      details: "The exit code is 0 when they are the same, 1 when they differ.",
      operands: Operands(usage: "FILE FILE", count: 2...2),
      run: { arguments in
        let first = try Files.read(arguments.operands[0])
        let second = try Files.read(arguments.operands[1])
        guard let difference = TraceDifference(first, second) else {
          Console.out("the same, in \(TraceDifference.lines(of: first).count) lines")
          return Exit.success
        }
        for line in difference.before { Console.out("  " + line) }
        Console.out("- " + (difference.first ?? "(the first ends here)"))
        Console.out("+ " + (difference.second ?? "(the second ends here)"))
        Console.out("they differ from line \(difference.number) on")
        return Exit.failure
      })
  ])
