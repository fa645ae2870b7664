import CSQLite
import Wire
import World

/// Takes a request through the checks that its route describes, and to its handler.
final class Dispatcher {
  let router: Router
  private let platform: Platform
  private let gate: any Gate
  private let limiter: RateLimiter
  /// How the request being answered stands to its limit.
  private var standing: RateLimiter.Standing?

  init(platform: Platform, router: Router, gate: any Gate) {
    limiter = RateLimiter(platform: platform)
    self.platform = platform
    self.router = router
    self.gate = gate
  }

  /// A request whose route is known.
  struct Matched {
    let route: Route
    let id: String
    let method: HTTPMethod
    let headers: HeaderFields
    let peer: String
    let parameters: [(name: String, value: String)]
    let query: [(name: String, value: String)]

    func call(_ input: Input, _ options: Input = .none) -> Call {
      Call(
        id: id, method: method, headers: headers, peer: peer, parameters: parameters,
        query: query, input: input, options: options)
    }
  }

  /// Finds the route; throws the answer when there is none.
  func match(_ head: RequestHead, id: String, peer: String) throws -> Matched {
    if let status = platform.trouble.refusal {
      throw APIError(
        status: status, code: status == 429 ? "rate_limited" : "unavailable",
        message: "the cloud is in trouble; ask again later", headers: ["Retry-After": "5"])
    }
    guard let target = Target(head.target) else {
      throw APIError.badRequest("the request's target is no path that can be read")
    }
    guard let method = HTTPMethod(rawValue: head.method) else {
      // What HTTP knows and no route takes is not allowed; the rest is not known at all.
      if ["PATCH", "TRACE", "CONNECT", "QUERY"].contains(head.method),
        case .otherMethods(let methods) = router.find(.options, target.parts)
      {
        throw Self.notAllowed(methods)
      }
      throw APIError(
        status: 501, code: "not_implemented", message: "\(head.method.prefix(16)) is not known")
    }
    switch router.find(method, target.parts) {
    case .route(let route, let parameters):
      return Matched(
        route: route, id: id, method: method, headers: head.headers, peer: peer,
        parameters: parameters, query: target.query)
    case .otherMethods(let methods): throw Self.notAllowed(methods)
    case .nothing:
      throw APIError.notFound("path")
    }
  }

  private static func notAllowed(_ methods: [HTTPMethod]) -> APIError {
    let allowed = (methods.map(\.rawValue) + ["OPTIONS"]).joined(separator: ", ")
    return APIError(
      status: 405, code: "method_not_allowed", message: "here only \(allowed)",
      headers: ["Allow": allowed])
  }

  /// The answer to a cross-origin question (CORS) for a path, or nil when there is no such path.
  func preflight(_ head: RequestHead) -> Answer? {
    guard let target = Target(head.target) else { return nil }
    let methods: [HTTPMethod]
    switch router.find(.options, target.parts) {
    case .otherMethods(let known): methods = known
    case .route, .nothing: return nil
    }
    let allowed = (methods.map(\.rawValue) + ["OPTIONS"]).joined(separator: ", ")
    return Answer(
      status: 204,
      headers: [
        ("Allow", allowed), ("Access-Control-Allow-Methods", allowed),
        (
          "Access-Control-Allow-Headers",
          "Authorization, Content-Type, Idempotency-Key, X-Tenant-ID, X-Request-ID, Range, If-Range, "
            + "If-None-Match"
        ),
        ("Access-Control-Max-Age", "600"),
      ] + origin(head), body: .none)
  }

  /// What tells a browser that this page may read the answer.
  func origin(_ head: RequestHead) -> [(String, String)] {
    if let origin = head.headers["origin"], isTrusted(origin: origin) {
      return [
        ("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"),
        ("Vary", "Origin"),
      ]
    }
    // Without the right to send a cookie along: whoever has a token may come from anywhere.
    return [("Access-Control-Allow-Origin", "*")]
  }

  private func isTrusted(origin: String) -> Bool {
    platform.configuration.trustedOrigins.contains(origin)
  }

