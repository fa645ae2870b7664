import World

/// The first line in which two timelines differ, with what came before it.
public struct TraceDifference: Equatable, Sendable {
  /// Up to three lines that are the same in both.
  public var before: [String]
  /// Nil where one of them has ended.
  public var first: String?
  public var second: String?
  /// Counted from 1.
  public var number: Int

  /// Nil when they are the same. Both as JSON lines, which are shown as people read them.
  public init?(_ first: [UInt8], _ second: [UInt8]) {
    let lines = (Self.lines(of: first), Self.lines(of: second))
    let count = min(lines.0.count, lines.1.count)
    // Another seed or file stands in the head; what people ask for is what happened first.
    let place =
      (0..<count).first {
        lines.0[$0] != lines.1[$0] && !(Self.isHead(lines.0[$0]) && Self.isHead(lines.1[$0]))
      } ?? count
    guard place < max(lines.0.count, lines.1.count) else { return nil }
    before = lines.0[max(0, place - 3)..<place].map { Self.readable($0) }
    self.first = place < lines.0.count ? Self.readable(lines.0[place]) : nil
    self.second = place < lines.1.count ? Self.readable(lines.1[place]) : nil
    number = place + 1
  }

  public static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    bytes.split(separator: 0x0A)
  }

  private static func isHead(_ line: ArraySlice<UInt8>) -> Bool {
    line.starts(with: "{\"scenario\":".utf8)
  }

  private static func readable(_ line: ArraySlice<UInt8>) -> String {
    guard let json = try? JSON.parse(Array(line)), let at = json["at"]?.int,
      let actor = json["actor"]?.string, let text = json["text"]?.string
    else { return String(decoding: line, as: UTF8.self) }
    return "\(Quantity.clock(Instant(nanoseconds: Int64(at))))  \(actor)  \(text)"
  }
}
