// Durations, sizes, rates and shares as people write them, read exactly: whole numbers all the way,
// never a floating-point product that is a nanosecond short.

import World

/// Reads and writes quantities with units.
public enum Quantity {
  /// "90s", "2m30s", "1h", "250ms", "1.5h": parts from large to small, each unit at most once.
  public static func duration(_ text: String) -> Interval? {
    var rest = Substring(text)
    var total: Int64 = 0
    var lastUnit = Int64.max
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(digits.count)
      let letters = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest.dropFirst(letters.count)
      guard let unit = durationUnit(letters), unit < lastUnit,
        let part = scaled(digits, by: unit)
      else { return nil }
      lastUnit = unit
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow else { return nil }
      total = sum
    }
    return Interval(nanoseconds: total)
  }

  /// "2 MB", "300 KB", "64 KiB", "512 B"; K, M and G are powers of 1000, Ki, Mi and Gi of 1024.
  public static func size(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    var letters = text.dropFirst(digits.count)
    if letters.first == " " { letters = letters.dropFirst() }
    guard let unit = sizeUnits.first(where: { $0.name == letters })?.bytes,
      let count = scaled(digits, by: unit)
    else { return nil }
    return Int(count)
  }

  /// "4 MB/s": bytes a second.
  public static func rate(_ text: String) -> Int? {
    guard text.hasSuffix("/s") else { return nil }
    return size(String(text.dropLast(2)))
  }

  /// "0.1%" as a share between 0 and 1.
  public static func share(_ text: String) -> Double? {
    guard text.hasSuffix("%"), let millionths = scaled(text.dropLast(), by: 10_000),
      millionths <= 1_000_000
    else { return nil }
    return Double(millionths) / 1e6
  }

  /// A whole number of things, without a sign.
  public static func count(_ text: String) -> Int? {
    guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    return Int(text)
  }

  /// A decimal number times a unit, without rounding; nil where digits would be lost.
  private static func scaled(_ number: Substring, by unit: Int64) -> Int64? {
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = parts.first.flatMap({ Int64($0) }) else { return nil }
    let (total, overflow) = whole.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    guard parts.count == 2 else { return total }
    var fraction: Int64 = 0
    var place = unit
    guard !parts[1].isEmpty else { return nil }
    for digit in parts[1] {
      guard let value = digit.wholeNumberValue, place % 10 == 0 else { return nil }
      place /= 10
      fraction += Int64(value) * place
    }
    return total + fraction
  }

  private static func scaled(_ number: String, by unit: Int64) -> Int64? {
    scaled(Substring(number), by: unit)
  }

  private static func durationUnit(_ letters: Substring) -> Int64? {
    switch letters {
    case "d": 86_400_000_000_000
    case "h": 3_600_000_000_000
    case "m": 60_000_000_000
    case "s": 1_000_000_000
    case "ms": 1_000_000
    case "us": 1_000
    default: nil
    }
  }

  private static let sizeUnits: [(name: String, bytes: Int64)] = [
    ("B", 1), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000),
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
  ]
}

extension Quantity {
  /// For people: "26 m 12 s", "45 s", "1.5 s", "250 ms".
  public static func describe(_ interval: Interval) -> String {
    let milliseconds = interval.milliseconds
    if milliseconds < 0 { return "-" + describe(Interval.zero - interval) }
    if milliseconds < 1_000 { return "\(milliseconds) ms" }
    if milliseconds < 60_000 {
      let tenths = milliseconds / 100
      return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
    let seconds = milliseconds / 1_000
    var parts: [String] = []
    for (unit, name) in [(Int64(86_400), "d"), (3_600, "h"), (60, "m"), (1, "s")] {
      let count =
        unit == 86_400 ? seconds / unit : seconds % (unit * (unit == 3_600 ? 24 : 60)) / unit
      if count > 0 { parts.append("\(count) \(name)") }
    }
    return parts.joined(separator: " ")
  }

  /// The time on a timeline: "12:34.5", "1:02:34.5".
  public static func clock(_ instant: Instant) -> String {
    let tenths = instant.milliseconds / 100
    let seconds = tenths / 10
    let tail = "\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(tenths % 10)"
    return seconds >= 3_600 ? "\(seconds / 3_600):\(tail)" : tail
  }

  /// For people: "2.0 MB", "53 KB", "120 B".
  public static func describe(bytes: Int) -> String {
    if bytes >= 1_000_000 { return "\(bytes / 1_000_000).\(bytes / 100_000 % 10) MB" }
    if bytes >= 10_000 { return "\(bytes / 1_000) KB" }
    return "\(bytes) B"
  }

  /// Digits in groups of three: "41,233".
  public static func grouped(_ number: Int) -> String {
    let digits = String(abs(number))
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// A number with so many digits after the point, rounded half up.
  public static func fixed(_ number: Double, digits: Int) -> String {
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((abs(number) * Double(scale)).rounded())
    let sign = number < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + String(scaled) }
    let fraction = String(scaled % scale)
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(scaled / scale).\(zeros)\(fraction)"
  }

  private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
