// A file on its way to a printer's card, by FTP inside TLS (RFC 959, RFC 4217, implicit on 990).
//
//     control  connecting -> greeting -> USER -> PASS -> PBSZ -> PROT -> TYPE -> loggedIn
//     store    PASV -> data stream and STOR -> 150 -> bytes -> end of data -> 226 -> SIZE -> stored
//     measure  SIZE -> the size, to see whether an earlier attempt was whole
//     clean    data closed -> DELE -> 250
//
// The data stream goes to the address of the control connection, whatever the printer says, and
// resumes its TLS session, without which many printers refuse it. Bytes are fed by the caller as
// fast as the printer takes them.

import Wire

/// One upload to one printer.
struct Upload: ~Copyable {
  private enum State: Equatable {
    case idle
    case connecting
    /// Waiting for the reply to a step of the login.
    case login(LoginStep)
    case loggedIn
    case passive(isExtended: Bool)
    case opening(isAccepted: Bool)
    case streaming
    case storing
    case measuring(after: UInt16?)
    case cleaning
  }

  private enum LoginStep: UInt8 {
    case greeting, user, password, bufferSize, protection, noProtection, type
  }

  /// What a step brought about.
  enum Event {
    case none
    case loggedIn
    /// The printer takes bytes: `feed` it.
    case wantsBytes
    /// The file is in the printer, whole.
    case stored
    /// What is in the printer is not the file.
    case differs
    /// The printer will never take it.
    case refused(code: UInt16)
    case broken(TransferTrouble)
    /// What could be removed is removed.
    case cleaned
  }

  private let pinned = Pinned()
  private var state = State.idle
  private var control: Connection?
  private var data: Connection?
  private var inbox: ByteQueue
  private var outbox: ByteQueue
  private var replies = FTPReplyReader()
  private var deadlineOfStep = Uptime.never
  /// How many bytes the file on the card must have.
  private var expected = 0
  /// All bytes were handed over in this attempt or an earlier one; only the verdict is missing.
  private(set) var mayBeWhole = false
  private var mayBePartial = false
  /// The printer wants the bytes of files in clear. That is a habit of its firmware, so it is
  /// remembered until the slot is for another printer.
  private(set) var usesClearData = false

  init(
    inbox: UnsafeMutableBufferPointer<UInt8>, outbox: UnsafeMutableBufferPointer<UInt8>
  ) {
    unsafe self.inbox = ByteQueue(inbox)
    unsafe self.outbox = ByteQueue(outbox)
  }

  var deadline: Uptime { deadlineOfStep }

  /// Begins to log in.
  mutating func begin(
    _ board: Board, _ printer: borrowing PrinterConfiguration, now: Uptime
  ) throws(Connection.Failure) {
    reset()
    control = try Connection.open(
      on: board, host: printer.address.span, port: printer.ftpsPort,
      trust: printer.certificate.trust, name: printer.serial.span,
      fingerprint: printer.filesPin.span)
    enter(.connecting, now, Limits.fileServerOpen)
  }

  /// Lets go of everything; what is on the card stays.
  mutating func reset() {
    data = nil
    control = nil
    inbox.removeAll()
    outbox.removeAll()
    replies = FTPReplyReader()
    deadlineOfStep = .never
    state = .idle
  }

  /// All is done: takes leave of the printer.
  mutating func leave() {
    say("QUIT")
    forget()
  }

  /// A new file: nothing of it was handed over yet.
  mutating func forget() {
    reset()
    mayBeWhole = false
    mayBePartial = false
  }

  /// The slot is for another printer, or the printer may have other firmware.
  mutating func forgetHabits() { usesClearData = false }

  /// Once logged in: begins to store the file.
  mutating func store(now: Uptime) {
    guard state == .loggedIn else { return }
    mayBeWhole = false
    say("PASV")
    enter(.passive(isExtended: false), now, Limits.fileServerAnswer)
  }

  /// Once logged in: asks how much of the file is there.
  mutating func measure(_ name: Span<UInt8>, expected: Int, now: Uptime) {
    guard state == .loggedIn else { return }
    self.expected = expected
    askSize(name, after: nil, now)
  }

  /// Hands over what the download has ready; answers how many bytes were taken.
  mutating func feed(from download: borrowing Download) -> Int {
    guard state == .streaming else { return 0 }
    return data?.write(download.bytes) ?? 0
  }

  /// That was the last byte; `expected` is how many they were.
  mutating func finishBytes(expected: Int, now: Uptime) {
    guard state == .streaming else { return }
    self.expected = expected
    mayBeWhole = true
    data?.finish()
    enter(.storing, now, Limits.fileServerStored)
  }

