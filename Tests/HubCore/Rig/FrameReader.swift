/// The frames that a client has sent.
struct FrameReader {
  enum Frame { case text([UInt8]), binary([UInt8]), ping, close(UInt16) }
  private var pending: [UInt8] = []

  mutating func read(_ bytes: [UInt8]) -> [Frame] {
    pending += bytes
    var frames: [Frame] = []
    while pending.count >= 2 {
      // Written out here, so that the hub's own writer is checked by other code than its own.
      precondition(pending[1] & 0x80 != 0, "a client masks its frames")
      var start = 2
      var length = Int(pending[1] & 0x7F)
      if length == 126 {
        guard pending.count >= 4 else { break }
        length = Int(pending[2]) << 8 | Int(pending[3])
        start = 4
      }
      guard pending.count >= start + 4 + length else { break }
      let mask = Array(pending[start..<start + 4])
      let body = (0..<length).map { pending[start + 4 + $0] ^ mask[$0 % 4] }
      switch pending[0] {
      case 0x81: frames.append(.text(body))
      case 0x82: frames.append(.binary(body))
      case 0x88: frames.append(.close(UInt16(body[0]) << 8 | UInt16(body[1])))
      case 0x89: frames.append(.ping)
      case 0x8A: break
      default: preconditionFailure("an unexpected frame from the hub")
      }
      pending.removeFirst(start + 4 + length)
    }
    return frames
  }
}
