// The server of the sweeps: it has one image, and gives it whole or from a byte on.

/// One connection to a server that knows ranges.
struct SweepServer {
  /// What there is to be had.
  var image: [UInt8] = []
  /// The connection breaks after so many bytes of an answer; 0 when it does not.
  var breaksAfter = 0
  private var request: [UInt8] = []
  private var answer: [UInt8] = []
  private var sent = 0
  private(set) var isBroken = false

  /// Answers the number of the stream.
  mutating func open() -> Int32 {
    hangUp()
    return 1
  }

  mutating func hangUp() {
    request.removeAll(keepingCapacity: true)
    answer.removeAll(keepingCapacity: true)
    sent = 0
    isBroken = false
  }

  mutating func hear(_ bytes: UnsafeBufferPointer<UInt8>) {
    request += bytes
    guard answer.isEmpty, request.suffix(4).elementsEqual("\r\n\r\n".utf8) else { return }
    let start = wantedStart
    let isPart = start > 0 && start < image.count
    let rest = isPart ? image[start...] : image[...]
    let range = isPart ? "Content-Range: bytes \(start)-\(image.count - 1)/\(image.count)\r\n" : ""
    let head =
      "HTTP/1.1 \(isPart ? "206 Partial Content" : "200 OK")\r\nETag: \"one\"\r\n\(range)"
      + "Content-Length: \(rest.count)\r\n\r\n"
    answer = Array(head.utf8) + rest
  }

  /// The byte that stands in "Range: bytes=4096-".
  private var wantedStart: Int {
    let mark = Array("bytes=".utf8)
    var index = 0
    while index + mark.count < request.count {
      if request[index..<index + mark.count].elementsEqual(mark) {
        return request[(index + mark.count)...].prefix { (48...57).contains($0) }
          .reduce(0) { $0 * 10 + Int($1) - 48 }
      }
      index += 1
    }
    return 0
  }

  mutating func read(into memory: UnsafeMutableBufferPointer<UInt8>) -> UInt32 {
    let end = breaksAfter == 0 ? answer.count : min(answer.count, breaksAfter)
    let count = min(memory.count, end - sent)
    guard count > 0 else {
      isBroken = isBroken || sent > 0 && sent < answer.count
      return 0
    }
    for index in 0..<count { memory[index] = answer[sent + index] }
    sent += count
    return UInt32(count)
  }
}
