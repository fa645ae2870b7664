import World

/// The methods that routes know.
enum HTTPMethod: String, CaseIterable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case delete = "DELETE"
  case options = "OPTIONS"
}

/// One request as a handler sees it.
struct Call {
  /// Goes with everything that is said about this request.
  let id: String
  let method: HTTPMethod
  let headers: HeaderFields
  let peer: String
  /// What stands in the path for each `:name`, in order.
  var parameters: [(name: String, value: String)] = []
  var query: [(name: String, value: String)] = []
  var input: Input
  /// What stands behind the `?`, checked; empty for a route that does not describe it.
  var options: Input

  /// What stands in the path for `:name`.
  func parameter(_ name: String) -> String {
    guard let value = parameters.first(where: { $0.name == name })?.value else {
      preconditionFailure("the route has no :\(name)")
    }
    return value
  }

  /// The peer without its port.
  var address: String { Self.address(of: peer) }

  static func address(of peer: String) -> String {
    guard let colon = peer.lastIndex(of: ":") else { return peer }
    return String(peer[..<colon])
  }

  func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

  /// Whether it may change something.
  var changes: Bool {
    switch method {
    case .get, .head, .options: false
    case .post, .put, .delete: true
    }
  }

  /// The token of `Authorization: Bearer …`.
  var bearer: String? {
    guard let value = headers["authorization"] else { return nil }
    let words = value.utf8.split(separator: UInt8(ascii: " "))
    guard words.count == 2, Substring(words[0]).lowercased() == "bearer" else { return nil }
    return String(Substring(words[1]))
  }
}

/// What a handler answers.
struct Answer {
  enum Body {
    case none
    case json(JSON)
    /// Something small that is no JSON; its type stands in the headers.
    case bytes([UInt8])
    /// A part of an object, sent as fast as the peer reads.
    case stored(any VaultReader, Range<Int>)
  }

  var status: Int
  var headers: [(String, String)] = []
  var body: Body

  /// `{"data": …}`.
  static func data(_ json: JSON, status: Int = 200) -> Answer {
    Answer(status: status, body: .json(["data": json]))
  }

  static func failure(_ error: APIError, requestID: String) -> Answer {
    let envelope: JSON = [
      "error": [
        "code": .string(error.code), "message": .string(error.message),
        "request_id": .string(requestID),
      ]
    ]
    return Answer(
      status: error.status,
      headers: error.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
      body: .json(envelope))
  }
}

extension JSON {
  static func optional(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
  static func optional(_ number: Int64?) -> JSON { number.map { .integer($0) } ?? .null }
  static func optional(_ number: Double?) -> JSON { number.map { .double($0) } ?? .null }
  static func integer(_ number: Int) -> JSON { .integer(Int64(number)) }
}
