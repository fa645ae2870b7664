// The one door to a printer of any kind: everything that a slot asks of its printer goes through
// here, and here alone it matters which kind it is.
//
// To add a kind:
//  1. A case of `PrinterKind`, with its name, port and number in flash.
//  2. A folder beside Bambu's. A server that is asked over HTTP needs only a `PrinterTalk`: what to
//     ask, how to write orders, what the values of its answers mean. `HTTPLink` does the rest: keys,
//     digests, redirects, TLS, time limits, retries, sockets. A printer with a protocol of its own
//     brings its own link with the methods used below.
//  3. A case of `Line` below, and its arm in each switch; the compiler names those that are missing.
//     Its size in `LinkRoom`, where it shares the slot's memory with the others.
//  4. How it takes files: an arm in `FileSender.become`, the types of file in `FileNames.fits`, and by
//     HTTP what goes around a file in `UploadForm`.
// The status, the life of a job, commands and records in flash need nothing. The cloud has a case of
// its own `PrinterKind`: who makes such printers and which files they print.

import Wire

/// The connection of one slot, of whichever kind its printer is.
struct PrinterLink: ~Copyable {
  /// Who lives in the room.
  private enum Line {
    case bambu(Lodger<BambuLink>)
    case octoPrint(Lodger<HTTPLink<OctoPrintTalk>>)
    case prusaLink(Lodger<HTTPLink<PrusaLinkTalk>>)
    case moonraker(Lodger<HTTPLink<MoonrakerTalk>>)
  }

  private let pinned = Pinned()
  private let room: LinkRoom
  private var line: Line
  private(set) var kind = PrinterKind.bambu

  /// Carves the memory out of `region`.
  init(_ region: inout Region) {
    room = LinkRoom(&region)
    line = Self.move(.bambu, into: room)
  }

  /// What `init` carves.
  static let memory = LinkRoom.memory

  // Kept apart, so that the temporaries of the kinds do not stand on one frame together.
  @inline(never)
  private static func move(_ kind: PrinterKind, into room: borrowing LinkRoom) -> Line {
    switch kind {
    case .bambu: moveBambu(into: room)
    case .octoPrint: moveOctoPrint(into: room)
    case .prusaLink: movePrusaLink(into: room)
    case .moonraker: moveMoonraker(into: room)
    }
  }

  @inline(never)
  private static func moveBambu(into room: borrowing LinkRoom) -> Line {
    let place = unsafe room.room(for: BambuLink.self)
    unsafe place.initialize(to: BambuLink(room))
    return unsafe .bambu(Lodger(place))
  }

  @inline(never)
  private static func moveOctoPrint(into room: borrowing LinkRoom) -> Line {
    room.openDoor()
    let place = unsafe room.room(for: HTTPLink<OctoPrintTalk>.self)
    unsafe place.initialize(to: HTTPLink<OctoPrintTalk>(room))
    return unsafe .octoPrint(Lodger(place))
  }

  @inline(never)
  private static func movePrusaLink(into room: borrowing LinkRoom) -> Line {
    room.openDoor()
    let place = unsafe room.room(for: HTTPLink<PrusaLinkTalk>.self)
    unsafe place.initialize(to: HTTPLink<PrusaLinkTalk>(room))
    return unsafe .prusaLink(Lodger(place))
  }

  @inline(never)
  private static func moveMoonraker(into room: borrowing LinkRoom) -> Line {
    room.openDoor()
    let place = unsafe room.room(for: HTTPLink<MoonrakerTalk>.self)
    unsafe place.initialize(to: HTTPLink<MoonrakerTalk>(room))
    return unsafe .moonraker(Lodger(place))
  }

  /// Speaks to a printer of this kind from now on; whatever was connected is let go.
  mutating func become(_ kind: PrinterKind) {
    guard kind != self.kind else { return }
    switch line {
    case .bambu(let link): link.leave()
    case .octoPrint(let link): link.leave()
    case .prusaLink(let link): link.leave()
    case .moonraker(let link): link.leave()
    }
    line = Self.move(kind, into: room)
    self.kind = kind
  }

  /// What is known of the way to a server; not there for a Bambu.
  var door: Lodger<PrinterDoor> { room.door }

