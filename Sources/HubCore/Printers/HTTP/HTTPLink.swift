// The hub's connection to a printer behind an HTTP server, whatever the server's kind.
//
//     waiting --time--> connecting --stream is open--> handshake --the printer is there--> connected
//        ^                  |                          |      ^                              |
//        |                  |                          |      '--- server yes, printer no ---|
//        '------------------+--------------------------+----- wrong key, nobody answers -----'
//
// It looks at the printer again and again, often while it prints. Orders go before looks; each is
// made on a stream of its own, so that none can be done twice because a kept one broke. One look
// that fails is made again; only the second one in a row means that the printer is lost. Kinds that
// tell by themselves what has changed are followed on a socket, see `HTTPLink+Socket`.

import Wire

/// Keeps one printer in sight that speaks `Talk`.
struct HTTPLink<Talk: PrinterTalk & ~Copyable>: ~Copyable {
  /// What the client is at.
  enum Exchange: Equatable {
    case none
    case question(Talk.Question)
    case order(QueuedOrder)
    case start
    case upgrade
  }

  let pinned = Pinned()
  var state = LinkState.offline
  var client: HTTPClient
  var json: PathReader
  var report = PolledReport()
  var talk = Talk()
  var exchange = Exchange.none
  /// The request of the exchange was handed to the stream.
  var isAsked = false
  var isBodyGood = true
  var orders = OrderQueue()
  /// A print is to be started, and the printer was not told yet.
  var startSequence: UInt32 = 0
  var isStartQueued = false
  /// The printer did not find the file of a start, and is looked at before it is told once more.
  private var isStartHeld = false
  private var startsUnfound: UInt8 = 0
  var lastSequence: UInt32 = 0

  var retries = Retries()
  var absence = Absence.none
  var badInputCount: UInt32 = 0
  var openedAt = Uptime.start

  /// When the printer is looked at next, and how long between two looks.
  var lookAt = Uptime.never
  var interval = Limits.pollAtRest
  var isGreeting = true
  var missed = 0
  /// A look or message is to be laid on.
  var hasReport = false
  /// What became of an order; the report has the words.
  var answer: (sequence: UInt32, outcome: CommandOutcome)?
  /// When there is more to read than one step may.
  var moreAt = Uptime.never

  // The socket.
  var socket = WebSocketReader(side: .client, messageLimit: Limits.printerAnswer)
  var isFollowing = false
  var socketAt = Uptime.start
  /// When everything is asked for again, and by when an answer to that must be there.
  var followAt = Uptime.never
  var heardBy = Uptime.never
  var isInMessage = false

  init(_ room: borrowing LinkRoom) {
    client = unsafe HTTPClient(inbox: room.inbox, outbox: room.outbox, door: room.door)
    json = unsafe PathReader(scratch: room.scratch)
  }

  var problem: StaticString? { absence.text }
  var isCodeWrong: Bool { absence == .wrongKey }
  var isConnected: Bool { state == .connected }
  var hasConnection: Bool { client.connection != nil }

  /// When the link will change by itself.
  var turn: Turn {
    switch state {
    case .offline: return .asleep
    case .waiting(let until): return .until(until)
    case .connecting, .handshake, .connected:
      let due = dueAt
      let next = isReadyForOrder ? .start : earlier(moreAt, due)
      return Turn(next: next, promise: due)
    }
  }

  private var dueAt: Uptime {
    if isFollowing { return earlier(followAt, heardBy) }
    return exchange == .none ? lookAt : client.deadline
  }

  private var isReadyForOrder: Bool {
    isConnected && (isStartQueued || orders.isReady(holdsResume: talk.holdsResume))
      && (isFollowing || exchange == .none)
  }

  // --------------------------------------------------------------------------- from the outside

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

  mutating func doorChanged(now: Uptime) -> Bool {
    let wasConnected = isConnected
    forgetConnection()
    if state != .offline { state = .waiting(until: now) }
    absence = .none
    retries.reset()
    return wasConnected
  }

