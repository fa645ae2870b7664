/// The part of an object that a `Range` header asks for (RFC 9110, section 14).
enum ByteRange: Equatable {
  /// No range, or one that we may ignore: the whole object.
  case whole
  case part(Range<Int>)
  case unsatisfiable

  /// Several ranges, other units and what cannot be read count as no range.
  init(header: String?, byteCount: Int) {
    guard let header, header.hasPrefix("bytes=") else {
      self = .whole
      return
    }
    let bounds = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard bounds.count == 2, let first = Self.number(bounds[0]), let last = Self.number(bounds[1])
    else {
      self = .whole
      return
    }
    switch (first, last) {
    case (nil, nil): self = .whole
    case (nil, .some(let suffix)):
      self =
        suffix == 0 || byteCount == 0
        ? .unsatisfiable : .part(max(0, byteCount - suffix)..<byteCount)
    case (.some(let start), let end):
      if let end, end < start {
        self = .whole
      } else if start >= byteCount {
        self = .unsatisfiable
      } else {
        self = .part(start..<min(byteCount, (end ?? byteCount - 1).clampedIncrement))
      }
    }
  }

  /// `.some(nil)` for nothing at all, nil for what is no number.
  private static func number(_ text: Substring) -> Int?? {
    let trimmed = text.filter { $0 != " " }
    if trimmed.isEmpty { return .some(nil) }
    guard trimmed.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return .some(Int(trimmed) ?? .max)
  }
}

extension Int {
  fileprivate var clampedIncrement: Int { self == .max ? .max : self + 1 }
}
