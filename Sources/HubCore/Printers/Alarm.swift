// What a printer complains about beside its one error: its health messages, each four groups of
// four hexadecimal digits, the third of which says how bad it is.

import Wire

/// One health message of a printer.
struct Alarm: Equatable {
  var attribute: UInt32 = 0
  var code: UInt32 = 0

  /// The printer could not verify who sent a command: Developer Mode is off.
  static let wantsSignature = Alarm(attribute: 0x0500_0500, code: 0x0001_0007)

  var severity: StaticString {
    switch code &>> 16 {
    case 1: "fatal"
    case 2: "serious"
    case 3: "common"
    default: "info"
    }
  }

  /// Writes it as XXXX-XXXX-XXXX-XXXX.
  func write(into writer: inout ByteWriter) {
    PrinterError(code: attribute).write(into: &writer)
    writer.put("-")
    PrinterError(code: code).write(into: &writer)
  }
}

/// The health messages that stand now, the first ones when there are more than have room.
struct Alarms: Equatable {
  static let limit = 6

  private var row = InlineArray<6, Alarm>(repeating: Alarm())
  private(set) var count = 0

  subscript(index: Int) -> Alarm { row[index] }

  mutating func append(_ alarm: Alarm) {
    guard count < Self.limit else { return }
    row[count] = alarm
    count += 1
  }

  mutating func removeAll() { count = 0 }

  func contains(_ alarm: Alarm) -> Bool {
    for index in 0..<count where row[index] == alarm { return true }
    return false
  }

  static func == (left: Alarms, right: Alarms) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left.row[index] != right.row[index] { return false }
    return true
  }
}
