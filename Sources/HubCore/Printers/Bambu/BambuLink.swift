// The hub's connection to the MQTT broker inside one Bambu printer.
//
//     waiting --time--> connecting --TLS is open--> handshake --CONNACK 0--> connected
//        ^                  |                           |                        |
//        '------------------+---------- broken ---------+------------------------'
//
// Reports are parsed while they arrive: a report of 30 KB goes through an inbox of 2 KiB. A printer
// that is connected and says nothing is asked once and then connected anew; a dead session looks
// exactly like a quiet printer, and nothing but silence tells them apart.

import Wire

/// Keeps one printer connected and hands over one report at a time.
struct BambuLink: ~Copyable {
  private let pinned = Pinned()
  var state = LinkState.offline
  var connection: Connection?
  var inbox: ByteQueue
  var outbox: ByteQueue
  var packets = MQTTReader(publishLimit: Limits.report)
  /// One row, for a link that holds a whole report itself is too large to be built on the stack.
  var reader: Table<BambuReportReader>
  /// Whether the publish under way is a report of our printer.
  var isReport = false
  var mustAcknowledge: UInt16 = 0

  var retries = Retries()
  /// The printer refused the access code: somebody has to look at its screen.
  var isCodeWrong = false
  /// What is wrong with its certificate, if anything: somebody has to decide.
  var certificateTrouble: Connection.Failure?
  /// By which rule it was judged.
  private var certificateRule = CertificateRule.firstUse
  var badInputCount: UInt32 = 0

  /// When there is more to read than one step may; the stream will not say so again.
  var moreAt = Uptime.never
  var isInPublish = false
  /// By when the packet under way must be whole.
  var wholeBy = Uptime.never
  var openedAt = Uptime.start
  var pingAt = Uptime.never
  var pongBy = Uptime.never
  var reportedAt = Uptime.start
  var askedForAllAt: Uptime?
  /// When everything is to be asked for; never, unless a new connection wants it.
  var askForAllAt = Uptime.never
  /// By when a printer that was asked must have said something.
  var wordBy = Uptime.never
  var silenceLimit = Limits.silenceAtRest

  /// The printer's own number on its newest report, nil before the first of a connection.
  private var newestReport: UInt32?
  /// How many reports in a row looked older than that one.
  private var oldReports = 0
  /// Everything was asked for, and has not come.
  var awaitsWhole = false

  var lastSequence: UInt32 = 0
  var lastPacketID: UInt16 = 0
  /// Packets that want an acknowledgement: the number of the newest and by when it is due.
  var unacknowledged: UInt16 = 0
  var acknowledgeBy = Uptime.never
  /// How many bytes of the outbox must leave until the start of a print is out of our hands.
  var startBytesLeft = 0

  init(_ room: borrowing LinkRoom) {
    inbox = unsafe ByteQueue(room.inbox)
    outbox = unsafe ByteQueue(room.outbox)
    let row = unsafe room.roomForReader()
    unsafe row.initialize(to: BambuReportReader(scratch: room.scratch))
    reader = unsafe Table(row, count: 1)
  }

  /// Why the printer cannot be reached, as far as a person can do something about it.
  var problem: StaticString? {
    if isCodeWrong { return "wrong access code" }
    switch certificateTrouble {
    case .tlsUntrusted where certificateRule == .maker:
      return "its certificate is not from its maker: another machine answers, or old firmware"
    case .tlsUntrusted:
      return "shows another certificate than before: if it was reset or replaced, trust it anew"
    case .tlsWrongName:
      return "another printer answers at its address: check serial number and address"
    case .tlsExpired:
      return "its certificate has expired: update the printer's firmware or set its clock"
    default: return nil
    }
  }

  var isConnected: Bool { state == .connected }
  var hasConnection: Bool { connection != nil }

  /// When the link will change by itself.
  var turn: Turn {
    switch state {
    case .offline: .asleep
    case .waiting(let until), .connecting(let until), .handshake(let until): .until(until)
    case .connected:
      Turn(next: earlier(moreAt, dueAt), promise: dueAt)
    }
  }

