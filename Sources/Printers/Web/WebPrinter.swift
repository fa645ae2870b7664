// A printer that is reached over HTTP: one machine, one storage, one web server, and the front that
// speaks its protocol. Like Bambu Lab's it keeps one timer, set to the next moment at which
// something can be counted; what pushes news has timers of its own.

import World

/// A simulated printer behind OctoPrint, PrusaLink or Moonraker.
public final class WebPrinter: SimulatedPrinter, HandledPrinter {
  /// What distinguishes one printer from another.
  public struct Configuration: Sendable {
    public var name: String
    public var kind: PrinterKind
    public var model: String
    public var serial: String
    /// The API key, or the password for digest access.
    public var key: String
    /// Who logs in, where that is asked for.
    public var userName = "maker"
    public var port: UInt16
    /// Speaks TLS with a certificate in this name; nil: in clear.
    public var identity: ServerIdentity?
    /// With TLS: another port, in clear, from which everybody is sent to it.
    public var redirectPort: UInt16?
    /// How much faster than the world the machine lives, for demonstrations.
    public var speedFactor = 1
    public var storageBytes = 16 << 30
    /// How fast its storage takes an upload; 0: as fast as it comes; nil: as the kind does.
    public var uploadBytesPerSecond: Int?
    /// How often it pushes news to who wants them.
    public var pushInterval = Interval.milliseconds(250)

    /// `kind` is one that is reached over HTTP.
    public init(name: String, kind: PrinterKind, model: String, serial: String, key: String) {
      precondition(kind != .bambu, "printers of Bambu Lab have a configuration of their own")
      self.name = name
      self.kind = kind
      self.model = model
      self.serial = serial
      self.key = key
      port = kind.port ?? 80
    }
  }

  public let configuration: Configuration
  public let card: PrinterCard
  /// What is wrong with it now.
  public let troubles = WebFaults()
  public var onChange: (() -> Void)?
  public private(set) var isOn = false
  public var clock: (any Host)?
  public var kind: PrinterKind { configuration.kind }
  public var serial: String { configuration.serial }
  /// How many requests its server has heard since it was made.
  public var requestCount: Int { server.requestCount }
  public var accessCode: String { configuration.key }

  let host: any Host
  let server: WebServer
  let theMachine: PrinterMachine
  private(set) var printClock = PrintClock()
  private lazy var front: any PrinterFront = makeFront()
  private let timer: MachineTimer
  private var uploadCount = 0
  /// Goes up with every restart, so that an old plan to come back is forgotten.
  private var absence = 0

  public init(host: any Host, configuration: Configuration) {
    self.host = host
    self.configuration = configuration
    card = PrinterCard(capacity: configuration.storageBytes)
    theMachine = PrinterMachine(traits: MachineTraits())
    timer = MachineTimer(theMachine, on: host, speedFactor: configuration.speedFactor)
    var settings = WebServer.Settings(port: configuration.port, name: "TornadoServer/6.5.2")
    if let identity = configuration.identity { settings.security = .tls(identity) }
    settings.redirectPort = configuration.redirectPort
    settings.uploadBytesPerSecond = configuration.uploadBytesPerSecond
    if configuration.kind == .prusalink {
      settings.name = "PrusaLink/\(configuration.model)"
      // Small boards: two places, which are free again soon.
      settings.connectionLimit = configuration.model == "MINI" ? 2 : 4
      settings.idleLimit = .seconds(10)
      settings.uploadPatience = .seconds(30)
      if settings.uploadBytesPerSecond == nil, configuration.model == "MINI" {
        settings.uploadBytesPerSecond = 200_000
      }
    }
    if settings.uploadBytesPerSecond == 0 { settings.uploadBytesPerSecond = nil }
    server = WebServer(host: host, settings: settings, troubles: troubles)
    timer.onDue = { [weak self] in self?.machineChanged() }
  }

  deinit { server.close() }

  private func makeFront() -> any PrinterFront {
    switch configuration.kind {
    case .octoprint, .bambu: OctoPrintFront(self)
    case .prusalink: PrusaLinkFront(self)
    case .moonraker: MoonrakerFront(self)
    }
  }

