import CLinux
import Glibc

/// Brings signals onto the loop.
final class SignalWatch: DescriptorOwner, LoopTask {
  private let loop: EventLoop
  private let readEnd: Int32
  private let writeEnd: Int32
  private var registration: Registration?
  private var handlers: [(number: Int32, handler: (Int32) -> Void)] = []

  init(loop: EventLoop) throws(LiveWorldError) {
    self.loop = loop
    var ends: [Int32] = [-1, -1]
    guard hubrig_pipe(&ends) == 0 else { throw .noDescriptors }
    readEnd = ends[0]
    writeEnd = ends[1]
    registration = loop.add(readEnd, owner: self)
    guard registration != nil else { throw .noDescriptors }
  }

  deinit {
    Glibc.close(readEnd)
    Glibc.close(writeEnd)
  }

  func watch(_ numbers: [Int32], _ handler: @escaping (Int32) -> Void) {
    for number in numbers {
      handlers.removeAll { $0.number == number }
      if hubrig_forward_signal(number, writeEnd) == 0 { handlers.append((number, handler)) }
    }
  }

  /// Signals do again what they did before anybody watched.
  func end() {
    for (number, _) in handlers { hubrig_restore_signal(number) }
    handlers = []
  }

  func descriptorIsReady(_ readiness: Readiness) { loop.schedule(self) }

  func runTask() {
    var number: UInt8 = 0
    while Glibc.read(readEnd, &number, 1) == 1 {
      for (watched, handler) in handlers where watched == Int32(number) { handler(watched) }
    }
  }

  func abandon() { registration = nil }
}
