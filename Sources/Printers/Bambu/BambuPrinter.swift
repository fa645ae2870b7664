// A Bambu Lab printer on a network: one machine, one card, and the two fronts that it speaks
// through, MQTT for reports and commands and FTPS for files.
//
// It keeps one timer, set to the next moment at which something can be counted or is to be
// reported; in between nothing runs.

import World

/// A simulated Bambu Lab printer.
public final class BambuPrinter {
  /// What distinguishes one printer from another.
  public struct Configuration: Sendable {
    public var name: String
    public var model: BambuModel
    public var serial: String
    public var accessCode: String
    public var mqttPort: UInt16 = 8883
    public var ftpsPort: UInt16 = 990
    /// How much faster than the world the machine lives, for demonstrations.
    public var speedFactor = 1
    public var mqttClientLimit = 4
    public var cardBytes = 8 << 30
    /// How fast the card takes an upload; 0: as fast as it comes; nil: as the model does.
    public var uploadBytesPerSecond: Int?
    /// Whether a data connection must resume the TLS session; nil: as the model does.
    public var demandsSessionReuse: Bool?
    /// In dBm.
    public var signal = -48

    public init(name: String, model: BambuModel, serial: String, accessCode: String) {
      self.name = name
      self.model = model
      self.serial = serial
      self.accessCode = accessCode
    }
  }

  public let configuration: Configuration
  /// It stays what it is over power cuts.
  public let card: PrinterCard
  /// Called when the state, the layer, the percent or the files have changed.
  public var onChange: (() -> Void)?
  public private(set) var isOn = false

  let host: any Host
  let broker: Broker
  let identity: PrinterIdentity
  private let theMachine: BambuMachine
  private let fileServer: FileServer
  private let reporter: Reporter
  private var listeners: [any Listener] = []
  private var timer: (any Timer)?
  private var dueAt = Instant.never
  private var jobReported = -1
  private var lastReport = Instant.start

  public init(host: any Host, configuration: Configuration) {
    self.host = host
    self.configuration = configuration
    let model = configuration.model
    identity = PrinterIdentity(model: model, serial: configuration.serial, address: host.address)
    card = PrinterCard(capacity: configuration.cardBytes, directories: model.cardDirectories)
    theMachine = BambuMachine(model: model)
    reporter = Reporter(identity: identity)
    broker = Broker(
      host: host,
      settings: Broker.Settings(
        serial: configuration.serial, accessCode: configuration.accessCode,
        clientLimit: configuration.mqttClientLimit,
        answersSurplusClients: model.answersSurplusClients))
    fileServer = FileServer(
      host: host, card: card,
      settings: FileServer.Settings(
        accessCode: configuration.accessCode,
        security: Self.security(of: configuration),
        demandsSessionReuse: configuration.demandsSessionReuse ?? model.demandsSessionReuse,
        knowsExtendedPassive: model.knowsExtendedPassive,
        bytesPerSecond: configuration.uploadBytesPerSecond ?? model.uploadBytesPerSecond))
    broker.onRequest = { [weak self] in self?.request($0) }
    broker.onAudience = { [weak self] in self?.audienceCame() }
    fileServer.onChange = { [weak self] in self?.onChange?() }
  }

  deinit { stop() }

  /// The certificate is the printer's own, in the name of its serial number.
  private static func security(of configuration: Configuration) -> ServerSecurity {
    .tls(ServerIdentity(commonName: configuration.serial, endsAtTLS12: true))
  }

  /// The machine as it is at this moment.
  public var machine: BambuMachine {
    theMachine.settle(at: machineTime)
    return theMachine
  }

  /// How often peers broke the rules, by name: on the broker and on the file server.
  public var faults: PeerFaults { broker.faults }
  public var fileFaults: PeerFaults { fileServer.faults }

  // MARK: Power

  /// Switches it on: it listens, idle and cold, with whatever is on the card.
  public func start() throws(NetworkFailure) {
    guard !isOn else { return }
    (host as? any PowerSwitch)?.comeBack()
    let identity = Self.security(of: configuration)
    let mqtt = try host.listen(port: configuration.mqttPort, security: identity) {
      [broker] in broker.accept($0)
    }
    do throws(NetworkFailure) {
      let ftps = try host.listen(port: configuration.ftpsPort, security: identity) {
        [fileServer] in fileServer.accept($0)
      }
      listeners = [mqtt, ftps]
    } catch {
      mqtt.close()
      throw error
    }
    isOn = true
    host.note(.printer, "is switched on: \(FirmwareModules.productName(of: configuration.model))")
    onChange?()
  }

  /// Switches it off in the middle of whatever it does.
  public func stop() {
    guard isOn else { return }
    isOn = false
    timer?.cancel()
    timer = nil
    dueAt = .never
    // Where power can be cut nobody hears of it; where it cannot, connections are reset.
    (host as? any PowerSwitch)?.vanish()
    for listener in listeners { listener.close() }
    listeners = []
    broker.closeAll()
    fileServer.closeAll()
    machine.losePower()
    reporter.compare(with: nil)
    host.note(.printer, "is switched off")
    onChange?()
  }

  // MARK: A person at the touch screen

  public func pressPause() {
    if isOn, machine.pause() { machineChanged() }
  }

  public func pressResume() {
    if isOn, machine.resume() { machineChanged() }
  }

  public func pressStop() {
    if isOn, machine.stop() { machineChanged() }
  }

  // MARK: Time

  /// The machine's own time, which may be faster than the world's.
  private var machineTime: Instant {
    Instant(nanoseconds: host.now.nanoseconds * Int64(max(1, configuration.speedFactor)))
  }