  /// Breaks off and removes what is on the card, if the printer can still be told. `.cleaned`
  /// comes when that is over.
  mutating func cleanUp(_ name: Span<UInt8>, now: Uptime) {
    data = nil
    guard mayBePartial, control != nil, state != .connecting, state != .cleaning else { return }
    if case .login = state { return }
    say("DELE ", name)
    mayBePartial = false
    mayBeWhole = false
    enter(.cleaning, now, Limits.fileServerCleanUp)
  }

  /// What is on the card is not the file after all.
  mutating func distrust() { mayBeWhole = false }

  var isCleaning: Bool { state == .cleaning }

  /// The certificate of a file server that has let us in; empty before.
  mutating func certificate() -> Fingerprint {
    switch state {
    case .idle, .connecting, .login, .cleaning: Fingerprint()
    case .loggedIn, .passive, .opening, .streaming, .storing, .measuring:
      control?.fingerprint ?? Fingerprint()
    }
  }

  // -------------------------------------------------------------------------------------- step

  /// Does what can be done now.
  mutating func step(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ name: Span<UInt8>, now: Uptime
  ) -> Event {
    guard state != .idle else { return .none }
    let controlState = control?.state ?? .failed(.unknown)
    if case .failed(let failure) = controlState {
      return isCleaning ? cleaned() : .broken(.uploadFailed(failure))
    }
    if controlState == .opening {
      return deadlineOfStep <= now ? .broken(.uploadFailed(.timedOut)) : .none
    }
    if state == .connecting { enter(.login(.greeting), now, Limits.fileServerAnswer) }

    let event = readReplies(board, printer, name, now)
    if case .none = event {} else { return event }
    if let event = watchData(printer, now) { return event }
    if !outbox.isEmpty { _ = control?.send(from: &outbox) }
    if controlState == .peerFinished {
      return isCleaning ? cleaned() : .broken(.uploadHungUp)
    }
    if deadlineOfStep <= now { return tooLate(name, now) }
    return .none
  }

  private mutating func tooLate(_ name: Span<UInt8>, _ now: Uptime) -> Event {
    switch state {
    case .storing:
      // No verdict; the size will tell.
      askSize(name, after: 0, now)
      return .none
    case .cleaning:
      return cleaned()
    default:
      return .broken(.uploadSilent)
    }
  }

  private mutating func cleaned() -> Event {
    leave()
    return .cleaned
  }

  /// Looks at the data stream: it opens, or breaks while bytes are still to be fed.
  private mutating func watchData(
    _ printer: borrowing PrinterConfiguration, _ now: Uptime
  ) -> Event? {
    switch state {
    case .opening(let isAccepted):
      let dataState = data?.state ?? .failed(.unknown)
      if case .failed(let failure) = dataState {
        // It said yes to TLS and does not speak it. The control stream did, so the code is safe.
        if failure == .tlsProtocol, printer.mayWantClearData { usesClearData = true }
        return .broken(.uploadFailed(failure))
      }
      guard isAccepted, dataState != .opening else { return nil }
      enter(.streaming, now, nil)
      return .wantsBytes
    case .streaming:
      let dataState = data?.state ?? .failed(.unknown)
      if case .failed(let failure) = dataState { return .broken(.uploadFailed(failure)) }
      return nil
    default:
      return nil
    }
  }

  private mutating func readReplies(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ name: Span<UInt8>, _ now: Uptime
  ) -> Event {
    while true {
      do throws(FTPError) {
        while !inbox.isEmpty {
          switch try replies.next(inbox) {
          case .needsMore:
            break
          case .line(_, let used):
            inbox.consume(used)
            continue
          case .reply(let code, let text, let used):
            let reply = Reply(code, inbox.pending.extracting(text))
            inbox.consume(used)
            let event = answered(board, printer, name, reply, now)
            if case .none = event { continue }
            return event
          }
          break
        }
      } catch {
        return .broken(.uploadBroken(error))
      }
      guard let count = control?.read(into: &inbox), count > 0 else { return .none }
    }
  }

  // ------------------------------------------------------------------------------------ replies

  /// What matters of a reply.
  private struct Reply {
    let code: UInt16
    /// Of a 227 or 229: the port to open. The address beside it is often wrong and never used.
    let port: UInt16?
    /// Of a 213: the size of the file.
    let size: Int?

    init(_ code: UInt16, _ text: Span<UInt8>) {
      self.code = code
      port =
        code == 227
        ? FTPReply.passiveAddress(in: text)?.port
        : code == 229 ? FTPReply.extendedPassivePort(in: text) : nil
      size = code == 213 ? decimalInteger(text) : nil
    }
  }

