/// Answers the requests that come to one web server.
protocol WebSite: AnyObject {
  /// Says at the head of a request what becomes of it.
  func receive(_ request: WebRequest) -> WebReception
  /// Answers a request that is whole; `reply` is called once, at once or later.
  func answer(_ request: WebRequest, _ reply: @escaping (WebAnswer) -> Void)
}

/// What becomes of a request whose head has come.
enum WebReception {
  /// Its body is collected, then it is answered.
  case collect
  /// Its body is a file, which is taken as it comes.
  case store(any UploadSink)
  /// It is answered without its body.
  case refuse(WebAnswer)
  /// It becomes a WebSocket.
  case socket((WebSocketLink) -> Void)
}

/// Takes the body of an upload, piece by piece.
protocol UploadSink: AnyObject {
  /// Takes some bytes; an answer says that no more are wanted.
  func take(_ bytes: UnsafeRawBufferPointer) -> WebAnswer?
  /// The body is whole.
  func finish(_ reply: @escaping (WebAnswer) -> Void)
  /// The connection broke, or somebody said no.
  func abandon()
}