  mutating func expectReports(atWork: Bool) {
    let wanted = atWork ? Limits.pollAtWork : Limits.pollAtRest
    guard wanted != interval else { return }
    interval = wanted
  }

  /// Takes an order; what comes of it is in a report later.
  mutating func send(
    _ order: ControlOrder, _ details: borrowing OrderDetails, now: Uptime
  ) -> Sending {
    if let what = talk.unsupported(order) { return .unsupported(what) }
    lastSequence &+= 1
    guard state == .connected, let order = PlainOrder(order),
      orders.add(order, lastSequence, details, now: now)
    else { return .noRoom }
    moreAt = now
    return .sent(sequence: lastSequence)
  }

  /// Takes the start of a print; answers its number, or nil when there is no connection or it is too
  /// early.
  mutating func start(now: Uptime) -> UInt32? {
    guard state == .connected, talk.startsAt <= now else { return nil }
    lastSequence &+= 1
    startSequence = lastSequence
    isStartQueued = true
    startsUnfound = 0
    moreAt = now
    return startSequence
  }

  /// Whether the printer was certainly not told, or did not find the file; it will not be told any
  /// more, either.
  mutating func takeBackStart() -> Bool {
    defer {
      isStartQueued = false
      isStartHeld = false
    }
    return isStartQueued || isStartHeld
  }

  /// Lays what was read over what is known.
  mutating func lay(over status: inout PrinterStatus) -> LinkReport {
    var result = LinkReport()
    if let (sequence, outcome) = answer {
      answer = nil
      result.answer = LinkAnswer(
        sequence: sequence, outcome: outcome, isStart: sequence == startSequence,
        remark: report.remark)
      return result
    }
    hasReport = false
    result.isStatus = true
    result.isChanged = talk.lay(report, over: &status)
    result.saysState = status.state != .unknown
    return result
  }

  // -------------------------------------------------------------------------------------- step

  /// Does what can be done now, up to the first thing that the slot has to know of.
  mutating func step(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ job: borrowing PrintJob,
    _ hub: borrowing Surroundings, now: Uptime
  ) -> LinkEvent {
    switch state {
    case .offline: return .none
    case .waiting(let until):
      guard until <= now else { return .none }
      state = .connecting(until: now + Limits.printerOpen)
      isGreeting = true
      lookAt = now
    case .connecting, .handshake, .connected: break
    }
    moreAt = .never
    for _ in 0..<Limits.roundsPerStep {
      if answer != nil || hasReport, isConnected { return .report }
      let (event, isAtRest) =
        isFollowing
        ? follow(board, printer, job, hub, now) : converse(board, printer, job, hub, now)
      if event != .none { return event }
      if isAtRest { return .none }
    }
    moreAt = now
    return .none
  }

  /// One step of the conversation; answers also whether nothing more can be done now.
  private mutating func converse(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ job: borrowing PrintJob,
    _ hub: borrowing Surroundings, _ now: Uptime
  ) -> (LinkEvent, Bool) {
    if exchange == .none {
      guard choose(now) else {
        _ = client.step(board, printer, now: now)
        return (.none, true)
      }
      begin(board, printer, now)
    }
    switch client.step(board, printer, now: now) {
    case .none:
      return (.none, true)
    case .wantsRequest:
      if case .connecting = state { state = .handshake(until: now + Limits.printerHandshake) }
      sendRequest(board, printer, job, hub, now)
    case .body(let range):
      read(range)
      client.take()
    case .answered:
      return (answered(board, printer, now), false)
    case .upgraded:
      exchange = .none
      beginFollowing(printer, hub, board, now)
    case .failed(let trouble):
      return (troubled(trouble, board, printer, now), false)
    }
    return (.none, false)
  }

