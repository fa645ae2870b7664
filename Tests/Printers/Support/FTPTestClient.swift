import Printers
import Wire
import World

/// A client of the file server that says one line at a time.
final class FTPTestClient: StreamHandler {
  private let bench: PrinterBench
  private(set) var control: (any Stream)?
  private var text = ""
  private(set) var isOver = false

  init(_ bench: PrinterBench) {
    self.bench = bench
    control = bench.client.connect(
      to: "printer", port: 990, security: security(resuming: nil), handler: self)
    bench.run { !replies.isEmpty || isOver }
  }

  /// Ready for transfers.
  convenience init(loggedInTo bench: PrinterBench) {
    self.init(bench)
    for line in ["USER bblp", "PASS \(PrinterBench.code)", "PBSZ 0", "PROT P", "TYPE I"] {
      _ = say(line)
    }
  }

  private func security(resuming: (any Stream)?) -> ClientSecurity {
    .tls(
      trust: .commonName(PrinterBench.serial), serverName: PrinterBench.serial, resuming: resuming)
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    while stream.unreadCount > 0 {
      stream.read { bytes in
        text += String(decoding: bytes, as: UTF8.self)
        return bytes.count
      }
    }
    if event == .peerFinished { isOver = true }
    if case .failed = event { isOver = true }
  }

  /// Whole lines so far.
  var replies: [String] {
    text.split(separator: "\r\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  func send(_ text: String) { control?.write(Array(text.utf8)) }

  /// Says a line and answers the last line of the reply to it.
  func say(_ line: String) -> String {
    let before = replies.count
    send(line + "\r\n")
    bench.run {
      guard replies.count > before, let last = replies.last else { return isOver }
      return last.count > 3 && Array(last.utf8)[3] == UInt8(ascii: " ")
    }
    return replies.count > before ? replies.last ?? "" : ""
  }

  /// Waits for one more line.
  func next(after count: Int) -> String {
    bench.run(.minutes(10)) { replies.count > count || isOver }
    return replies.count > count ? replies[count] : ""
  }

  func closeControl() { control?.reset() }

  /// Opens a data connection.
  func data(resumes: Bool = true, isProtected: Bool = true) -> DataTestClient? {
    let reply = say("PASV")
    let numbers = reply.split { !"0123456789".contains($0) }.compactMap { Int($0) }
    guard numbers.count == 7 else { return nil }
    return DataTestClient(
      bench, port: UInt16(numbers[5] * 256 + numbers[6]),
      security: isProtected ? security(resuming: resumes ? control : nil) : .plain)
  }

  /// Uploads a file as a client ought to; answers the final reply.
  func store(_ name: String, _ bytes: [UInt8]) -> String {
    guard let data = data() else { return "no data connection" }
    let before = replies.count
    guard say("STOR \(name)").hasPrefix("150") else { return replies.last ?? "" }
    data.send(bytes)
    bench.run(.minutes(10)) { data.isSent || replies.count > before + 1 }
    data.finish()
    return next(after: before + 1)
  }

  func retrieve(_ command: String) -> (bytes: [UInt8], reply: String) {
    guard let data = data() else { return ([], "no data connection") }
    let before = replies.count
    guard say(command).hasPrefix("150") else { return ([], replies.last ?? "") }
    bench.run(.minutes(10)) { data.isOver }
    data.finish()
    return (data.received, next(after: before + 1))
  }
}

/// A data connection that sends what it is told and keeps what comes.
final class DataTestClient: StreamHandler {
  private let bench: PrinterBench
  private var stream: (any Stream)?
  private var unsent: ArraySlice<UInt8> = []
  private(set) var received: [UInt8] = []
  private(set) var isOpen = false
  private(set) var isOver = false
  private(set) var hasFailed = false

  init(_ bench: PrinterBench, port: UInt16, security: ClientSecurity) {
    self.bench = bench
    stream = bench.client.connect(to: "printer", port: port, security: security, handler: self)
  }

  var isSent: Bool { unsent.isEmpty }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened:
      isOpen = true
      flush()
    case .writable: flush()
    case .readable, .peerFinished:
      while stream.unreadCount > 0 {
        stream.read { bytes in
          received += bytes
          return bytes.count
        }
      }
      if event == .peerFinished { isOver = true }
    case .failed:
      isOver = true
      hasFailed = true
    }
  }

  func send(_ bytes: [UInt8]) {
    unsent += bytes
    flush()
  }

  private func flush() {
    while isOpen, !unsent.isEmpty, let stream {
      let taken = unsent.withUnsafeBytes { stream.write($0) }
      guard taken > 0 else { return }
      unsent = unsent.dropFirst(taken)
    }
  }

  func finish() { stream?.close() }
  func reset() { stream?.reset() }
}
