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
