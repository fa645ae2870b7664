import Wire
import World

/// A request as a printer's web server understands it.
struct WebRequest {
  var method = ""
  /// As it was sent: path and query.
  var target = "" { didSet { split() } }
  var headers: [(name: String, value: String)] = []
  var body: [UInt8] = []
  /// Where it came from.
  var peer = ""
  /// Without escapes, beginning with a slash.
  private(set) var path = ""
  private(set) var query: [(name: String, value: String)] = []

  /// The parts between the slashes.
  var parts: [String] { path.split(separator: "/").map(String.init) }

  /// The value of the first header of this name, whatever its case.
  func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }

  /// The value of a field of the query; empty for one that is only named.
  func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

  /// The body as JSON, if it is that.
  var json: JSON? { try? JSON.parse(body) }

  private mutating func split() {
    let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = Self.unescaped(halves.first ?? "")
    query = halves.count > 1 ? Self.fields(of: halves[1]) : []
  }

  /// `name=value&name=value`, as in a query or a form.
  static func fields(of text: Substring) -> [(name: String, value: String)] {
    text.split(separator: "&").map { field in
      let halves = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (
        unescaped(halves[0], isForm: true),
        unescaped(halves.count > 1 ? halves[1] : "", isForm: true)
      )
    }
  }

  /// What percent signs hide; the text itself when they make no sense.
  static func unescaped(_ text: Substring, isForm: Bool = false) -> String {
    let plain = isForm ? String(text.map { $0 == "+" ? " " : $0 }) : String(text)
    guard plain.utf8.contains(UInt8(ascii: "%")) else { return plain }
    var isWhole = false
    let bytes = encoded(plain.utf8.count) {
      isWhole = PercentCoding.decode(plain.utf8.span, into: &$0)
    }
    return isWhole ? String(decoding: bytes, as: UTF8.self) : plain
  }

  /// The same for each part of a path.
  static func escapedPath(_ path: String) -> String {
    path.split(separator: "/").map { "/" + escaped(String($0)) }.joined()
  }

  static func escaped(_ text: String) -> String {
    String(
      decoding: encoded(text.utf8.count * 3) { PercentCoding.encode(text.utf8.span, into: &$0) },
      as: UTF8.self)
  }
}

/// What a printer's web server answers.
struct WebAnswer {
  var status: Int
  var headers: [(String, String)] = []
  var body: [UInt8] = []
  /// Whether the body comes in chunks instead of with its length.
  var isChunked = false
  /// Whether the connection ends with it.
  var closes = false

  static func json(
    _ json: JSON, status: Int = 200, headers: [(String, String)] = []
  ) -> WebAnswer {
    WebAnswer(
      status: status, headers: [("Content-Type", "application/json")] + headers, body: json.bytes)
  }

  static func text(
    _ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8"
  ) -> WebAnswer {
    WebAnswer(status: status, headers: [("Content-Type", type)], body: Array(text.utf8))
  }

  static let nothing = WebAnswer(status: 204)

  /// In the words of the servers that printers run, which are older.
  private var reason: String {
    switch status {
    case 413: "Request Entity Too Large"
    case 422: "Unprocessable Entity"
    default: HTTPStatus.reason(of: status)
    }
  }

  /// Status line, headers and body. An answer to HEAD has no body, whatever its head says.
  func bytes(keepsAlive: Bool, server: String, isHead: Bool) -> [UInt8] {
    let hasBody = status != 204 && status != 304 && status >= 200
    var text = "HTTP/1.1 \(status) \(reason)\r\nServer: \(server)\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    if hasBody {
      text += isChunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: \(body.count)\r\n"
    }
    text += keepsAlive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n"
    guard hasBody, !isHead else { return Array(text.utf8) }
    guard isChunked else { return Array(text.utf8) + body }
    var bytes = Array(text.utf8)
    // Two chunks where there is enough for two, so that clients meet the seam between them.
    let half = body.count > 64 ? body.count / 2 : body.count
    for piece in [body[..<half], body[half...]] where !piece.isEmpty {
      bytes += Array((String(piece.count, radix: 16) + "\r\n").utf8) + piece + [13, 10]
    }
    return bytes + Array("0\r\n\r\n".utf8)
  }
}
