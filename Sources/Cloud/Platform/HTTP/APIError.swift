/// A request that is refused, in the words of the one error envelope.
struct APIError: Error, Equatable {
  let status: Int
  /// Stable, for programs.
  let code: String
  /// For people: what was wrong, and what would have been right.
  let message: String
  var headers: [String: String] = [:]

  static func badRequest(_ message: String) -> APIError {
    APIError(status: 400, code: "bad_request", message: message)
  }
  static func invalidField(_ name: String, expected: String) -> APIError {
    APIError(status: 400, code: "invalid_field", message: "\(name): expected \(expected)")
  }
  static func unauthorized(_ message: String) -> APIError {
    APIError(status: 401, code: "unauthorized", message: message)
  }
  static func forbidden(_ message: String) -> APIError {
    APIError(status: 403, code: "forbidden", message: message)
  }
  static func notFound(_ what: String) -> APIError {
    APIError(status: 404, code: "not_found", message: "there is no such \(what)")
  }
  static func conflict(_ message: String) -> APIError {
    APIError(status: 409, code: "conflict", message: message)
  }
  static func tooLarge(limit: Int) -> APIError {
    APIError(status: 413, code: "too_large", message: "at most \(limit) bytes are taken")
  }
  static let `internal` = APIError(
    status: 500, code: "internal", message: "something went wrong here; nothing was changed")
  static let notKept = APIError(
    status: 503, code: "not_kept",
    message: "the database could not keep this; nothing was changed, try again",
    headers: ["Retry-After": "1"])
  static let busy = APIError(
    status: 503, code: "busy", message: "the database is busy; nothing was changed, try again",
    headers: ["Retry-After": "1"])
}

extension Int {
  /// The reason phrase of an HTTP status.
  var reasonPhrase: String {
    switch self {
    case 101: "Switching Protocols"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 206: "Partial Content"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 416: "Range Not Satisfiable"
    case 422: "Unprocessable Content"
    case 426: "Upgrade Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    case 507: "Insufficient Storage"
    default: "Status"
    }
  }
}
