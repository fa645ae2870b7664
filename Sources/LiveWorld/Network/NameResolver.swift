import CLinux
import Glibc

/// Asks the system for the addresses of names, on threads beside the loop: `getaddrinfo` blocks.
final class NameResolver {
  /// How many questions may be under way; the others wait.
  private static let threadLimit = 8
  private static let addressLimit: Int32 = 16

  private struct Question {
    let name: String
    let port: UInt16
    let answer: ([SocketAddress]) -> Void
  }

  private let loop: EventLoop
  private var waiting: [Question] = []
  private var threadCount = 0

  init(loop: EventLoop) { self.loop = loop }

  /// Calls `answer` on the loop, later; with nothing if nobody knows the name.
  func resolve(_ name: String, port: UInt16, _ answer: @escaping ([SocketAddress]) -> Void) {
    waiting.append(Question(name: name, port: port, answer: answer))
    askNext()
  }

  private func askNext() {
    guard threadCount < Self.threadLimit, !waiting.isEmpty else { return }
    let question = waiting.removeFirst()
    threadCount += 1
    let asking = Thread(name: question.name, port: question.port, loop: loop) { addresses in
      self.threadCount -= 1
      question.answer(addresses)
      self.askNext()
    }
    if !asking.start() {
      loop.post {
        self.threadCount -= 1
        question.answer([])
        self.askNext()
      }
    }
  }

  private final class Thread {
    private let name: String
    private let port: UInt16
    private let loop: EventLoop
    private let completion: ([SocketAddress]) -> Void

    init(
      name: String, port: UInt16, loop: EventLoop,
      completion: @escaping ([SocketAddress]) -> Void
    ) {
      self.name = name
      self.port = port
      self.loop = loop
      self.completion = completion
    }

    func start() -> Bool {
      var attributes = pthread_attr_t()
      pthread_attr_init(&attributes)
      defer { pthread_attr_destroy(&attributes) }
      pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
      var thread = pthread_t()
      let kept = Unmanaged.passRetained(self)
      let code = pthread_create(
        &thread, &attributes,
        { argument in
          guard let argument else { return nil }
          Unmanaged<Thread>.fromOpaque(argument).takeRetainedValue().ask()
          return nil
        }, kept.toOpaque())
      if code != 0 { kept.release() }
      return code == 0
    }

    private func ask() {
      var found = [hubrig_address](
        repeating: hubrig_address(), count: Int(NameResolver.addressLimit))
      let count = hubrig_resolve(name, port, &found, NameResolver.addressLimit)
      let addresses = found.prefix(Int(count)).map(SocketAddress.init(raw:))
      let completion = completion
      loop.post { completion(addresses) }
    }
  }
}
