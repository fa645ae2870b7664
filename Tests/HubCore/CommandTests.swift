import Foundation
import Testing

@Suite("Commands of the cloud")
struct CommandTests {
  @Test("a command that comes again is answered again with the same result, and not executed")
  func repeated() {
    let (rig, printer) = HubRig.withPrinter()
    for _ in 0..<3 {
      rig.cloud.command("pause", printer.serial, command: "c1")
      rig.run(milliseconds: 10)
    }
    #expect(rig.cloud.acknowledgements("c1").map { $0["success"] as? Bool } == [true, true, true])
    #expect(printer.commands("pause").count == 1)
    #expect(rig.view.commands_repeated == 2)

    // A refusal is remembered as well, even when the reason for it has gone.
    rig.cloud.command("pause", "unknown", command: "c2")
    rig.run(milliseconds: 10)
    rig.cloud.addPrinter("unknown", address: "10.0.0.50")
    rig.cloud.command("pause", "unknown", command: "c2")
    rig.run(milliseconds: 10)
    #expect(rig.cloud.acknowledgements("c2").map { $0["success"] as? Bool } == [false, false])
  }

  @Test("a command is still known after the connection was lost in between")
  func repeatedOverConnections() {
    let (rig, printer) = HubRig.withPrinter()
    rig.cloud.command("pause", printer.serial, command: "c1")
    rig.run(milliseconds: 10)
    rig.cloud.close(1001)
    rig.run(atMost: 60_000) { rig.view.cloud_connects == 2 }
    rig.cloud.command("pause", printer.serial, command: "c1")
    rig.run(milliseconds: 10)
    #expect(printer.commands("pause").count == 1)
  }

  @Test("32 commands are remembered, and the oldest is forgotten first")
  func memory() {
    let (rig, printer) = HubRig.withPrinter()
    rig.cloud.command("pause", printer.serial, command: "first")
    rig.run(milliseconds: 1)
    for number in 0..<31 {
      rig.cloud.command("dance", printer.serial, command: "n\(number)")
      rig.run(milliseconds: 1)
    }
    rig.cloud.command("pause", printer.serial, command: "first")
    rig.run(milliseconds: 1)
    #expect(printer.commands("pause").count == 1)
    rig.cloud.command("dance", printer.serial, command: "one more")
    rig.run(milliseconds: 1)
    rig.cloud.command("pause", printer.serial, command: "first")
    rig.run(milliseconds: 1)
    #expect(printer.commands("pause").count == 2)
  }

