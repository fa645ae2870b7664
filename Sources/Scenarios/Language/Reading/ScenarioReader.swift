import Printers
import World

/// What is wrong with a scenario: all of it.
public struct ScenarioError: Error, CustomStringConvertible {
  public let problems: [Problem]

  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// Turns a file into checked stories: one, or one for each choice that its matrix offers.
public struct ScenarioReader {
  /// Reads the bytes of a file that tells one story; `file` is the name that problems carry.
  public static func read(_ bytes: [UInt8], file: String) throws(ScenarioError) -> Scenario {
    let scenarios = try readAll(bytes, file: file, load: nil)
    guard scenarios.count == 1, let scenario = scenarios.first else {
      throw ScenarioError(problems: [
        Problem(
          file: file, mark: Mark(line: 1, column: 1),
          message: "these are \(scenarios.count) stories; expected one")
      ])
    }
    return scenario
  }

  /// Reads every story of a file. `settings` are values for its parameters, `load` reads the files
  /// that it includes.
  public static func readAll(
    _ bytes: [UInt8], file: String, settings: [(name: String, value: String)] = [],
    load: ((_ path: String) throws -> [UInt8])?
  ) throws(ScenarioError) -> [Scenario] {
    let root: YAMLNode
    do {
      root = try YAMLReader.read(bytes, file: file)
    } catch {
      throw ScenarioError(problems: [error])
    }
    var expander = Expander(file: file, settings: settings, load: load)
    var scenarios: [Scenario] = []
    var problems: [Problem] = []
    for variant in try expander.expand(root) {
      var reader = ScenarioReader(checker: Checker(file: file, parameters: variant.parameters))
      if var scenario = reader.scenario(variant.root), reader.checker.problems.isEmpty {
        if !variant.choice.isEmpty {
          let choice = variant.choice.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
          scenario.file += " [\(choice)]"
        }
        scenarios.append(scenario)
      }
      // The same mistake in each of the stories is one mistake.
      problems += reader.checker.problems.filter { !problems.contains($0) }
    }
    guard problems.isEmpty else {
      throw ScenarioError(
        problems: problems.sorted {
          ($0.mark.line, $0.mark.column) < ($1.mark.line, $1.mark.column)
        })
    }
    return scenarios
  }

  /// A hub has so many slots.
  static let printerLimit = 5

  let checker: Checker
  var names = NameTable()
  /// Printers that are not of Bambu Lab's kind are told apart from those that are.
  var printerKinds: [(printer: String, kind: PrinterKind)] = []

  private mutating func scenario(_ root: YAMLNode) -> Scenario? {
    // Names are known before anything is read that speaks of them; so one mistake does not make ten.
    let fields = checker.fields(root, as: ScenarioWords.scenario)
    let topPairs: [YAMLNode.Pair] = if case .map(let pairs) = root.content { pairs } else { [] }
    let stepNodes: [YAMLNode] =
      if case .list(let nodes)? = topPairs.first(where: { $0.key == "steps" })?.value.content {
        nodes
      } else {
        []
      }
    guard let fields else { return nil }
    let world = fields["world"]?.fields.map { self.world($0) }
    let files = fields["files"]?.list.compactMap { value in value.fields.map { file($0) } } ?? []
    for node in stepNodes { declareJob(in: node) }
    let faults = (fields["faults"]?.list ?? []).compactMap { plannedFault($0) }
    let steps = stepNodes.map { step($0, farms: world?.farms ?? []) }
    let expectations = fields["expect"]?.list.map { value in
      value.fields.flatMap { expectation($0) }
    }
    guard let world, checker.problems.isEmpty else { return nil }
    return Scenario(
      file: checker.file,
      title: fields["scenario"]?.text ?? "",
      why: fields["why"]?.text ?? "",
      source: fields["source"]?.text,
      seed: UInt64(fields["seed"]?.count ?? 1),
      limit: fields["limit"]?.duration ?? .minutes(120),
      rest: fields["rest"]?.duration ?? .seconds(30),
      world: world,
      files: files,
      faults: faults,
      steps: steps.compactMap { $0 },
      expectations: (expectations ?? []).compactMap { $0 },
      luck: fields["luck"].map { luck($0) })
  }

