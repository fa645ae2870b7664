import CBoard

/// A stream as both its ends see it.
final class FakeStream {
  let number: Int32
  let host: String
  let port: UInt16
  let trust: UInt8
  let expectedName: String
  let resumes: Int32
  let authority: String
  /// The certificate that the hub demands; empty when any will do.
  let fingerprint: [UInt8]

  /// 0 opening, 1 open, 3 failed; the end of the peer's direction is `isFinishedByPeer`.
  var state: UInt8 = 0
  var error: Int32 = 0
  var isFinishedByPeer = false
  var isFinishedByHub = false
  var isClosedByHub = false
  /// What the peer has sent and the hub has not read.
  var toHub: [UInt8] = []
  /// What the hub has written and the peer has not taken.
  var fromHub: [UInt8] = []
  /// How many bytes may wait in `fromHub`.
  var window = Int.max
  /// The most that one reading hands over.
  var readLimit = Int.max
  var largestRead = 0
  var readCount = 0
  var writtenCount = 0

  init(number: Int32, _ request: hub_stream_request) {
    self.number = number
    host = String(
      decoding: FakeBoard.bytes(request.host, request.host_count), as: UTF8.self)
    port = request.port
    trust = request.trust
    expectedName = String(
      decoding: FakeBoard.bytes(request.expected_name, request.expected_name_count), as: UTF8.self)
    resumes = request.resume_session_of
    fingerprint =
      request.trust == 3 ? FakeBoard.bytes(request.fingerprint, 32) : []
    authority = String(
      decoding: FakeBoard.bytes(request.authority, request.authority_count), as: UTF8.self)
  }

  var stateForHub: UInt8 {
    state == 1 && isFinishedByPeer ? 2 : state
  }

  func handOver(to memory: UnsafeMutablePointer<UInt8>, capacity: Int) -> Int {
    guard state == 1 else { return 0 }
    let count = min(toHub.count, capacity, readLimit)
    guard count > 0 else { return 0 }
    toHub.withUnsafeBufferPointer { memory.update(from: $0.baseAddress!, count: count) }
    toHub = Array(toHub.dropFirst(count))
    largestRead = max(largestRead, count)
    readCount += count
    return count
  }

  func take(_ bytes: [UInt8]) -> Int {
    guard state == 1 else { return 0 }
    let count = min(bytes.count, max(0, window - fromHub.count))
    fromHub += bytes.prefix(count)
    writtenCount += count
    return count
  }

  func send(_ text: String) { toHub += Array(text.utf8) }

  func fail(_ error: Int32) {
    state = 3
    self.error = error
    toHub.removeAll()
  }
}

/// Somebody at the far end of streams.
protocol FakePeer: AnyObject {
  /// Whether streams to this place are for it.
  func answers(_ stream: FakeStream) -> Bool
  /// Does what it would do now; answers whether it did anything.
  func act(on stream: FakeStream) -> Bool
}
