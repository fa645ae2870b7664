import Printers
import World

extension ScenarioReader {
  /// Reads one step: a verb, its options, and its times.
  func step(_ node: YAMLNode, farms: [FarmPlan]) -> Step? {
    guard case .map(let pairs) = node.content else {
      checker.complain(node.mark, "expected a step such as \"wait: 10s\", found \(node.kind)")
      return nil
    }
    let verbs = pairs.filter { Verb(rawValue: $0.key) != nil }
    guard let first = verbs.first, let verb = Verb(rawValue: first.key) else {
      complainOfNoVerb(pairs, node.mark)
      return nil
    }
    guard verbs.count == 1 else {
      checker.complain(
        verbs[1].keyMark,
        "a step does one thing; \"\(verb.rawValue)\" and \"\(verbs[1].key)\" need a step each")
      return nil
    }
    let section = Section(
      "a step with \"\(verb.rawValue)\"",
      [Word(verb.rawValue, verb.argument, required: true, verb.meaning)] + verb.options + Verb.times
    )
    guard let fields = checker.fields(pairs, mark: node.mark, as: section),
      let argument = fields[verb.rawValue]
    else { return nil }
    var when: Condition?
    if let value = fields["when"] {
      when = condition(value)
      if when == nil { return nil }
    }
    var onlyIf: Condition?
    if let value = fields["if"] {
      onlyIf = condition(value)
      if onlyIf == nil { return nil }
    }
    guard let action = action(verb, argument, fields, farms: farms) else { return nil }
    var step = Step(
      mark: node.mark, at: fields["at"]?.duration, when: when, after: fields["after"]?.duration,
      onlyIf: onlyIf, action: action)
    if verb == .fault {
      guard let rhythm = rhythm(argument, fields) else { return nil }
      if !rhythm.isPlain { step.rhythm = rhythm }
    } else {
      step.probability = fields["with-probability"]?.share
    }
    return step
  }

  /// How a fault comes again and ends; nil, with a problem, when its words do not fit together.
  func rhythm(_ argument: Value, _ fields: Fields) -> Rhythm? {
    var rhythm = Rhythm()
    rhythm.probability = fields["with-probability"]?.share
    rhythm.least = fields["at-least"]?.duration
    if let least = fields["at-least"], let length = least.duration {
      guard let longest = fields["for"]?.duration else {
        checker.complain(least.mark, "\"at-least\" needs \"for\" with the longest time")
        return nil
      }
      guard length <= longest else {
        checker.complain(least.mark, "\"at-least\" is longer than \"for\"")
        return nil
      }
    }
    if let every = fields["every"] {
      guard let pause = every.duration, pause >= .milliseconds(100) else {
        checker.complain(every.mark, "nothing comes again sooner than after 100ms")
        return nil
      }
      rhythm.every = pause
    }
    if let until = fields["until"] {
      if fields["for"] != nil, fields["every"] == nil {
        checker.complain(
          until.mark,
          "\"for\" and \"until\" both say when it is over; with \"every\" they go together")
        return nil
      }
      guard let moment = moment(until) else { return nil }
      rhythm.until = moment
    }
    let name = argument.text ?? ""
    if let kind = FaultKind(rawValue: name), kind.canWaitForFlash, flashMoment(fields) != nil,
      !rhythm.isPlain
    {
      checker.complain(argument.mark, "a fault that waits for the hub's flash comes once")
      return nil
    }
    return rhythm
  }

  /// A time of the run, or what has to be true.
  private func moment(_ value: Value) -> StoryMoment? {
    if let time = value.text.flatMap({ Quantity.duration($0) }) { return .time(time) }
    return condition(value).map { .condition($0) }
  }

  /// The rows of a step that has steps in it; nil when one of them is wrong.
  private func rows(_ lists: [[YAMLNode]], _ farms: [FarmPlan]) -> [[Step]]? {
    var rows: [[Step]] = []
    var isWhole = true
    for list in lists {
      let steps = list.map { step($0, farms: farms) }
      if steps.contains(where: { $0 == nil }) { isWhole = false }
      rows.append(steps.compactMap { $0 })
    }
    return isWhole ? rows : nil
  }

  private func turns(_ fields: Fields, _ farms: [FarmPlan]) -> Action? {
    guard let word = fields["steps"], case .steps(let nodes) = word.content else { return nil }
    var lists: [[YAMLNode]] = []
    for node in nodes {
      guard case .list(let steps) = node.content else {
        checker.complain(node.mark, "expected a list of steps after \"steps\", found \(node.kind)")
        return nil
      }
      lists.append(steps)
    }
    var until: StoryMoment?
    if let word = fields["until"] {
      until = moment(word)
      if until == nil { return nil }
    }
    return rows(lists, farms).map { .turns($0, every: fields["every"]?.duration, until: until) }
  }

