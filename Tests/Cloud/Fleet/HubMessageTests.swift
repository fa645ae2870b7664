import Testing
import Wire
import World

@testable import Cloud

@Suite("Hubs' messages")
struct HubMessageTests {
  private let reader = HubMessageReader()
  private static let status = Array(
    """
    {"type":"printer_status","printer_id":"S1","status":{"state":"printing","progress_percent":45,\
    "layer_current":12,"layer_total":200,"time_remaining_minutes":61,"extra":[1,{"state":"idle"}],\
    "temperatures":{"nozzle":219.87,"bed":60,"chamber":null},"current_file":"a\\u00e4.3mf",\
    "gcode_state":"RUNNING"},"timestamp":1234567,"later":{"printer_id":"S2"}}
    """.utf8)

  @Test("a status is read with all that it holds, and what is unknown is skipped")
  func status() throws {
    let message = try reader.read(Self.status)
    #expect(message.kind == .printerStatus)
    #expect(message.printerID == "S1")
    let report = try #require(message.report)
    #expect(report.state == .printing && report.progress == 45 && report.layer == 12)
    #expect(report.layerTotal == 200 && report.remainingMinutes == 61)
    #expect(report.nozzle == 2198 && report.bed == 600 && report.chamber == nil)
    #expect(report.currentFile == "a\u{E4}.3mf" && report.printerState == "RUNNING")
  }

  @Test("spools are remembered while messages do not speak of them, and nothing else is")
  func spools() throws {
    func report(_ members: String) throws -> PrinterReport {
      let text = #"{"type":"printer_status","printer_id":"S","status":{\#(members)}}"#
      return try #require(try reader.read(Array(text.utf8)).report)
    }
    var first = try report(
      #""state":"idle","ams_status":[{"id":0,"trays":[{"id":0,"type":"PLA"}]}],"tray_now":0,"#
        + #""alarms":[{"code":"0300-0100-0001-0001"}]"#)
    first.follow(nil)
    var second = try report(#""state":"printing","alarms":[],"speed_level":3"#)
    second.follow(first)
    #expect(second.json["ams_status"]?[0]?["trays"]?[0]?["type"] == "PLA")
    #expect(second.json["tray_now"] == 0)
    #expect(second.json["alarms"] == [])
    #expect(second.json["speed_level"] == 3)
    var third = try report(#""state":"printing","ams_status":[]"#)
    third.follow(second)
    #expect(third.json["ams_status"] == [])
    #expect(!second.says(sameAs: third) && second.says(sameAs: second))
  }

  @Test("a message that was cut anywhere is refused")
  func cuts() {
    for count in 0..<Self.status.count {
      #expect(throws: JSONError.self) { try reader.read(Array(Self.status[..<count])) }
    }
  }

  @Test("no flipped bit does worse than change the message")
  func flips() {
    for place in Self.status.indices {
      for bit in 0..<8 {
        var bytes = Self.status
        bytes[place] ^= 1 << UInt8(bit)
        _ = try? reader.read(bytes)
      }
    }
  }

  @Test("a member of the wrong kind counts as missing")
  func wrongKinds() throws {
    let text = #"{"type":"command_ack","command_id":7,"success":"yes","error_message":[]}"#
    let message = try reader.read(Array(text.utf8))
    #expect(message.kind == .commandAck)
    #expect(message.commandID == nil)
    #expect(message.isSuccess == nil)
    #expect(message.errorMessage == nil)
  }
}
