// Moonraker 0.11 with Klippy beside it: the same methods over HTTP and over JSON-RPC on a socket,
// uploads as forms, news for those who subscribed to objects. Klippy can be away, starting, shut down
// or refuse its configuration while Moonraker itself answers.

import World

/// Moonraker, as far as clients and its web front-ends ask it.
final class MoonrakerFront: PrinterFront {
  static let version = "v0.11.0-0-g0000000"
  private static let restartTime = Interval.seconds(4)

  unowned let printer: WebPrinter
  let sockets = MoonrakerSockets()
  /// Klippy starts until then.
  private var startingUntil: Instant?
  /// Somebody pressed the emergency stop, or the machine gave up.
  private var isShutDown = false
  private var shutdownText: String?
  /// What became of the last print; nil: nothing was printed since Klippy started.
  private(set) var lastOutcome: PrintRecord.Outcome?
  private(set) var message = ""
  /// Shown by M117.
  var displayText = ""
  /// Tokens for the socket, each for one use and soon out of date.
  private var tokens: [(text: String, until: Instant)] = []
  private var known = KlippyState.disconnected

  init(_ printer: WebPrinter) {
    self.printer = printer
    sockets.front = self
  }

  var host: any Host { printer.host }
  var troubles: WebFaults { printer.troubles }
  var reachesMachine: Bool { klippy == .ready }

  var klippy: KlippyState {
    if troubles.has(.klippyDisconnected) || troubles.has(.powerOff) { return .disconnected }
    if troubles.has(.configError) { return .error }
    if troubles.has(.klippyShutdown) || isShutDown { return .shutdown }
    if let startingUntil, host.now < startingUntil { return .startup }
    return .ready
  }

  var stateMessage: String {
    klippy == .shutdown ? shutdownText ?? KlippyState.shutdown.message : klippy.message
  }

  // MARK: Front

  func begin() {
    sockets.begin(every: printer.configuration.pushInterval, on: host)
    known = klippy
  }

  func end() {
    sockets.end()
    tokens = []
    if !printer.isOn {
      startingUntil = nil
      isShutDown = false
      lastOutcome = nil
      message = ""
    }
  }

  func machineChanged(_ events: [PrinterMachine.Event]) {
    for event in events {
      switch event {
      case .began:
        lastOutcome = .underWay
        message = ""
      case .finished:
        lastOutcome = .finished
        history("finished", "completed")
      case .stopped:
        lastOutcome = .stopped
        history("finished", "cancelled")
      case .failed(let reason):
        lastOutcome = .failed
        message = reason
        if printer.machine.troubles.contains(.heaterFault) {
          message = "Heater extruder not heating at expected rate"
          shutDown(message + "\nSee the 'verify_heater' section in docs/Config_Reference.md\n")
        }
        history("finished", "error")
      case .running, .reached, .paused, .resumed: break
      }
    }
  }

  private func history(_ action: String, _ status: String) {
    let path = printer.machine.currentFile
    sockets.notify(
      "notify_history_changed",
      [
        [
          "action": .string(action),
          "job": [
            "job_id": .string(String(printer.machine.history.count, radix: 16)),
            "filename": .string(String(path.dropFirst())), "status": .string(status),
          ],
        ]
      ])
  }

  func troubleChanged(_ fault: WebFault, isThere: Bool, amount: FaultAmount?) {
    switch fault {
    case .klippyStartup:
      guard case .duration(let length)? = amount else { return }
      restartKlippy(taking: length)
    case .klippyShutdown:
      if isThere { shutDown(KlippyState.shutdown.message) } else { restartKlippy() }
    case .configError, .klippyDisconnected, .powerOff:
      if isThere { printer.abort("Klippy is away") } else { restartKlippy() }
    case .subscriptionLost: sockets.forgetSubscriptions()
    case .socketDropped:
      if isThere, case .duration(let length)? = amount { sockets.dropAll(every: length) }
    default: break
    }
    tellKlippy()
  }

  // MARK: Klippy

  func shutDown(_ text: String) {
    isShutDown = true
    shutdownText = text
    printer.abort(String(text.prefix { $0 != "\n" }))
    tellKlippy()
  }

  func restartKlippy(taking length: Interval = restartTime) {
    printer.abort("Klippy restarts")
    isShutDown = false
    shutdownText = nil
    lastOutcome = nil
    startingUntil = host.now + length
    sockets.forgetSubscriptions()
    sockets.notify("notify_klippy_disconnected", [])
    known = .startup
    host.after(length) { [weak self] in self?.tellKlippy() }
  }

  /// Tells those who listen when Klippy has become something else.
  func tellKlippy() {
    let now = klippy
    guard now != known else { return }
    known = now
    switch now {
    case .ready: sockets.notify("notify_klippy_ready", [])
    case .shutdown: sockets.notify("notify_klippy_shutdown", [])
    case .disconnected:
      sockets.forgetSubscriptions()
      sockets.notify("notify_klippy_disconnected", [])
    case .startup, .error: break
    }
  }

  // MARK: Who may come in

  /// Whether a request carries the key, a bearer of it, or a token. Without a key everybody on the
  /// network is trusted, as Moonraker is set up in most workshops.
  func isAllowed(_ request: WebRequest) -> Bool {
    guard !troubles.has(.keyRevoked) else { return false }
    let key = printer.configuration.key
    if key.isEmpty || request.header("X-Api-Key") == key { return true }
    if request.header("Authorization") == "Bearer \(key)" { return true }
    return request.query("token").map { spend($0) } ?? false
  }

  func isRight(key: String?) -> Bool {
    !troubles.has(.keyRevoked)
      && (printer.configuration.key.isEmpty || key == printer.configuration.key)
  }

  func makeToken() -> String {
    let token = hexString(host.randomBytes(16)).uppercased()
    let isLate = troubles.has(.tokenExpired)
    tokens.append((token, host.now + (isLate ? .zero : .seconds(5))))
    return token
  }

  private func spend(_ token: String) -> Bool {
    tokens.removeAll { $0.until <= host.now }
    guard let place = tokens.firstIndex(where: { $0.text == token }) else { return false }
    tokens.remove(at: place)
    return true
  }
}
