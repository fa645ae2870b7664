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
    var expected = PrinterReport()
    expected.state = .printing
    expected.progress = 45
    expected.layer = 12
    expected.layerTotal = 200
    expected.remainingMinutes = 61
    expected.nozzle = 2198
    expected.bed = 600
    expected.currentFile = "a\u{E4}.3mf"
    expected.printerState = "RUNNING"
    #expect(message.report == expected)
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