  /// When something must be done on a connection on which nothing happens.
  private var dueAt: Uptime {
    let answers = earlier(pongBy, acknowledgeBy)
    let questions = earlier(pingAt, earlier(silentAt, askForAllAt))
    return earlier(wholeBy, earlier(answers, questions))
  }

  private var silentAt: Uptime { wordBy == .never ? reportedAt + silenceLimit : wordBy }

  // --------------------------------------------------------------------------- from the outside

  /// The hub has a network, or has none any more. Answers whether a connected printer was lost.
  mutating func networkChanged(isThere: Bool, now: Uptime) -> Bool {
    if isThere {
      if state == .offline { state = .waiting(until: now) }
      return false
    }
    let wasConnected = isConnected
    forgetConnection()
    state = .offline
    return wasConnected
  }

  /// The printer is to be found elsewhere, or with another code. Answers whether it was connected.
  mutating func doorChanged(now: Uptime) -> Bool {
    let wasConnected = isConnected
    forgetConnection()
    if state != .offline { state = .waiting(until: now) }
    isCodeWrong = false
    certificateTrouble = nil
    askedForAllAt = nil
    retries.reset()
    return wasConnected
  }

  /// How soon silence is strange: much sooner while something is being printed.
  mutating func expectReports(atWork: Bool) {
    silenceLimit = atWork ? Limits.silenceAtWork : Limits.silenceAtRest
  }

  /// Lays the report that was read over what was known. Answers whether anything is different now.
  func merge(into status: inout PrinterStatus, isWhole: Bool) -> Bool {
    reader[0].report.merge(into: &status, isWhole: isWhole)
  }

  /// Whether the report that was read tells something newer than the last one. Printers count their
  /// reports; one that was overtaken on its way would bring yesterday back. A printer that begins to
  /// count anew is believed after a few.
  mutating func isNews(isWhole: Bool) -> Bool {
    let isAwaited = awaitsWhole && isWhole
    if isWhole { awaitsWhole = false }
    guard let number = reader[0].report.number else { return true }
    if !isAwaited, let newest = newestReport, number < newest,
      newest - number < Limits.overtakenReports, oldReports < Limits.oldReportsInARow
    {
      oldReports += 1
      return false
    }
    newestReport = number
    oldReports = 0
    return true
  }

  // -------------------------------------------------------------------------------------- step

  /// Does what can be done now, up to the first thing that the slot has to know of.
  mutating func step(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    now: Uptime
  ) -> LinkEvent {
    switch state {
    case .offline:
      return .none
    case .waiting(let until):
      guard until <= now else { return .none }
      return dial(board, configuration, now)
    case .connecting, .handshake, .connected:
      return stepConnection(board, configuration, hub, now)
    }
  }

  private mutating func dial(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ now: Uptime
  ) -> LinkEvent {
    forgetConnection()
    certificateRule = configuration.certificate
    do throws(Connection.Failure) {
      connection = try Connection.open(
        on: board, host: configuration.address.span, port: configuration.mqttPort,
        trust: configuration.certificate.trust, name: configuration.serial.span,
        fingerprint: configuration.pin.span)
      state = .connecting(until: now + Limits.printerOpen)
      return .none
    } catch {
      return fail(board, configuration, now, error.name)
    }
  }

  private mutating func stepConnection(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    _ now: Uptime
  ) -> LinkEvent {
    let connectionState = connection?.state ?? .failed(.unknown)
    if case .failed(let failure) = connectionState {
      switch failure {
      case .tlsUntrusted, .tlsWrongName, .tlsExpired: certificateTrouble = failure
      default: break
      }
      return fail(board, configuration, now, failure.name)
    }
    if connectionState == .opening {
      if case .connecting(let until) = state, until <= now {
        return fail(board, configuration, now, "timed out")
      }
      return .none
    }
    if case .connecting = state {
      sayConnect(configuration, hub)
      state = .handshake(until: now + Limits.printerHandshake)
    }
    if let event = checkTime(board, configuration, hub, now) { return event }
    let event = receive(board, configuration, hub, now)
    guard event == .none else { return event }
    flush()
    // Everything that came before was read; what is left in the inbox will never be whole.
    if connectionState == .peerFinished, moreAt == .never {
      return fail(board, configuration, now, "printer hung up")
    }
    return .none
  }

