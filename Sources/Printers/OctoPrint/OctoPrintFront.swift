// OctoPrint 1.11 with one printer on its serial port: the REST interface under /api, uploads as forms,
// and a socket for news. The printer is connected or not, whatever the server says of itself.

import World

/// OctoPrint, as far as clients and its own page ask it.
final class OctoPrintFront: PrinterFront {
  static let version = "1.11.8"
  /// How long the short states between others last.
  static let transition = Interval.milliseconds(400)
  private static let connectingTime = Interval.seconds(3)

  unowned let printer: WebPrinter
  let push: OctoPrintPush
  /// A state that is over soon.
  private var passing: (state: OctoPrintState, until: Instant)?
  private var isConnected = true
  private var connectedAt: Instant?
  private(set) var errorText = ""
  /// Path of the file that is selected.
  private(set) var selected: String?
  /// Whether the end of the last print of the selected file is still shown.
  private var showsEnd = false
  private(set) var lastPrintSeconds: Int?
  let session = "5e55104e5e55104e5e55104e5e55104e"

  init(_ printer: WebPrinter) {
    self.printer = printer
    push = OctoPrintPush()
    push.front = self
  }

  var host: any Host { printer.host }
  var troubles: WebFaults { printer.troubles }
  var reachesMachine: Bool { state.isOperational }

  // MARK: State

  var state: OctoPrintState {
    if troubles.has(.firmwareError) { return .error }
    if troubles.has(.notOperational) { return .offline }
    guard isConnected else { return errorText.isEmpty ? .offline : .offlineAfterError }
    if let since = connectedAt, host.now < since + Self.connectingTime {
      return host.now < since + .seconds(1) ? .opening : .connecting
    }
    if let passing, host.now < passing.until { return passing.state }
    switch printer.machine.state {
    case .idle, .finish, .failed: return .operational
    case .prepare: return printer.machine.progressOfPrint?.step == .unpack ? .starting : .printing
    case .running: return .printing
    case .pause: return .paused
    }
  }

  private func pass(through state: OctoPrintState) {
    let length = state == .pausing ? troubles.duration(.slowPause) : nil
    passing = (state, host.now + (length ?? Self.transition))
    host.after(length ?? Self.transition) { [weak self] in self?.push.changed() }
  }

  // MARK: Front

  func begin() {
    push.begin(every: max(printer.configuration.pushInterval, .milliseconds(500)), on: host)
  }

  func end() {
    push.end()
    passing = nil
    // The lines of the print came from here.
    if isConnected, printer.machine.state.isBusy { printer.abort("its server is gone") }
    isConnected = false
    connectedAt = nil
    selected = nil
    showsEnd = false
  }

  func machineChanged(_ events: [PrinterMachine.Event]) {
    for event in events {
      switch event {
      case .finished:
        showsEnd = true
        lastPrintSeconds = Int(printer.printClock.printing(at: printer.machineTime).seconds)
        push.event("PrintDone", payload)
      case .stopped:
        showsEnd = false
        pass(through: .cancelling)
        push.event("PrintCancelled", payload)
      case .failed:
        showsEnd = false
        push.event("PrintFailed", payload)
        // The firmware says why and halts, which is the end of the connection.
        if printer.machine.troubles.contains(.heaterFault) {
          loseSerial("Heating failed, system stopped! Heater_ID: 0")
        }
      case .paused:
        pass(through: .pausing)
        push.event("PrintPaused", payload)
      case .resumed:
        pass(through: .resuming)
        push.event("PrintResumed", payload)
      case .began:
        // Whoever starts a file has selected it.
        selected = printer.machine.currentFile
        push.event("PrintStarted", payload)
      case .running, .reached: break
      }
    }
    push.changed()
  }

  private var payload: JSON {
    let path = printer.machine.currentFile
    return [
      "name": .string(CardPath.name(of: path)), "path": .string(String(path.dropFirst())),
      "origin": "local", "size": .integer(Int64(printer.card.entry(path)?.byteCount ?? 0)),
      "owner": "_api", "user": "_api",
    ]
  }

  func troubleChanged(_ fault: WebFault, isThere: Bool, amount: FaultAmount?) {
    switch fault {
    case .serialLost:
      loseSerial("SerialException: device reports readiness to read but returned no data")
    case .firmwareError:
      guard isThere else {
        isConnected = false
        return
      }
      errorText = "Thermal runaway, system stopped! Heater_ID: 0"
      printer.abort("Thermal runaway")
    case .notOperational:
      if isThere { printer.abort("the printer is not connected") } else { isConnected = false }
    case .socketDropped:
      if isThere, case .duration(let length)? = amount { push.dropAll(every: length) }
    default: break
    }
    push.changed()
  }

