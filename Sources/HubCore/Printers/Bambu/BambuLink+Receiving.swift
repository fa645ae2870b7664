// What a Bambu printer's broker says, packet by packet, and what follows from it.

import Wire

extension BambuLink {
  mutating func receive(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    _ now: Uptime
  ) -> LinkEvent {
    moreAt = .never
    for _ in 0..<Limits.roundsPerStep {
      let event = readPackets(board, configuration, hub, now)
      guard event == .none else { return event }
      guard let count = connection?.read(into: &inbox), count > 0 else {
        watchPacket(now)
        return .none
      }
      pongBy = .never
    }
    moreAt = now
    return readPackets(board, configuration, hub, now)
  }

  /// A packet that never ends swallows all that follows, and looks like a lively printer.
  private mutating func watchPacket(_ now: Uptime) {
    if inbox.isEmpty, !isInPublish {
      wholeBy = .never
    } else if wholeBy == .never {
      wholeBy = now + Limits.wholeMessage
    }
  }

  private mutating func readPackets(
    _ board: Board, _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    _ now: Uptime
  ) -> LinkEvent {
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
          isInPublish = true
          if isReport { reader[0].begin() }
          inbox.consume(used)
        case .payload(let range, let isLast, let used):
          if isReport {
            do throws(JSONError) {
              try reader[0].read(range, of: inbox)
              if isLast { try reader[0].finish() }
            } catch {
              badInputCount &+= 1
              return fail(board, configuration, now, error.name)
            }
          }
          inbox.consume(used)
          guard isLast else { continue }
          isInPublish = false
          wholeBy = .never
          if let event = publishIsWhole(now) { return event }
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

  private mutating func publishIsWhole(_ now: Uptime) -> LinkEvent? {
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
  ) -> LinkEvent {
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
    certificateTrouble = nil
    retries.codeWasRight()
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
    guard hasRoom, send(.getVersion, quality: 0, configuration, hub, now) != nil else {
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
}