  private func luck(_ value: Value) -> Luck {
    var luck = Luck()
    for fields in value.list.compactMap(\.fields) {
      let number = UInt64(fields["number"]?.count ?? 1)
      let value = UInt64(fields["value"]?.count ?? 0)
      luck.told.append(
        Luck.Told(
          by: fields["by"]?.text ?? "", label: fields["for"]?.text ?? "", number: number,
          value: value))
    }
    return luck
  }

  // MARK: The world

  private mutating func world(_ fields: Fields) -> WorldPlan {
    let farms = fields["farms"]?.list ?? []
    if farms.isEmpty, let mark = fields["farms"]?.mark {
      checker.complain(mark, "a world needs at least one farm")
    }
    let cloudLink = link(fields["cloud"])
    var plan = WorldPlan(
      cloudLink: cloudLink, farms: farms.compactMap { value in value.fields.map { farm($0) } })
    plan.sendsFilesInPieces = fields["cloud"]?.fields?["files"]?.text == "pieces"
    return plan
  }

  private mutating func farm(_ fields: Fields) -> FarmPlan {
    let name = declare(fields["name"], .farm)
    let hubFields = fields["hub"]?.fields
    var hub = HubPlan(name: declare(hubFields?["name"], .hub), wifi: link(hubFields?["wifi"]))
    hub.runsOnChip = hubFields?["runs-on"]?.text == "qemu"
    if let word = hubFields?["comes"]?.text { hub.origin = HubOrigin(rawValue: word) ?? .prepared }
    let security = fields["security"]
    let guardWord = security?.text.flatMap { NetworkGuard(rawValue: $0) } ?? .wpa2
    if guardWord == .wpa3 || guardWord == .enterprise, hub.origin == .prepared, let security {
      checker.complain(
        security.mark, "a prepared hub knows networks with a password alone; say \"comes: boxed\"")
    }
    let second = fields["second-network"]?.text
    let phones = fields["phones"]?.list.map { declare($0, .phone) } ?? []
    let people = (fields["people"]?.list ?? []).compactMap { value in
      value.fields.map { person in
        PersonPlan(
          name: declare(person["name"], .person),
          role: person["role"]?.text.flatMap { RoleWord(rawValue: $0) } ?? .viewer)
      }
    }
    let printers = fields["printers"]?.list ?? []
    if printers.isEmpty, let mark = fields["printers"]?.mark {
      checker.complain(mark, "a farm needs at least one printer")
    }
    if printers.count > Self.printerLimit {
      checker.complain(
        printers[Self.printerLimit].mark,
        "a hub has \(Self.printerLimit) printer slots; this is printer \(Self.printerLimit + 1)")
    }
    var farm = FarmPlan(
      name: name, owner: fields["owner"]?.text ?? name + "-owner",
      internet: link(fields["internet"]),
      hub: hub, printers: printers.compactMap { value in value.fields.map { printer($0) } })
    farm.security = guardWord
    farm.secondNetwork = second
    farm.phones = phones
    farm.people = people
    return farm
  }

  private mutating func printer(_ fields: Fields) -> PrinterPlan {
    let kind = fields["kind"]?.text.flatMap { PrinterKind(rawValue: $0) } ?? .bambu
    let code = fields["typed-code"]
    let limit = kind == .bambu ? 8 : 32
    if let text = code?.text, !(1...limit).contains(text.utf8.count), let mark = code?.mark {
      checker.complain(mark, "an access code has at most \(limit) characters")
    }
    let name = declare(fields["name"], .printer)
    printerKinds.append((name, kind))
    var plan = PrinterPlan(
      name: name, model: model(fields, kind), typedCode: code?.text, link: link(fields["network"]))
    plan.kind = kind
    plan.isKnownByMaker = fields["certificate"]?.text == "maker"
    if let rule = fields["certificate"], kind != .bambu {
      checker.complain(rule.mark, "only a Bambu Lab printer has a certificate of its maker")
    }
    plan.usesDigest = fields["access"]?.text == "digest"
    plan.isWarm = fields["begins"]?.text == "warm"
    plan.door = fields["secure"]?.text.flatMap { DoorWord(rawValue: $0) } ?? .no
    if let door = fields["secure"], kind == .bambu {
      checker.complain(door.mark, "printers of Bambu Lab speak TLS in any case")
    }
    if let access = fields["access"], kind != .prusalink {
      checker.complain(access.mark, "only a prusalink is reached in two ways")
    }
    return plan
  }

