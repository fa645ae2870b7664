import Wire

/// An HTTP message, held as a whole.
public struct HTTPMessage: Sendable {
  /// Empty in an answer.
  public var method = ""
  /// Path and query; empty in an answer.
  public var target = ""
  /// 0 in a request.
  public var status = 0
  /// In order, names as they were sent.
  public var headers: [(String, String)] = []
  public var body: [UInt8] = []

  public init() {}

  /// The value of the first header of this name, whatever its case.
  public func header(_ name: String) -> String? { firstHeader(name, in: headers) }

  /// The body as JSON, if it is that.
  public var json: JSON? { try? JSON.parse(body) }
}

/// Gathers the events of Wire's reader into whole messages.
public struct HTTPCollector: ~Copyable {
  public private(set) var reader: HTTPReader
  private var message = HTTPMessage()

  public init(_ side: HTTPReader.Side, bodyLimit: Int) {
    reader = HTTPReader(side, lineLimit: 16_384, headerLimit: 200, bodyLimit: bodyLimit)
  }

  /// Tells that the answer to come has no body, whatever its head says.
  public mutating func expectNoBody() { reader.expectNoBody() }

  /// Takes what it can off the buffer; answers a message once it is whole.
  public mutating func next(_ buffer: inout ByteBuffer) throws(HTTPError) -> HTTPMessage? {
    while true {
      var used = 0
      switch buffer.withPendingSpan({ step($0, &used) }) {
      case .failure(let error): throw error
      case .success(let isWhole):
        buffer.consume(used)
        if isWhole {
          let whole = message
          message = HTTPMessage()
          return whole
        }
        if used == 0, !hasMoved { return nil }
      }
    }
  }

  /// Tells that the peer has closed; answers the message that this ended, if it did.
  public mutating func streamEnded() throws(HTTPError) -> HTTPMessage? {
    guard try reader.streamEnded() else { return nil }
    let whole = message
    message = HTTPMessage()
    return whole
  }

  private var hasMoved = false

  private mutating func step(_ input: Span<UInt8>, _ used: inout Int) -> Result<Bool, HTTPError> {
    let event: HTTPEvent
    do throws(HTTPError) {
      event = try reader.next(input)
    } catch {
      return .failure(error)
    }
    hasMoved = event != .needsMore
    switch event {
    case .needsMore: break
    case .request(let method, let target, _, let count):
      message.method = text(input, method)
      message.target = text(input, target)
      used = count
    case .response(let status, _, _, let count):
      message.status = Int(status)
      used = count
    case .header(let name, let value, let count):
      message.headers.append((text(input, name), text(input, value)))
      used = count
    case .headEnd(let body, let count):
      if case .counted(let size) = body { message.body.reserveCapacity(min(size, 1 << 26)) }
      used = count
    case .body(let range, let count):
      input.extracting(range).withUnsafeBufferPointer { message.body.append(contentsOf: $0) }
      used = count
    case .end(let count):
      used = count
      return .success(true)
    }
    return .success(false)
  }

  private func text(_ input: Span<UInt8>, _ range: Range<Int>) -> String {
    input.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }
}

/// The value of the first header of this name, whatever its case.
func firstHeader(_ name: String, in headers: [(String, String)]) -> String? {
  let wanted = name.lowercased()
  return headers.first {
    $0.0.utf8.count == wanted.utf8.count && $0.0.lowercased() == wanted
  }?.1
}
