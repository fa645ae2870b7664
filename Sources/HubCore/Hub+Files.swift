// Files that come over the connection to the cloud, piece by piece.

import Wire

extension Hub {
  /// Hands a piece to the slot that has asked for it. One that nobody has asked for is old news.
  mutating func takePiece(_ now: Uptime) {
    let piece = cloud.pieces.piece
    guard piece.stream < slots.count, slots[piece.stream].takePiece(piece, of: cloud.inbox) else {
      return
    }
    scheduler.wake(.file(piece.stream), at: now)
  }
}
