import Wire
import World

/// What a connection's bytes turn out to be, one step after the other.
final class RequestReader {
  enum Step {
    case needsMore
    case again
    case headEnd(HTTPBody)
    case end
    case broken(HTTPError)
    /// Whoever takes the body does not want it.
    case refused(any Error)
  }

  private var inbox = ByteBuffer()
  private var reader = HTTPReader(
    .request, lineLimit: 8 << 10, headerLimit: 64, bodyLimit: .max)
  /// The head of the request under way, as far as it has come.
  private(set) var head = RequestHead()
  /// Something of a request has come that was not answered yet.
  private(set) var isWithinRequest = false

  var keepsAlive: Bool { reader.keepsAlive }
  var wantsUpgrade: Bool { reader.wantsUpgrade }
  var expectsContinue: Bool { reader.expectsContinue }
  var hasUnread: Bool { inbox.count > 0 }

  /// Takes over what has come, as long as there are less than `limit` bytes here.
  func take(from stream: any Stream, limit: Int) -> Int { inbox.take(from: stream, limit: limit) }

  func discard() { inbox.removeAll() }

  /// What came behind the request, for whoever takes the stream over.
  func leftover() -> ByteBuffer {
    defer { inbox.removeAll() }
    return inbox
  }

  func requestIsAnswered() { isWithinRequest = false }

  /// Goes one step on; `body` is shown each piece of a body.
  func next(_ body: (UnsafeRawBufferPointer) throws -> Void) -> Step {
    guard hasUnread || isWithinRequest else { return .needsMore }
    var used = 0
    let step: Step = inbox.withPending { raw in
      let event: HTTPEvent
      do throws(HTTPError) {
        event = try reader.next(raw.assumingMemoryBound(to: UInt8.self).span)
      } catch {
        return .broken(error)
      }
      func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: raw[range])
      }
      switch event {
      case .needsMore:
        isWithinRequest = true
        return .needsMore
      case .request(let method, let target, _, let count):
        used = count
        isWithinRequest = true
        head.begin(method: slice(method), target: slice(target))
        return .again
      case .header(let name, let value, let count):
        used = count
        head.add(name: slice(name), value: slice(value))
        return .again
      case .headEnd(let kind, let count):
        used = count
        return .headEnd(kind)
      case .body(let range, let count):
        used = count
        do {
          try body(slice(range))
          return .again
        } catch {
          return .refused(error)
        }
      case .end(let count):
        used = count
        return .end
      case .response:
        preconditionFailure("requests are read here")
      }
    }
    inbox.consume(used)
    return step
  }
}
