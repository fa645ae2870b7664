// Wire's decoders, dressed up for `transcribe`. Shared with the fuzz target by a symbolic link.

import Wire

/// A token of JSON with the text it came with.
struct JSONPiece: Equatable {
  var token: JSONToken
  var text: [UInt8] = []
  var isCut = false
  var integer: Int?
  var depth = 0
}

struct JSONDecoder: Decoder, ~Copyable {
  private var reader: JSONReader
  private let scratch: UnsafeMutableBufferPointer<UInt8>

  init(scratchCount: Int = 256) {
    scratch = .allocate(capacity: scratchCount)
    reader = JSONReader(scratch: scratch)
  }

  deinit { scratch.deallocate() }

  mutating func step(_ input: Span<UInt8>, _ body: inout [UInt8]) -> Step<JSONPiece> {
    var used = 0
    do throws(JSONError) {
      let token = try reader.next(input, at: &used)
      if token == .needsMore || token == .end {
        precondition(used == input.count, "left something behind")
        return .needsMore(used: used)
      }
      return .event(piece(token), used: used)
    } catch {
      return .broken("\(error.name)")
    }
  }

  mutating func finish(_ body: inout [UInt8]) -> Step<JSONPiece> {
    do throws(JSONError) {
      let token = try reader.finish()
      return token == .end ? .needsMore(used: 0) : .event(piece(token), used: 0)
    } catch {
      return .broken("\(error.name)")
    }
  }

  private func piece(_ token: JSONToken) -> JSONPiece {
    guard token == .key || token == .string || token == .number else {
      return JSONPiece(token: token, depth: reader.depth)
    }
    return JSONPiece(
      token: token, text: array(reader.text), isCut: reader.isTextCut, integer: reader.integer,
      depth: reader.depth)
  }
}

struct MQTTDecoder: Decoder, ~Copyable {
  private var reader: MQTTReader

  init(publishLimit: Int = 1 << 20) { reader = MQTTReader(publishLimit: publishLimit) }

  mutating func step(_ input: Span<UInt8>, _ body: inout [UInt8]) -> Step<MQTTEvent> {
    do throws(MQTTError) {
      let event = try reader.next(input)
      switch event {
      case .needsMore: return .needsMore(used: 0)
      case .payload(let range, let isLast, let used):
        body += array(input.extracting(range))
        return .piece(isLast: isLast, used: used)
      case .connect(_, let used), .connectAcknowledged(_, _, let used), .publish(_, let used),
        .publishAcknowledged(_, let used), .publishReceived(_, let used),
        .publishRelease(_, let used), .publishComplete(_, let used), .subscribe(_, _, let used),
        .subscribeAcknowledged(_, _, let used), .unsubscribe(_, _, let used),
        .unsubscribeAcknowledged(_, let used), .pingRequest(let used), .pingResponse(let used),
        .disconnect(let used):
        return .event(event, used: used)
      }
    } catch {
      return .broken("\(error.name)")
    }
  }
}

/// A WebSocket event with what it carried, unmasked.
enum WebSocketNote: Equatable {
  case message(isText: Bool)
  case ping([UInt8])
  case pong([UInt8])
  case close(UInt16, [UInt8])
}

struct WebSocketDecoder: Decoder, ~Copyable {
  private var reader: WebSocketReader

  init(side: WebSocketReader.Side, messageLimit: Int = 1 << 20) {
    reader = WebSocketReader(side: side, messageLimit: messageLimit)
  }

  mutating func step(_ input: Span<UInt8>, _ body: inout [UInt8]) -> Step<WebSocketNote> {
    do throws(WebSocketError) {
      switch try reader.next(input) {
      case .needsMore: return .needsMore(used: 0)
      case .message(let isText, let used): return .event(.message(isText: isText), used: used)
      case .payload(let range, let endsMessage, let used):
        body += copy(range, input)
        return .piece(isLast: endsMessage, used: used)
      case .ping(let range, let used): return .event(.ping(copy(range, input)), used: used)
      case .pong(let range, let used): return .event(.pong(copy(range, input)), used: used)
      case .close(let code, let reason, let used):
        return .event(.close(code, copy(reason, input)), used: used)
      }
    } catch {
      return .broken("\(error.name)")
    }
  }

  private func copy(_ range: Range<Int>, _ input: Span<UInt8>) -> [UInt8] {
    written(range.count) { reader.copy(range, of: input, into: &$0) }
  }
}

struct HTTPDecoder: Decoder, ~Copyable {
  private(set) var reader: HTTPReader

  init(
    _ side: HTTPReader.Side, lineLimit: Int = 200, headerLimit: Int = 10, bodyLimit: Int = 1 << 20
  ) {
    reader = HTTPReader(
      side, lineLimit: lineLimit, headerLimit: headerLimit, bodyLimit: bodyLimit)
  }

  mutating func expectNoBody() { reader.expectNoBody() }

  mutating func step(_ input: Span<UInt8>, _ body: inout [UInt8]) -> Step<HTTPEvent> {
    do throws(HTTPError) {
      let event = try reader.next(input)
      switch event {
      case .needsMore: return .needsMore(used: 0)
      case .body(let range, let used):
        body += array(input.extracting(range))
        return .piece(isLast: false, used: used)
      case .request(_, _, _, let used), .response(_, _, _, let used), .header(_, _, let used),
        .headEnd(_, let used), .end(let used):
        return .event(event, used: used)
      }
    } catch {
      return .broken("\(error.name)")
    }
  }

  /// As if the peer had closed.
  mutating func finish(_ body: inout [UInt8]) -> Step<HTTPEvent> {
    do throws(HTTPError) {
      return try reader.streamEnded() ? .event(.end(used: 0), used: 0) : .needsMore(used: 0)
    } catch {
      return .broken("\(error.name)")
    }
  }
}

struct FTPReplyDecoder: Decoder, ~Copyable {
  private var reader = FTPReplyReader()

  mutating func step(_ input: Span<UInt8>, _ body: inout [UInt8]) -> Step<FTPReplyEvent> {
    do throws(FTPError) {
      let event = try reader.next(input)
      switch event {
      case .needsMore: return .needsMore(used: 0)
      case .line(_, let used), .reply(_, _, let used): return .event(event, used: used)
      }
    } catch {
      return .broken("\(error.name)")
    }
  }
}

struct FTPCommandDecoder: Decoder, ~Copyable {
  private var reader = FTPCommandReader()

  mutating func step(_ input: Span<UInt8>, _ body: inout [UInt8]) -> Step<FTPCommandEvent> {
    do throws(FTPError) {
      let event = try reader.next(input)
      switch event {
      case .needsMore: return .needsMore(used: 0)
      case .command(_, _, let used): return .event(event, used: used)
      }
    } catch {
      return .broken("\(error.name)")
    }
  }
}

func array(_ span: Span<UInt8>) -> [UInt8] { span.withUnsafeBufferPointer { Array($0) } }

/// What `body` writes into so much room.
func written(_ capacity: Int = 4096, _ body: (inout ByteWriter) -> Void) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: max(capacity, 1)) { memory, count in
    var writer = ByteWriter(memory)
    body(&writer)
    count = writer.count
  }
}
