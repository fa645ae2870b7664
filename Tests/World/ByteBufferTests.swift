import Testing
import Wire
import World

@Suite("Growing buffers")
struct ByteBufferTests {
  @Test("a buffer gives back what it was given", arguments: [1, 3, 7, 50])
  func inOrder(step: Int) {
    var buffer = ByteBuffer()
    var model: [UInt8] = []
    for round in 0..<300 {
      let added = (0..<round % 40).map { UInt8(truncatingIfNeeded: $0 + round) }
      switch round % 3 {
      case 0: buffer.append(added)
      case 1: buffer.append(added.span)
      default: added.withUnsafeBytes { buffer.append($0) }
      }
      model += added
      let dropped = min(model.count, round * step % 45)
      buffer.consume(dropped)
      model.removeFirst(dropped)
      #expect(buffer.count == model.count && buffer.isEmpty == model.isEmpty)
      #expect(buffer.withPending { Array($0) } == model)
      #expect(buffer.withPendingSpan { $0.withUnsafeBufferPointer { Array($0) } } == model)
    }
    #expect(buffer.takeAll() == model)
    #expect(buffer.isEmpty)
  }

  @Test("what is encoded is written whole, however small the guess")
  func encoding() {
    for guess in [0, 1, 100, 10_000] {
      let bytes = encoded(guess) { writer in for _ in 0..<1000 { writer.put("ab") } }
      #expect(bytes == Array(String(repeating: "ab", count: 1000).utf8))
    }
    #expect(encoded { _ in } == [])
  }

  @Test("bytes are told in hexadecimal digits and read from them")
  func hexadecimal() {
    #expect(hexString([]) == "" && hexString([0, 0x0F, 0xA0, 0xFF]) == "000fa0ff")
    #expect(hexBytes("000fA0ff") == [0, 0x0F, 0xA0, 0xFF] && hexBytes("") == [])
    for text in ["0", "0g", "0x", "é", " 00"] { #expect(hexBytes(text) == nil) }
  }
}
