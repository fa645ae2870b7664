// What comes from the cloud: the answer to the upgrade, frames, and in them commands and pieces of
// files.

import Wire

extension CloudLink {
  /// Reads until nothing is there, until a command is whole, or until others have waited enough.
  mutating func receive(
    _ board: Board, _ settings: borrowing Settings, _ now: Uptime
  ) -> Event {
    for _ in 0..<Limits.roundsPerStep {
      let event = readInbox(board, settings, now)
      guard event == .none else { return event }
      guard let count = connection?.read(into: &inbox), count > 0 else {
        watchMessage(now)
        return .none
      }
      pongBy = .never
    }
    moreAt = now
    return readInbox(board, settings, now)
  }

  /// A message that never ends swallows all that follows, and looks like a lively cloud.
  private mutating func watchMessage(_ now: Uptime) {
    if inbox.isEmpty, !isInMessage {
      wholeBy = .never
    } else if wholeBy == .never {
      wholeBy = now + Limits.wholeMessage
    }
  }

  private mutating func readInbox(
    _ board: Board, _ settings: borrowing Settings, _ now: Uptime
  ) -> Event {
    if case .upgrading = state {
      do throws(CloudHandshake.Failure) {
        guard try handshake.read(&inbox, &http) else { return .none }
      } catch {
        if error.isBadInput { badInputCount &+= 1 }
        return fail(board, now, error.name)
      }
      guard sayHello(board, settings, now) else { return fail(board, now, "hello too long") }
      state = .greeting(until: now + Limits.cloudGreeting)
    }
    return readFrames(board, now)
  }

  private mutating func readFrames(_ board: Board, _ now: Uptime) -> Event {
    dropPiece()
    do throws(WebSocketError) {
      while !inbox.isEmpty {
        switch try webSocket.next(inbox) {
        case .needsMore:
          return .none
        case .message(let isText, let used):
          inbox.consume(used)
          guard isText || state == .open else {
            return refuse(board, now, 1002, "cloud spoke before its hello")
          }
          isInMessage = true
          isInBinary = !isText
          if isText { commands.begin() } else { pieces.begin() }
        case .payload(let range, let endsMessage, let used) where isInBinary:
          if endsMessage {
            isInMessage = false
            wholeBy = .never
          }
          if pieces.take(range, of: inbox, endsMessage: endsMessage) {
            pieceUsed = used
            return .piece
          }
          inbox.consume(used)
        case .payload(let range, let endsMessage, let used):
          do throws(JSONError) {
            // Frames from the cloud are not masked, so their bytes can be read where they are.
            try commands.read(range, of: inbox)
            if endsMessage { try commands.finish() }
          } catch {
            return refuse(board, now, 1007, error.name)
          }
          inbox.consume(used)
          guard endsMessage else { continue }
          isInMessage = false
          wholeBy = .never
          if let event = messageIsWhole(board, now) { return event }
        case .ping(let range, let used):
          answerPing(board, range)
          inbox.consume(used)
        case .pong(_, let used):
          inbox.consume(used)
        case .close(let code, _, let used):
          inbox.consume(used)
          return closed(board, now, code: code)
        }
      }
      return .none
    } catch {
      return refuse(board, now, error.closeCode, error.name)
    }
  }

  private mutating func dropPiece() {
    guard pieceUsed > 0 else { return }
    inbox.consume(pieceUsed)
    pieceUsed = 0
  }

  private mutating func messageIsWhole(_ board: Board, _ now: Uptime) -> Event? {
    guard commands.command.kind == .cloudHello else {
      // Nobody may command a hub before saying hello.
      if state == .open { return .command }
      return refuse(board, now, 1002, "cloud spoke before its hello")
    }
    servesPieces = commands.command.servesPieces
    let wanted = commands.command.heartbeatSeconds
    heartbeat = Limits.heartbeatDefault
    if wanted > 0, wanted < 1_000 {
      heartbeat = UInt64(widening: UInt32(truncatingIfNeeded: wanted)) * 1_000
      if heartbeat < Limits.heartbeatShortest { heartbeat = Limits.heartbeatShortest }
      if heartbeat > Limits.heartbeatLongest { heartbeat = Limits.heartbeatLongest }
    }
    pingAt = now + heartbeat
    pongBy = .never
    openedAt = now
    isRefused = false
    claimRefusal = nil
    connectCount &+= 1
    state = .open
    return .greeted
  }
}
