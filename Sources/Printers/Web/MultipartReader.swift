// multipart/form-data by RFC 7578, taken apart while it comes:
//
//     --boundary CRLF headers CRLF CRLF content CRLF --boundary ... CRLF --boundary-- CRLF
//
// Fields are small and come out whole; the content of a file comes out in pieces.

/// Reads a form with files.
struct MultipartReader {
  enum Event {
    case needsMore
    /// A field without a file.
    case field(name: String, value: String)
    /// A file begins.
    case file(name: String, fileName: String)
    /// Some of the file's bytes.
    case content([UInt8])
    case fileEnd
    /// The form is whole.
    case end
    /// This is no form.
    case broken
  }

  private enum State {
    case preamble, headers, field(String), content, afterBoundary, over
    case failed
  }

  private static let headLimit = 8 << 10
  private static let fieldLimit = 64 << 10

  /// CRLF, two hyphens, the boundary.
  private let mark: [UInt8]
  private var pending: [UInt8]
  private var state = State.preamble

  /// `contentType` is the header's value; nil when it names no boundary.
  init?(contentType: String) {
    guard contentType.lowercased().hasPrefix("multipart/form-data"),
      let boundary = Self.parameter("boundary", of: contentType), !boundary.isEmpty
    else { return nil }
    mark = Array(("\r\n--" + boundary).utf8)
    // So that the first boundary looks like all the others.
    pending = [13, 10]
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) { pending.append(contentsOf: bytes) }

  mutating func next() -> Event {
    switch state {
    case .preamble:
      guard let place = find(mark) else { return .needsMore }
      pending.removeFirst(place + mark.count)
      state = .afterBoundary
      return next()
    case .afterBoundary:
      guard pending.count >= 2 else { return .needsMore }
      let isLast = pending[0] == UInt8(ascii: "-") && pending[1] == UInt8(ascii: "-")
      guard isLast || (pending[0] == 13 && pending[1] == 10) else { return fail() }
      pending.removeFirst(2)
      state = isLast ? .over : .headers
      return isLast ? .end : next()
    case .headers: return readHeaders()
    case .field(let name):
      guard let place = find(mark) else {
        return pending.count > Self.fieldLimit ? fail() : .needsMore
      }
      let value = String(decoding: pending[..<place], as: UTF8.self)
      pending.removeFirst(place + mark.count)
      state = .afterBoundary
      return .field(name: name, value: value)
    case .content: return readContent()
    case .over: return .needsMore
    case .failed: return .broken
    }
  }

  private mutating func readHeaders() -> Event {
    guard let place = find([13, 10, 13, 10]) else {
      return pending.count > Self.headLimit ? fail() : .needsMore
    }
    let head = String(decoding: pending[..<place], as: UTF8.self)
    pending.removeFirst(place + 4)
    var name: String?
    var fileName: String?
    for line in head.split(separator: "\r\n")
    where line.lowercased().hasPrefix("content-disposition:") {
      name = Self.parameter("name", of: String(line))
      fileName = Self.parameter("filename", of: String(line))
    }
    guard let name else { return fail() }
    if let fileName {
      state = .content
      return .file(name: name, fileName: fileName)
    }
    state = .field(name)
    return next()
  }

  private mutating func readContent() -> Event {
    if let place = find(mark) {
      if place > 0 {
        let bytes = Array(pending[..<place])
        pending.removeFirst(place)
        return .content(bytes)
      }
      pending.removeFirst(mark.count)
      state = .afterBoundary
      return .fileEnd
    }
    // The end may be the beginning of a boundary.
    let safe = pending.count - mark.count
    guard safe > 0 else { return .needsMore }
    let bytes = Array(pending[..<safe])
    pending.removeFirst(safe)
    return .content(bytes)
  }

  private mutating func fail() -> Event {
    state = .failed
    return .broken
  }

  /// Where some bytes stand in what is pending.
  private func find(_ wanted: [UInt8]) -> Int? {
    let last = pending.count - wanted.count
    guard last >= 0 else { return nil }
    return pending.withUnsafeBufferPointer { bytes in
      var place = 0
      while place <= last {
        if bytes[place] == wanted[0] {
          var length = 1
          while length < wanted.count, bytes[place + length] == wanted[length] { length += 1 }
          if length == wanted.count { return place }
        }
        place += 1
      }
      return nil
    }
  }

  /// The value of `name="value"` or `name=value` in a header.
  static func parameter(_ name: String, of header: String) -> String? {
    for part in header.split(separator: ";").dropFirst() {
      let halves = part.split(separator: "=", maxSplits: 1)
      guard halves.count == 2, halves[0].trimmed.lowercased() == name else { continue }
      let value = halves[1].trimmed
      return value.hasPrefix("\"") && value.hasSuffix("\"") && value.utf8.count >= 2
        ? String(value.dropFirst().dropLast()) : value
    }
    return nil
  }
}
