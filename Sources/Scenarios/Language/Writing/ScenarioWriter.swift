// Writes a story down again, so that what a machine invented can be read, changed and replayed by a
// person. What it writes is what ``ScenarioReader`` reads; it knows the part of the language that
// exploring uses.

import World

/// Turns a story into the text of a scenario file.
public enum ScenarioWriter {
  /// The text; `remarks` stand above it as comments.
  public static func text(of scenario: Scenario, remarks: [String] = []) -> String {
    var lines = remarks.flatMap { wrapped($0, width: 96).map { "# " + $0 } }
    lines.append("scenario: \(quoted(scenario.title))")
    lines.append("why: >-")
    lines += wrapped(scenario.why, width: 96).map { "  " + $0 }
    lines.append("seed: \(scenario.seed)")
    lines.append("limit: \(duration(scenario.limit))")
    lines.append("rest: \(duration(scenario.rest))")
    lines.append("world:")
    var cloud = linkWords(scenario.world.cloudLink)
    if scenario.world.sendsFilesInPieces { cloud.append("files: pieces") }
    if !cloud.isEmpty { lines.append("  cloud: { \(cloud.joined(separator: ", ")) }") }
    lines.append("  farms:")
    for farm in scenario.world.farms { lines += self.farm(farm) }
    if !scenario.files.isEmpty {
      lines.append("files:")
      lines += scenario.files.map { "  - " + file($0) }
    }
    if !scenario.faults.isEmpty {
      lines.append("faults:")
      lines += scenario.faults.map {
        "  - { at: \(duration($0.at)), \(action($0.fault.action))\(rhythm($0.rhythm)) }"
      }
    }
    if !scenario.steps.isEmpty {
      lines.append("steps:")
      lines += scenario.steps.map { "  - { \(step($0)) }" }
    }
    if !scenario.expectations.isEmpty {
      lines.append("expect:")
      lines += scenario.expectations.map { "  - { \(expectation($0)) }" }
    }
    if let luck = scenario.luck {
      lines.append(luck.told.isEmpty ? "luck: []" : "luck:")
      lines += luck.told.map { told in
        "  - { by: \"\(told.by)\", for: \"\(told.label)\", number: \(told.number), "
          + "value: \(told.value) }"
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: The world

  private static func farm(_ farm: FarmPlan) -> [String] {
    var lines = ["    - name: \(farm.name)", "      owner: \(farm.owner)"]
    if !farm.internet.isOrdinary { lines.append("      internet: " + link(farm.internet)) }
    var hub = "name: \(farm.hub.name)"
    if !farm.hub.wifi.isOrdinary { hub += ", wifi: " + link(farm.hub.wifi) }
    lines.append("      hub: { \(hub) }")
    lines.append("      printers:")
    for printer in farm.printers {
      var words = "name: \(printer.name), model: \(quoted(printer.model))"
      if printer.kind != .bambu { words += ", kind: \(printer.kind.rawValue)" }
      if printer.isKnownByMaker { words += ", certificate: maker" }
      if printer.usesDigest { words += ", access: digest" }
      if printer.isWarm { words += ", begins: warm" }
      if printer.door != .no { words += ", secure: \(printer.door.rawValue)" }
      if let code = printer.typedCode { words += ", typed-code: \(quoted(code))" }
      if !printer.link.isOrdinary { words += ", network: " + link(printer.link) }
      lines.append("        - { \(words) }")
    }
    return lines
  }

  private static func link(_ plan: LinkPlan) -> String {
    "{ \(linkWords(plan).joined(separator: ", ")) }"
  }

  private static func linkWords(_ plan: LinkPlan) -> [String] {
    var words: [String] = []
    if let latency = plan.latency { words.append("latency: \(duration(latency))") }
    if let loss = plan.loss { words.append("loss: \(share(loss))") }
    if let rate = plan.bytesPerSecond { words.append("bandwidth: \(rate) B/s") }
    return words
  }

  private static func file(_ plan: FilePlan) -> String {
    "{ name: \(plan.name), layers: \(plan.layers), print-time: \(duration(plan.printTime)), "
      + "size: \(plan.byteCount) B }"
  }

  // MARK: What happens

  private static func fault(_ fault: Fault) -> String {
    var words = "fault: \(fault.kind.rawValue), on: \(fault.place)"
    if fault.place == "cloud", fault.kind.places == [.cloud] {
      words = "fault: \(fault.kind.rawValue)"
    }
    switch fault.amount {
    case .latency(let latency): words += ", to: \(duration(latency))"
    case .loss(let loss): words += ", to: \(share(loss))"
    case .bytesPerSecond(let rate): words += ", to: \(rate) B/s"
    case .count(let count): words += ", to: \(count)"
    case nil: break
    }
    switch fault.moment {
    case .operation(let number): words += ", at-flash-operation: \(number)"
    case .writing(let thing): words += ", while-writing: \(thing.rawValue)"
    case .erasing(let thing): words += ", while-erasing: \(thing.rawValue)"
    case nil: break
    }
    if let thing = fault.thing { words += ", in: \(thing.rawValue)" }
    if let task = fault.task { words += ", task: \(task.rawValue)" }
    if let length = fault.duration { words += ", for: \(duration(length))" }
    return words
  }

  private static func printerFault(_ fault: PrinterFault) -> String {
    var words = "fault: \(fault.fault.name), on: \(fault.printer)"
    switch fault.amount {
    case .duration(let length): words += ", to: \(duration(length))"
    case .size(let count): words += ", to: \(count) B"
    case .rate(let count): words += ", to: \(count) B/s"
    case .word(let word): words += ", to: \(quoted(word))"
    case nil: break
    }
    if let length = fault.duration { words += ", for: \(duration(length))" }
    return words
  }

  private static func step(_ step: Step) -> String {
    var words = [action(step.action)]
    if let at = step.at { words.append("at: \(duration(at))") }
    if let when = step.when { words.append("when: \(when.text)") }
    if let after = step.after { words.append("after: \(duration(after))") }
    if let onlyIf = step.onlyIf { words.append("if: \(onlyIf.text)") }
    if let probability = step.probability {
      words.append("with-probability: \(share(probability))")
    }
    return words.joined(separator: ", ") + rhythm(step.rhythm)
  }

  private static func rhythm(_ rhythm: Rhythm?) -> String {
    guard let rhythm else { return "" }
    var words = ""
    if let every = rhythm.every { words += ", every: \(duration(every))" }
    if let probability = rhythm.probability {
      words += ", with-probability: \(share(probability))"
    }
    if let least = rhythm.least { words += ", at-least: \(duration(least))" }
    switch rhythm.until {
    case .time(let time): words += ", until: \(duration(time))"
    case .condition(let condition): words += ", until: \(condition.text)"
    case nil: break
    }
    return words
  }

  private static func action(_ action: Action) -> String {
    switch action {
    case .request(let request, let refusal, let patience):
      var words = self.request(request)
      if let refusal { words += ", refused: \(refusal)" }
      if let patience { words += ", retry-for: \(duration(patience))" }
      return words
    case .press(let button, let printer): return "press: \(button.rawValue), on: \(printer)"
    case .fault(let fault): return self.fault(fault)
    case .printerFault(let fault): return printerFault(fault)
    case .mend(let kind, let place): return "mend: \(kind.rawValue), on: \(place)"
    case .wait(let length): return "wait: \(duration(length))"
    case .expect(let condition, let within):
      return "expect: \(condition.text), within: \(duration(within))"
    case .say(let text): return "say: \(quoted(text))"
    default: preconditionFailure("no invented story does this: \(action)")
    }
  }

  private static func request(_ request: Request) -> String {
    switch request {
    case .print(let file, let printer, let job): "print: \(file), on: \(printer), as: \(job)"
    case .upload(let file, let farm): "upload: \(file), in: \(farm)"
    case .queue(let file, let printer, let job): "queue: \(file), on: \(printer), as: \(job)"
    case .start(let job): "start: \(job)"
    case .pause(let job): "pause: \(job)"
    case .resume(let job): "resume: \(job)"
    case .cancel(let job): "cancel: \(job)"
    case .correct(let printer): "correct: \(printer)"
    case .photograph(let printer): "photograph: \(printer)"
    case .order(let order, let printer, let answer):
      "order: \(order.rawValue), on: \(printer)"
        + (answer.map { ", answered: \(quoted($0))" } ?? "")
    case .trust(let printer): "trust: \(printer)"
    case .add(let printer): "add: \(printer)"
    case .command(.reboot, let hub): "reboot: \(hub)"
    case .command(.diagnostics, let hub): "diagnose: \(hub)"
    case .firmware(let step): step.text
    case .release(let hub): "release: \(hub)"
    case .claim(let hub, let farm): "claim: \(hub), in: \(farm)"
    case .person: preconditionFailure("no invented story has people in it")
    }
  }

  private static func expectation(_ expectation: Expectation) -> String {
    switch expectation.kind {
    case .never: return "never: \(expectation.condition.text)"
    case .finally: return "finally: \(expectation.condition.text)"
    case .eventually(let within, let trigger):
      var words = "that: \(expectation.condition.text)"
      if let trigger { words += ", when: \(trigger.text)" }
      if let within { words += ", within: \(duration(within))" }
      return words
    }
  }

  // MARK: Words

  /// The shortest form that reads back to the same, such as "1m30s" or "12.5s".
  static func duration(_ interval: Interval) -> String {
    var rest = interval.nanoseconds
    var text = ""
    for (name, unit) in [
      ("d", Int64(86_400_000_000_000)), ("h", 3_600_000_000_000), ("m", 60_000_000_000),
      ("s", 1_000_000_000), ("ms", 1_000_000),
    ] where rest >= unit {
      text += "\(rest / unit)\(name)"
      rest %= unit
    }
    // The language goes no finer than a microsecond; nothing here is planned finer than that.
    if rest >= 1_000 { text += "\(rest / 1_000)us" }
    return text.isEmpty ? "0s" : text
  }

  private static func share(_ share: Double) -> String {
    let millionths = Int((share * 1e6).rounded())
    let fraction = String(millionths % 10_000 + 10_000).dropFirst()
    return "\(millionths / 10_000).\(fraction)%"
  }

  /// As it stands when it is plain, in quotes when it could be mistaken for something else.
  private static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard !isPlain || text.first == " " || text.first == "-" || text.last == " " || text.isEmpty
    else { return text }
    var escaped = ""
    for character in text {
      if character == "\"" || character == "\\" { escaped.append("\\") }
      escaped.append(character)
    }
    return "\"\(escaped)\""
  }

  private static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      if !line.isEmpty, line.count + word.count + 1 > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " " + word
    }
    return line.isEmpty ? lines : lines + [line]
  }
}
