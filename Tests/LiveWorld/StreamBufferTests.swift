import Glibc
import Testing
import World

@testable import LiveWorld

@Suite("Buffers of streams, and failures of sockets")
struct StreamBufferTests {
  @Test("bytes leave in the order they came, whatever the pieces", arguments: 1...20)
  func order(seed: UInt64) {
    var chance = Chance(state: seed)
    var buffer = StreamBuffer()
    let source = pattern(400_000)
    var written = 0
    var read: [UInt8] = []
    while read.count < source.count {
      let piece = source[written..<min(source.count, written + chance.next(below: 9_000))]
      if chance.next(below: 2) == 0 {
        written += piece.withUnsafeBytes { buffer.append($0) }
      } else {
        buffer.fill { space in
          let count = min(space.count, piece.count)
          space.copyBytes(from: piece.prefix(count))
          written += count
          return count
        }
      }
      #expect(buffer.count + buffer.freeCount == StreamBuffer.limit)
      let taken = min(buffer.count, chance.next(below: 10_000))
      read += buffer.pending.prefix(taken)
      buffer.consume(taken)
      if chance.next(below: 10) == 0 { buffer.rest() }
    }
    #expect(read == source)
  }

  @Test("a full buffer takes what fits and no more")
  func full() {
    var buffer = StreamBuffer()
    let bytes = pattern(StreamBuffer.limit + 10)
    #expect(bytes.withUnsafeBytes { buffer.append($0) } == StreamBuffer.limit)
    #expect(bytes.withUnsafeBytes { buffer.append($0) } == 0)
    #expect(Array(buffer.pending) == Array(bytes.prefix(StreamBuffer.limit)))
    buffer.consume(3)
    #expect(bytes.withUnsafeBytes { buffer.append($0) } == 3)
  }

  @Test(
    "what the system says is told in the words of the World",
    arguments: [
      (ECONNREFUSED, NetworkFailure.refused), (ETIMEDOUT, .timedOut), (ECONNRESET, .reset),
      (EPIPE, .reset), (EHOSTUNREACH, .unreachable), (ENETUNREACH, .unreachable),
      (EADDRINUSE, .addressInUse), (EACCES, .notPermitted), (EMFILE, .tooMany),
    ])
  func failures(code: Int32, failure: NetworkFailure) {
    #expect(NetworkFailure(errno: code) == failure)
  }
}

/// A small generator, the same each time.
private struct Chance {
  var state: UInt64

  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}