  /// Chooses what to do next; false when there is nothing to do now.
  private mutating func choose(_ now: Uptime) -> Bool {
    // How the printer is now is seen first, if it is time to look.
    if isConnected, isStartQueued, lookAt > now {
      exchange = .start
    } else if isConnected, let order = orders.next(now: now, holdsResume: talk.holdsResume) {
      exchange = .order(order)
    } else if isConnected, missed == 0, talk.wantsSocket, socketAt <= now {
      exchange = .upgrade
    } else if lookAt <= now {
      report.removeAll()
      exchange = .question(talk.begin(isGreeting: isGreeting))
    } else {
      return false
    }
    return true
  }

  private mutating func begin(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ now: Uptime
  ) {
    isAsked = false
    isBodyGood = true
    json.begin()
    if case .question = exchange {
    } else {
      report.removeAll()
      client.close()
    }
    client.begin(board, printer, now: now)
  }

  private mutating func sendRequest(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ job: borrowing PrintJob,
    _ hub: borrowing Surroundings, _ now: Uptime
  ) {
    var request = HTTPRequest(hub.writer())
    var limit = Limits.printerAnswerTime
    switch exchange {
    case .none: return
    case .question(let question): talk.write(question, report, into: &request)
    case .order(let order):
      limit = Limits.orderAnswer
      guard talk.write(order.order, lines: orders.lines.span, into: &request) else {
        orders.drop(order)
        report.remark = Remark("there is no print")
        answer = (order.sequence, .printerRefused)
        exchange = .none
        client.close()
        return
      }
    case .start:
      // It may have been taken back meanwhile, or somebody at the printer was faster. The same
      // request is written once more where a proof was wanted.
      guard isStartQueued || isAsked, job.phase == .starting else {
        isStartQueued = false
        exchange = .none
        client.close()
        return
      }
      let file = job.remoteName
      talk.writeStart(of: file.span, in: client.storage, into: &request)
    case .upgrade: talk.writeUpgrade(into: &request)
    }
    json.begin()
    isBodyGood = true
    client.send(request, board, printer, limit: limit, now: now)
    isAsked = true
    // From here on nobody can say that the printer has not heard it.
    if exchange == .start { isStartQueued = false }
  }

  mutating func read(_ range: Range<Int>) {
    guard isBodyGood else { return }
    var position = 0
    do throws(JSONError) {
      while let token = try json.next(range, of: client.inbox, at: &position) {
        talk.take(token, json, into: &report)
      }
    } catch {
      isBodyGood = false
    }
  }

  // ------------------------------------------------------------------------------------ answers

  private mutating func answered(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ now: Uptime
  ) -> LinkEvent {
    let status = client.status
    let isSuccess = status >= 200 && status < 300
    let ended = exchange
    exchange = .none
    switch ended {
    case .none: return .none
    case .upgrade:
      // It gives an answer where it should give a socket: then it is asked again and again.
      socketAt = now + Limits.socketAgain
      lookAt = now
    case .order(let order):
      orders.drop(order)
      lookAt = now + Limits.pollAfterOrder
      let outcome: CommandOutcome =
        isSuccess
        ? .success
        : talk.refusal(of: order.order, status: status)
          ?? (status == 401 || status == 403 ? .wrongKey : .printerRefused)
      settle(order.sequence, outcome, status)
    case .start:
      if status == 404, Talk.findsFilesLate {
        guard startsUnfound == Limits.startsUnfound else {
          if startsUnfound == 0 {
            board.log(.information) {
              $0.put("printer ")
              $0.put(printer.serial.span)
              $0.put(": does not find the file yet")
            }
          }
          startsUnfound += 1
          isStartHeld = true
          lookAt = now + Limits.startAgain
          return .none
        }
        report.remark = Remark("it does not find the file: is its drive still there?")
      }
      lookAt = now + Limits.pollAfterOrder
      settle(startSequence, isSuccess ? .success : .printerRefused, status)
    case .question(let question):
      return look(question, status, board, printer, now)
    }
    return .none
  }

