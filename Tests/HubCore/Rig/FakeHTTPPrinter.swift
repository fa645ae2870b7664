import Foundation
import Wire

/// A printer's server over HTTP: it reads requests, notes them, and answers what a test tells it to.
class FakeHTTPPrinter: FakePeer {
  struct Request {
    var method: String
    var target: String
    var headers: [String: String]
    var body: [UInt8]
    /// The number of the stream that it came on.
    var stream: Int32

    var line: String { "\(method) \(target)" }
    var json: [String: Any] { body.isEmpty ? [:] : parsed(body) }
  }

  struct Reply {
    var status = 200
    var body = ""
    var headers: [String] = []
    /// Breaks off after so many bytes of the whole answer.
    var cut: Int?

    static func json(_ text: String, status: Int = 200) -> Reply {
      Reply(status: status, body: text, headers: ["Content-Type: application/json"])
    }

    static func empty(_ status: Int) -> Reply { Reply(status: status) }
  }

  let serial: String
  let address: String
  var port: UInt16
  var kind: String { "" }
  var key = "0123456789abcdef0123456789abcdef"
  /// All requests that were answered, in order.
  var requests: [Request] = []
  /// Answers before everything else; nil leaves it to the kind.
  var override: (Request) -> Reply? = { _ in nil }
  /// A print is over before anybody can look.
  var printsAtOnce = false
  /// The server takes connections and says nothing.
  var isMute = false
  /// Closes each connection after its answer without having said that it would.
  var closesSilently = false
  /// How it frames its answers.
  var sendsChunks = false
  /// Bytes of an upload after which the stream is reset, so many times.
  var resetsUploadAfter: Int?
  var uploadResets = 0
  /// Says that the body of an upload may come.
  var saysContinue = true
  private var continued: Set<Int32> = []
  private(set) var files: [String: [UInt8]] = [:]
  var upgraded: Set<Int32> = []

  init(serial: String, address: String, port: UInt16) {
    self.serial = serial
    self.address = address
    self.port = port
  }

  func answers(_ stream: FakeStream) -> Bool { stream.host == address && stream.port == port }

  /// The lines of the requests, without those that only look.
  var doings: [String] { requests.filter { $0.method != "GET" }.map(\.line) }

  func count(of line: String) -> Int { requests.filter { $0.line == line }.count }

  func act(on stream: FakeStream) -> Bool {
    if isMute { return false }
    if upgraded.contains(stream.number) { return actOnSocket(stream) }
    guard let end = headEnd(stream.fromHub) else { return false }
    let head = String(decoding: stream.fromHub[..<end], as: UTF8.self)
    var lines = head.components(separatedBy: "\r\n")
    let start = lines.removeFirst().split(separator: " ").map(String.init)
    var headers: [String: String] = [:]
    for line in lines where !line.isEmpty {
      let colon = line.firstIndex(of: ":")!
      headers[line[..<colon].lowercased()] = String(line[line.index(colon, offsetBy: 2)...])
    }
    let length = Int(headers["content-length"] ?? "0")!
    let body = Array(stream.fromHub[(end + 4)...])
    if let resetsUploadAfter, uploadResets > 0, length > 0, body.count >= resetsUploadAfter,
      headers["expect"] != nil
    {
      uploadResets -= 1
      stream.fail(-5)
      return true
    }
    var request = Request(
      method: start[0], target: start[1], headers: headers, body: [], stream: stream.number)
    if headers["expect"] == "100-continue", !continued.contains(stream.number) {
      // What is wrong with the head is said before the file has come.
      if let refusal = refusal(of: request) {
        note(request)
        stream.fromHub.removeAll()
        reply(refusal, to: request, stream)
        return true
      }
      continued.insert(stream.number)
      if saysContinue { stream.send("HTTP/1.1 100 Continue\r\n\r\n") }
      return true
    }
    guard body.count >= length else { return false }
    request.body = Array(body.prefix(length))
    stream.fromHub.removeFirst(end + 4 + length)
    note(request)
    let answer = refusal(of: request) ?? override(request) ?? answer(request)
    reply(answer, to: request, stream)
    return true
  }

  func note(_ request: Request) { requests.append(request) }

  private func headEnd(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for index in 0...bytes.count - 4
    where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13
      && bytes[index + 3] == 10
    {
      return index
    }
    return nil
  }

  private func reply(_ reply: Reply, to request: Request, _ stream: FakeStream) {
    if reply.status == 101 {
      upgraded.insert(stream.number)
      stream.send("HTTP/1.1 101 Switching Protocols\r\n\(reply.headers.joined(separator: "\r\n"))")
      stream.send("\r\n\r\n")
      return
    }
    var text = "HTTP/1.1 \(reply.status) Word\r\n"
    for header in reply.headers { text += header + "\r\n" }
    if reply.status == 204 {
      text += "\r\n"
    } else if sendsChunks {
      text += "Transfer-Encoding: chunked\r\n\r\n"
      var rest = Substring(reply.body)
      while !rest.isEmpty {
        let piece = rest.prefix(7)
        text += String(piece.utf8.count, radix: 16) + "\r\n" + piece + "\r\n"
        rest = rest.dropFirst(7)
      }
      text += "0\r\n\r\n"
    } else {
      text += "Content-Length: \(reply.body.utf8.count)\r\n\r\n" + reply.body
    }
    if let cut = reply.cut {
      stream.toHub += Array(text.utf8).prefix(cut)
      stream.isFinishedByPeer = true
      return
    }
    stream.send(text)
    if closesSilently || request.headers["connection"] == "close" { stream.isFinishedByPeer = true }
  }

  // ------------------------------------------------------------------------- for the kinds

  func refusal(of request: Request) -> Reply? {
    request.headers["x-api-key"] == key ? nil : .json(#"{"error":"wrong key"}"#, status: 403)
  }

  func answer(_ request: Request) -> Reply { .empty(404) }
  func actOnSocket(_ stream: FakeStream) -> Bool { false }

  func keep(_ bytes: [UInt8], as name: String) { files[name] = bytes }

  /// The fields of a form, and the name of its file.
  func fields(of request: Request) -> (fields: [String: [UInt8]], fileName: String) {
    let type = request.headers["content-type"]!
    let boundary = Array(
      ("--" + type.components(separatedBy: "boundary=")[1]).utf8)
    var fields: [String: [UInt8]] = [:]
    var fileName = ""
    for part in split(request.body, by: boundary).dropFirst() {
      guard let end = headEnd(part) else { continue }
      let head = String(decoding: part[..<end], as: UTF8.self)
      let name = head.components(separatedBy: "name=\"")[1].components(separatedBy: "\"")[0]
      fields[name] = Array(part[(end + 4)..<(part.count - 2)])
      if head.contains("filename=\"") {
        fileName = head.components(separatedBy: "filename=\"")[1].components(separatedBy: "\"")[0]
      }
    }
    return (fields, fileName)
  }

  private func split(_ bytes: [UInt8], by mark: [UInt8]) -> [[UInt8]] {
    var parts: [[UInt8]] = [[]]
    var index = 0
    while index < bytes.count {
      if index + mark.count <= bytes.count, bytes[index] == mark[0],
        Array(bytes[index..<index + mark.count]) == mark
      {
        parts.append([])
        index += mark.count
      } else {
        parts[parts.count - 1].append(bytes[index])
        index += 1
      }
    }
    return parts
  }
}
