import Scenarios

let scenarioCommand = Command(
  name: "scenario", summary: "Check scenario files, explain the words they are made of.",
  subcommands: [
    Command(
      name: "check", summary: "Read scenarios without running them.",
      flags: [settingFlag],
      operands: Operands(usage: "FILE|DIRECTORY...", count: 1...10_000),
      run: { arguments in
        let (scenarios, problems) = try readScenarios(
          arguments.operands, settings: arguments.settings())
        for scenario in scenarios { Console.out("\(scenario.file): \(scenario.title)") }
        for problem in problems { Console.error(problem) }
        return problems.isEmpty ? Exit.success : Exit.usage
      }),
    listCommand,
    Command(
      name: "new", summary: "Write a small story that runs, to be changed.",
      flags: [Flag("--title", "TEXT", "What the story is called; its file's name when not told.")],
      operands: Operands(usage: "FILE.yaml", count: 1...1),
      run: { arguments in
        let path = arguments.operands[0]
        guard path.hasSuffix(".yaml") else {
          throw UsageError("expected a name that ends in .yaml, found \"\(path)\"")
        }
        guard !Files.exists(path) else { throw UsageError("\(path) is there already") }
        let name = path.split(separator: "/").last.map { String($0.dropLast(5)) } ?? path
        let title = arguments.text("--title") ?? name.replacing("-", with: " ")
        try Files.write(Array(StarterStory.text(title: title).utf8), to: path)
        Console.out("\(path) is written; \"hubrig run \(path)\" runs it")
        return Exit.success
      }),
    Command(
      name: "explain", summary: "Explain the language, a chapter of it, or one word.",
      details: "The chapters are \(Guide.topics.joined(separator: ", ")).",
      operands: Operands(usage: "[WORD]", count: 0...1),
      run: { arguments in
        guard let word = arguments.operands.first else {
          Console.out(Guide.all())
          return Exit.success
        }
        guard let text = Guide.explain(word) else {
          let near = nearest(to: word, among: Guide.allWords + Guide.topics)
          throw UsageError(
            "unknown word \"\(word)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
        }
        Console.out(text)
        return Exit.success
      }),
    Command(
      name: "schema", summary: "Print the JSON Schema of a scenario file, for editors.",
      run: { _ in
        Console.write(ScenarioSchema.text)
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

private let listCommand = Command(
  name: "list", summary: "List the stories below a directory, or write their index page.",
  flags: [
    Flag("--page", nil, "Print the index page, in Markdown."),
    settingFlag,
  ],
  operands: Operands(usage: "DIRECTORY", count: 1...1),
  run: { arguments in
    let (scenarios, problems) = try readScenarios(
      arguments.operands, settings: arguments.settings())
    for problem in problems { Console.error(problem) }
    guard problems.isEmpty else { return Exit.usage }
    if arguments.has("--page") {
      Console.write(LibraryPage.text(of: scenarios, base: arguments.operands[0]))
      return Exit.success
    }
    let width = scenarios.map(\.file.count).max() ?? 0
    for scenario in scenarios {
      let space = String(repeating: " ", count: width - scenario.file.count + 2)
      Console.out(scenario.file + space + scenario.title)
    }
    return Exit.success
  })
