import CLinux
import Glibc

/// Asks the system for the addresses of names, on threads beside the loop: `getaddrinfo` blocks.
///
/// The threads are C's own and answer through a pipe. Swift runs on one thread only, and is compiled
/// for that.
final class NameResolver: DescriptorOwner, LoopTask {
  /// How many questions may be under way; the others wait.
  private static let threadLimit = 8

  private struct Question {
    let number: UInt32
    let name: String
    let port: UInt16
    let answer: ([SocketAddress]) -> Void
  }

  private let loop: EventLoop
  private let reading: Int32
  private let writing: Int32
  private var registration: Registration?
  private var waiting: [Question] = []
  private var asked: [Question] = []
  /// Those for which there was no thread.
  private var unasked: [Question] = []
  private var nextNumber: UInt32 = 0

  init(loop: EventLoop) throws(LiveWorldError) {
    self.loop = loop
    var ends: [Int32] = [-1, -1]
    guard hubrig_pipe(&ends) == 0 else { throw .noDescriptors }
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    close(writing)
  }

  /// Calls `answer` on the loop, later; with nothing if nobody knows the name.
  func resolve(_ name: String, port: UInt16, _ answer: @escaping ([SocketAddress]) -> Void) {
    if registration == nil { registration = loop.add(reading, owner: self) }
    waiting.append(Question(number: nextNumber, name: name, port: port, answer: answer))
    nextNumber &+= 1
    askWaiting()
  }

  func descriptorIsReady(_ readiness: Readiness) {
    if !readiness.isDisjoint(with: .readable) { loop.schedule(self) }
  }

  func runTask() {
    let hopeless = unasked
    unasked = []
    for question in hopeless { question.answer([]) }
    var found = hubrig_resolved()
    while read(reading, &found, MemoryLayout<hubrig_resolved>.size)
      == MemoryLayout<hubrig_resolved>.size
    {
      guard let place = asked.firstIndex(where: { $0.number == found.number }) else { continue }
      let addresses = (0..<found.count).map {
        SocketAddress(raw: hubrig_resolved_address(&found, $0))
      }
      asked.remove(at: place).answer(addresses)
    }
    askWaiting()
  }

  func abandon() {
    registration = nil
    waiting = []
    asked = []
    unasked = []
  }

  private func askWaiting() {
    while asked.count < Self.threadLimit, !waiting.isEmpty {
      let question = waiting.removeFirst()
      if hubrig_resolve(question.name, question.port, question.number, writing) == 0 {
        asked.append(question)
      } else {
        unasked.append(question)
        loop.schedule(self)
      }
    }
  }
}