  private func complainOfNoVerb(_ pairs: [YAMLNode.Pair], _ mark: Mark) {
    let verbs = Verb.vocabulary.names
    let known = Verb.times.map(\.name) + Verb.allCases.flatMap { $0.options.map(\.name) }
    guard let stranger = pairs.first(where: { !known.contains($0.key) }) else {
      checker.complain(mark, "this step does nothing; known: \(verbs.joined(separator: ", "))")
      return
    }
    checker.complain(
      stranger.keyMark,
      "unknown word \"\(stranger.key)\" in a step" + hint(for: stranger.key, among: verbs))
  }

  private func action(
    _ verb: Verb, _ argument: Value, _ fields: Fields, farms: [FarmPlan]
  ) -> Action? {
    func request(_ request: Request?) -> Action? {
      if fields["refused"] != nil, let extra = fields["retry-for"] {
        checker.complain(
          extra.mark, "\"retry-for\" takes any answer; it cannot go with \"refused\"")
        return nil
      }
      return request.map {
        .request(
          $0, refusal: fields["refused"]?.count, patience: fields["retry-for"]?.duration)
      }
    }
    switch verb {
    case .print, .queue:
      guard let file = known(argument, .file), let printer = known(fields["on"], .printer),
        let job = fields["as"]?.text
      else { return nil }
      return request(
        verb == .print
          ? .print(file: file, printer: printer, job: job)
          : .queue(file: file, printer: printer, job: job))
    case .upload:
      guard let file = known(argument, .file) else { return nil }
      return request(uploadFarm(fields, farms, argument.mark).map { .upload(file: file, farm: $0) })
    case .start: return request(known(argument, .job).map { .start(job: $0) })
    case .pause: return request(known(argument, .job).map { .pause(job: $0) })
    case .resume: return request(known(argument, .job).map { .resume(job: $0) })
    case .cancel: return request(known(argument, .job).map { .cancel(job: $0) })
    case .reboot: return request(known(argument, .hub).map { .command(.reboot, hub: $0) })
    case .diagnose: return request(known(argument, .hub).map { .command(.diagnostics, hub: $0) })
    case .photograph: return request(known(argument, .printer).map { .photograph(printer: $0) })
    case .order:
      guard let order = argument.text.flatMap({ OrderWord(rawValue: $0) }),
        let printer = known(fields["on"], .printer)
      else { return nil }
      return request(.order(order, printer: printer, answer: fields["answered"]?.text))
    case .trust: return request(known(argument, .printer).map { .trust(printer: $0) })
    case .releaseFirmware, .rollOut, .pauseRollout, .resumeRollout:
      return request(firmware(verb, argument, fields).map { .firmware($0) })
    case .correct:
      return request(known(argument, .printer).map { .correct(printer: $0) })
    case .add:
      guard let printer = known(argument, .printer) else { return nil }
      return .request(.add(printer: printer), refusal: nil, patience: nil)
    case .phone: return phone(argument, fields)
    case .person: return request(person(argument, fields).map { .person($0) })
    case .release: return request(known(argument, .hub).map { .release(hub: $0) })
    case .claim:
      guard let hub = known(argument, .hub), let farm = known(fields["in"], .farm) else {
        return nil
      }
      return request(.claim(hub: hub, farm: farm))
    case .push:
      guard let hub = known(argument, .hub) else { return nil }
      return .push(hub: hub, length: fields["for"]?.duration ?? .milliseconds(200))
    case .press:
      guard let button = argument.text.flatMap({ PrinterButton(rawValue: $0) }),
        let printer = known(fields["on"], .printer)
      else { return nil }
      return .press(button, printer: printer)
    case .fault: return anyFault(argument, fields)?.action
    case .mend:
      if let fault = argument.text, !FieldFault.kinds(with: fault).isEmpty {
        return printerMend(fault, argument, fields)
      }
      guard let kind = argument.text.flatMap({ FaultKind(rawValue: $0) }),
        let place = place(of: kind, fields["on"], argument.mark)
      else { return nil }
      return .mend(kind, place: place)
    case .wait: return argument.duration.map { .wait($0) }
    case .expect:
      return condition(argument).map {
        .expect($0, within: fields["within"]?.duration ?? .minutes(1))
      }
    case .say: return argument.text.map { .say($0) }
    case .repeat: return turns(fields, farms)
    case .together:
      guard case .steps(let nodes) = argument.content else { return nil }
      return rows(nodes.map { [$0] }, farms).map { .together($0) }
    case .inOrder:
      guard case .steps(let nodes) = argument.content else { return nil }
      return rows([nodes], farms).map { .turns($0, every: nil, until: nil) }
    }
  }

