// Makes of a report what some printers, or the way from them, have made of it.

import World

/// Spoils reports as the active faults want it.
struct ReportSpoiler {
  private static let nesting = 62

  private let troubles: ActiveFaults
  /// The report before, for ``BambuFault/reportOld``.
  private var previous: [UInt8] = []

  init(_ troubles: ActiveFaults) { self.troubles = troubles }

  /// Whether reports go out as they are.
  var isIdle: Bool { !troubles.all.contains { Self.faults.contains($0) } }

  private static let faults: [BambuFault] = [
    .mqttSilent, .mqttDead, .reportTruncated, .reportGarbage, .reportHuge, .reportOld,
    .reportDuplicate, .reportOddTypes, .numbersAsStrings,
  ]

  /// The messages that are sent in place of one report; none when nothing is.
  mutating func messages(inPlaceOf report: [UInt8]) -> [[UInt8]] {
    guard !troubles.has(.mqttSilent), !troubles.has(.mqttDead) else { return [] }
    let spoiled = spoil(report)
    defer { previous = spoiled }
    if troubles.has(.reportOld), !previous.isEmpty { return [spoiled, previous] }
    return troubles.has(.reportDuplicate) ? [spoiled, spoiled] : [spoiled]
  }

  private func spoil(_ report: [UInt8]) -> [UInt8] {
    var bytes = report
    if troubles.has(.numbersAsStrings) { bytes = Self.changed(bytes, Self.withTexts) }
    if troubles.has(.reportOddTypes) { bytes = Self.changed(bytes, Self.withOddTypes) }
    if let extra = troubles.bytes(.reportHuge) { bytes = Self.grown(bytes, by: extra) }
    // What is no JSON any more comes last.
    if troubles.has(.reportGarbage) { bytes[bytes.count / 2] = 0x01 }
    if troubles.has(.reportTruncated) { bytes.removeLast(bytes.count / 3) }
    return bytes
  }

  private static func changed(_ bytes: [UInt8], _ change: (JSON) -> JSON) -> [UInt8] {
    guard var message = try? JSON.parse(bytes), let print = message["print"] else { return bytes }
    message["print"] = change(print)
    return message.bytes
  }

  private static func withTexts(_ value: JSON) -> JSON {
    switch value {
    case .integer, .double: .string(value.text)
    case .array(let elements): .array(elements.map { withTexts($0) })
    case .object(let members):
      .object(JSONObject(members.entries.map { ($0, withTexts($1)) }))
    case .null, .bool, .string: value
    }
  }

  private static func withOddTypes(_ print: JSON) -> JSON {
    var print = print
    let odd: [(key: String, value: JSON)] = [
      ("hms", nil), ("mc_remaining_time", nil), ("total_layer_num", ["value": 0]),
      ("nozzle_temper", [220, 0]), ("wifi_signal", -48), ("subtask_name", nil), ("ams", nil),
      ("print_error", "0"), ("spd_lvl", true),
    ]
    for (key, value) in odd where print[key] != nil { print[key] = value }
    return print
  }

  /// A member that newer firmware might have, deep and long.
  private static func grown(_ bytes: [UInt8], by extra: Int) -> [UInt8] {
    let open = [UInt8](repeating: UInt8(ascii: "["), count: nesting)
    let close = [UInt8](repeating: UInt8(ascii: "]"), count: nesting)
    let filling = [UInt8](repeating: UInt8(ascii: "x"), count: max(0, extra - 2 * nesting - 20))
    let member =
      Array("\"device_ext\":".utf8) + open + Array("\"".utf8) + filling + Array("\"".utf8) + close
    // {"print":{ … : the new member comes first.
    guard let brace = bytes.dropFirst().firstIndex(of: UInt8(ascii: "{")) else { return bytes }
    return bytes[...brace] + member + Array(",".utf8) + bytes[(brace + 1)...]
  }
}
