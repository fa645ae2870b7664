// A Bambu Lab printer on a network: one machine, one card, and the fronts that it speaks through,
// MQTT for reports and commands, FTPS for files, a camera.
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
    public var cameraPort: UInt16 = 6000
    /// How much faster than the world the machine lives, for demonstrations.
    public var speedFactor = 1
    public var mqttClientLimit = 4
    public var cardBytes = 8 << 30
    /// How fast the card takes an upload; 0: as fast as it comes; nil: as the model does.
    public var uploadBytesPerSecond: Int?
    /// Whether a data connection must resume the TLS session; nil: as the model does.
    public var demandsSessionReuse: Bool?
    /// Firmware since 2025 with developer mode off: commands without a signature are refused.
    public var demandsSignatures = false
    /// Whether it makes itself known on the network, as the real ones do.
    public var announces = true
    /// Whether it also answers multicast DNS, which the real ones do not.
    public var answersServiceQuestions = false
    /// In dBm.
    public var signal = -48
    /// The authority that signed its certificate; empty when it signed it itself, as older firmware
    /// does.
    public var maker = BambuPrinter.maker

    public init(name: String, model: BambuModel, serial: String, accessCode: String) {
      self.name = name
      self.model = model
      self.serial = serial
      self.accessCode = accessCode
    }
  }

  /// The authority that signs the certificates of these printers, unless told otherwise.
  public static let maker = "hubrig printer maker"

  public let configuration: Configuration
  /// It stays what it is over power cuts.
  public let card: PrinterCard
  /// What is wrong with it now.
  public let troubles = ActiveFaults()
  /// Called when the state, the layer, the percent or the files have changed.
  public var onChange: (() -> Void)?
  public internal(set) var isOn = false
  /// Goes on while the printer has no power; its own host when nil.
  public var clock: (any Host)?
  /// What its screen shows as the access code.
  public internal(set) var accessCode: String
  /// Whether commands must be signed.
  public internal(set) var demandsSignatures: Bool

  let host: any Host
  let broker: Broker
  let fileServer: FileServer
  let theMachine: PrinterMachine
  let reporter: Reporter
  var options = PrinterOptions()
  var spoiler: ReportSpoiler
  var doors = Doors()
  let camera: CameraServer
  private var announcer: Announcer?
  private var responder: ServiceResponder?
  let timer: MachineTimer
  var jobReported = -1
  var lastReport = Instant.start
  /// When the newest delayed message is delivered; a later one may not overtake it.
  var deliveredUntil = Instant.start

  public init(host: any Host, configuration: Configuration) {
    self.host = host
    self.configuration = configuration
    accessCode = configuration.accessCode
    demandsSignatures = configuration.demandsSignatures
    let model = configuration.model
    card = PrinterCard(capacity: configuration.cardBytes, directories: model.cardDirectories)
    theMachine = PrinterMachine(traits: model.traits)
    timer = MachineTimer(theMachine, on: host, speedFactor: configuration.speedFactor)
    spoiler = ReportSpoiler(troubles)
    reporter = Reporter(
      identity: PrinterIdentity(
        model: model, serial: configuration.serial, address: host.address,
        demandsSignatures: configuration.demandsSignatures))
    broker = Broker(
      host: host, troubles: troubles,
      settings: Broker.Settings(
        serial: configuration.serial, accessCode: configuration.accessCode,
        clientLimit: configuration.mqttClientLimit,
        answersSurplusClients: model.answersSurplusClients))
    fileServer = FileServer(
      host: host, card: card, troubles: troubles,
      settings: FileServer.Settings(
        accessCode: configuration.accessCode,
        security: .plain,  // Until the doors open.
        demandsSessionReuse: configuration.demandsSessionReuse ?? model.demandsSessionReuse,
        knowsExtendedPassive: model.knowsExtendedPassive, knowsRoom: model.tellsRoom,
        settlingTime: model.settlingTime,
        bytesPerSecond: configuration.uploadBytesPerSecond ?? model.uploadBytesPerSecond))
    camera = CameraServer(host: host, troubles: troubles, accessCode: configuration.accessCode)
    camera.look = { [weak self] in self?.scene ?? CameraScene.dark }
    timer.onDue = { [weak self] in self?.tick() }
    broker.onRequest = { [weak self] in self?.request($0) }
    broker.onAudience = { [weak self] in self?.audienceCame() }
    fileServer.onChange = { [weak self] in self?.onChange?() }
  }

  deinit { stop() }

  /// The machine as it is at this moment.
  public var machine: PrinterMachine {
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
    try openDoors()
    makeKnown()
    isOn = true
    deliveredUntil = .start
    host.note(.printer, "is switched on: \(FirmwareModules.productName(of: configuration.model))")
    onChange?()
    arm()
  }

  /// Switches it off in the middle of whatever it does.
  public func stop() {
    guard isOn else { return }
    isOn = false
    timer.stop()
    // Where power can be cut nobody hears of it; where it cannot, connections are reset.
    (host as? any PowerSwitch)?.vanish()
    closeDoors()
    announcer?.stop()
    responder?.stop()
    machine.losePower()
    reporter.compare(with: nil)
    host.note(.printer, "is switched off")
    onChange?()
  }

  /// Begins to say on the network who it is, at the address that it has now.
  func makeKnown() {
    announcer?.stop()
    responder?.stop()
    let facts = { [unowned self] in self.facts }
    if configuration.announces {
      announcer = Announcer(host: host, facts: facts)
      announcer?.start()
    }
    if configuration.answersServiceQuestions {
      responder = ServiceResponder(
        host: host, mqttPort: configuration.mqttPort, facts: facts)
      responder?.start()
    }
  }

  private var facts: PrinterFacts {
    PrinterFacts(
      address: host.address, serial: configuration.serial, model: configuration.model.identifier,
      name: configuration.name, signal: troubles.has(.wifiWeak) ? -85 : configuration.signal,
      version: reporter.identity.version, isTaken: false)
  }

  /// What the camera sees.
  private var scene: CameraScene {
    let machine = machine
    let isPrinting = machine.state == .running
    return CameraScene(
      percent: machine.progress, isPrinting: isPrinting, isLit: machine.lamp != .off,
      color: machine.spool(at: machine.trayNow)?.color ?? "FFFFFFFF",
      step: isPrinting ? Int(machine.now.milliseconds / 1_000 % 60) : 0)
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

  /// Prints once more what was printed last.
  public func pressStart() {
    if isOn, let order = machine.order, machine.start(order) { machineChanged() }
  }

  // MARK: Time

  /// The machine's own time.
  var machineTime: Instant { timer.now }

  /// Somebody told the machine something: say so at once.
  func machineChanged() { tick(isNews: true) }

  private func tick(isNews: Bool = false) {
    guard isOn else { return }
    let machine = machine
    let events = machine.takeEvents()
    for event in events { timer.note(event, withCodes: true) }
    noticeJob(of: machine)
    report(machine, atOnce: isNews || !events.isEmpty)
    if timer.haveCountsChanged() || !events.isEmpty { onChange?() }
    arm()
  }

  /// Sets the timer to the next moment that matters.
  func arm() {
    guard isOn else { return }
    timer.arm(
      noLaterThan: broker.hasAudience ? max(host.now, lastReport + reportInterval) : .never)
  }
}
