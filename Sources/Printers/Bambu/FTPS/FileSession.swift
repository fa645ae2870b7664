// One control connection of the file server.
//
//     USER, PASS --> logged in --PASV, STOR--> transfer under way --done--> logged in
//
// While a transfer is under way only ABOR is heard; what else comes waits for its end.

import Wire
import World

/// A client of the file server.
final class FileSession: StreamHandler {
  private static let idleLimit = Interval.minutes(5)
  private static let failureLimit = 3

  let server: FileServer
  let stream: any Stream
  private let writer: StreamWriter
  private var reader = FTPCommandReader()
  private var inbox = ByteBuffer()
  private var user = ""
  private var failureCount = 0
  private var isLoggedIn = false
  private var lastHeard: Instant
  private var timer: (any Timer)?
  private var isOver = false
  private var isLeaving = false

  var directory = "/"
  var isProtected = false
  var restart = 0
  var renameSource: String?
  var channel: DataChannel?

  init(server: FileServer, stream: any Stream) {
    self.server = server
    self.stream = stream
    writer = StreamWriter(stream, limit: 64 << 10)
    lastHeard = server.host.now
  }

  func begin(isWelcome: Bool) {
    stream.handler = self
    guard isWelcome else {
      reply(421, "There are too many connected users, please try later.")
      server.note(fault: "ftp.too-many-sessions")
      return leave()
    }
    reply(220, "(vsFTPd compatible) ready.")
    watchSilence()
    read()
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened: break
    case .readable: read()
    case .writable: writer.flush()
    case .peerFinished:
      read()
      leave()
    case .failed: end()
    }
  }

  // MARK: Talking

  func reply(_ code: Int, _ text: String) { send("\(code) \(text)\r\n") }

  func send(_ text: String) {
    // A client that reads no replies has no use for more of them.
    if !isOver, !writer.write(Array(text.utf8)) { reset() }
  }

  /// The transfer has ended, well or not; nil: nobody says so.
  func transferEnded(_ code: Int?, _ text: String) {
    channel = nil
    if let code { reply(code, text) }
    lastHeard = server.host.now
    read()
  }

  private func read() {
    while !isOver {
      let count = inbox.take(from: stream, limit: 8 << 10)
      while !isOver, let (verb, argument) = nextCommand() { handle(verb, argument) }
      guard count > 0, channel?.isBusy != true else { return }
    }
  }

  /// The next command that may be handled now.
  private func nextCommand() -> (verb: String, argument: String)? {
    var command: (verb: String, argument: String)?
    var failure: FTPError?
    var length = 0
    inbox.withPendingSpan { (input: Span<UInt8>) in
      do throws(FTPError) {
        guard case .command(let verb, let argument, let used) = try self.reader.next(input) else {
          return
        }
        command = (Self.text(verb, of: input).uppercased(), Self.text(argument, of: input))
        length = used
      } catch {
        failure = error
      }
    }
    if let failure {
      server.note(fault: "\(failure.name)")
      reply(500, "Input line is not understood.")
      leave()
    }
    guard let found = command, channel?.isBusy != true || found.verb == "ABOR" else { return nil }
    inbox.consume(length)
    lastHeard = server.host.now
    return found
  }

  private static func text(_ range: Range<Int>, of input: Span<UInt8>) -> String {
    input.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }

  private func handle(_ verb: String, _ argument: String) {
    switch verb {
    case "USER":
      user = argument
      isLoggedIn = false
      reply(331, "Please specify the password.")
    case "PASS": logIn(argument)
    case "QUIT":
      reply(221, "Goodbye.")
      leave()
    case "NOOP": reply(200, "NOOP ok.")
    case "SYST": reply(215, "UNIX Type: L8")
    case "FEAT": send(features)
    case "OPTS":
      let isKnown = argument.uppercased().hasPrefix("UTF8")
      reply(isKnown ? 200 : 501, isKnown ? "Always in UTF8 mode." : "Option not understood.")
    case "AUTH": reply(503, "TLS is already on.")
    case "PBSZ": reply(200, "PBSZ set to 0.")
    case "PROT": protect(argument)
    default:
      guard isLoggedIn else { return reply(530, "Please login with USER and PASS.") }
      serve(verb, argument)
    }
  }

  private func logIn(_ password: String) {
    guard user == "bblp", password == server.settings.accessCode, !server.troubles.has(.ftps530)
    else {
      server.note(fault: "ftp.wrong-code")
      failureCount += 1
      reply(530, "Login incorrect.")
      if failureCount >= Self.failureLimit { leave() }
      return
    }
    isLoggedIn = true
    reply(230, "Login successful.")
  }

  private func protect(_ level: String) {
    switch level.uppercased() {
    case "P":
      if let way = server.troubles.word(.ftpsPlainData) {
        isProtected = false
        return way == "lies"
          ? reply(200, "PROT now Private.") : reply(534, "Policy requires clear data channels.")
      }
      isProtected = true
      reply(200, "PROT now Private.")
    case "C":
      isProtected = false
      reply(200, "PROT now Clear.")
    default: reply(504, "PROT not recognized.")
    }
  }

  private var features: String {
    let extended = server.settings.knowsExtendedPassive ? " EPSV\r\n" : ""
    return "211-Features:\r\n AUTH TLS\r\n" + extended
      + " MDTM\r\n PASV\r\n PBSZ\r\n PROT\r\n REST STREAM\r\n SIZE\r\n UTF8\r\n211 End\r\n"
  }

  // MARK: Ends

  private func watchSilence() {
    guard !isOver else { return }
    // A transfer has a watch of its own.
    if channel?.isBusy == true { lastHeard = server.host.now }
    let left = lastHeard + Self.idleLimit - server.host.now
    guard left > .zero else {
      reply(421, "Timeout.")
      return leave()
    }
    timer = server.host.after(left) { [weak self] in self?.watchSilence() }
  }

  /// Says what is left to say, and goes.
  func leave() {
    guard !isOver else { return }
    end()
    stream.close()
  }

  func reset() {
    guard !isOver else { return }
    end()
    stream.reset()
  }

  private func end() {
    guard !isOver else { return }
    isOver = true
    timer?.cancel()
    timer = nil
    channel?.abandon()
    channel = nil
    server.remove(self)
  }
}
