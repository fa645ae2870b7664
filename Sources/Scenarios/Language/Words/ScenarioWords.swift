import Printers

/// The words of a scenario file outside of its steps.
public enum ScenarioWords {
  public static let scenario = Section(
    "a scenario",
    [
      Word("scenario", .text, required: true, "The title of the story, one line."),
      Word("why", .text, required: true, "Why this story is worth running: what it shows."),
      Word("source", .text, "Where this was seen to happen: a link."),
      Word(
        "include", .list(.text),
        "Files whose parts belong to this one, named from here; what stands here counts more, and "
          + "lists of theirs come first."),
      Word(
        "parameters", .table(ofLists: false),
        "Values that stand wherever \"${name}\" is written; `--set name=value` gives another."),
      Word(
        "matrix", .table(ofLists: true),
        "Parameters with several values: the story is run once with each choice of them."),
      Word("seed", .count(0...Int.max), "Where all luck of the run comes from; 1 when not told."),
      Word("limit", .duration, "How much virtual time the run may take; 2h when not told."),
      Word(
        "rest", .duration,
        "How long the world runs on after the last expectation was met, watched by the invariants; "
          + "30s when not told."),
      Word("world", .section(world), required: true, "Who takes part, and on which network."),
      Word("files", .list(.section(file)), "Sliced files that people have on their disks."),
      Word(
        "faults", .list(.section(plannedFault)),
        "What breaks by the clock, whatever the steps are at."),
      Word("steps", .steps, "What happens, in order."),
      Word("expect", .list(.section(expectation)), "What must come true, and what must never."),
      Word(
        "luck", .list(.section(luck)),
        "What chance decides against its quiet value; when told, all else stays quiet."),
    ])

  public static let luck = Section(
    "a choice of chance",
    [
      Word("by", .text, required: true, "The host or link that draws."),
      Word("for", .text, required: true, "What it draws for, such as link.loss."),
      Word("number", .count(1...Int.max), required: true, "The how manieth of its choices."),
      Word("value", .count(0...Int.max), required: true, "What comes of it."),
    ])

  public static let world = Section(
    "a world",
    [
      Word("cloud", .section(cloud), "The one cloud; the word can be left out."),
      Word("farms", .list(.section(farm)), required: true, "Each farm is a tenant with a router."),
    ])

  public static let cloud = Section(
    "a cloud",
    linkWords("the cloud") + [
      Word("files", .choice(fileWays), "How hubs get the files of jobs; by links when not told.")
    ])

  public static let farm = Section(
    "a farm",
    [
      Word("name", .newName, required: true, "What the farm is called in this story."),
      Word("owner", .newName, "The person who runs it; named after the farm when not told."),
      Word(
        "internet", .section(Section("an internet link", linkWords("the router"))),
        "The line between the farm's router and the internet."),
      Word(
        "security", .choice(NetworkGuard.vocabulary),
        "How the farm's WiFi network guards itself; wpa2 when not told."),
      Word("second-network", .newName, "Another WiFi network that is heard on the farm."),
      Word("phones", .list(.newName), "The phones of people who stand before the hub."),
      Word("people", .list(.section(person)), "Who works there beside the owner."),
      Word("hub", .section(hub), required: true, "The hub that bridges the printers to the cloud."),
      Word("printers", .list(.section(printer)), required: true, "At most five for one hub."),
    ])

  public static let person = Section(
    "a person",
    [
      Word("name", .newName, required: true, "What the person is called in this story."),
      Word("role", .choice(RoleWord.vocabulary), required: true, "What the person may do."),
    ])

  public static let hub = Section(
    "a hub",
    [
      Word("name", .newName, required: true, "What the hub is called in this story."),
      Word("comes", .choice(HubOrigin.vocabulary), "How it comes; prepared when not told."),
      Word("wifi", .section(Section("a WiFi link", linkWords("the hub"))), "Its radio link."),
      Word(
        "runs-on", .choice(processors),
        "Where its firmware runs; `run --hub` decides for all hubs when not told."),
    ])

