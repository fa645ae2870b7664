import Glibc
import Scenarios

/// One measured number and what it should be.
struct Row {
  /// On which side of the aim the good numbers are.
  enum Aim {
    case atLeast(Double)
    case atMost(Double)
    /// Told for comparison only.
    case none
  }

  var what: String
  var value: Double
  var unit: String
  var aim: Aim
  var digits = 0

  var isMet: Bool {
    switch aim {
    case .atLeast(let bound): value >= bound
    case .atMost(let bound): value <= bound
    case .none: true
    }
  }
}

/// Prints rows as they come.
struct Table {
  private(set) var isAllMet = true

  func head() {
    print(line("what", "measured", "aim"))
    print(String(repeating: "-", count: 96))
  }

  mutating func add(_ row: Row) {
    let aim: String
    switch row.aim {
    case .atLeast(let bound): aim = "at least " + number(bound, 0)
    case .atMost(let bound): aim = "at most " + number(bound, 0)
    case .none: aim = ""
    }
    if !row.isMet { isAllMet = false }
    print(
      line(row.what, number(row.value, row.digits) + " " + row.unit, aim)
        + (row.isMet ? "" : "   MISSED"))
  }

  func foot() {
    print(isAllMet ? "every aim is met" : "not every aim is met")
  }

  private func number(_ value: Double, _ digits: Int) -> String {
    digits == 0 ? Quantity.grouped(Int(value.rounded())) : Quantity.fixed(value, digits: digits)
  }

  private func line(_ what: String, _ measured: String, _ aim: String) -> String {
    let left = what + String(repeating: " ", count: max(1, 52 - what.count))
    let middle = String(repeating: " ", count: max(1, 22 - measured.count)) + measured
    return left + middle + "   " + aim
  }
}

/// Time of one core since it was made: the rig runs on one thread, and what else this machine does is
/// none of its business.
struct Stopwatch {
  private let start = Stopwatch.now()

  var seconds: Double { Self.now() - start }

  /// Only differences mean something.
  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// Something that can be measured.
struct Benchmark {
  let name: String
  let measure: () -> [Row]

  static let all = [
    Benchmark(name: "farm", measure: measureOneFarm),
    Benchmark(name: "polls", measure: measurePolls),
    Benchmark(name: "thousand", measure: measureThousandFarms),
    Benchmark(name: "flash", measure: measureFlash),
    Benchmark(name: "explore", measure: measureExploration),
    Benchmark(name: "chip", measure: measureChip),
    Benchmark(name: "network", measure: measureNetwork),
    Benchmark(name: "json", measure: measureJSON),
    Benchmark(name: "mqtt", measure: measureMQTT),
    Benchmark(name: "reports", measure: measureReports),
    Benchmark(name: "websocket", measure: measureWebSocket),
  ]

  /// Runs `body` for about half a second after a warm-up and answers how often a second it ran.
  static func rate(_ body: () -> Void) -> Double {
    var count = 1
    while true {
      let watch = Stopwatch()
      for _ in 0..<count { body() }
      let seconds = watch.seconds
      if seconds >= 0.5 { return Double(count) / seconds }
      count = max(count * 2, Int(Double(count) * 0.6 / max(seconds, 1e-6)))
    }
  }

  /// Bytes of memory that this process has in use.
  static func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
  }
}
