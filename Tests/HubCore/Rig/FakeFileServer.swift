import Foundation

/// The place that files are downloaded from.
final class FakeFileServer: FakePeer {
  var file: [UInt8] = []
  /// What it gives for paths that begin so, instead of `file`.
  var others: [(path: String, bytes: [UInt8])] = []
  /// Sends so many bytes of a file and then nothing more, so many times.
  var holdsAfter: Int?
  var holds = 0
  /// The head of the answer; nil for 200 with the right length.
  var head: String?
  /// Sends the file in chunks of this size instead of with its length.
  var chunk: Int?
  /// Breaks off after so many bytes, so many times.
  var breaksAfter: Int?
  var breaks = 0
  /// What it calls this version of the file; with it, parts are served.
  var tag: String?
  /// Answers 403 to every link but those that end with this.
  var goodLinks: String?
  private(set) var requests: [String] = []
  private var answered: Set<Int32> = []

  func answers(_ stream: FakeStream) -> Bool { stream.host == "files.test" }

  private func rangeStart(_ request: String) -> Int? {
    guard let range = request.range(of: "Range: bytes=") else { return nil }
    return Int(request[range.upperBound...].prefix { $0.isNumber })
  }

  func act(on stream: FakeStream) -> Bool {
    let text = String(decoding: stream.fromHub, as: UTF8.self)
    guard !answered.contains(stream.number), text.hasSuffix("\r\n\r\n") else { return false }
    stream.fromHub.removeAll()
    answered.insert(stream.number)
    requests.append(text)
    let file = others.first { text.hasPrefix("GET \($0.path)") }?.bytes ?? self.file
    if let goodLinks, !text.components(separatedBy: " HTTP/1.1")[0].hasSuffix(goodLinks) {
      stream.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    } else if let tag, let start = rangeStart(text), text.contains("If-Range: \(tag)\r\n") {
      stream.send("HTTP/1.1 206 Partial Content\r\nContent-Length: \(file.count - start)\r\n")
      stream.send("Content-Range: bytes \(start)-\(file.count - 1)/\(file.count)\r\n\r\n")
      stream.toHub += file.dropFirst(start)
    } else if let head {
      stream.send(head)
    } else if let chunk {
      stream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      for start in stride(from: 0, to: file.count, by: chunk) {
        let piece = file[start..<min(start + chunk, file.count)]
        stream.send(String(piece.count, radix: 16) + "\r\n")
        stream.toHub += piece
        stream.send("\r\n")
      }
      stream.send("0\r\n\r\n")
    } else {
      stream.send("HTTP/1.1 200 OK\r\nContent-Length: \(file.count)\r\n")
      if let tag { stream.send("ETag: \(tag)\r\n") }
      stream.send("\r\n")
      if let breaksAfter, breaks > 0 {
        breaks -= 1
        stream.toHub += file.prefix(breaksAfter)
        stream.isFinishedByPeer = true
        return true
      }
      if let holdsAfter, holds > 0 {
        holds -= 1
        stream.toHub += file.prefix(holdsAfter)
        return true
      }
      stream.toHub += file
    }
    stream.isFinishedByPeer = true
    return true
  }
}
