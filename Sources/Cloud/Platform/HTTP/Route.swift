// The route table: what the cloud answers to, as data. One line says the method, the path, who may
// come, and what must be in the body; a handler is only entered when all of that holds, and is given
// exactly what it was promised: a handler without a member has no tenant's scope.

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
    /// Takes the body as it comes. Whoever asks is known by the path.
    case upload((Call) throws -> any BodySink)
    /// Becomes a WebSocket.
    case socket((Call) throws -> SocketOffer)
  }

  let method: HTTPMethod
  /// `:name` stands for one part of any content.
  let path: String
  let fields: [Field]
  let handler: Handler

  init(_ method: HTTPMethod, _ path: String, _ handler: Handler) {
    self.init(method, path, [], handler)
  }

  init(_ method: HTTPMethod, _ path: String, _ fields: [Field], _ handler: Handler) {
    self.method = method
    self.path = path
    self.fields = fields
    self.handler = handler
  }
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
  func checkFactory(_ call: Call) throws
}
