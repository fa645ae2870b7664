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
  /// Where the connection stands.
  enum State: Equatable {
    case offline
    case waiting(until: Uptime)
    case connecting(until: Uptime)
    case handshake(until: Uptime)
    case connected
  }

  /// What a step brought about.
  enum Event: Equatable {
    case none
    case connected
    case lost
    /// `reader.report` holds a report that is to be used before the next step.
    case report
  }

  private let pinned = Pinned()
  private(set) var state = State.offline
  private var connection: Connection?
  private var inbox: ByteQueue
  private var outbox: ByteQueue
  private var packets = MQTTReader(publishLimit: Limits.report)
  private(set) var reader: BambuReportReader
  /// Whether the publish under way is a report of our printer.
  private var isReport = false
  private var mustAcknowledge: UInt16 = 0

  private var backoff = Backoff(base: Limits.printerRetryBase, cap: Limits.printerRetryCap)
  private var wrongCodeBackoff = Backoff(base: Limits.wrongCodeRetry, cap: Limits.wrongCodeRetryCap)
  /// The printer refused the access code: somebody has to look at its screen.
  private(set) var isCodeWrong = false
  private(set) var badInputCount: UInt32 = 0

  /// When there is more to read than one step may; the stream will not say so again.
  private var moreAt = Uptime.never
  private var openedAt = Uptime.start
  private var pingAt = Uptime.never
  private var pongBy = Uptime.never
  private var reportedAt = Uptime.start
  private var askedForAllAt: Uptime?
  /// When everything is to be asked for; never, unless a new connection wants it.
  private var askForAllAt = Uptime.never
  /// By when a printer that was asked must have said something.
  private var wordBy = Uptime.never
  private var silenceLimit = Limits.silenceAtRest

  private var lastSequence: UInt32 = 0
  private var lastPacketID: UInt16 = 0
  /// Packets that want an acknowledgement: the number of the newest and by when it is due.
  private var unacknowledged: UInt16 = 0
  private var acknowledgeBy = Uptime.never
  /// How many bytes of the outbox must leave until the start of a print is out of our hands.
  private var startBytesLeft = 0

  /// Carves the connection's memory out of `region`.
  init(_ region: inout Region) {
    inbox = unsafe ByteQueue(region.bytes(Limits.printerInbox))
    outbox = unsafe ByteQueue(region.bytes(Limits.printerOutbox))
    reader = unsafe BambuReportReader(scratch: region.bytes(Limits.reportScratch))
  }

  /// What `init` carves.
  static let memory =
    Region.cost(Limits.printerInbox) + Region.cost(Limits.printerOutbox)
    + Region.cost(Limits.reportScratch)

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
    earlier(earlier(earlier(pingAt, pongBy), earlier(silentAt, acknowledgeBy)), askForAllAt)
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
    askedForAllAt = nil
    backoff.reset()
    wrongCodeBackoff.reset()
    return wasConnected
  }

  /// How soon silence is strange: much sooner while something is being printed.
  mutating func expectReports(atWork: Bool) {
    silenceLimit = atWork ? Limits.silenceAtWork : Limits.silenceAtRest
  }

  // -------------------------------------------------------------------------------------- step

  /// Does what can be done now, up to the first thing that the slot has to know of.
  mutating func step(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    now: Uptime
  ) -> Event {
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
  ) -> Event {
    forgetConnection()
    do throws(Connection.Failure) {
      connection = try Connection.open(
        on: board, host: configuration.address.span, port: configuration.mqttPort,
        trust: .commonName, name: configuration.serial.span)
      state = .connecting(until: now + Limits.printerOpen)
      return .none
    } catch {
      return fail(board, configuration, now, error.name)
    }
  }

  private mutating func stepConnection(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    _ now: Uptime
  ) -> Event {
    let connectionState = connection?.state ?? .failed(.unknown)
    if case .failed(let failure) = connectionState {
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
    if connectionState == .peerFinished, inbox.isEmpty {
      return fail(board, configuration, now, "printer hung up")
    }
    return .none
  }

  private mutating func checkTime(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    _ now: Uptime
  ) -> Event? {
    if case .handshake(let until) = state {
      return until <= now ? fail(board, configuration, now, "no answer to our greeting") : nil
    }
    guard state == .connected else { return nil }
    if pongBy <= now { return fail(board, configuration, now, "no answer to a ping") }
    if acknowledgeBy <= now { return fail(board, configuration, now, "a command was not taken") }
    if wordBy <= now { return fail(board, configuration, now, "it says nothing") }
    if pingAt <= now {
      // No room means that much else is on its way.
      _ = outbox.write { MQTTWriter.pingRequest(into: &$0) }
      pingAt = now + Limits.printerPing
      pongBy = earlier(pongBy, now + Limits.printerPingAnswer)
    }
    if askForAllAt <= now { askForAll(configuration, hub, now) }
    if wordBy == .never, reportedAt + silenceLimit <= now {
      askWhetherAlive(configuration, hub, now)
    }
    return nil
  }

  private mutating func askForAll(
    _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings, _ now: Uptime
  ) {
    guard send(.pushAll, quality: 0, configuration, hub, now) else {
      askForAllAt = now + Limits.printerRetryBase
      return
    }
    askedForAllAt = now
    askForAllAt = .never
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
      _ = send(.getVersion, quality: 0, configuration, hub, now)
    } else {
      askForAll(configuration, hub, now)
    }
  }

  // ----------------------------------------------------------------------------------- receive

  private mutating func receive(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    _ now: Uptime
  ) -> Event {
    moreAt = .never
    for _ in 0..<Limits.roundsPerStep {
      let event = readPackets(board, configuration, hub, now)
      guard event == .none else { return event }
      guard let count = connection?.read(into: &inbox), count > 0 else { return .none }
      pongBy = .never
    }
    moreAt = now
    return readPackets(board, configuration, hub, now)
  }

  private mutating func readPackets(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    _ now: Uptime
  ) -> Event {
    do throws(MQTTError) {
      while !inbox.isEmpty {
        switch try packets.next(inbox) {
        case .needsMore:
          return .none
        case .connectAcknowledged(let code, _, let used):
          inbox.consume(used)
          return welcomed(board, configuration, hub, now, code: code)
        case .publish(let header, let used):
          isReport = isTopicOfReports(inbox.pending.extracting(header.topic), configuration)
          mustAcknowledge = header.qos == 1 ? header.packetID : 0
          if isReport { reader.begin() }
          inbox.consume(used)
        case .payload(let range, let isLast, let used):
          if isReport {
            do throws(JSONError) {
              try reader.read(range, of: inbox)
              if isLast { try reader.finish() }
            } catch {
              badInputCount &+= 1
              return fail(board, configuration, now, error.name)
            }
          }
          inbox.consume(used)
          if isLast, let event = publishIsWhole(now) { return event }
        case .publishAcknowledged(let packetID, let used):
          inbox.consume(used)
          if packetID == unacknowledged { acknowledgeBy = .never }
        case .subscribeAcknowledged(_, let codes, let used):
          let isRefused = codes.isEmpty || inbox.pending[codes.lowerBound] > 2
          inbox.consume(used)
          if isRefused {
            return fail(board, configuration, now, "it does not let us hear its reports")
          }
        case .pingResponse(let used), .unsubscribeAcknowledged(_, let used),
          .publishReceived(_, let used), .publishRelease(_, let used),
          .publishComplete(_, let used):
          inbox.consume(used)
        case .connect, .subscribe, .unsubscribe, .pingRequest, .disconnect:
          badInputCount &+= 1
          return fail(board, configuration, now, "it speaks like a client")
        }
      }
      return .none
    } catch {
      badInputCount &+= 1
      return fail(board, configuration, now, error.name)
    }
  }

  /// Whether a topic is `device/{serial}/report`.
  private func isTopicOfReports(
    _ topic: Span<UInt8>, _ configuration: borrowing PrinterConfiguration
  ) -> Bool {
    let expected = topicName(configuration, "/report")
    return equals(topic, expected.span)
  }

  private mutating func publishIsWhole(_ now: Uptime) -> Event? {
    if mustAcknowledge != 0 {
      let packetID = mustAcknowledge
      // With no room the broker sends it again.
      _ = outbox.write { MQTTWriter.publishAcknowledge(packetID: packetID, into: &$0) }
    }
    guard isReport else { return nil }
    reportedAt = now
    wordBy = .never
    return .report
  }

  /// The broker has answered our CONNECT.
  private mutating func welcomed(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    _ now: Uptime, code: UInt8
  ) -> Event {
    guard case .handshake = state else {
      badInputCount &+= 1
      return fail(board, configuration, now, "it welcomed us twice")
    }
    guard code == 0 else {
      isCodeWrong = code == 4 || code == 5
      return fail(
        board, configuration, now, isCodeWrong ? "wrong access code" : "it takes no more clients")
    }
    isCodeWrong = false
    wrongCodeBackoff.reset()
    state = .connected
    openedAt = now
    reportedAt = now
    wordBy = .never
    pingAt = now + Limits.printerPing
    let topic = topicName(configuration, "/report")
    let packetID = nextPacketID()
    let hasRoom = outbox.write {
      MQTTWriter.subscribe(packetID: packetID, filter: topic.span, qos: 0, into: &$0)
    }
    guard hasRoom, send(.getVersion, quality: 0, configuration, hub, now) else {
      return fail(board, configuration, now, "no room for our greeting")
    }
    // What changed while nobody listened is in no delta to come. A connection that flaps must not
    // make the printer lag, though.
    askForAllAt = now
    if let askedForAllAt, configuration.reportsChangesOnly,
      now - askedForAllAt < Limits.wholeReportAfterConnect
    {
      askForAllAt = askedForAllAt + Limits.wholeReportAfterConnect
    } else {
      askForAll(configuration, hub, now)
    }
    flush()
    return .connected
  }

  // -------------------------------------------------------------------------------------- send

  private mutating func sayConnect(
    _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings
  ) {
    // The id is the same each time, so that a new connection ends a dead one of ours instead of
    // taking another of the few places that a printer has.
    let clientID = hub.clientID
    let user = Text<8>("bblp")
    _ = outbox.write {
      MQTTWriter.connect(
        clientID: clientID.span, userName: user.span, password: configuration.accessCode.span,
        keepAliveSeconds: Limits.printerKeepAliveSeconds, into: &$0)
    }
    flush()
  }

  /// Sends a command; false when there is no connection or no room.
  mutating func send(
    _ command: BambuCommand, quality: UInt8, _ configuration: borrowing PrinterConfiguration,
    _ hub: borrowing Surroundings, _ now: Uptime
  ) -> Bool {
    guard state == .connected else { return false }
    lastSequence &+= 1
    let sequence = lastSequence
    var writer = hub.writer()
    writer.json { command.write(sequence: sequence, into: &$0) }
    return publish(writer.written, quality: quality, configuration, now)
  }

  /// Sends the start of a print; answers its sequence number, or nil when there is no connection
  /// or no room.
  mutating func sendProjectFile(
    _ job: borrowing PrintJob, _ configuration: borrowing PrinterConfiguration,
    _ hub: borrowing Surroundings, _ now: Uptime
  ) -> UInt32? {
    guard state == .connected else { return nil }
    lastSequence &+= 1
    let sequence = lastSequence
    var writer = hub.writer()
    var json = JSONWriter(writer)
    BambuCommand.writeProjectFile(job, sequence: sequence, into: &json)
    writer = json.finish()
    guard !writer.overflowed, publish(writer.written, quality: 1, configuration, now)
    else { return nil }
    startBytesLeft = outbox.count
    flush()
    return sequence
  }

  /// Whether the last byte of the start of a print has been handed to the stream. Until then it is
  /// certain that the printer has not got it.
  var isStartOutOfHand: Bool { startBytesLeft == 0 }

  private mutating func publish(
    _ payload: Span<UInt8>, quality: UInt8, _ configuration: borrowing PrinterConfiguration, _ now: Uptime
  ) -> Bool {
    let topic = topicName(configuration, "/request")
    let packetID = quality == 0 ? 0 : nextPacketID()
    let hasRoom = outbox.write {
      MQTTWriter.publish(
        topic: topic.span, payload: payload, qos: quality, packetID: packetID, retain: false,
        into: &$0)
    }
    guard hasRoom else { return false }
    if quality > 0 {
      unacknowledged = packetID
      acknowledgeBy = now + Limits.printerAcknowledgement
    }
    return true
  }

  /// Hands the stream what it takes now.
  mutating func flush() {
    guard !outbox.isEmpty, let sent = connection?.send(from: &outbox) else { return }
    startBytesLeft = startBytesLeft > sent ? startBytesLeft - sent : 0
  }

  private mutating func nextPacketID() -> UInt16 {
    lastPacketID = lastPacketID == .max ? 1 : lastPacketID + 1
    return lastPacketID
  }

  private func topicName(
    _ configuration: borrowing PrinterConfiguration, _ end: StaticString
  ) -> Text<48> {
    var topic = Text<48>()
    topic.write {
      $0.put("device/")
      $0.put(configuration.serial.span)
      $0.put(end)
    }
    return topic
  }

  // ------------------------------------------------------------------------------------ the end

  /// Lets go of the connection and waits before the next attempt.
  private mutating func fail(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ now: Uptime, _ reason: StaticString
  ) -> Event {
    if state == .connected, now - openedAt >= Limits.goodConnection { backoff.reset() }
    let pause =
      isCodeWrong
      ? Limits.wrongCodeRetry + wrongCodeBackoff.next(on: board) : backoff.next(on: board)
    board.log(.warning) {
      $0.put("printer ")
      $0.put(configuration.serial.span)
      $0.put(": ")
      $0.put(reason)
      $0.put(", next attempt in ")
      $0.put(decimal64: pause)
      $0.put(" ms")
    }
    forgetConnection()
    state = .waiting(until: now + pause)
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
  }
}