  /// Forgets what was learned of the way to a server.
  mutating func forgetDoor() {
    if kind != .bambu { door.value.forget() }
  }

  // ---------------------------------------------------------------------------- how it stands

  var state: LinkState {
    switch line {
    case .bambu(let link): link.value.state
    case .octoPrint(let link): link.value.state
    case .prusaLink(let link): link.value.state
    case .moonraker(let link): link.value.state
    }
  }

  var isConnected: Bool { state == .connected }

  var hasConnection: Bool {
    switch line {
    case .bambu(let link): link.value.hasConnection
    case .octoPrint(let link): link.value.hasConnection
    case .prusaLink(let link): link.value.hasConnection
    case .moonraker(let link): link.value.hasConnection
    }
  }

  /// Somebody has to give the hub another key, code or password.
  var isCodeWrong: Bool {
    switch line {
    case .bambu(let link): link.value.isCodeWrong
    case .octoPrint(let link): link.value.isCodeWrong
    case .prusaLink(let link): link.value.isCodeWrong
    case .moonraker(let link): link.value.isCodeWrong
    }
  }

  /// Why the printer cannot be reached, as far as a person can do something about it.
  var problem: StaticString? {
    switch line {
    case .bambu(let link): link.value.problem
    case .octoPrint(let link): link.value.problem
    case .prusaLink(let link): link.value.problem
    case .moonraker(let link): link.value.problem
    }
  }

  /// The printer's server is there and the printer is not.
  var absence: Absence {
    switch line {
    case .bambu: .none
    case .octoPrint(let link): link.value.absence
    case .prusaLink(let link): link.value.absence
    case .moonraker(let link): link.value.absence
    }
  }

  /// The certificate that the printer shows; empty while there is none, and without TLS.
  var certificate: Fingerprint {
    switch line {
    case .bambu(let link): link.value.connection?.fingerprint ?? Fingerprint()
    case .octoPrint, .prusaLink, .moonraker: door.value.certificate
    }
  }

  var badInputCount: UInt32 {
    switch line {
    case .bambu(let link): link.value.badInputCount
    case .octoPrint(let link): link.value.badInputCount
    case .prusaLink(let link): link.value.badInputCount
    case .moonraker(let link): link.value.badInputCount
    }
  }

  var turn: Turn {
    switch line {
    case .bambu(let link): link.value.turn
    case .octoPrint(let link): link.value.turn
    case .prusaLink(let link): link.value.turn
    case .moonraker(let link): link.value.turn
    }
  }

  // ------------------------------------------------------------------------- from the outside

  /// The hub has a network, or has none any more. Answers whether a connected printer was lost.
  mutating func networkChanged(isThere: Bool, now: Uptime) -> Bool {
    switch line {
    case .bambu(let link): link.value.networkChanged(isThere: isThere, now: now)
    case .octoPrint(let link): link.value.networkChanged(isThere: isThere, now: now)
    case .prusaLink(let link): link.value.networkChanged(isThere: isThere, now: now)
    case .moonraker(let link): link.value.networkChanged(isThere: isThere, now: now)
    }
  }

  /// The printer is to be found elsewhere, or with another code. Answers whether it was connected.
  mutating func doorChanged(now: Uptime) -> Bool {
    switch line {
    case .bambu(let link): link.value.doorChanged(now: now)
    case .octoPrint(let link): link.value.doorChanged(now: now)
    case .prusaLink(let link): link.value.doorChanged(now: now)
    case .moonraker(let link): link.value.doorChanged(now: now)
    }
  }

  /// A printer at work is to be watched more closely.
  mutating func expectReports(atWork: Bool) {
    switch line {
    case .bambu(let link): link.value.expectReports(atWork: atWork)
    case .octoPrint(let link): link.value.expectReports(atWork: atWork)
    case .prusaLink(let link): link.value.expectReports(atWork: atWork)
    case .moonraker(let link): link.value.expectReports(atWork: atWork)
    }
  }

  // -------------------------------------------------------------------- connect, poll or follow

