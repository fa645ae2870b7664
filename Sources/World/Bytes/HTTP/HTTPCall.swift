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
    let text = Array(url.utf8)
    guard let parts = URLParts(text.span) else {
      timer = host.after(.zero) { self.end(.failure(.badURL)) }
      return
    }
    let name = String(decoding: text[parts.host], as: UTF8.self)
    outgoing = Self.head(method, parts, name, text, headers, bodyCount: body.count) + body
    timer = host.after(timeout) {
      self.stream?.reset()
      self.end(.failure(.timedOut))
    }
    let security: ClientSecurity =
      parts.isSecure ? .tls(trust: trust, serverName: name, resuming: nil) : .plain
    stream = host.connect(to: name, port: parts.port, security: security, handler: self)
  }

  private static func head(
    _ method: String, _ parts: URLParts, _ name: String, _ url: [UInt8],
    _ headers: [(String, String)], bodyCount: Int
  ) -> [UInt8] {
    var target = String(decoding: url[parts.target], as: UTF8.self)
    if !target.hasPrefix("/") { target = "/" + target }
    let isStandardPort = parts.port == (parts.isSecure ? 443 : 80)
    let address = name.utf8.contains(UInt8(ascii: ":")) ? "[\(name)]" : name
    var all = [("Host", isStandardPort ? address : "\(address):\(parts.port)")]
    all.append(("Connection", "close"))
    if bodyCount > 0 || ["POST", "PUT", "PATCH"].contains(method) {
      all.append(("Content-Length", "\(bodyCount)"))
    }
    all.removeAll { own in firstHeader(own.0, in: headers) != nil }
    var head = "\(method) \(target) HTTP/1.1\r\n"
    for (name, value) in all + headers { head += "\(name): \(value)\r\n" }
    return Array((head + "\r\n").utf8)
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
