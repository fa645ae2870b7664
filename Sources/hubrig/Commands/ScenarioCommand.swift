import Scenarios

let scenarioCommand = Command(
  name: "scenario", summary: "Check scenario files, explain the words they are made of.",
  subcommands: [
    Command(
      name: "check", summary: "Read scenarios without running them.",
      operands: Operands(usage: "FILE|DIRECTORY...", count: 1...10_000),
      run: { arguments in
        let (scenarios, problems) = try readScenarios(arguments.operands)
        for scenario in scenarios { Console.out("\(scenario.file): \(scenario.title)") }
        for problem in problems { Console.error(problem) }
        return problems.isEmpty ? Exit.success : Exit.usage
      }),
    Command(
      name: "explain", summary: "Explain the language, or one word of it.",
      operands: Operands(usage: "[WORD]", count: 0...1),
      run: { arguments in
        guard let word = arguments.operands.first else {
          Console.out(Guide.all())
          return Exit.success
        }
        guard let text = Guide.explain(word) else {
          let near = nearest(to: word, among: Guide.allWords)
          throw UsageError(
            "unknown word \"\(word)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
        }
        Console.out(text)
        return Exit.success
      }),
    Command(
      name: "invariants", summary: "List what must hold in every run.",
      run: { _ in
        for invariant in Invariants.all {
          Console.out("\(invariant.id)\n    \(invariant.sentence)")
        }
        return Exit.success
      }),
  ])
