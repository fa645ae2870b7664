/// A printer's FTP server, as simple as it can be true.
final class FakeFileServerOfPrinter {
  var code = "12345678"
  /// The files on the card.
  private(set) var card: [String: [UInt8]] = [:]
  private(set) var commands: [String] = []
  /// Every stream for data, in order.
  private(set) var dataStreams: [FakeStream] = []
  /// What a command is answered instead of what it should be.
  var answers: [String: String] = [:]
  /// Commands that are answered not at all.
  var ignores: Set<String> = []
  /// How many bytes of a file it takes each time that it acts; nil for all.
  var bytesPerTurn: Int?
  /// Whether a transfer that is over is confirmed.
  var confirms = true
  var confirmation = "226 done"
  /// Hangs up the control stream when a transfer is over.
  var dropsControlAtEnd = false
  /// Keeps only so many bytes of a file.
  var keeps = Int.max

  /// Answers PROT P with a refusal.
  var refusesProtection = false

  private var control: FakeStream?
  private var line: [UInt8] = []
  private var storing: String?

  func act(on stream: FakeStream) -> Bool {
    stream.port == 990 ? actOnControl(stream) : actOnData(stream)
  }

  private func actOnControl(_ stream: FakeStream) -> Bool {
    guard !stream.isClosedByHub || !stream.fromHub.isEmpty else { return false }
    if stream !== control {
      control = stream
      line.removeAll()
      storing = nil
      stream.send("220-printer\r\n220 ready\r\n")
      return true
    }
    // What comes during a transfer waits for its end.
    guard !stream.fromHub.isEmpty, storing == nil else { return false }
    for byte in stream.fromHub {
      line.append(byte)
      guard line.suffix(2) == [13, 10] else { continue }
      let text = String(decoding: line.dropLast(2), as: UTF8.self)
      line.removeAll()
      commands.append(text)
      answer(text, stream)
    }
    stream.fromHub.removeAll()
    return true
  }

  private func answer(_ text: String, _ stream: FakeStream) {
    let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
    let argument = parts.count > 1 ? parts[1] : ""
    if ignores.contains(parts[0]) { return }
    if let answer = answers[parts[0]] {
      stream.send(answer + "\r\n")
      return
    }
    if refusesProtection, text == "PROT P" {
      stream.send("536 only in clear\r\n")
      return
    }
    switch parts[0] {
    case "USER": stream.send("331 code?\r\n")
    case "PASS": stream.send(argument == code ? "230 in\r\n" : "530 no\r\n")
    case "PBSZ", "PROT", "TYPE": stream.send("200 ok\r\n")
    // The address is wrong on purpose: many printers give one.
    case "PASV": stream.send("227 Entering Passive Mode (0,0,0,0,200,10)\r\n")
    case "STOR":
      storing = argument
      card[argument] = []
      stream.send("150 go on\r\n")
    case "SIZE":
      if let file = card[argument] {
        stream.send("213 \(file.count)\r\n")
      } else {
        stream.send("550 no such file\r\n")
      }
    case "DELE":
      card[argument] = nil
      stream.send("250 gone\r\n")
    default: stream.send("502 what?\r\n")
    }
  }

  private func actOnData(_ stream: FakeStream) -> Bool {
    if (dataStreams.last?.number ?? 0) < stream.number { dataStreams.append(stream) }
    guard let name = storing, stream === dataStreams.last else { return false }
    let count = min(stream.fromHub.count, bytesPerTurn ?? .max)
    if count > 0 {
      let room = max(0, keeps - card[name]!.count)
      card[name]! += stream.fromHub.prefix(min(count, room))
      stream.fromHub.removeFirst(count)
      return true
    }
    guard stream.isFinishedByHub || stream.isClosedByHub else { return false }
    storing = nil
    if dropsControlAtEnd {
      control?.fail(-5)
    } else if confirms {
      control?.send(confirmation + "\r\n")
    }
    return true
  }
}