  @Test("what the hub does not know is refused by name")
  func unknown() {
    let (rig, printer) = HubRig.withPrinter()
    rig.cloud.send(#"{"type":"make_coffee","command_id":"c1","strength":[1,{"a":2}]}"#)
    rig.cloud.command("dance", printer.serial, command: "c2")
    rig.run(milliseconds: 10)
    #expect(
      rig.cloud.acknowledgements("c1").first?["error_message"] as? String
        == "unknown command make_coffee")
    #expect(
      rig.cloud.acknowledgements("c2").first?["error_message"] as? String
        == "unknown command dance")
    #expect(rig.view.cloud_connects == 1)
  }

  @Test("a sixth printer is refused, an update of a known one is not")
  func sixth() {
    let rig = HubRig.connected()
    for number in 1...5 { rig.cloud.addPrinter("serial-\(number)", command: "c\(number)") }
    rig.cloud.addPrinter("serial-6", command: "c6")
    rig.cloud.addPrinter("serial-3", command: "c7", address: "10.0.0.99")
    rig.run(milliseconds: 10)
    for number in [1, 2, 3, 4, 5, 7] {
      #expect(rig.cloud.acknowledgements("c\(number)").first?["success"] as? Bool == true)
    }
    #expect(
      rig.cloud.acknowledgements("c6").first?["error_message"] as? String
        == "no free printer slot (5 at most)")
    rig.cloud.addPrinter("serial-1", action: "remove")
    rig.cloud.addPrinter("serial-6", command: "c8")
    rig.run(milliseconds: 10)
    #expect(rig.cloud.acknowledgements("c8").first?["success"] as? Bool == true)
  }

  @Test("removing what is not there is no failure")
  func removeUnknown() {
    let rig = HubRig.connected()
    rig.cloud.addPrinter("nobody", command: "c1", action: "remove")
    rig.run(milliseconds: 10)
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == true)
  }

  @Test("a new configuration of the same door keeps the connection, another door opens anew")
  func update() {
    let (rig, printer) = HubRig.withPrinter()
    rig.cloud.addPrinter(printer.serial, model: "P1S", action: "update")
    rig.run(milliseconds: 1_000)
    #expect(printer.connects == 1)
    let moved = FakePrinter(printer.serial, address: "10.0.0.77")
    rig.printers.append(moved)
    rig.cloud.addPrinter(printer.serial, address: "10.0.0.77", action: "update")
    rig.run(milliseconds: 1_000)
    #expect(moved.connects == 1)
    #expect(printer.broker?.isClosedByHub == true)
  }

  @Test(
    "a text that is longer than the hub can hold is refused by the name of its field",
    arguments: [
      ("serial_number", #""printer":{"serial_number":"LONG","ip_address":"a","access_code":"b"}"#),
      ("ip_address", #""printer":{"serial_number":"a","ip_address":"LONG","access_code":"b"}"#),
      ("access_code", #""printer":{"serial_number":"a","ip_address":"b","access_code":"LONG"}"#),
    ])
  func tooLong(field: String, body: String) {
    let rig = HubRig.connected()
    let body = body.replacingOccurrences(of: "LONG", with: String(repeating: "x", count: 100))
    rig.cloud.send(
      #"{"type":"configure_printer","command_id":"c1","action":"add",\#(body)}"#)
    rig.run(milliseconds: 10)
    #expect(
      rig.cloud.acknowledgements("c1").first?["error_message"] as? String == "\(field) is too long")
    #expect(rig.view.printer_link.0 == 0)
  }

  @Test("a command for a printer that is not connected fails, and so does one for a stranger")
  func notConnected() {
    let (rig, printer) = HubRig.withPrinter()
    printer.broker?.fail(-5)
    rig.closedPorts = [8883]
    rig.run(milliseconds: 10)
    rig.cloud.command("pause", printer.serial, command: "c1")
    rig.cloud.command("pause", "stranger", command: "c2")
    rig.run(milliseconds: 10)
    #expect(
      rig.cloud.acknowledgements("c1").first?["error_message"] as? String
        == "printer is not connected")
    #expect(
      rig.cloud.acknowledgements("c2").first?["error_message"] as? String
        == "this hub has no such printer")
  }

  @Test("a message without a command id is passed over and does no harm")
  func withoutID() {
    let (rig, printer) = HubRig.withPrinter()
    rig.cloud.send(
      #"{"type":"printer_command","printer_id":"\#(printer.serial)","action":"pause"}"#)
    rig.cloud.send("[1,2,[3]]")
    rig.cloud.send("42")
    rig.run(milliseconds: 10)
    #expect(printer.commands("pause").isEmpty)
    #expect(rig.view.cloud_connects == 1)
    #expect(rig.view.bad_input_count == 0)
  }

  @Test("when the cloud takes nothing, no answer is lost and no more commands are read")
  func backPressure() {
    let rig = HubRig.connected()
    let stream = rig.cloud.stream!
    stream.window = 0
    for number in 0..<200 {
      rig.cloud.send(#"{"type":"make_coffee","command_id":"c\#(number)"}"#)
    }
    rig.run(milliseconds: 1_000)
    #expect(rig.view.commands_handled < 100)
    #expect(!stream.toHub.isEmpty)
    stream.window = .max
    rig.run(milliseconds: 1_000)
    for number in 0..<200 { #expect(rig.cloud.acknowledgements("c\(number)").count == 1) }
    #expect(rig.view.cloud_connects == 1)
    #expect(rig.board.restarts.isEmpty)
  }

  @Test("while the cloud takes nothing statuses are not queued: the last one is told")
  func statusesCoalesce() {
    let (rig, printer) = HubRig.withPrinter()
    let stream = rig.cloud.stream!
    stream.window = 0
    rig.cloud.forget()
    for percent in 1...50 {
      printer.prints("RUNNING", percent: percent)
      rig.run(milliseconds: 100)
    }
    stream.window = .max
    rig.run(milliseconds: 10_000)
    let told = rig.cloud.messages("printer_status")
    #expect(told.count <= 8)
    #expect(rig.cloud.lastStatus(printer.serial)?["progress_percent"] as? Int == 50)
  }
}