  /// Runs the handler of a route whose body is JSON or nothing. What it writes is one transaction; the
  /// answer may leave when that is on disk.
  func answer(_ matched: Matched, body: [UInt8]) -> Answer {
    standing = nil
    var answer = refusing(matched.id) {
      let work = { try self.handle(matched, body: body) }
      switch matched.method {
      case .get, .head, .options: return try work()
      case .post, .put, .delete: return try platform.database.transaction(work)
      }
    }
    if let standing { answer.headers += standing.headers }
    return answer
  }

  /// Runs `body`, and makes an answer of what it throws.
  func refusing(_ id: String, _ body: () throws -> Answer) -> Answer {
    do {
      return try body()
    } catch {
      return .failure(refusal(error, id: id), requestID: id)
    }
  }

  /// What a client is told of an error.
  func refusal(_ error: any Error, id: String) -> APIError {
    switch error {
    case let error as APIError:
      return error
    case ObjectError.tooLarge(let limit):
      return .tooLarge(limit: limit)
    case DatabaseError.notUnique:
      return .conflict("there is one like this already")
    case DatabaseError.dangling:
      return .conflict("something else refers to this, or this to something that is gone")
    case DatabaseError.failed(let code, _) where code & 0xFF == SQLITE_BUSY:
      return .busy
    default:
      platform.host.note(.problem, "request \(id) failed: \(error)")
      return .internal
    }
  }

  private func handle(_ matched: Matched, body: [UInt8]) throws -> Answer {
    let rate = matched.route.rate
    if rate == .auth { standing = try limiter.count(rate, of: Call.address(of: matched.peer)) }
    switch matched.route.handler {
    case .open(let handler):
      return try handler(checked(matched, body))
    case .factory(let handler):
      try gate.checkFactory(bare(matched))
      return try handler(checked(matched, body))
    case .user(let handler):
      let session = try gate.session(bare(matched))
      try limit(rate, session)
      return try handler(checked(matched, body), session)
    case .member(let role, let handler):
      let call = bare(matched)
      let session = try gate.session(call)
      try limit(rate, session)
      let member = try gate.member(call, session, atLeast: role)
      try limit(rate, member)
      return try handler(checked(matched, body), member)
    case .tenant(let role, let handler):
      let call = bare(matched)
      let session = try gate.session(call)
      try limit(rate, session)
      let member = try gate.member(session, ofTenant: call.parameter("id"), atLeast: role)
      return try handler(checked(matched, body), member)
    case .upload, .memberUpload, .socket:
      preconditionFailure("streams are taken over by the connection")
    }
  }

  /// Who uploads, and what they said behind the `?`: known before any of the body is read.
  func admit(_ matched: Matched, atLeast role: Role) throws -> (Call, Member) {
    let call = bare(matched)
    let session = try gate.session(call)
    try limit(matched.route.rate, session)
    let member = try gate.member(call, session, atLeast: role)
    try limit(matched.route.rate, member)
    return (matched.call(.none, try options(matched)), member)
  }

  private func limit(_ rate: RateClass, _ session: Session) throws {
    if rate == .api { standing = try limiter.count(rate, of: session.userID) }
  }

  private func limit(_ rate: RateClass, _ member: Member) throws {
    if rate == .upload { standing = try limiter.count(rate, of: member.scope.tenantID) }
  }

  /// Who asks is checked before what they ask.
  private func bare(_ matched: Matched) -> Call { matched.call(.none) }

  private func checked(_ matched: Matched, _ body: [UInt8]) throws -> Call {
    if !body.isEmpty, let type = matched.headers["content-type"] {
      let essence = type.utf8.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != 0x20 }
      guard equalsIgnoringCase(essence.span, "application/json") else {
        throw APIError(
          status: 415, code: "unsupported_media_type",
          message: "expected Content-Type: application/json")
      }
    }
    let options = try options(matched)
    return matched.call(try Input(body, matched.route.fields), options)
  }

  private func options(_ matched: Matched) throws -> Input {
    guard let parameters = matched.route.parameters else { return .none }
    return try Input(query: matched.query, parameters, ignoring: ["tenant_id"])
  }
}
