import Cloud
import HubHost
import VirtualWorld
import World

/// One run of one scenario with one seed, in a virtual world of its own.
public final class ScenarioRun {
  public let scenario: Scenario
  public let seed: UInt64
  public let world: VirtualWorld
  private let stage: VirtualStage
  private let observer: Observer
  private let story: Story
  private let narrator: any Host
  private let invariants: [any Invariant]
  private let secrets: SecretWatch
  private let switches: FaultSwitches
  private var standstill = Standstill(at: .start)
  private var examination: Examination!
  private let names: StoryNames
  private var isOver = false
  /// Hears the same facts as the invariants.
  public var onFact: ((Fact) -> Void)?

  /// How long the farm may take to get ready before the story begins all the same.
  static let openingLimit = Interval.seconds(60)

  /// With `chips`, the firmware of every hub that `chips` speaks of runs on an emulated chip.
  public init(_ scenario: Scenario, seed: UInt64? = nil, chips: Chips? = nil) {
    self.scenario = scenario
    self.seed = seed ?? scenario.seed
    world = VirtualWorld(seed: self.seed)
    world.chooser = scenario.luck?.chooser()
    stage = VirtualStage(world: world, plan: scenario.world)
    narrator = world.addHost("story", address: nil, on: .internet)
    observer = Observer(stage: stage.stage, phones: stage.phones)
    switches = FaultSwitches(stage: stage, host: narrator)
    let hands = Hands(
      scenario: scenario, stage: stage, observer: observer, switches: switches, host: narrator)
    story = Story(scenario: scenario, observer: observer, hands: hands, host: narrator)
    invariants = Invariants.all.map { $0.init() }
    secrets = SecretWatch(stage: stage.stage)
    names = StoryNames(stage: stage.stage)
    observer.onNewJob = { [names] id, name in names.add(id, name) }
    secrets.onFound = { [unowned self] what, place in
      hold(.secretSeen(what: what, place: place))
    }
    examination = Examination(
      stage: stage.stage, observer: observer, switches: switches, secrets: secrets, host: narrator
    ) { [unowned self] in hold($0) }
    for (farm, plan) in zip(stage.stage.farms, scenario.world.farms) {
      guard let chips, chips.hold(plan.hub) else { continue }
      farm.hub.hub.chip = chips.settings
      farm.hub.hub.onFailure = { [weak self] failure in
        self?.story.breach("chip", "\(failure)")
        self?.isOver = true
      }
    }
  }

  /// Sockets that are still open hold the cloud, and the cloud holds them.
  deinit {
    world.trace.sinks.removeAll()
    stage.stage.cloud.crash()
  }

  /// Everybody who takes part, for those who look closer or break more than a story can say.
  public var farms: [FarmSite] { stage.stage.farms }

  /// What was measured on each hub's chip.
  public var chipReports: [(hub: String, report: ChipReport)] {
    stage.stage.farms.filter { $0.hub.hub.chip != nil }.map { farm in
      farm.hub.hub.powerOff()
      return (farm.hub.name, farm.hub.hub.chipReport)
    }
  }

  /// Hears the timeline as it happens, with the story's names in place of serials and ids.
  public func onEntry(_ sink: @escaping (TraceEntry) -> Void) {
    world.trace.sinks.append { [names] entry in sink(names.readable(entry)) }
  }

  /// Hears the messages, with the story's names in place of serials and ids, and without secrets.
  public func onMessage(_ sink: @escaping (TraceMessage) -> Void) {
    world.trace.messageSinks.append { [names, secrets] message in
      sink(
        TraceMessage(
          at: message.at, from: names.readable(message.from), to: names.readable(message.to),
          what: message.what, payload: secrets.masked(message.payload)))
    }
  }

  /// What can be drawn as a line along the time: who, what, and how much of it there is now.
  public var gauges: [(actor: String, name: String, value: Int)] {
    var gauges: [(actor: String, name: String, value: Int)] = []
    for farm in stage.stage.farms where farm.hub.isOn {
      let view = farm.hub.hub.view
      gauges.append((farm.hub.name, "memory in bytes", view.memoryUsed))
      gauges.append((farm.hub.name, "outbox in bytes", view.outboxUsed))
    }
    gauges.append(("cloud", "commands not answered yet", observer.openCommandCount))
    if let depths = stage.stage.cloud.server?.queueDepths {
      gauges.append(("cloud", "messages in queues", depths.reduce(0) { $0 + $1.waiting }))
    }
    return gauges
  }