  /// Bambu Lab's models are known; other machines have any name.
  private func model(_ fields: Fields, _ kind: PrinterKind) -> String {
    guard kind == .bambu else { return fields["model"]?.text ?? kind.models[0] }
    guard let value = fields["model"], let model = value.text else {
      checker.complain(fields.mark, "a printer needs \"model\"")
      return ""
    }
    if !kind.models.contains(model) {
      checker.complain(
        value.mark, "unknown model \"\(model)\"" + hint(for: model, among: kind.models))
    }
    return model
  }

  private func link(_ value: Value?) -> LinkPlan {
    guard let fields = value?.fields else { return LinkPlan() }
    if let rate = fields["bandwidth"], rate.size == 0 {
      checker.complain(rate.mark, "nothing goes through a link of 0; use the fault wifi-down")
    }
    return LinkPlan(
      latency: fields["latency"]?.duration, loss: fields["loss"]?.share,
      bytesPerSecond: fields["bandwidth"]?.size)
  }

  private mutating func file(_ fields: Fields) -> FilePlan {
    let printTime = fields["print-time"]?.duration ?? .minutes(20)
    if printTime < .seconds(1), let mark = fields["print-time"]?.mark {
      checker.complain(mark, "a print takes at least 1s")
    }
    let byteCount = fields["size"]?.size ?? 500_000
    if !(1_000...2_000_000_000).contains(byteCount), let mark = fields["size"]?.mark {
      checker.complain(mark, "a sliced file has between 1 KB and 2 GB")
    }
    if let name = fields["name"], let text = name.text, FilePlan.Form(of: text) == nil {
      checker.complain(name.mark, "a sliced file ends in .3mf, .gcode or .bgcode")
    }
    return FilePlan(
      name: declare(fields["name"], .file), layers: fields["layers"]?.count ?? 50,
      printTime: printTime, byteCount: byteCount)
  }

  /// Gives a name, once.
  private mutating func declare(_ value: Value?, _ subject: Subject) -> String {
    guard let value, let name = value.text else { return "" }
    if let other = names[name] {
      checker.complain(
        value.mark, "\"\(name)\" is the name of a \(other.rawValue) already; names are unique")
    } else {
      names.add(name, subject)
    }
    return name
  }

  /// Jobs are named by the steps that make them, and may be spoken of before.
  private mutating func declareJob(in node: YAMLNode) {
    if case .list(let nodes) = node.content {
      for node in nodes { declareJob(in: node) }
      return
    }
    guard case .map(let pairs) = node.content else { return }
    var isBlock = false
    for word in ["steps", Verb.together.rawValue, Verb.inOrder.rawValue] {
      guard let steps = node[word] else { continue }
      declareJob(in: steps)
      isBlock = true
    }
    guard !isBlock,
      let name = pairs.first(where: { $0.key == "as" })?.value,
      case .text(let text, _) = name.content, Checker.isName(text)
    else { return }
    _ = declare(Value(node: name, content: .text(text)), .job)
  }

  private func plannedFault(_ value: Value) -> PlannedFault? {
    guard let fields = value.fields, let at = fields["at"]?.duration, let name = fields["fault"],
      let fault = anyFault(name, fields), let rhythm = rhythm(name, fields)
    else { return nil }
    var planned = PlannedFault(mark: value.mark, at: at, fault: fault)
    planned.rhythm = rhythm.isPlain ? nil : rhythm
    return planned
  }

  // MARK: Expectations

  private func expectation(_ fields: Fields) -> Expectation? {
    let ways = ["that", "never", "finally"].filter { fields[$0] != nil }
    guard let way = ways.first, ways.count == 1, let value = fields[way] else {
      checker.complain(
        fields.mark, "an expectation has one of \"that\", \"never\", \"finally\"")
      return nil
    }
    let condition = ConditionReader.read(value.node, names: names, checker: checker)
    var trigger: Condition?
    if let when = fields["when"] {
      trigger = ConditionReader.read(when.node, names: names, checker: checker)
      if trigger == nil { return nil }
    }
    if way != "that", let extra = fields["within"] ?? fields["when"] {
      checker.complain(
        extra.mark, "\"within\" and \"when\" go with \"that\", not with \"\(way)\"")
      return nil
    }
    guard let condition else { return nil }
    let kind: Expectation.Kind =
      switch way {
      case "never": .never
      case "finally": .finally
      default: .eventually(within: fields["within"]?.duration, trigger: trigger)
      }
    return Expectation(mark: fields.mark, kind: kind, condition: condition)
  }
}
