// Following a printer on a WebSocket. Everything is asked for again from time to time: that finds a
// socket that is open and dead, a server that forgot what we follow, and what was missed.

import Wire

extension HTTPLink where Talk: ~Copyable {
  mutating func beginFollowing(
    _ printer: borrowing PrinterConfiguration, _ hub: borrowing Surroundings, _ board: Board,
    _ now: Uptime
  ) {
    isFollowing = true
    isInMessage = false
    socket = WebSocketReader(side: .client, messageLimit: Limits.printerAnswer)
    lookAt = .never
    ask(.greeting, printer, hub, board)
    askForEverything(printer, hub, board, now)
  }

  private mutating func askForEverything(
    _ printer: borrowing PrinterConfiguration, _ hub: borrowing Surroundings, _ board: Board,
    _ now: Uptime
  ) {
    ask(.everything, printer, hub, board)
    followAt = now + Limits.followAgain
    heardBy = now + Limits.followAnswer
  }

  private mutating func ask(
    _ question: SocketQuestion, _ printer: borrowing PrinterConfiguration,
    _ hub: borrowing Surroundings, _ board: Board
  ) {
    var writer = hub.writer()
    writer.json { talk.writeQuestion(question, printer.accessCode.span, report, into: &$0) }
    // With no room it is not heard, which is noticed.
    _ = say(writer, board)
  }

  private mutating func say(_ writer: borrowing ByteWriter, _ board: Board) -> Bool {
    guard !writer.overflowed else { return false }
    let mask = board.entropy
    let hasRoom = client.outbox.write {
      WebSocketWriter.text(writer.written, mask: mask, into: &$0)
    }
    flush()
    return hasRoom
  }

  private mutating func flush() {
    guard !client.outbox.isEmpty else { return }
    _ = client.connection?.send(from: &client.outbox)
  }

  /// One step on the socket; answers also whether nothing more can be done now.
  mutating func follow(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ job: borrowing PrintJob,
    _ hub: borrowing Surroundings, _ now: Uptime
  ) -> (LinkEvent, Bool) {
    flush()
    let streamState = client.connection?.state ?? .failed(.unknown)
    if case .failed = streamState {
      leaveSocket(board, now)
      return (.none, false)
    }
    giveOrders(job, hub, board, now)
    let isDone = readFrames(board, printer, hub, now)
    guard isFollowing, isDone else { return (.none, false) }
    let count = client.connection?.read(into: &client.inbox) ?? 0
    if count > 0 { return (.none, false) }
    if streamState == .peerFinished || heardBy <= now {
      leaveSocket(board, now)
      return (.none, false)
    }
    if followAt <= now { askForEverything(printer, hub, board, now) }
    return (.none, true)
  }

  private mutating func giveOrders(
    _ job: borrowing PrintJob, _ hub: borrowing Surroundings, _ board: Board, _ now: Uptime
  ) {
    guard isConnected, client.outbox.isEmpty else { return }
    if isStartQueued {
      give(nil, startSequence, job, hub, board)
      isStartQueued = false
    } else if let order = orders.next(now: now, holdsResume: talk.holdsResume) {
      give(order.order, order.sequence, job, hub, board)
      orders.drop(order)
    }
  }

  private mutating func give(
    _ order: PlainOrder?, _ sequence: UInt32, _ job: borrowing PrintJob,
    _ hub: borrowing Surroundings, _ board: Board
  ) {
    let file = job.remoteName
    var writer = hub.writer()
    writer.json {
      talk.writeSocketOrder(
        order, id: Int(sequence), lines: orders.lines.span, file: file.span, into: &$0)
    }
    _ = say(writer, board)
  }

  /// Reads up to the first message that matters; answers whether more bytes are needed.
  private mutating func readFrames(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    _ now: Uptime
  ) -> Bool {
    do throws(WebSocketError) {
      while true {
        switch try socket.next(client.inbox) {
        case .needsMore:
          return true
        case .message(_, let used):
          client.inbox.consume(used)
          json.begin()
          report.removeAll()
          isBodyGood = true
        case .payload(let range, let endsMessage, let used):
          readPayload(range)
          client.inbox.consume(used)
          guard endsMessage else { continue }
          hear(board, printer, hub, now)
          if answer != nil || hasReport || !isFollowing { return false }
        case .ping(let range, let used):
          var echo = Text<125>()
          echo.set(client.inbox.pending.extracting(range))
          client.inbox.consume(used)
          let mask = board.entropy
          _ = client.outbox.write { WebSocketWriter.pong(echo.span, mask: mask, into: &$0) }
        case .pong(_, let used):
          client.inbox.consume(used)
        case .close:
          leaveSocket(board, now)
          return false
        }
      }
    } catch {
      badInputCount &+= 1
      leaveSocket(board, now)
      return false
    }
  }

  private mutating func readPayload(_ range: Range<Int>) {
    let wasGood = isBodyGood
    read(range)
    if wasGood, !isBodyGood { badInputCount &+= 1 }
  }

  private mutating func hear(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    _ now: Uptime
  ) {
    guard isBodyGood else { return }
    switch talk.heard(report, now: now) {
    case .nothing:
      break
    case .news:
      hasReport = true
    case .all:
      hasReport = true
      heardBy = .never
      missed = 0
    case .answer(let sequence):
      answer = (
        UInt32(truncatingIfNeeded: sequence), report.hasFailed ? .printerRefused : .success
      )
      // What came of it shows in what is told next; that may get lost.
      followAt = earlier(followAt, now + Limits.pollAfterOrder)
    case .followAgain:
      askForEverything(printer, hub, board, now)
    case .askAround:
      leaveSocket(board, now)
      return
    }
    if talk.takeFileQuestion() { ask(.file, printer, hub, board) }
  }

  /// Goes back to asking, at once; the socket is tried again when that works, after a while.
  private mutating func leaveSocket(_ board: Board, _ now: Uptime) {
    isFollowing = false
    followAt = .never
    heardBy = .never
    client.close()
    exchange = .none
    lookAt = now
    socketAt = now + Limits.printerRetryBase + retries.next(on: board)
  }
}