  private func loseSerial(_ text: String) {
    errorText = text
    isConnected = false
    connectedAt = nil
    printer.abort("the cable is pulled")
    push.event("Error", ["error": .string(text), "reason": "connection"])
    push.event("Disconnected", nil)
  }

  // MARK: Orders

  func connect() {
    guard !state.isOperational, state != .opening, state != .connecting else { return }
    errorText = ""
    isConnected = true
    connectedAt = host.now
    push.event("Connecting", nil)
    push.changed()
    host.after(Self.connectingTime) { [weak self] in
      guard let self, state.isOperational else { return }
      push.event("Connected", ["port": .string(Self.port), "baudrate": 115200])
      push.changed()
    }
  }

  func disconnect() {
    if printer.machine.state.isBusy { printer.abort("the printer was disconnected") }
    isConnected = false
    connectedAt = nil
    errorText = ""
    selected = nil
    push.event("Disconnected", nil)
    push.changed()
  }

  static let port = "/dev/ttyUSB0"

  func select(_ path: String) {
    selected = path
    showsEnd = false
    push.event("FileSelected", ["name": .string(CardPath.name(of: path)), "origin": "local"])
  }

  func unselect() { selected = nil }

  /// Begins to print what is selected.
  func startSelected() -> Bool {
    guard let selected, state == .operational else { return false }
    showsEnd = false
    return printer.print(selected)
  }

  /// Whether a file is being printed or about to be.
  func isInUse(_ path: String) -> Bool {
    printer.machine.state.isBusy && printer.machine.currentFile == path
  }

  // MARK: What is said of the job

  var jobJSON: JSON {
    guard let path = foreignPath ?? selected, let entry = printer.card.entry(path) else {
      return [
        "file": [
          "name": nil, "path": nil, "origin": nil, "size": nil, "date": nil,
        ],
        "estimatedPrintTime": nil, "lastPrintTime": nil,
        "filament": ["length": nil, "volume": nil], "user": nil,
      ]
    }
    let summary = printer.card.content(of: path).map { PlainGCode.summary(of: $0) }
    return [
      "averagePrintTime": .optional(lastPrintSeconds.map { .double(Double($0)) }),
      "estimatedPrintTime": .optional(summary.map { .double(Double($0.seconds)) }),
      "filament": [
        "tool0": ["length": .double((summary?.weightGrams ?? 0) * 333), "volume": 0.0]
      ],
      "file": [
        "date": .integer(entry.modified / 1000), "display": .string(CardPath.name(of: path)),
        "name": .string(CardPath.name(of: path)), "origin": "local",
        "path": .string(String(path.dropFirst())), "size": .integer(Int64(entry.byteCount)),
      ],
      "lastPrintTime": .optional(lastPrintSeconds.map { .double(Double($0)) }), "user": "_api",
    ]
  }

  /// What is printed counts as selected, whoever has begun it.
  private var foreignPath: String? {
    printer.machine.state.isBusy ? printer.machine.currentFile : nil
  }

  var progressJSON: JSON {
    let machine = printer.machine
    guard machine.state.isBusy || showsEnd, let size = printer.card.entry(machine.currentFile)
    else {
      return [
        "completion": nil, "filepos": nil, "printTime": nil, "printTimeLeft": nil,
        "printTimeLeftOrigin": nil,
      ]
    }
    let completion = showsEnd ? 100 : machine.completion
    let printTime = printer.printClock.printing(at: printer.machineTime)
    let left: JSON =
      troubles.has(.timeLeftUnknown) || (printTime < .seconds(60) && !showsEnd)
      ? nil : .integer(Int64(showsEnd ? 0 : machine.secondsLeft))
    return [
      "completion": troubles.has(.progressUnknown) ? nil : .double(completion),
      "filepos": .integer(Int64(Double(size.byteCount) * completion / 100)),
      "printTime": .integer(Int64(printTime.seconds)), "printTimeLeft": left,
      "printTimeLeftOrigin": left.isNull ? "linear" : "analysis",
    ]
  }

  var temperatureJSON: JSON {
    let machine = printer.machine
    func heater(_ actual: Double, _ target: Double) -> JSON {
      ["actual": .double(Self.hundredths(actual)), "offset": 0, "target": .double(target)]
    }
    return [
      "bed": heater(machine.bedTemperature, machine.bed.target),
      "tool0": heater(machine.nozzleTemperature, machine.nozzle.target),
    ]
  }

  private static func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}

extension JSON {
  /// What is not there is null.
  static func optional(_ value: JSON?) -> JSON { value ?? .null }
}
