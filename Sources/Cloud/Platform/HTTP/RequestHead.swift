import Wire
import World

/// A request's head as it is being read.
struct RequestHead {
  private(set) var method = ""
  private(set) var target: [UInt8] = []
  private(set) var headers = HeaderFields()

  mutating func begin(method: UnsafeRawBufferPointer, target: UnsafeRawBufferPointer) {
    self.method = String(decoding: method, as: UTF8.self)
    self.target = [UInt8](target)
    headers = HeaderFields()
  }

  mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    headers.add(
      String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
  }

  /// The client's own name for the request, when it is one that can be repeated safely.
  var requestID: String? {
    guard let id = headers["x-request-id"], (1...64).contains(id.utf8.count),
      id.utf8.allSatisfy({ character in
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: "."):
          true
        default: false
        }
      })
    else { return nil }
    return id
  }
}
