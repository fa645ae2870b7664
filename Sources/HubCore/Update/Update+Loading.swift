// An image on its way into the idle slot.

import Wire

extension Update {
  mutating func open(_ board: Board, _ now: Uptime) {
    let start = writer?.count ?? 0
    if start == 0 { headCount = 0 }
    movedAt = now
    do throws(Connection.Failure) {
      try download.begin(board, url, from: start, now: now)
      phase = start == 0 ? .opening : .loading
    } catch {
      pause(board, error.name, now)
    }
  }

  private mutating func pause(_ board: Board, _ reason: StaticString, _ now: Uptime) {
    attempts += 1
    download.hangUp()
    guard attempts < Limits.updateAttempts else { return giveUp(board, reason) }
    let wait = backoff.ceiling / 2 + backoff.next(on: board) / 2
    board.log(.warning) {
      $0.put("update: ")
      $0.put(reason)
      $0.put(", next attempt in ")
      $0.put(decimal64: wait)
      $0.put(" ms")
    }
    phase = .pausing(until: now + wait)
  }

  /// What is in the slot is not the beginning of what is to be had.
  private mutating func startOver(_ board: Board, _ reason: StaticString, _ now: Uptime) {
    writer = nil
    isPatched = false
    pause(board, reason, now)
  }

  /// Asks for another link.
  private mutating func reportDeadLink(_ board: Board, _ now: Uptime) {
    attempts += 1
    download.hangUp()
    guard attempts < Limits.updateAttempts else {
      return giveUp(board, "the server does not give it")
    }
    board.log(.warning) { $0.put("update: the link is out of date") }
    phase = .linkless(until: now + Limits.updateLink)
    progress = Report(word: .linkExpired)
  }

  /// Ends an update for a reason that is not the image's: the same version may come again.
  private mutating func giveUp(_ board: Board, _ reason: StaticString) {
    end(board, Report(word: .failed, error: reason), " is given up: ")
  }

  /// Ends an update whose image is no good: it is refused until a person offers it anew.
  private mutating func fail(_ board: Board, _ store: inout Store, _ reason: StaticString) {
    refuse(version, &store)
    try? store.remove(.updateProgress)
    end(board, Report(word: .failed, error: reason, isRefusal: true), " is refused: ")
  }

  private mutating func end(_ board: Board, _ report: Report, _ verdict: StaticString) {
    board.log(.error) {
      $0.put("update: version ")
      $0.put(version.span)
      $0.put(verdict)
      $0.put(report.error ?? "")
    }
    download.reset()
    writer = nil
    phase = .idle
    progress = nil
    outcome = report
    outcomeVersion = version
  }

  // ------------------------------------------------------------------------------------- the steps

  /// Does what can be done now; answers when to come again. `isQuiet` while no print's file is on
  /// its way, `isHeard` while the cloud is there.
  mutating func step(
    _ board: Board, _ store: inout Store, isQuiet: Bool, isHeard: Bool, now: Uptime
  ) -> Uptime {
    if proofBy <= now {
      proofBy = .never
      board.log(.error) { $0.put("update: this firmware did not reach the cloud in time") }
      choice.abort()
      wantsRestart = true
      return .never
    }
    switch phase {
    case .idle:
      return proofBy
    case .held:
      guard isQuiet else { return now + Limits.updateLook }
      open(board, now)
    case .pausing(let until):
      guard until <= now else { return until }
      if isQuiet { open(board, now) } else { giveWay(board) }
    case .linkless(let until):
      guard until <= now else { return until }
      giveUp(board, "no link to it")
      return proofBy
    case .loaded:
      // A restart while the cloud is away could only end in going back.
      guard isQuiet, isHeard, !hasReport else { return now + Limits.updateLook }
      phase = .leaving(at: now + Limits.restartGrace)
      return now + Limits.restartGrace
    case .leaving(let at):
      guard isQuiet else {
        phase = .loaded
        return now + Limits.updateLook
      }
      guard at <= now else { return at }
      activate(board, &store)
      return .never
    case .opening, .loading:
      if !isQuiet { giveWay(board) }
    }
    return load(board, &store, now)
  }

  /// A print's file has come meanwhile.
  private mutating func giveWay(_ board: Board) {
    board.log(.information) { $0.put("update: waits for a print's file") }
    download.hangUp()
    phase = .held
    progress = Report(word: .waiting)
  }

  private var isLoading: Bool {
    switch phase {
    case .opening, .loading: true
    case .idle, .held, .pausing, .linkless, .loaded, .leaving: false
    }
  }

  private mutating func load(_ board: Board, _ store: inout Store, _ now: Uptime) -> Uptime {
    for _ in 0..<Limits.roundsPerStep {
      guard isLoading else { return now + Limits.updateLook }
      switch download.step(url, now: now) {
      case .none:
        if download.bytes.isEmpty {
          let stall = movedAt + Limits.transferStall
          guard stall <= now else { return earlier(download.deadline, stall) }
          pause(board, "no byte moved", now)
          continue
        }
      case .begun:
        movedAt = now
        continue
      case .refused(let status):
        refused(status, board, now)
        continue
      case .broken(.downloadChanged):
        startOver(board, "the server has another image now", now)
        continue
      case .broken:
        pause(board, "the download broke off", now)
        continue
      case .ended:
        if writer?.isComplete != true {
          startOver(board, "the image ends too early", now)
          continue
        }
      }
      takeBytes(board, &store, now)
    }
    return now
  }

