// The hub's own network: a name server that answers every question with the hub, and a web server
// with one page. One visitor at a time; others wait at the door.
//
//     question for a name --> our address
//     GET / --> the page      POST /join --> the form is for the hub      anything else --> the page

import Wire

/// The way to a hub that has no network.
struct Portal: ~Copyable {
  /// What a step brought about.
  enum Event: Equatable {
    case none
    /// A page is to be written, see `answer`.
    case page(isHead: Bool)
    /// `form` was filled in.
    case submitted
  }

  private enum Wish: Equatable { case page, join, redirect, notAllowed }

  private let pinned = Pinned()
  private(set) var isOpen = false
  private var listener: Listener?
  private var names: Datagrams?
  private var visitor: Connection?
  private var http = Portal.reader
  private var wish = Wish.redirect
  private var isHead = false
  var form = FormReader()
  private var isAnswering = false
  private var hasSpoken = false
  private var visitUntil = Uptime.never
  private(set) var badInputCount: UInt32 = 0
  /// Pages that were shown.
  private(set) var pageCount: UInt32 = 0

  init() {}

  /// Builds it where it stays. Apart, so that its temporaries are not on the hub's own frame.
  @inline(never)
  static func build(in region: inout Region) -> Place<Portal> {
    let place = unsafe region.room(for: Portal.self)
    unsafe place.initialize(to: Portal())
    return unsafe Place(place)
  }

  private static var reader: HTTPReader {
    HTTPReader(
      .request, lineLimit: Limits.httpLine, headerLimit: Limits.httpHeaders,
      bodyLimit: Limits.portalForm)
  }

  var turn: Turn { visitor == nil ? .asleep : .until(visitUntil) }

  /// Opens a network under this name.
  mutating func open(_ board: Board, name: NetworkName) {
    guard !isOpen else { return }
    isOpen = true
    board.openOwnNetwork(name.span)
    listener = Listener.open(on: board, .own, port: 80)
    names = Datagrams.open(on: board, .own, port: DNS.port)
    board.log(.information) {
      $0.put("portal: open as ")
      $0.put(name.span)
    }
  }

  mutating func close(_ board: Board) {
    guard isOpen else { return }
    isOpen = false
    visitor = nil
    listener = nil
    names = nil
    board.openOwnNetwork(Span())
    board.log(.information) { $0.put("portal: closed") }
  }

  // -------------------------------------------------------------------------------------- names

  /// Answers a few questions for names.
  mutating func answerNames(scratch: UnsafeMutableBufferPointer<UInt8>) {
    guard names != nil else { return }
    for _ in 0..<Limits.roundsPerStep {
      let room = unsafe UnsafeMutableBufferPointer(rebasing: scratch[..<Limits.nameQuestion])
      guard let (count, from) = unsafe names?.receive(into: room) ?? nil else { return }
      let datagram = unsafe Span(_unsafeElements: UnsafeBufferPointer(rebasing: room[..<count]))
      do throws(DNSError) {
        let question = try DNS.question(datagram)
        var writer = unsafe ByteWriter(
          UnsafeMutableBufferPointer(rebasing: scratch[Limits.nameQuestion...]))
        var address = InlineArray<4, UInt8>(repeating: 0)
        address[0] = 192
        address[1] = 168
        address[2] = 4
        address[3] = 1
        // Short-lived: once the hub is gone, the name leads to its owner again.
        DNS.answer(
          question, of: datagram, address: address.span, secondsToLive: 10, into: &writer)
        if !writer.overflowed { names?.send(writer.written, to: from) }
      } catch {
        badInputCount &+= 1
      }
    }
  }

  // ------------------------------------------------------------------------------------ visitors

  /// Serves a visitor, up to the first thing that the hub has to know of. Bytes pass through the
  /// queues that are lent.
  mutating func step(
    _ board: Board, _ inbox: inout ByteQueue, _ outbox: inout ByteQueue, now: Uptime
  ) -> Event {
    guard isOpen else { return .none }
    for _ in 0..<Limits.roundsPerStep {
      guard visitor != nil else {
        guard let next = listener?.accept() else { return .none }
        greet(next, &inbox, &outbox, now)
        continue
      }
      guard let event = serve(&inbox, &outbox, now) else { continue }
      return event
    }
    return .none
  }

