// Decoders that read straight from a queue.
//
// The compiler takes a borrow of one field's bytes for a borrow of the whole owner, which then
// cannot change the decoder beside it. Lending the queue itself keeps the two apart.

import Wire

extension HTTPReader {
  mutating func next(_ queue: borrowing ByteQueue) throws(HTTPError) -> HTTPEvent {
    try next(queue.pending)
  }
}

extension WebSocketReader {
  mutating func next(_ queue: borrowing ByteQueue) throws(WebSocketError) -> WebSocketEvent {
    try next(queue.pending)
  }
}

extension MQTTReader {
  mutating func next(_ queue: borrowing ByteQueue) throws(MQTTError) -> MQTTEvent {
    try next(queue.pending)
  }
}

extension FTPReplyReader {
  mutating func next(_ queue: borrowing ByteQueue) throws(FTPError) -> FTPReplyEvent {
    try next(queue.pending)
  }
}

extension CommandReader {
  mutating func read(_ range: Range<Int>, of queue: borrowing ByteQueue) throws(JSONError) {
    try read(queue.pending.extracting(range))
  }
}

extension BambuReportReader {
  mutating func read(_ range: Range<Int>, of queue: borrowing ByteQueue) throws(JSONError) {
    try read(queue.pending.extracting(range))
  }
}