  private mutating func checkTime(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    _ now: Uptime
  ) -> LinkEvent? {
    if case .handshake(let until) = state {
      return until <= now ? fail(board, configuration, now, "no answer to our greeting") : nil
    }
    guard state == .connected else { return nil }
    if pongBy <= now { return fail(board, configuration, now, "no answer to a ping") }
    if acknowledgeBy <= now { return fail(board, configuration, now, "a command was not taken") }
    if wholeBy <= now {
      badInputCount &+= 1
      return fail(board, configuration, now, "it does not end a packet")
    }
    if wordBy <= now { return fail(board, configuration, now, "it says nothing") }
    if pingAt <= now {
      // No room means that much else is on its way.
      _ = outbox.write { MQTTWriter.pingRequest(into: &$0) }
      pingAt = now + Limits.printerPing
      pongBy = earlier(pongBy, now + Limits.printerPingAnswer)
    }
    if askForAllAt <= now { askForAll(configuration, hub, now) }
    // Where reports tell changes only, what was in a lost one is in no other: a print that paused would
    // be shown as going on for ever.
    if silenceLimit == Limits.silenceAtWork, configuration.reportsChangesOnly, let askedForAllAt,
      now - askedForAllAt >= Limits.wholeReportInterval
    {
      askForAll(configuration, hub, now)
    }
    if wordBy == .never, reportedAt + silenceLimit <= now {
      askWhetherAlive(configuration, hub, now)
    }
    return nil
  }

  mutating func askForAll(
    _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings, _ now: Uptime
  ) {
    guard send(.pushAll, quality: 0, configuration, hub, now) != nil else {
      askForAllAt = now + Limits.printerRetryBase
      return
    }
    askedForAllAt = now
    askForAllAt = .never
    awaitsWhole = true
  }

  /// A report came that does not tell everything. One that should have is lost, it seems: what
  /// changed meanwhile is in no other to come.
  mutating func heardPart() {
    guard awaitsWhole, let askedForAllAt else { return }
    askForAllAt = earlier(askForAllAt, askedForAllAt + Limits.wholeReportAfterConnect)
  }

  /// Asks a printer on whose answer something hangs; without one it is connected anew.
  mutating func askHowItIs(
    _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings, _ now: Uptime
  ) {
    wordBy = earlier(wordBy, now + Limits.silenceAnswer)
    askForAll(configuration, hub, now)
  }

  /// Asks a printer that has been quiet for long; with no word after that it is connected anew.
  private mutating func askWhetherAlive(
    _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings, _ now: Uptime
  ) {
    wordBy = now + Limits.silenceAnswer
    // Where asking for everything again would make the printer lag, its version will do.
    if let askedForAllAt, configuration.reportsChangesOnly,
      now - askedForAllAt < Limits.wholeReportInterval
    {
      send(.getVersion, quality: 0, configuration, hub, now)
    } else {
      askForAll(configuration, hub, now)
    }
  }

  // ------------------------------------------------------------------------------------ the end

  /// Lets go of the connection and waits before the next attempt.
  mutating func fail(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ now: Uptime,
    _ reason: StaticString
  ) -> LinkEvent {
    let pause = retries.failed(
      board, configuration, reason, isCodeWrong: isCodeWrong,
      wasGood: state == .connected && now - openedAt >= Limits.goodConnection)
    forgetConnection()
    state = .waiting(until: has(.givesUpPrinter) ? .never : now + pause)
    return .lost
  }

  private mutating func forgetConnection() {
    connection = nil
    inbox.removeAll()
    outbox.removeAll()
    packets = MQTTReader(publishLimit: Limits.report)
    pingAt = .never
    pongBy = .never
    wordBy = .never
    acknowledgeBy = .never
    askForAllAt = .never
    isInPublish = false
    wholeBy = .never
    newestReport = nil
    oldReports = 0
    awaitsWhole = false
  }
}