  private mutating func greet(
    _ next: consuming Connection, _ inbox: inout ByteQueue, _ outbox: inout ByteQueue,
    _ now: Uptime
  ) {
    visitor = consume next
    inbox.removeAll()
    outbox.removeAll()
    http = Self.reader
    form.removeAll()
    wish = .redirect
    isHead = false
    isAnswering = false
    hasSpoken = false
    // Browsers open connections for later and say nothing on them.
    visitUntil = now + Limits.portalSilence
  }

  /// Nil: the visitor has left.
  private mutating func serve(
    _ inbox: inout ByteQueue, _ outbox: inout ByteQueue, _ now: Uptime
  ) -> Event? {
    let state = visitor?.state ?? .failed(.unknown)
    if case .failed = state {
      visitor = nil
      return nil
    }
    guard now < visitUntil else {
      visitor = nil
      return nil
    }
    if isAnswering { return send(&outbox) }
    let count = visitor?.read(into: &inbox) ?? 0
    if count > 0, !hasSpoken {
      hasSpoken = true
      visitUntil = now + Limits.portalVisit
    }
    do throws(HTTPError) {
      while true {
        switch try http.next(inbox) {
        case .needsMore:
          if state == .peerFinished, count == 0 {
            visitor = nil
            return nil
          }
          return count > 0 ? nil : Event.none
        case .request(let method, let target, _, let used):
          classify(inbox.pending.extracting(method), inbox.pending.extracting(target))
          inbox.consume(used)
        case .body(let range, let used):
          if wish == .join { form.read(inbox.pending.extracting(range)) }
          inbox.consume(used)
        case .header(_, _, let used), .headEnd(_, let used):
          inbox.consume(used)
        case .end(let used):
          inbox.consume(used)
          return respond(&outbox)
        case .response:
          throw .badStartLine
        }
      }
    } catch {
      badInputCount &+= 1
      refuse(error, &outbox)
      return send(&outbox)
    }
  }

  private mutating func classify(_ method: Span<UInt8>, _ target: Span<UInt8>) {
    isHead = equals(method, "HEAD")
    let isPage = equals(target, "/")
    if equals(method, "GET") || isHead {
      wish = isPage ? .page : .redirect
    } else if equals(method, "POST") {
      wish = equals(target, "/join") ? .join : .redirect
    } else {
      wish = .notAllowed
    }
  }

  private mutating func respond(_ outbox: inout ByteQueue) -> Event? {
    switch wish {
    case .page: return .page(isHead: isHead)
    case .join:
      form.finish()
      return .submitted
    case .redirect: _ = outbox.write { PortalPage.redirect(into: &$0) }
    case .notAllowed:
      _ = outbox.write { PortalPage.refuse("405 Method Not Allowed", into: &$0) }
    }
    isAnswering = true
    return send(&outbox)
  }

  private func refuse(_ error: HTTPError, _ outbox: inout ByteQueue) {
    switch error.status {
    case 413: _ = outbox.write { PortalPage.refuse("413 Content Too Large", into: &$0) }
    case 414: _ = outbox.write { PortalPage.refuse("414 URI Too Long", into: &$0) }
    case 431:
      _ = outbox.write { PortalPage.refuse("431 Request Header Fields Too Large", into: &$0) }
    default: _ = outbox.write { PortalPage.refuse("400 Bad Request", into: &$0) }
    }
  }

  /// Shows the page to the visitor who asked for it.
  mutating func showPage(
    _ board: Board, _ facts: PortalFacts, complaint: StaticString?, isHead: Bool = false,
    _ outbox: inout ByteQueue
  ) {
    pageCount &+= 1
    _ = outbox.write {
      PortalPage.write(board, facts, complaint: complaint, isHead: isHead, into: &$0)
    }
    isAnswering = true
    _ = send(&outbox)
  }

  /// Nil: all was said, and the visitor has left.
  private mutating func send(_ outbox: inout ByteQueue) -> Event? {
    isAnswering = true
    visitor?.send(from: &outbox)
    guard outbox.isEmpty else { return Event.none }
    visitor?.finish()
    visitor = nil
    return nil
  }
}