  /// When the world's clock shows what the machine calls `instant`.
  private func worldTime(of instant: Instant) -> Instant {
    let factor = Int64(max(1, configuration.speedFactor))
    return Instant(nanoseconds: (instant.nanoseconds + factor - 1) / factor)
  }

  /// Somebody told the machine something: say so at once.
  func machineChanged() { tick(isNews: true) }

  private func tick(isNews: Bool = false) {
    guard isOn else { return }
    let machine = machine
    let events = machine.takeEvents()
    for event in events { note(event) }
    noticeJob(of: machine)
    report(machine, atOnce: isNews || !events.isEmpty)
    if haveCountsChanged(machine) || !events.isEmpty { onChange?() }
    arm()
  }

  /// A new job has a name, and a time at which it was begun.
  private func noticeJob(of machine: BambuMachine) {
    guard machine.jobGeneration != jobReported else { return }
    jobReported = machine.jobGeneration
    let seconds = machine.order == nil ? 0 : host.wallMilliseconds / 1000
    reporter.setJob(FullReport.jobMembers(of: machine.order, startedAt: seconds))
  }

  private var counted = (BambuState.idle, -1, -1)

  private func haveCountsChanged(_ machine: BambuMachine) -> Bool {
    let counts = (machine.state, machine.progress, machine.layer)
    defer { counted = counts }
    return counts != counted
  }

  /// Sets the timer to the next moment that matters, if that is not what it is set to.
  private func arm() {
    guard isOn else { return }
    var due = theMachine.nextChange.map { worldTime(of: $0) } ?? .never
    if broker.hasAudience { due = min(due, max(host.now, lastReport + reportInterval)) }
    guard due != dueAt else { return }
    timer?.cancel()
    timer = nil
    dueAt = due
    guard due != .never else { return }
    timer = host.after(max(.zero, due - host.now)) { [weak self] in
      guard let self else { return }
      dueAt = .never
      tick()
    }
  }
}

// MARK: - Reports

extension BambuPrinter {
  /// How long until there is something to say again.
  private var reportInterval: Interval {
    let machine = theMachine
    if machine.state.isBusy { return .seconds(1) }
    if machine.isWarm { return .seconds(configuration.model.isDelta ? 2 : 5) }
    return configuration.model.isDelta ? .minutes(4) : .seconds(30)
  }

  /// Everything, as somebody has asked for it.
  func reportAll() {
    let machine = machine
    noticeJob(of: machine)
    lastReport = host.now
    broker.report(reporter.full(fields(of: machine), of: machine).bytes)
    arm()
  }

  /// Somebody listens, after nobody did. He who wants to know how things stand has to ask, unless
  /// the model tells everything all the time.
  private func audienceCame() {
    guard configuration.model.isDelta else { return reportAll() }
    noticeJob(of: machine)
    reporter.compare(with: fields(of: machine))
    lastReport = host.now
    arm()
  }

  func answer(_ payload: [UInt8]) {
    guard let packet = reporter.answer(payload) else { return }
    broker.report(packet.bytes)
  }

  private func report(_ machine: BambuMachine, atOnce: Bool) {
    guard broker.hasAudience else { return }
    let isDue = lastReport + reportInterval <= host.now
    guard atOnce || isDue || machine.state != counted.0 else { return }
    let fields = fields(of: machine)
    if !configuration.model.isDelta {
      broker.report(reporter.full(fields, of: machine).bytes)
    } else if let packet = reporter.delta(fields, of: machine) {
      broker.report(packet.bytes)
    } else if isDue, !machine.isWarm, !machine.state.isBusy {
      broker.report(reporter.heartbeat(fields).bytes)
    }
    lastReport = host.now
  }

  private func fields(of machine: BambuMachine) -> ReportFields {
    ReportFields(
      state: machine.state, stage: machine.stage, percent: machine.progress,
      remainingMinutes: machine.remainingMinutes, layer: machine.layer,
      totalLayers: machine.totalLayers, preparePercent: machine.preparePercent,
      nozzle: machine.nozzleReading,
      nozzleTarget: SensorTemperature(degrees: machine.nozzle.target),
      bed: machine.bedReading, bedTarget: SensorTemperature(degrees: machine.bed.target),
      chamber: configuration.model.reportsChamber ? machine.chamberReading : nil,
      fans: machine.fans, speedLevel: machine.speedLevel,
      speedPercent: Int(machine.speedPercent), printError: machine.printError.code,
      lamp: machine.lamp, isHomed: machine.isHomed, hasCard: card.isInserted,
      cardIsSaidInWords: configuration.model.saysCardInWords,
      signal: machine.signal(around: configuration.signal),
      trayNow: machine.trayNow, skippedCount: machine.skippedObjects.count,
      jobGeneration: machine.jobGeneration,
      filamentGeneration: machine.filamentGeneration)
  }

  private func note(_ event: BambuMachine.Event) {
    let file = CardPath.name(of: theMachine.currentFile)
    switch event {
    case .began(let plate):
      host.note(
        .printer,
        "begins \(file): \(plate.layers) layers, \(SlicedGCode.duration(plate.seconds))")
    case .running: host.note(.printer, "prints the first layer of \(file)")
    case .reached(let percent):
      host.note(.printer, "\(file) \(percent) %, layer \(theMachine.layer)")
    case .paused: host.note(.printer, "pauses")
    case .resumed: host.note(.printer, "goes on")
    case .finished: host.note(.printer, "has finished \(file)")
    case .stopped: host.note(.printer, "was stopped")
    case .failed(let reason):
      host.note(.printer, "gives up \(file): \(reason), \(theMachine.printError.text)")
    }
  }
}