  private func phone(_ argument: Value, _ fields: Fields) -> Action? {
    guard let phone = known(argument, .phone), let word = fields["does"]?.text,
      let deed = PhoneDeed(rawValue: word)
    else { return nil }
    let namesNetwork = deed == .sendsWiFi || deed == .sendsHalf || deed == .fillsForm
    if !namesNetwork, let extra = fields["network"] ?? fields["password"] {
      checker.complain(
        extra.mark, "\"\(word)\" has nothing to do with a network's name or password")
      return nil
    }
    if deed != .sendsClaim, deed != .fillsForm, let extra = fields["token"] {
      checker.complain(extra.mark, "\"\(word)\" has nothing to do with a claim token")
      return nil
    }
    let token = fields["token"]?.text.flatMap { TokenWord(rawValue: $0) }
    return .phone(
      PhoneStep(
        phone: phone, deed: deed, network: fields["network"]?.text,
        password: fields["password"]?.text, token: token ?? .new))
  }

  private func uploadFarm(_ fields: Fields, _ farms: [FarmPlan], _ mark: Mark) -> String? {
    if let value = fields["in"] { return known(value, .farm) }
    guard farms.count == 1 else {
      checker.complain(mark, "there are several farms; say \"in: \(farms.first?.name ?? "")\"")
      return nil
    }
    return farms[0].name
  }

  /// A fault of whatever kind.
  func anyFault(_ argument: Value, _ fields: Fields) -> AnyFault? {
    if let name = argument.text, !FieldFault.kinds(with: name).isEmpty {
      return printerFault(name, argument, fields).map { .printer($0) }
    }
    return fault(argument, fields).map { .world($0) }
  }

  private func fault(_ argument: Value, _ fields: Fields) -> Fault? {
    guard let kind = argument.text.flatMap({ FaultKind(rawValue: $0) }),
      let place = place(of: kind, fields["on"], argument.mark)
    else { return nil }
    // What ends at a moment of the story does not end by itself before.
    let ordinary = fields["until"] != nil && fields["every"] == nil ? nil : kind.ordinaryDuration
    let duration = fields["for"]?.duration ?? ordinary
    if let extra = fields["task"], kind.harm == nil {
      checker.complain(extra.mark, "the fault \"\(kind.rawValue)\" is about no task")
      return nil
    }
    let task = fields["task"]?.text.flatMap { TaskWord(rawValue: $0) }
    guard flashWordsFit(kind, argument, fields) else { return nil }
    guard let form = kind.measure else {
      if let extra = fields["to"] {
        checker.complain(extra.mark, "the fault \"\(kind.rawValue)\" has nothing to measure")
        return nil
      }
      return Fault(
        kind: kind, place: place, task: task, moment: flashMoment(fields), duration: duration)
    }
    guard let node = fields["to"]?.node else {
      checker.complain(
        argument.mark, "the fault \"\(kind.rawValue)\" needs \"to\" with \(form.expectation)")
      return nil
    }
    guard let value = checker.value(node, as: form, after: "to") else { return nil }
    let amount: Fault.Amount? =
      switch value.content {
      case .duration(let latency): .latency(latency)
      case .share(let loss): .loss(loss)
      case .size(let bytes): .bytesPerSecond(bytes)
      case .count(let count): .count(count)
      default: nil
      }
    if case .bytesPerSecond(0)? = amount {
      checker.complain(value.mark, "expected more than 0 B/s; to cut the link, use wifi-down")
      return nil
    }
    return Fault(
      kind: kind, place: place, amount: amount, thing: flashThing(fields["in"]), duration: duration)
  }

  /// Where a fault happens; the cloud need not be named.
  private func place(of kind: FaultKind, _ value: Value?, _ mark: Mark) -> String? {
    let fitting = kind.places.flatMap { names.names(of: $0) }
    let kinds = kind.places.map(\.rawValue).joined(separator: " or ")
    guard let value, let name = value.text else {
      if kind.places == [.cloud] { return "cloud" }
      checker.complain(
        mark, "the fault \"\(kind.rawValue)\" needs \"on\" with the name of a \(kinds)")
      return nil
    }
    guard let subject = names[name], kind.places.contains(subject) else {
      checker.complain(
        value.mark,
        "the fault \"\(kind.rawValue)\" is for a \(kinds), not for \"\(name)\""
          + hint(for: name, among: fitting))
      return nil
    }
    return name
  }

  private func condition(_ value: Value) -> Condition? {
    ConditionReader.read(value.node, names: names, checker: checker)
  }

  /// A name that was given to a thing of this kind.
  func known(_ value: Value?, _ subject: Subject) -> String? {
    guard let value, let name = value.text else { return nil }
    guard names[name] == subject else {
      checker.complain(
        value.mark,
        "no \(subject.rawValue) is called \"\(name)\""
          + hint(for: name, among: names.names(of: subject))
      )
      return nil
    }
    return name
  }
}
