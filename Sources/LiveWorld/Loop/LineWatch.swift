// Lines that a person types while the world runs. The descriptor stays as it was given: it is asked
// before each read whether there is anything, so that reading never waits.

import CLinux
import Glibc

/// Hands over what is typed, line by line.
final class LineWatch: DescriptorOwner, LoopTask {
  private static let lineLimit = 4_096

  private let loop: EventLoop
  private let descriptor: Int32
  private let handler: (String) -> Void
  private var registration: Registration?
  private var line: [UInt8] = []

  /// Nil when the descriptor is nothing that can be waited for, such as a file.
  init?(loop: EventLoop, descriptor: Int32, handler: @escaping (String) -> Void) {
    self.loop = loop
    self.descriptor = descriptor
    self.handler = handler
    registration = loop.add(descriptor, owner: self)
    guard registration != nil else { return nil }
  }

  func end() {
    if let registration { loop.remove(registration) }
    registration = nil
  }

  func abandon() { registration = nil }

  func descriptorIsReady(_ readiness: Readiness) { loop.schedule(self) }

  func runTask() {
    var bytes = [UInt8](repeating: 0, count: Self.lineLimit)
    while registration != nil, isReadable {
      let count = Glibc.read(descriptor, &bytes, bytes.count)
      guard count > 0 else { return end() }
      take(bytes.prefix(count))
    }
  }

  private var isReadable: Bool {
    var question = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&question, 1, 0) == 1 && question.revents & Int16(POLLIN) != 0
  }

  private func take(_ bytes: ArraySlice<UInt8>) {
    for byte in bytes {
      guard byte == UInt8(ascii: "\n") else {
        if line.count < Self.lineLimit { line.append(byte) }
        continue
      }
      let text = String(decoding: line, as: UTF8.self)
      line.removeAll()
      handler(text)
    }
  }
}
