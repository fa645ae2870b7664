// What goes wrong in an invented story, and when. Blind luck seldom hits the few milliseconds that
// matter: so many faults are aimed at what happens in the story when nothing is broken, and many
// come close on the heels of another.

import Printers
import World

extension ExplorationPlan {
  func faults(_ farms: [FarmPlan], _ moments: [Interval]) -> [PlannedFault] {
    let enabled = FaultKind.explored.filter { _ in below("enable", 3) == 0 }
    let ofPrinters = Set(
      size.kinds.flatMap { FieldFault.explored(of: $0) }.filter { _ in below("enable", 3) == 0 })
    guard !enabled.isEmpty else { return [] }
    let count = pick("faults", size.faultLeast...size.faultLimit)
    var faults: [PlannedFault] = []
    for _ in 0..<count {
      if below("whose", 4) == 0, var fault = faultOfPrinter(farms, ofPrinters) {
        let at = max(.seconds(1), moment(after: faults, moments))
        fault.duration = duration()
        faults.append(
          PlannedFault(mark: Mark(line: 0, column: 0), at: at, fault: .printer(fault)))
        continue
      }
      let kind = enabled[below("kind", enabled.count)]
      let places = places(of: kind, farms)
      guard !places.isEmpty else { continue }
      let place = places[below("place", places.count)]
      let isWeather = kind.isWeather && below("weather", 2) == 0
      let at = isWeather ? Interval.seconds(1) : max(.seconds(1), moment(after: faults, moments))
      let duration = isWeather ? Interval.minutes(2) : self.duration(kind)
      let fault = Fault(kind: kind, place: place, amount: amount(kind), duration: duration)
      faults.append(PlannedFault(mark: Mark(line: 0, column: 0), at: at, fault: .world(fault)))
    }
    return faults.sorted { $0.at < $1.at }
  }

  private func places(of kind: FaultKind, _ farms: [FarmPlan]) -> [String] {
    kind.places.flatMap { subject -> [String] in
      switch subject {
      case .hub: farms.map(\.hub.name)
      case .printer: farms.flatMap(\.printers).map(\.name)
      case .farm: farms.map(\.name)
      case .cloud: ["cloud"]
      default: []
      }
    }
  }

  private func moment(after others: [PlannedFault], _ moments: [Interval]) -> Interval {
    if let other = others.last, below("follows", 3) == 0 {
      let latest = [500, 5_000, 40_000][below("soon", 3)]
      return other.at + .milliseconds(Int64(pick("follow", 0...latest)))
    }
    if !moments.isEmpty, below("aimed", 4) != 0 {
      let near = moments[below("moment aimed at", moments.count)]
      // A little before, at once, soon, or when it should have been answered.
      return switch below("near", 4) {
      case 0: near - .milliseconds(Int64(pick("before", 0...300)))
      case 1: near + .milliseconds(Int64(pick("at", 0...100)))
      case 2: near + .milliseconds(Int64(pick("at", 0...2_000)))
      default: near + .milliseconds(Int64(pick("at", 0...30_000)))
      }
    }
    // Most trouble comes while files move and prints begin.
    let latest = [25_000, 25_000, 60_000, 200_000][below("late", 4)]
    return .milliseconds(Int64(pick("at", 1_500...latest)))
  }

  private func amount(_ kind: FaultKind) -> Fault.Amount? {
    switch kind.measure {
    case .duration? where kind == .commandsRepeat:
      .latency(.seconds(Int64(pick("again after", 1...150))))
    case .duration?: .latency(.milliseconds(Int64(pick("latency", 20...3_000))))
    case .share?: .loss(Double(pick("loss", 1...40)) / 100)
    case .rate?: .bytesPerSecond(pick("rate", 2...200) * 1_000)
    default: nil
    }
  }

  private func duration(_ kind: FaultKind) -> Interval {
    if kind.isOver { return .seconds(1) }
    // So much happens then that longer would cost more than it shows.
    if kind == .oneByte { return .milliseconds(Int64(pick("milliseconds", 100...500))) }
    return duration()
  }

  /// At least long enough to be felt, seldom long enough to be noticed by a person; often just
  /// so long that it ends about when a command is given up.
  private func duration() -> Interval {
    let seconds =
      switch below("long", 10) {
      case 0: pick("minutes", 60...240)
      case 1, 2: pick("patience", 28...38)
      default: pick("seconds", 1...30)
      }
    return .seconds(Int64(seconds))
  }
}

extension FaultKind {
  /// The kinds that need nothing but a place, a time and at most a measure.
  static let explored: [FaultKind] = allCases.filter { kind in
    // It needs an empty house to be told from what a hub does wrong.
    if kind == .fullStore { return false }
    // Nothing may be asked of a cloud that refuses everything, or lives by another clock.
    if [.cloudErrors, .tooManyRequests, .clockJump, .clockDrift].contains(kind) { return false }
    return switch kind.measure {
    case nil, .duration?, .share?, .rate?: true
    default: false
    }
  }

  /// What is not promised in a story in which it comes. A second machine with the hub's secret takes
  /// its commands, writes over files that its printers are about to print, and says what it likes of
  /// its jobs; others are as safe from it as ever, what is kept stays kept, and when it is gone
  /// everything comes to its end.
  var voids: Set<String> {
    guard self == .twin else { return [] }
    return [
      SameBytes.id, StartedOnce.id, TrulyFinished.id, TrulyOver.id, StopObeyed.id, SameTruth.id,
      Understood.id, NeverBack.id,
    ]
  }

  /// What is felt only later, by whoever happens to do something: it may hold from the beginning.
  var isWeather: Bool {
    switch self {
    case .commandsRepeat, .wholeFiles, .shortLinks, .queuesRepeat, .queuesLate, .natForgets,
      .diskSlow:
      true
    default: false
    }
  }

  /// Whether it is over as soon as it has happened.
  var isOver: Bool {
    switch self {
    case .brownOut, .flippedBits, .taskStalls, .taskWedges, .taskHogs, .taskHangs, .panic,
      .deauthentication, .newAddress, .reset, .objectsMove:
      true
    default: false
    }
  }
}

extension AnyFault {
  /// What is not promised in a story in which it comes.
  var voids: Set<String> {
    if case .world(let fault) = self { fault.kind.voids } else { [] }
  }
}
