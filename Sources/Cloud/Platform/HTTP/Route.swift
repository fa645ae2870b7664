// The route table: what the cloud answers to, as data. One entry says the method, the path, who may
// come, what may stand behind the `?` and in the body, what comes back and how often it may be asked
// for. From it come the checks at the edge, `GET /api/v1/openapi.json` and the tests that walk every
// route. A handler is only entered when all of that holds, and is given exactly what it was promised:
// a handler without a member has no tenant's scope.

/// One line of the route table.
struct Route {
  enum Handler {
    /// Anybody.
    case open((Call) throws -> Answer)
    /// Whoever has the factory's key.
    case factory((Call) throws -> Answer)
    /// Somebody who is signed in.
    case user((Call, Session) throws -> Answer)
    /// A member of the tenant with at least this role.
    case member(Role, (Call, Member) throws -> Answer)
    /// A member, with at least this role, of the tenant that the path names as `:id`.
    case tenant(Role, (Call, Member) throws -> Answer)
    /// Takes the body as it comes. Whoever asks is known by the path.
    case upload((Call) throws -> any BodySink)
    /// The same from a member with at least this role.
    case memberUpload(Role, (Call, Member) throws -> any BodySink)
    /// Becomes a WebSocket.
    case socket((Call) throws -> SocketOffer)
  }

  let method: HTTPMethod
  /// `:name` stands for one part of any content.
  let path: String
  /// What the body's JSON object may hold.
  let fields: [Field]
  let handler: Handler
  /// What may stand behind the `?`; nil when the handler looks at that by itself.
  private(set) var parameters: [Field]?
  /// What it does, for people.
  private(set) var summary = ""
  /// What `data` holds in its answer.
  private(set) var answer = Shape.anything
  /// The status of an answer that is no refusal.
  private(set) var status = 200
  /// The answer is a part of a list.
  private(set) var isPaged = false
  /// Nil when the handler's kind says it.
  private var chosenRate: RateClass?

  init(_ method: HTTPMethod, _ path: String, _ handler: Handler) {
    self.init(method, path, [], handler)
  }

  init(_ method: HTTPMethod, _ path: String, _ fields: [Field], _ handler: Handler) {
    self.method = method
    self.path = path
    self.fields = fields
    self.handler = handler
  }

  /// The same route, described: what it does, what it answers, what may stand behind the `?`.
  func described(
    _ summary: String, _ answer: Shape = .anything, status: Int = 200, _ parameters: [Field] = []
  ) -> Route {
    var route = self
    route.summary = summary
    route.answer = answer
    route.status = status
    route.parameters = parameters
    return route
  }

  /// The same route, described, which answers a part of a list of `element`s at a time.
  func paged(_ summary: String, of element: Shape, _ parameters: [Field] = []) -> Route {
    var route = described(summary, .list(element), parameters + Page.parameters)
    route.isPaged = true
    return route
  }

  /// The same route, with a limit of its own kind.
  func limited(_ rate: RateClass) -> Route {
    var route = self
    route.chosenRate = rate
    return route
  }

  /// How often it may be asked for.
  var rate: RateClass {
    if let chosenRate { return chosenRate }
    switch handler {
    case .user, .member, .tenant: return .api
    case .memberUpload: return .upload
    case .open, .factory, .upload, .socket: return .unlimited
    }
  }

  /// The least role of a member who may come; nil when it takes no member.
  var role: Role? {
    switch handler {
    case .member(let role, _), .tenant(let role, _), .memberUpload(let role, _): role
    case .open, .factory, .user, .upload, .socket: nil
    }
  }

  /// Whether the body is taken as it comes.
  var takesBytes: Bool {
    switch handler {
    case .upload, .memberUpload: true
    case .open, .factory, .user, .member, .tenant, .socket: false
    }
  }

  /// Whether it is about a tenant that the path does not name.
  var isOfSomeTenant: Bool {
    switch handler {
    case .member, .memberUpload: true
    case .open, .factory, .user, .tenant, .upload, .socket: false
    }
  }

  /// The names of the path's parts of any content.
  var pathParameters: [String] {
    // Bytes are split faster than characters.
    path.utf8.split(separator: UInt8(ascii: "/")).filter { $0.first == UInt8(ascii: ":") }
      .map { String(Substring($0.dropFirst())) }
  }
}

/// What a route is limited by (see `RateLimiter`).
enum RateClass: String, CaseIterable {
  case unlimited, auth, api, upload
}

/// Takes a request's body piece by piece.
protocol BodySink: AnyObject {
  /// The most that is taken.
  var limit: Int { get }
  func take(_ bytes: UnsafeRawBufferPointer) throws
  /// The body is whole.
  func finish() throws -> Answer
  /// It will never be.
  func abandon()
}

/// What a socket's route answers: header fields for the 101, and who takes the socket over.
struct SocketOffer {
  var headers: [(String, String)]
  var messageLimit: Int
  var accept: (WebSocketSession) -> Void
}

/// Who may come.
protocol Gate: AnyObject {
  func session(_ call: Call) throws -> Session
  func member(_ call: Call, _ session: Session, atLeast role: Role) throws -> Member
  /// The same for a tenant that the path names.
  func member(_ session: Session, ofTenant tenant: String, atLeast role: Role) throws -> Member
  func checkFactory(_ call: Call) throws
}
