// The rig's end of the line to a chip: whole, checked frames or a failure, and a memory of the last
// of them for whoever has to find out what went wrong. It waits in real time, but never for long.

import CLinux
import Glibc

/// One end of a stream of frames.
final class ChipLine {
  private let descriptor: Int32
  private let patience: Int
  private var writer = ChipWriter()
  private var sent: UInt8 = 0
  private var received: UInt8 = 0

  private var input = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 8)
  private var inputStart = 0
  private var inputEnd = 0
  private var history = [Passage](repeating: Passage(), count: 12)
  private var historyCount = 0
  /// Called each second while nothing comes.
  var onSilence: (() -> Void)?

  /// One frame that went over the line.
  private struct Passage {
    var kind: UInt8 = 0
    var call: UInt32 = 0
    var byteCount = 0
  }

  /// The descriptor's reads must end after a second; it is closed with the line.
  init(descriptor: Int32, patience: Int) {
    self.descriptor = descriptor
    self.patience = patience
  }

  deinit {
    input.deallocate()
    close(descriptor)
  }

  // MARK: Sending

  func send(
    _ kind: ChipFrameKind, _ body: (inout ChipWriter) throws(ChipFailure) -> Void
  ) throws(ChipFailure) {
    writer.begin(kind, number: sent)
    sent &+= 1
    try body(&writer)
    writer.end()
    remember(kind.rawValue, 0, writer.count)
    let bytes = writer.bytes
    var offset = 0
    while offset < bytes.count {
      let count = Glibc.send(
        descriptor, bytes.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
      if count < 0 {
        if errno == EINTR { continue }
        throw ChipFailure("the chip does not listen any more")
      }
      offset += count
    }
  }

  // MARK: Receiving

  /// The next frame; what it carries stands until the next call.
  func next() throws(ChipFailure) -> (kind: ChipFrameKind, payload: UnsafeRawBufferPointer) {
    try need(ChipFrame.headSize)
    let head = input.baseAddress! + inputStart
    guard head.load(as: UInt8.self) == ChipFrame.sync.0,
      head.load(fromByteOffset: 1, as: UInt8.self) == ChipFrame.sync.1
    else { throw ChipFailure("what the chip sent is no frame") }
    let rawKind = head.load(fromByteOffset: 2, as: UInt8.self)
    let number = head.load(fromByteOffset: 3, as: UInt8.self)
    let size = UInt32(littleEndian: head.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    guard size <= ChipFrame.limit else {
      throw ChipFailure("a frame says that it has \(size) bytes")
    }
    let whole = ChipFrame.headSize + Int(size) + ChipFrame.sumSize
    try need(whole)
    let frame = UnsafeRawBufferPointer(rebasing: input[inputStart..<inputStart + whole])
    inputStart += whole
    let payload = UnsafeRawBufferPointer(
      rebasing: frame[ChipFrame.headSize..<whole - ChipFrame.sumSize])
    let call = size >= 4 ? payload.loadUnaligned(as: UInt32.self) : 0
    remember(rawKind, UInt32(littleEndian: call), whole)
    let sum = frame.loadUnaligned(fromByteOffset: whole - ChipFrame.sumSize, as: UInt32.self)
    guard UInt32(littleEndian: sum) == checksum(UnsafeRawBufferPointer(rebasing: frame.dropLast(4)))
    else { throw ChipFailure("a frame from the chip is corrupt") }
    guard number == received else { throw ChipFailure("a frame from the chip is missing") }
    received &+= 1
    guard let kind = ChipFrameKind(rawValue: rawKind), kind.isFromChip else {
      throw ChipFailure("a frame from the chip is of no known kind")
    }
    return (kind, payload)
  }

  /// Waits until so many bytes are there.
  private func need(_ count: Int) throws(ChipFailure) {
    if input.count - inputStart < count { makeRoom(for: count) }
    var silence = 0
    while inputEnd - inputStart < count {
      let received = recv(descriptor, input.baseAddress! + inputEnd, input.count - inputEnd, 0)
      if received > 0 {
        inputEnd += received
        silence = 0
        continue
      }
      guard received < 0 else {
        throw ChipFailure(
          inputEnd > inputStart ? "the chip ended within a frame" : "the chip is gone")
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        onSilence?()
        silence += 1
        guard silence < patience else {
          throw ChipFailure("the chip has said nothing for \(patience) seconds")
        }
      default: throw ChipFailure("the line to the chip is broken")
      }
    }
  }

  private func makeRoom(for count: Int) {
    let waiting = UnsafeRawBufferPointer(rebasing: input[inputStart..<inputEnd])
    if count <= input.count {
      input.copyMemory(from: waiting)
    } else {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count * 2, alignment: 8)
      larger.copyMemory(from: waiting)
      input.deallocate()
      input = larger
    }
    inputEnd -= inputStart
    inputStart = 0
  }

  // MARK: What was last

  private func remember(_ kind: UInt8, _ call: UInt32, _ byteCount: Int) {
    history[historyCount % history.count] = Passage(kind: kind, call: call, byteCount: byteCount)
    historyCount += 1
  }

  /// The last frames, one on a line, the newest last.
  var historyText: String {
    let first = max(0, historyCount - history.count)
    return (first..<historyCount).map { index in
      let passage = history[index % history.count]
      guard let kind = ChipFrameKind(rawValue: passage.kind) else {
        return "  ← kind \(passage.kind), \(passage.byteCount) bytes"
      }
      let call = kind == .call || kind == .post ? " " + BoardCalls.name(of: passage.call) : ""
      return "  \(kind.isFromChip ? "←" : "→") \(kind)\(call), \(passage.byteCount) bytes"
    }.joined(separator: "\n")
  }
}
