import CLinux
import Glibc
import World

extension LiveStream {
  /// One turn of an open stream. Reading comes first: what a handler answers leaves at once, and
  /// what the far end said before it broke the stream is heard.
  func exchange() {
    let readFailure = receiveWhatFits()
    deliverWhatIsUnheard()
    guard phase == .open else { return }
    if let readFailure { return fail(readFailure) }

    if let writeFailure = sendWhatGoes() { return fail(writeFailure) }
    if owesWritable && unsent.freeCount >= StreamBuffer.limit / 2 && !endIsAsked {
      owesWritable = unsent.count > 0
      deliver(.writable)
      guard phase == .open else { return }
    }
    received.rest()
    unsent.rest()
    if endIsSaid && peerHasEnded && !hasUnheardBytes && !hasUnheardEnd {
      // Nothing can happen any more.
      release()
      handler = nil
    }
  }

  func deliverWhatIsUnheard() {
    if hasUnheardBytes && handler != nil {
      hasUnheardBytes = false
      deliver(.readable)
    }
    if hasUnheardEnd && handler != nil {
      hasUnheardEnd = false
      deliver(.peerFinished)
    }
    if let failure = unheardFailure, handler != nil {
      unheardFailure = nil
      deliver(.failed(failure))
      handler = nil
      received.release()
    }
  }

  private func receiveWhatFits() -> NetworkFailure? {
    guard let transport else { return nil }
    while canRead && !peerHasEnded && received.freeCount > 0 {
      var outcome = Transfer.blocked
      received.fill { space in
        outcome = transport.receive(into: space)
        if case .moved(let count) = outcome { return count }
        return 0
      }
      switch outcome {
      case .moved(let count): hasUnheardBytes = hasUnheardBytes || count > 0
      case .blocked: canRead = false
      case .ended:
        peerHasEnded = true
        hasUnheardEnd = true
      case .failed(let failure): return failure
      }
    }
    // A reader that holds the window closed is to hear of a reset nevertheless.
    guard isBroken else { return nil }
    isBroken = false
    let error = hubrig_socket_error(socket)
    return error == 0 ? nil : NetworkFailure(errno: error)
  }

  private func sendWhatGoes() -> NetworkFailure? {
    guard let transport else { return nil }
    while canWrite && unsent.count > 0 {
      switch transport.send(unsent.pending) {
      case .moved(let count): unsent.consume(count)
      case .blocked: canWrite = false
      case .ended: return .reset
      case .failed(let failure): return failure
      }
    }
    guard canWrite, endIsAsked, !endIsSaid, unsent.count == 0 else { return nil }
    switch transport.sayEnd() {
    case .moved, .ended:
      endIsSaid = true
      shutdown(socket, Int32(SHUT_WR))
    case .blocked: canWrite = false
    case .failed(let failure): return failure
    }
    return nil
  }

  /// One turn of a closed stream: sends what it holds, throws away what comes, and waits for the
  /// far end to end as well. To close at once over unread bytes would reset the stream, and the
  /// far end might lose what it had not read yet.
  func sendRest() {
    if sendWhatGoes() != nil { return release() }
    if endIsSaid { isSayingFarewell = false }
    let atOnce = 1 << 20
    var turns = 16
    while canRead && turns > 0 {
      turns -= 1
      let count = recv(socket, nil, atOnce, Int32(MSG_TRUNC))
      if count > 0 { continue }
      if count < 0 && errno != EAGAIN { return release() }
      canRead = false
      if count == 0 { peerHasEnded = true }
    }
    if endIsSaid && peerHasEnded { return release() }
    if canRead { schedule() }
  }
}
