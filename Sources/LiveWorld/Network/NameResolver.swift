import CLinux
import Glibc
import Synchronization

/// Asks the system for the addresses of names, on threads beside the loop: `getaddrinfo` blocks.
///
/// The threads hold nothing of this world but a box for their answers. Whoever asked, and what
/// that keeps alive, is known to the loop's thread only.
final class NameResolver: DescriptorOwner, LoopTask {
  /// How many questions may be under way; the others wait.
  private static let threadLimit = 8

  private struct Question {
    let number: Int
    let name: String
    let port: UInt16
    let answer: ([SocketAddress]) -> Void
  }

  private let loop: EventLoop
  private let answers: AnswerBox
  private var registration: Registration?
  private var waiting: [Question] = []
  private var asked: [Question] = []
  private var nextNumber = 0

  init(loop: EventLoop) throws(LiveWorldError) {
    self.loop = loop
    answers = try AnswerBox()
  }

  /// Calls `answer` on the loop, later; with nothing if nobody knows the name.
  func resolve(_ name: String, port: UInt16, _ answer: @escaping ([SocketAddress]) -> Void) {
    if registration == nil { registration = loop.add(answers.descriptor, owner: self) }
    waiting.append(Question(number: nextNumber, name: name, port: port, answer: answer))
    nextNumber += 1
    askWaiting()
  }

  func descriptorIsReady(_ readiness: Readiness) {
    if !readiness.isDisjoint(with: .readable) { loop.schedule(self) }
  }

  func runTask() {
    for (number, addresses) in answers.collect() {
      guard let place = asked.firstIndex(where: { $0.number == number }) else { continue }
      asked.remove(at: place).answer(addresses)
    }
    askWaiting()
  }

  func abandon() {
    registration = nil
    waiting = []
    asked = []
  }

  private func askWaiting() {
    while asked.count < Self.threadLimit, !waiting.isEmpty {
      let question = waiting.removeFirst()
      asked.append(question)
      let inquiry = Inquiry(
        number: question.number, name: question.name, port: question.port, answers: answers)
      if !inquiry.start() { answers.leave([], for: question.number) }
    }
  }
}

/// What threads have found out and the loop has not taken yet.
private final class AnswerBox: Sendable {
  let descriptor: Int32
  private let found = Mutex<[(number: Int, addresses: [SocketAddress])]>([])

  init() throws(LiveWorldError) {
    descriptor = hubrig_eventfd()
    guard descriptor >= 0 else { throw .noDescriptors }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func leave(_ addresses: [SocketAddress], for number: Int) {
    found.withLock { $0.append((number, addresses)) }
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }

  func collect() -> [(number: Int, addresses: [SocketAddress])] {
    var count: UInt64 = 0
    _ = read(descriptor, &count, 8)
    return found.withLock { found in
      let taken = found
      found = []
      return taken
    }
  }
}

/// One question, on a thread of its own.
private final class Inquiry {
  private static let addressLimit: Int32 = 16

  private let number: Int
  private let name: String
  private let port: UInt16
  private let answers: AnswerBox

  init(number: Int, name: String, port: UInt16, answers: AnswerBox) {
    self.number = number
    self.name = name
    self.port = port
    self.answers = answers
  }

  /// Answers whether the system gave a thread.
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
        Unmanaged<Inquiry>.fromOpaque(argument).takeRetainedValue().ask()
        return nil
      }, kept.toOpaque())
    if code != 0 { kept.release() }
    return code == 0
  }

  private func ask() {
    var found = [hubrig_address](repeating: hubrig_address(), count: Int(Self.addressLimit))
    let count = hubrig_resolve(name, port, &found, Self.addressLimit)
    answers.leave(found.prefix(Int(count)).map(SocketAddress.init(raw:)), for: number)
  }
}