  public var machine: PrinterMachine {
    theMachine.settle(at: machineTime)
    return theMachine
  }

  // MARK: Power

  public func start() throws(NetworkFailure) {
    guard !isOn else { return }
    (host as? any PowerSwitch)?.comeBack()
    server.site = front
    try server.open()
    isOn = true
    host.note(.printer, "is switched on: \(configuration.kind.title) on \(configuration.model)")
    front.begin()
    onChange?()
    timer.arm()
  }

  public func stop() {
    guard isOn else { return }
    isOn = false
    absence += 1
    timer.stop()
    front.end()
    // Where power can be cut nobody hears of it; where it cannot, connections are reset.
    (host as? any PowerSwitch)?.vanish()
    server.close()
    let isPrinting = machine.state.isBusy
    theMachine.losePower()
    if isPrinting { printClock.stop(at: machineTime) }
    host.note(.printer, "is switched off")
    onChange?()
  }

  /// The server alone is away for a while.
  func restartServer(for length: Interval) {
    guard isOn, server.isOpen else { return }
    absence += 1
    let number = absence
    host.note(.printer, "restarts its server")
    front.end()
    server.close()
    host.after(length) { [weak self] in
      guard let self, isOn, number == absence else { return }
      reopen()
      front.begin()
    }
  }

  /// The same port, perhaps at another address.
  func reopen() {
    do throws(NetworkFailure) {
      try server.open()
    } catch {
      host.note(.problem, "cannot listen any more: \(error.name)")
    }
  }

  // MARK: A person at the touch screen

  public func pressPause() { _ = pause() }
  public func pressResume() { _ = resume() }
  public func pressStop() { _ = cancel() }

  /// Prints once more what was printed last.
  public func pressStart() {
    guard let order = machine.order else { return }
    _ = print(order.path, isForeign: true)
  }

  // MARK: What fronts ask of the machine

  func pause() -> Bool { tell { $0.pause() } }
  func resume() -> Bool { tell { $0.resume() } }
  func cancel() -> Bool { tell { $0.stop() } }

  /// Begins to print a file; false when something else is under way or there is no such file.
  /// `isForeign`: somebody at the printer did it, and none of the hub's jobs.
  func print(_ path: String, isForeign: Bool = false) -> Bool {
    guard let content = card.content(of: path), !card.isBeingWritten(path) else { return false }
    var order = PrintOrder(
      path: path, title: CardPath.name(of: path), levelsBed: false,
      plan: .success(PlainGCode.summary(of: content)))
    order.digest = content.digest
    order.byteCount = content.count
    guard isOn, machine.start(order) else { return false }
    theMachine.history[theMachine.history.count - 1].isForeign = isForeign
    printClock.start(at: machineTime)
    machineChanged()
    return true
  }

  /// Runs lines of g-code, where that can be seen from outside.
  func run(_ script: String) {
    for line in script.split(separator: "\n") {
      if let command = GCodeCommand(line) { machine.run(command) }
    }
    machineChanged()
  }

  /// The print is lost.
  func abort(_ reason: String) { _ = tell { $0.abort(reason) } }

  private func tell(_ action: (PrinterMachine) -> Bool) -> Bool {
    guard isOn, action(machine) else { return false }
    machineChanged()
    return true
  }

  /// Begins an upload.
  func beginUpload() -> Result<CardUpload, CardFailure> {
    uploadCount += 1
    do throws(CardFailure) {
      return .success(try CardUpload(card, host: host, number: uploadCount))
    } catch {
      return .failure(error)
    }
  }

  // MARK: Time

  /// The machine's own time.
  var machineTime: Instant { timer.now }

  func machineChanged() {
    guard isOn else { return }
    let machine = machine
    let events = machine.takeEvents()
    for event in events {
      printClock.take(event, at: machineTime)
      timer.note(event, withCodes: false)
    }
    front.machineChanged(events)
    if timer.haveCountsChanged() || !events.isEmpty { onChange?() }
    if isOn { timer.arm() }
  }

  func troubleChanged(_ fault: WebFault, isThere: Bool, amount: FaultAmount?) {
    front.troubleChanged(fault, isThere: isThere, amount: amount)
  }
}