  /// Runs the story to its end.
  public func run() -> RunResult {
    open()
    advance(to: .never)
    return finish()
  }

  /// Puts everybody on the stage; nothing has happened yet.
  public func open() {
    observer.onFact = { [weak self] fact in self?.hold(fact) }
    switches.onEnd = { [weak self] fault in
      guard let self else { return }
      hold(.faultEnded(kind: fault.kind.rawValue, place: fault.place, at: world.now))
    }
    story.onEnd = { [weak self] in
      self?.examination.begin { self?.isOver = true }
    }
    secrets.learn()
    world.trace.sinks.append { [secrets] in secrets.look(at: $0) }
    do {
      try stage.stage.open { [weak self] answer in self?.opened(answer) }
    } catch {
      story.breach("story", "the stage could not be opened: \(error)")
      isOver = true
    }
  }

  /// Lets happen what is due by then, as long as somebody wants to see it; answers false when the
  /// run is over.
  @discardableResult
  public func advance(
    to moment: Instant, while isWanted: () -> Bool = { true }
  ) -> Bool {
    let limit = Instant.start + scenario.limit
    world.run(until: min(moment, limit)) { [world] in
      !isOver && !standstill.isReached(at: world.now) && isWanted()
    }
    return !isOver && !standstill.isOver && world.now < limit
  }

  /// The same up to the next line of the timeline.
  public func advanceToNextEntry() -> Bool {
    var isThere = false
    world.trace.sinks.append { _ in isThere = true }
    defer { world.trace.sinks.removeLast() }
    let limit = Instant.start + scenario.limit
    world.run(until: limit) { [world] in
      !isThere && !isOver && !standstill.isReached(at: world.now)
    }
    return isThere && !isOver
  }

  /// From now on packets of hubs and printers take up to so much longer.
  func disturb(by jitter: Interval) {
    for farm in stage.stage.farms {
      for name in [farm.hub.name] + farm.printers.map(\.name) { stage.link(name)?.jitter = jitter }
    }
  }

  /// Settles what is open, and tells how it went.
  public func finish() -> RunResult {
    if standstill.isOver {
      story.breach("standstill", "time stands still: somebody is due again and again at once")
    }
    story.settle()
    // What is taken apart from here on is no part of the story.
    world.trace.sinks.removeAll()
    return RunResult(
      scenario: scenario, seed: seed, expectations: story.results, breaches: story.breaches,
      virtualTime: world.now - .start, eventCount: world.eventCount, hash: world.trace.hash)
  }

  /// What everybody is at, a line for each.
  public var state: [String] { observer.state + switches.state + story.state }

  /// Holds a fact against every invariant.
  func hold(_ fact: Fact) {
    onFact?(fact)
    for invariant in invariants {
      guard let sentence = invariant.hear(fact) else { continue }
      story.breach(type(of: invariant).id, sentence)
    }
  }

  // MARK: The beginning

  private func opened(_ answer: Answer<Void>) {
    if case .failure(let failure) = answer {
      story.breach("story", "the farm could not be set up: \(failure)")
    }
    observer.onChange = { [weak self] in self?.beginIfReady(isLate: false) }
    narrator.after(Self.openingLimit) { [weak self] in self?.beginIfReady(isLate: true) }
    beginIfReady(isLate: false)
  }

  private var hasBegun = false

  private func beginIfReady(isLate: Bool) {
    guard !hasBegun, isLate || stage.stage.farms.allSatisfy({ observer.isReady($0) }) else {
      return
    }
    hasBegun = true
    // Outside of whoever has changed something.
    narrator.after(.zero) { [weak self] in
      guard let self else { return }
      narrator.note(.step, isLate ? "not everybody is ready; the story begins" : "all are ready")
      story.begin()
    }
  }
}