  /// Notes what became of an order. The words for a refusal are the server's own, or at least its
  /// number.
  private mutating func settle(_ sequence: UInt32, _ outcome: CommandOutcome, _ status: UInt16) {
    answer = (sequence, outcome)
    guard report.remark.isEmpty else { return }
    report.remark.write {
      $0.put("HTTP ")
      $0.put(decimal: Int(status))
    }
  }

  private mutating func look(
    _ question: Talk.Question, _ status: UInt16, _ board: Board,
    _ printer: borrowing PrinterConfiguration, _ now: Uptime
  ) -> LinkEvent {
    if isBodyGood, status == 200 {
      do throws(JSONError) { try json.finish() } catch { isBodyGood = false }
    }
    if status == 200, !isBodyGood {
      badInputCount &+= 1
      return miss("its answer is no JSON", board, printer, now)
    }
    switch talk.answered(question, status: status, &report, now: now) {
    case .ask(let next):
      exchange = .question(next)
      begin(board, printer, now)
      return .none
    case .whole:
      missed = 0
      isGreeting = false
      absence = .none
      retries.codeWasRight()
      hasReport = true
      if isStartHeld {
        isStartHeld = false
        isStartQueued = true
      }
      if report.storage.isKnown { client.storage = report.storage.path }
      lookAt = now + interval
      guard state != .connected else { return .none }
      state = .connected
      openedAt = now
      return .connected
    case .away(let reason):
      missed = 0
      lookAt = now + Limits.pollAtRest
      return isAway(reason, now)
    case .wrongKey:
      absence = .wrongKey
      return fail(board, printer, now, "wrong key or password")
    case .missed:
      return miss("it does not answer as it should", board, printer, now)
    }
  }

  /// The server is there, and its printer is not.
  mutating func isAway(_ reason: Absence, _ now: Uptime) -> LinkEvent {
    absence = reason
    let wasConnected = isConnected
    state = .handshake(until: lookAt)
    guard wasConnected else { return .none }
    orders.removeAll()
    return .lost
  }

  private mutating func miss(
    _ reason: StaticString, _ board: Board, _ printer: borrowing PrinterConfiguration,
    _ now: Uptime
  ) -> LinkEvent {
    missed += 1
    guard state == .connected, missed < Limits.missedPolls else {
      return fail(board, printer, now, reason)
    }
    client.close()
    lookAt = now + Limits.pollAfterOrder
    return .none
  }

  private mutating func troubled(
    _ trouble: HTTPTrouble, _ board: Board, _ printer: borrowing PrinterConfiguration,
    _ now: Uptime
  ) -> LinkEvent {
    let ended = exchange
    exchange = .none
    switch trouble {
    case .stream(.tlsUntrusted): absence = .otherCertificate
    case .stream(.tlsExpired): absence = .oldCertificate
    default: break
    }
    if trouble.isBadInput { badInputCount &+= 1 }
    switch ended {
    case .upgrade:
      socketAt = now + Limits.socketAgain
      lookAt = now
      return .none
    case .order(let order):
      orders.drop(order)
      answer = (order.sequence, isAsked ? .printerSilent : .printerNotConnected)
      lookAt = now
    case .start where !isAsked:
      return fail(board, printer, now, trouble.name)
    case .start:
      lookAt = now
    case .none, .question:
      return miss(trouble.name, board, printer, now)
    }
    return .none
  }

  // ------------------------------------------------------------------------------------ the end

  mutating func fail(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ now: Uptime,
    _ reason: StaticString
  ) -> LinkEvent {
    let pause = retries.failed(
      board, printer, reason, isCodeWrong: isCodeWrong,
      wasGood: state == .connected && now - openedAt >= Limits.goodConnection)
    forgetConnection()
    if !absence.isForPeople { absence = .none }
    state = .waiting(until: now + pause)
    return .lost
  }

  private mutating func forgetConnection() {
    client.close()
    exchange = .none
    isFollowing = false
    followAt = .never
    heardBy = .never
    lookAt = .never
    hasReport = false
    answer = nil
    missed = 0
    orders.removeAll()
  }
}
