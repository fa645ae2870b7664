import World

/// Escape sequences of a terminal, or nothing.
public struct Paint: Sendable {
  public let isOn: Bool

  public init(isOn: Bool) { self.isOn = isOn }

  public enum Colour: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
    case magenta = "35"
    case cyan = "36"
    case boldRed = "1;31"
    case boldGreen = "1;32"
    case boldYellow = "1;33"
  }

  public func callAsFunction(_ colour: Colour?, _ text: String) -> String {
    guard isOn, let colour else { return text }
    return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
  }
}

/// Prints a run for people, line by line while it goes.
public final class Timeline {
  private let paint: Paint
  private let showsDetails: Bool
  private let write: (String) -> Void
  private var actorWidth = 8

  /// `write` is given one line at a time, without its end.
  public init(paint: Paint, showsDetails: Bool = false, write: @escaping (String) -> Void) {
    self.paint = paint
    self.showsDetails = showsDetails
    self.write = write
  }

  /// The title, the reason, and a column wide enough for everybody's name.
  public func begin(_ scenario: Scenario, seed: UInt64) {
    var names = ["cloud", "story"]
    for farm in scenario.world.farms {
      names += [farm.owner, farm.hub.name] + farm.printers.map(\.name)
    }
    actorWidth = names.map(\.count).max() ?? 8
    write(paint(.bold, scenario.title))
    write(paint(.dim, scenario.why))
    write(paint(.dim, "\(scenario.file), seed \(seed)"))
    write("")
  }

  /// One line on the timeline.
  public func show(_ entry: TraceEntry) {
    guard showsDetails || entry.kind != .detail else { return }
    let clock = Quantity.clock(entry.at)
    let time = String(repeating: " ", count: max(0, 10 - clock.count)) + clock
    let gap = String(repeating: " ", count: max(0, actorWidth - entry.actor.count))
    let colour = Self.colour(of: entry.kind)
    let text = entry.kind == .problem ? "! " + entry.text : entry.text
    write(
      paint(.dim, time) + "  " + paint(Self.actorColour(of: entry.kind), entry.actor) + gap
        + "  " + paint(colour, text))
  }

  /// What was expected, and whether it came.
  public func end(_ result: RunResult, realSeconds: Double) {
    write("")
    for expectation in result.expectations { write("  " + line(expectation)) }
    for breach in result.breaches { write("  " + line(breach)) }
    if !result.expectations.isEmpty || !result.breaches.isEmpty { write("") }
    write(summary(result, realSeconds: realSeconds))
  }

  /// A whole run in one line, for when there are many.
  public func brief(_ result: RunResult, realSeconds: Double) {
    write(
      verdict(result) + "  \(result.scenario.file)  " + paint(.dim, measures(result, realSeconds)))
    guard !result.isPass else { return }
    for expectation in result.expectations where !expectation.isMet {
      write("        " + line(expectation))
    }
    for breach in result.breaches { write("        " + line(breach)) }
  }

  private func summary(_ result: RunResult, realSeconds: Double) -> String {
    let speed = realSeconds > 0 ? result.virtualTime.seconds / realSeconds : 0
    return verdict(result) + "  virtual \(Quantity.describe(result.virtualTime)) in "
      + "\(Quantity.fixed(realSeconds, digits: 3)) s real (\(Quantity.grouped(Int(speed))) × real time)"
      + " · \(Quantity.grouped(Int(result.eventCount))) events · trace \(result.hashText)"
  }

  private func measures(_ result: RunResult, _ realSeconds: Double) -> String {
    "\(Quantity.describe(result.virtualTime)) in \(Quantity.fixed(realSeconds, digits: 3)) s"
      + " · trace \(result.hashText)"
  }

  private func verdict(_ result: RunResult) -> String {
    result.isPass ? paint(.boldGreen, "PASS") : paint(.boldRed, "FAIL")
  }

  private func line(_ result: ExpectationResult) -> String {
    let time = result.at.map { "  " + paint(.dim, "at " + Quantity.clock($0)) } ?? ""
    if result.isMet { return paint(.green, "✓") + " \(result.expectation.text)" + time }
    let found = result.found.isEmpty ? "" : "\n      " + result.found
    return paint(.boldRed, "✗") + " \(result.expectation.text)" + time
      + paint(.dim, "  line \(result.expectation.mark.line)") + found
  }

  private func line(_ breach: Breach) -> String {
    paint(.boldRed, "✗") + " \(breach.rule): \(breach.text)"
      + paint(.dim, "  at " + Quantity.clock(breach.at))
  }

  private static func colour(of kind: TraceKind) -> Paint.Colour? {
    switch kind {
    case .step: .bold
    case .fault: .yellow
    case .problem: .boldRed
    case .expectation: .green
    case .network, .detail: .dim
    case .user, .cloud, .hub, .printer: nil
    }
  }

  private static func actorColour(of kind: TraceKind) -> Paint.Colour? {
    switch kind {
    case .user: .cyan
    case .cloud: .blue
    case .hub: .green
    case .printer: .magenta
    case .fault: .boldYellow
    case .problem: .boldRed
    case .step, .expectation: .bold
    case .network, .detail: .dim
    }
  }
}