  public static let printer = Section(
    "a printer",
    [
      Word("name", .newName, required: true, "What the printer is called in this story."),
      Word("kind", .choice(kinds), "How the hub talks to it; bambu when not told."),
      Word(
        "model", .text,
        "Which machine it is: \(PrinterKind.bambu.models.joined(separator: ", ")); "
          + "of other kinds any name, and it can be left out."),
      Word(
        "access", .choice(accesses),
        "How the hub proves to a prusalink who it is; key when not told."),
      Word(
        "certificate", .choice(certificates),
        "How the hub knows a Bambu Lab printer by its certificate; first-use when not told."),
      Word(
        "begins", .choice(beginnings),
        "Whether it is cold, or has just printed something else; cold when not told."),
      Word(
        "secure", .choice(DoorWord.vocabulary),
        "Whether a server that is reached over HTTP is behind HTTPS; no when not told."),
      Word(
        "typed-code", .text,
        "The access code that its owner types when he mistypes it; `correct` puts it right."),
      Word(
        "network", .section(Section("a printer's link", linkWords("the printer"))),
        "Its link to the farm's network."),
    ])

  public static let file = Section(
    "a file",
    [
      Word(
        "name", .newName, required: true,
        "Its name, such as bracket.3mf; .gcode and .bgcode for printers of other kinds."),
      Word("layers", .count(1...100_000), "Layers of its one plate; 50 when not told."),
      Word("print-time", .duration, "How long the slicer says it prints; 20m when not told."),
      Word("size", .size, "Exactly how large the file is; 500 KB when not told."),
    ])

  public static let plannedFault = Section(
    "a planned fault",
    [
      Word("at", .duration, required: true, "The time of the run."),
      Word(
        "fault", .choice(FaultWords.vocabulary), required: true, "What breaks."),
      Verb.probability,
    ] + Verb.fault.options)

  public static let expectation = Section(
    "an expectation",
    [
      Word("that", .condition, "This must come true."),
      Word("never", .condition, "This must not be true at any moment."),
      Word("finally", .condition, "This must be true when the run ends."),
      Word("when", .condition, "With `that`: its time counts from the moment this came true."),
      Word("within", .duration, "With `that`: how soon; before the run's limit when not told."),
    ])

  /// The kinds of printers that can be simulated.
  public static let kinds = Vocabulary(
    title: "kind", entries: PrinterKind.allCases.map { ($0.rawValue, $0.title) })

  /// The ways into a PrusaLink.
  public static let accesses = Vocabulary(
    title: "access",
    entries: [
      ("key", "an API key with each request"), ("digest", "name and password, HTTP digest"),
    ])

  /// How the certificate of a printer is judged.
  public static let certificates = Vocabulary(
    title: "certificate",
    entries: [
      ("first-use", "the one that it shows first it must show ever after"),
      ("maker", "its maker must have signed it"),
    ])

  /// How a printer can be when a story begins.
  public static let beginnings = Vocabulary(
    title: "beginning",
    entries: [
      ("cold", "it has to heat, clean and level first, which takes minutes"),
      ("warm", "it has just printed something else, and begins at once"),
    ])

  /// The ways of a job's file to its hub.
  public static let fileWays = Vocabulary(
    title: "way of files",
    entries: [
      ("links", "each hub is told where to download it"),
      ("pieces", "each hub asks for it piece by piece, over its connection to the cloud"),
    ])

  /// What a hub's firmware can run on.
  public static let processors = Vocabulary(
    title: "processor",
    entries: [
      ("host", "compiled for this machine"), ("qemu", "compiled for riscv32, on an emulated chip"),
    ])

  private static func linkWords(_ whose: String) -> [Word] {
    [
      Word("latency", .duration, "One way, between \(whose) and its network."),
      Word("loss", .share, "How many packets get lost; they are sent again, later."),
      Word("bandwidth", .rate, "How much goes through, each way."),
    ]
  }
}