  /// The only place where a reply moves the upload on.
  private mutating func answered(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ name: Span<UInt8>, _ reply: Reply,
    _ now: Uptime
  ) -> Event {
    let code = reply.code
    switch state {
    case .idle, .connecting, .loggedIn:
      return code == 421 ? .broken(.uploadReply(code)) : .none
    case .login(let step):
      return answeredLogin(step, printer, code, now)
    case .passive(let isExtended):
      if let port = reply.port { return openData(board, printer, name, port: port, now) }
      // Some know only the newer way to ask.
      guard !isExtended, code / 100 == 5, code != 530, code != 550 else { return unexpected(code) }
      say("EPSV")
      enter(.passive(isExtended: true), now, Limits.fileServerAnswer)
      return .none
    case .opening:
      if code == 150 || code == 125 {
        state = .opening(isAccepted: true)
        return .none
      }
      return unexpected(code)
    case .streaming:
      return unexpected(code)
    case .storing:
      // Some printers say that the transfer broke although they have the whole file.
      if code / 100 == 2 || code == 426 || code == 425 || code == 451 {
        askSize(name, after: code, now)
        return .none
      }
      return unexpected(code)
    case .measuring(let verdict):
      return measured(reply, after: verdict)
    case .cleaning:
      // The reply to the broken transfer may come before that to DELE.
      if code == 226 || code == 425 || code == 426 || code == 451 || code < 200 { return .none }
      return cleaned()
    }
  }

  private mutating func answeredLogin(
    _ step: LoginStep, _ printer: borrowing PrinterConfiguration, _ code: UInt16, _ now: Uptime
  ) -> Event {
    let next: LoginStep
    switch (step, code) {
    case (.greeting, 120):
      return .none
    case (.greeting, 220):
      say("USER bblp")
      next = .user
    case (.user, 331):
      say("PASS ", printer.accessCode.span)
      next = .password
    case (.user, 230), (.password, 230), (.password, 202):
      say("PBSZ 0")
      next = .bufferSize
    case (.bufferSize, 200...299):
      say(usesClearData ? "PROT C" : "PROT P")
      next = usesClearData ? .noProtection : .protection
    case (.protection, 500...599) where printer.mayWantClearData:
      usesClearData = true
      say("PROT C")
      next = .noProtection
    case (.protection, 200...299), (.noProtection, 200...299):
      say("TYPE I")
      next = .type
    case (.type, 200...299):
      enter(.loggedIn, now, nil)
      return .loggedIn
    default:
      return unexpected(code)
    }
    enter(.login(next), now, Limits.fileServerAnswer)
    return .none
  }

  private mutating func openData(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ name: Span<UInt8>, port: UInt16,
    _ now: Uptime
  ) -> Event {
    do throws(Connection.Failure) {
      data = try Connection.open(
        on: board, host: printer.address.span, port: port,
        trust: usesClearData ? .plain : printer.certificate.trust, name: printer.serial.span,
        resuming: usesClearData ? -1 : control?.number ?? -1, fingerprint: printer.filesPin.span)
    } catch {
      return .broken(.uploadFailed(error))
    }
    // The printer begins TLS on the data stream only once it has heard STOR.
    say("STOR ", name)
    mayBePartial = true
    enter(.opening(isAccepted: false), now, Limits.fileServerAnswer)
    return .none
  }

  private mutating func askSize(_ name: Span<UInt8>, after verdict: UInt16?, _ now: Uptime) {
    say("SIZE ", name)
    enter(.measuring(after: verdict), now, Limits.fileServerAnswer)
  }

  private mutating func measured(_ reply: Reply, after verdict: UInt16?) -> Event {
    let code = reply.code
    // The late end of a transfer whose verdict nobody waited for any more.
    if code == 226 || code == 426 { return .none }
    if code == 213 {
      if reply.size == expected { return .stored }
      return verdict == nil ? .differs : .broken(.uploadCut)
    }
    guard let verdict else { return .differs }
    // A printer that cannot tell sizes is believed when it said that all went well.
    return verdict / 100 == 2 ? .stored : .broken(.uploadReply(verdict == 0 ? code : verdict))
  }

  private func unexpected(_ code: UInt16) -> Event {
    switch code {
    // No such user, no right, no room, no card: the same tomorrow.
    case 530, 532, 550, 552, 553, 452: .refused(code: code)
    default: .broken(.uploadReply(code))
    }
  }

  // -------------------------------------------------------------------------------------- send

  private mutating func say(_ verb: StaticString, _ argument: Span<UInt8> = Span<UInt8>()) {
    // Our own commands always fit; one is sent at a time.
    _ = outbox.write {
      $0.put(verb)
      $0.put(argument)
      $0.put("\r\n")
    }
    _ = control?.send(from: &outbox)
  }

  private mutating func enter(_ next: State, _ now: Uptime, _ limit: UInt64?) {
    state = next
    deadlineOfStep = if let limit { now + limit } else { .never }
  }
}