  private mutating func refused(_ status: UInt16, _ board: Board, _ now: Uptime) {
    switch status {
    // A server that knows no parts gives the whole again.
    case 200: startOver(board, "the server gives no parts", now)
    case 401, 403, 404, 410: reportDeadLink(board, now)
    default: giveUp(board, "the server does not give it")
    }
  }

  private mutating func takeBytes(_ board: Board, _ store: inout Store, _ now: Uptime) {
    while !download.bytes.isEmpty {
      movedAt = now
      if case .opening = phase {
        let count = min(download.bytes.count, ImageHeader.size - headCount)
        for index in 0..<count { head[headCount + index] = download.bytes[index] }
        headCount += count
        download.take(count)
        guard headCount == ImageHeader.size else { continue }
        guard start(board, &store) else { return }
        // What is in the slot already need not come again.
        if isPatched { return open(board, now) }
      } else {
        // What comes behind the end of the image is not looked at.
        let missing = (writer?.header.imageSize ?? 0) - (writer?.count ?? 0)
        let count = min(min(download.bytes.count, 256), missing)
        do throws(ImageWriter.Trouble) {
          try writer?.write(count, of: download)
        } catch {
          return take(error, board, &store, now)
        }
        download.take(count)
        if let count = writer?.count, count > furthest {
          furthest = count
          attempts = 0
          backoff.reset()
        }
        note(&store)
        if writer?.isComplete == true { return finish(board, &store, now) }
      }
    }
  }

  private mutating func take(
    _ trouble: ImageWriter.Trouble, _ board: Board, _ store: inout Store, _ now: Uptime
  ) {
    switch trouble {
    case .flash: giveUp(board, trouble.name)
    case .wrongContent where isPatched:
      // The fault may lie in what was there before.
      try? store.remove(.updateProgress)
      startOver(board, trouble.name, now)
    case .wrongContent: fail(board, &store, trouble.name)
    }
  }

  /// Looks at the header; answers whether the image is taken.
  private mutating func start(_ board: Board, _ store: inout Store) -> Bool {
    let idle = 1 - choice.slot
    do throws(ImageHeader.Refusal) {
      let header = try ImageHeader(head)
      try header.check(
        on: board, hardware: Firmware.hardwareRevision, slotSize: board.size(of: .slot(idle)),
        floor: max(floor, runningSecurity))
      guard header.version == version else { throw .otherVersion }
      guard checksum.isEmpty || header.isChecksum(checksum.span) else { throw .otherChecksum }
      writer = ImageWriter(board, slot: idle, header)
    } catch {
      fail(board, &store, error.name)
      return false
    }
    phase = .loading
    progress = Report(word: .downloading)
    notedSectors = 0
    isPatched = false
    var known = InlineArray<258, UInt8>(repeating: 0)
    var span = known.mutableSpan
    if store.read(.updateProgress, into: &span) == .found(258), isNoted(known) {
      writer?.resume(sectors: Int(known.number16(at: 256)))
      notedSectors = writer?.fullSectors ?? 0
      isPatched = notedSectors > 0
      if isPatched {
        board.log(.information) {
          $0.put("update: goes on after ")
          $0.put(decimal: notedSectors)
          $0.put(" sectors")
        }
      }
    }
    return true
  }

  private func isNoted(_ known: InlineArray<258, UInt8>) -> Bool {
    for index in 0..<256 where known[index] != head[index] { return false }
    return true
  }

  private mutating func note(_ store: inout Store) {
    guard let sectors = writer?.fullSectors, sectors >= notedSectors + sectorsPerNote
    else { return }
    notedSectors = sectors
    var bytes = InlineArray<258, UInt8>(repeating: 0)
    for index in 0..<256 { bytes[index] = head[index] }
    bytes.set(UInt16(truncatingIfNeeded: sectors), at: 256)
    try? store.write(.updateProgress, bytes.span)
    guard let size = writer?.header.imageSize else { return }
    progress = Report(word: .downloading, percent: sectors * Board.sectorSize / (size / 100 + 1))
  }

  private mutating func finish(_ board: Board, _ store: inout Store, _ now: Uptime) {
    do throws(ImageWriter.Trouble) {
      try writer?.finish()
      download.reset()
      phase = .loaded
      progress = Report(word: .installing, percent: 100)
    } catch {
      take(error, board, &store, now)
    }
  }

  private mutating func activate(_ board: Board, _ store: inout Store) {
    guard let slot = writer?.slot, let header = writer?.header else { return }
    let version = header.version
    try? store.write(.update, version.span)
    guard choice.choose(slot, isProven: false, floor: floor) else {
      return giveUp(board, "the choice is not kept")
    }
    board.log(.information) {
      $0.put("update: restarting into version ")
      $0.put(version.span)
    }
    phase = .idle
    wantsRestart = true
  }
}
