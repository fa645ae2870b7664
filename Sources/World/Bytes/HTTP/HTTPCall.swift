import Wire

/// What came back from an `HTTPCall`.
public struct HTTPAnswer: Sendable {
  public var status: Int
  /// In order, names as they were sent.
  public var headers: [(String, String)]
  public var body: [UInt8]

  public init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The value of the first header of this name, whatever its case.
  public func header(_ name: String) -> String? { firstHeader(name, in: headers) }

  /// The body as JSON, if it is that.
  public var json: JSON? { try? JSON.parse(body) }
}

/// Why an `HTTPCall` brought nothing back.
public enum HTTPCallFailure: Error, Equatable, Sendable {
  case network(NetworkFailure)
  case protocolBroken(HTTPError)
  case timedOut
  case badURL
}

/// One HTTP request over a connection of its own.
public final class HTTPCall: StreamHandler {
  /// Whom calls over TLS believe unless told otherwise: the rig's own authority.
  public static let standardTrust = Trust.authority("hubrig development authority")

  private let completion: (Result<HTTPAnswer, HTTPCallFailure>) -> Void
  private var outgoing: [UInt8] = []
  private var sentCount = 0
  private var inbox = ByteBuffer()
  private var collector: HTTPCollector
  private var stream: (any Stream)?
  private var timer: (any Timer)?
  private var isOver = false

  /// Sends a request; `completion` is called once, later, never before this returns. The timeout
  /// is for all of it. Header names of `headers` replace those that would be sent by themselves.
  @discardableResult
  public static func perform(
    on host: any Host, method: String, url: String, trust: Trust? = nil,
    headers: [(String, String)] = [], body: [UInt8] = [], timeout: Interval = .seconds(30),
    bodyLimit: Int = 1 << 30,
    completion: @escaping (Result<HTTPAnswer, HTTPCallFailure>) -> Void
  ) -> HTTPCall {
    let call = HTTPCall(method: method, bodyLimit: bodyLimit, completion: completion)
    call.begin(on: host, method, url, trust ?? standardTrust, headers, body, timeout)
    return call
  }

  /// Gives up; the completion is not called any more.
  public func cancel() {
    guard !isOver else { return }
    isOver = true
    stream?.reset()
    release()
  }

  private init(
    method: String, bodyLimit: Int,
    completion: @escaping (Result<HTTPAnswer, HTTPCallFailure>) -> Void
  ) {
    self.completion = completion
    collector = HTTPCollector(.response, bodyLimit: bodyLimit)
    if method == "HEAD" { collector.expectNoBody() }
  }

  private func begin(
    on host: any Host, _ method: String, _ url: String, _ trust: Trust,
    _ headers: [(String, String)], _ body: [UInt8], _ timeout: Interval
  ) {
    guard let destination = HTTPDestination(url) else {
      timer = host.after(.zero) { self.end(.failure(.badURL)) }
      return
    }
    outgoing = destination.head(method, headers, bodyCount: body.count) + body
    timer = host.after(timeout) {
      self.stream?.reset()
      self.end(.failure(.timedOut))
    }
    stream = host.connect(
      to: destination.host, port: destination.port, security: destination.security(trust),
      handler: self)
  }

  public func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    guard !isOver else { return }
    switch event {
    case .opened, .writable: send()
    case .readable: receive()
    case .peerFinished:
      receive()
      guard !isOver else { return }
      conclude { (call) throws(HTTPError) in
        guard let message = try call.collector.streamEnded() else { throw .truncated }
        return message
      }
    case .failed(let failure):
      receive()
      if !isOver { end(.failure(.network(failure))) }
    }
  }

  private func send() {
    guard let stream else { return }
    while sentCount < outgoing.count, !isOver {
      let taken = outgoing.withUnsafeBytes {
        stream.write(UnsafeRawBufferPointer(rebasing: $0[sentCount...]))
      }
      guard taken > 0 else { return }
      sentCount += taken
    }
  }

  private func receive() {
    guard let stream else { return }
    while !isOver, inbox.take(from: stream, limit: 1 << 16) > 0 {
      conclude { (call) throws(HTTPError) in
        // Interim answers are no answers.
        while let message = try call.collector.next(&call.inbox) {
          if message.status == 101 || message.status >= 200 { return message }
        }
        return nil
      }
    }
  }

  /// Ends the call if there is an answer or none can come any more.
  private func conclude(_ read: (HTTPCall) throws(HTTPError) -> HTTPMessage?) {
    do throws(HTTPError) {
      guard let message = try read(self) else { return }
      stream?.close()
      let answer = HTTPAnswer(
        status: message.status, headers: message.headers, body: message.body)
      end(.success(answer))
    } catch {
      stream?.reset()
      end(.failure(.protocolBroken(error)))
    }
  }

  private func end(_ result: Result<HTTPAnswer, HTTPCallFailure>) {
    guard !isOver else { return }
    isOver = true
    release()
    completion(result)
  }

  private func release() {
    timer?.cancel()
    timer = nil
    stream = nil
    outgoing = []
  }
}