  /// Does what can be done now, up to the first thing that the slot has to know of.
  mutating func step(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ job: borrowing PrintJob,
    _ hub: borrowing Surroundings, now: Uptime
  ) -> LinkEvent {
    switch line {
    case .bambu(let link): link.value.step(board, printer, hub, now: now)
    case .octoPrint(let link): link.value.step(board, printer, job, hub, now: now)
    case .prusaLink(let link): link.value.step(board, printer, job, hub, now: now)
    case .moonraker(let link): link.value.step(board, printer, job, hub, now: now)
    }
  }

  /// Lays the report that a step has brought over what was known.
  mutating func lay(
    over status: inout PrinterStatus, _ printer: borrowing PrinterConfiguration
  ) -> LinkReport {
    switch line {
    case .bambu(let link): link.value.lay(over: &status, printer)
    case .octoPrint(let link): link.value.lay(over: &status)
    case .prusaLink(let link): link.value.lay(over: &status)
    case .moonraker(let link): link.value.lay(over: &status)
    }
  }

  /// Hands the stream what it takes now.
  mutating func flush() {
    if case .bambu(let link) = line { link.value.flush() }
  }

  // ----------------------------------------------------------------------- control, g-code, start

  /// Gives an order. `status` is what the printer shows now.
  mutating func send(
    _ order: ControlOrder, _ details: borrowing OrderDetails, _ status: borrowing PrinterStatus,
    _ printer: borrowing PrinterConfiguration, _ hub: borrowing Surroundings, now: Uptime
  ) -> Sending {
    switch line {
    case .bambu(let link):
      guard
        let sequence = link.value.send(
          .order(order), details, error: status.error, quality: 1, printer, hub, now)
      else { return .noRoom }
      return .sent(sequence: sequence)
    case .octoPrint(let link): return link.value.send(order, details, now: now)
    case .prusaLink(let link): return link.value.send(order, details, now: now)
    case .moonraker(let link): return link.value.send(order, details, now: now)
    }
  }

  /// Stops the print that is under way; false when there is no way to say so now.
  mutating func stop(
    _ printer: borrowing PrinterConfiguration, _ hub: borrowing Surroundings, now: Uptime
  ) -> Bool {
    let details = OrderDetails()
    switch line {
    case .bambu(let link):
      return link.value.send(.order(.stop), quality: 1, printer, hub, now) != nil
    case .octoPrint(let link): return link.value.send(.stop, details, now: now) != .noRoom
    case .prusaLink(let link): return link.value.send(.stop, details, now: now) != .noRoom
    case .moonraker(let link): return link.value.send(.stop, details, now: now) != .noRoom
    }
  }

  /// Starts the print of a file that is at the printer; answers the number by which its answer is
  /// known, or nil when there is no way to say so now.
  mutating func start(
    _ job: borrowing PrintJob, _ printer: borrowing PrinterConfiguration,
    _ hub: borrowing Surroundings, now: Uptime
  ) -> UInt32? {
    switch line {
    case .bambu(let link): link.value.sendProjectFile(job, printer, hub, now)
    case .octoPrint(let link): link.value.start(now: now)
    case .prusaLink(let link): link.value.start(now: now)
    case .moonraker(let link): link.value.start(now: now)
    }
  }

  /// Asks a printer on whose answer something hangs. Servers that are asked all the time need not be.
  mutating func askHowItIs(
    _ printer: borrowing PrinterConfiguration, _ hub: borrowing Surroundings, now: Uptime
  ) {
    if case .bambu(let link) = line { link.value.askHowItIs(printer, hub, now) }
  }

  /// Takes back a start that the printer was not told yet, or that waits until it finds the file;
  /// false when there is none.
  mutating func takeBackWaitingStart() -> Bool {
    if case .prusaLink(let link) = line { link.value.takeBackStart() } else { false }
  }

  /// The connection is gone: whether it is certain that the start of a print never reached the
  /// printer. It is not on its way any more.
  mutating func takeBackStart() -> Bool {
    switch line {
    case .bambu(let link): !link.value.isStartOutOfHand
    case .octoPrint(let link): link.value.takeBackStart()
    case .prusaLink(let link): link.value.takeBackStart()
    case .moonraker(let link): link.value.takeBackStart()
    }
  }
}
