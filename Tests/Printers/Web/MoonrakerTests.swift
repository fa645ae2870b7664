import Testing
import World

@testable import Printers

@Suite("Moonraker answers as the real one does")
struct MoonrakerTests {
  static let answers: [(String, String)] = [
    (
      "/server/info",
      """
      {"klippy_connected":true,"klippy_state":"ready","components":["a"],"failed_components":[],\
      "registered_directories":["gcodes"],"warnings":[],"websocket_count":0,\
      "moonraker_version":"v","missing_klippy_requirements":[],"api_version":[1,5,0],\
      "api_version_string":"1.5.0"}
      """
    ),
    (
      "/printer/info",
      """
      {"state":"ready","state_message":"Printer is ready","hostname":"h","klipper_path":"/k",\
      "python_path":"/p","process_id":1,"user_id":1,"group_id":1,"log_file":"/l",\
      "config_file":"/c","software_version":"v","cpu_info":"4"}
      """
    ),
    ("/printer/objects/list", "{\"objects\":[\"print_stats\"]}"),
    (
      "/printer/objects/query?webhooks&heater_bed=temperature,target",
      """
      {"eventtime":1.5,"status":{"webhooks":{"state":"ready","state_message":"m"},\
      "heater_bed":{"temperature":21.5,"target":0.0}}}
      """
    ),
    (
      "/printer/objects/query?print_stats&virtual_sdcard",
      """
      {"eventtime":1.5,"status":{"print_stats":{"filename":"","total_duration":0.0,\
      "print_duration":0.0,"filament_used":0.0,"state":"standby","message":"","info":{\
      "total_layer":null,"current_layer":null}},"virtual_sdcard":{"file_path":null,\
      "progress":0.0,"is_active":false,"file_position":0,"file_size":0}}}
      """
    ),
  ]

  @Test("keys and types of an idle printer's answers", arguments: answers)
  func shapes(path: String, model: String) throws {
    let bench = try WebBench(.moonraker)
    let answer = try #require(bench.ask("GET", path))
    #expect(answer.status == 200)
    let result = try #require(answer.json?["result"])
    #expect(Shape.differences(result, from: try JSON.parse(model)) == [])
  }

  private func upload(_ bench: WebBench, _ fields: [(String, String)] = []) -> HTTPAnswer? {
    bench.upload(
      "part.gcode", WebBench.part, to: "/server/files/upload",
      fields: [("root", "gcodes")] + fields)
  }

  @Test("an upload is checked against its checksum, and printed when that is asked for")
  func uploads() throws {
    let bench = try WebBench(.moonraker)
    #expect(upload(bench, [("checksum", String(repeating: "0", count: 64))])?.status == 422)
    let sum = hexString(ContentChecksum.sha256(CardContent(WebBench.part)))
    let answer = try #require(upload(bench, [("checksum", sum), ("print", "true")]))
    #expect(answer.status == 201)
    let model = """
      {"item":{"path":"part.gcode","root":"gcodes","modified":1.5,"size":1,"permissions":"rw"},\
      "action":"create_file","print_started":true,"print_queued":false}
      """
    #expect(Shape.differences(try #require(answer.json), from: try JSON.parse(model)) == [])
    #expect(answer.json?["print_started"]?.bool == true)
    #expect(upload(bench)?.status == 403)
    #expect(bench.ask("DELETE", "/server/files/gcodes/part.gcode")?.status == 403)
    let metadata = bench.ask("GET", "/server/files/metadata?filename=part.gcode")?.json?["result"]
    #expect(metadata?["estimated_time"]?.int == 600)
    #expect(metadata?["layer_count"]?.int == 10)
  }

  @Test("a print goes through its states, and what cannot be is refused with 400")
  func prints() throws {
    let bench = try WebBench(.moonraker)
    func order(_ what: String) -> Int? { bench.ask("POST", "/printer/print/" + what)?.status }
    func state() -> JSON? {
      bench.ask("GET", "/printer/objects/query?print_stats")?.json?["result"]?["status"]?[
        "print_stats"]?["state"]
    }
    #expect(order("start?filename=none.gcode") == 400)
    #expect(order("pause") == 400)
    #expect(state() == "standby")
    #expect(upload(bench)?.status == 201)
    #expect(order("start?filename=part.gcode") == 200)
    #expect(order("start?filename=part.gcode") == 400)
    bench.print(until: 5)
    #expect(state() == "printing")
    #expect(order("pause") == 200)
    #expect(state() == "paused")
    #expect(order("resume") == 200)
    bench.run(.minutes(60)) { bench.printer.machine.state == .finish }
    #expect(state() == "complete")
    #expect(order("start?filename=part.gcode") == 200)
    bench.print(until: 5)
    #expect(order("cancel") == 200)
    #expect(state() == "cancelled")
  }

  @Test("without Klippy printer methods fail with 503, and uploads work")
  func away() throws {
    let bench = try WebBench(.moonraker)
    bench.printer.begin(.web(.klippyDisconnected), nil)
    #expect(
      bench.ask("GET", "/server/info")?.json?["result"]?["klippy_state"] == "disconnected")
    #expect(bench.ask("GET", "/printer/info")?.status == 503)
    #expect(upload(bench)?.status == 201)
    bench.printer.end(.web(.klippyDisconnected))
    bench.run(.seconds(10))
    #expect(bench.ask("GET", "/server/info")?.json?["result"]?["klippy_state"] == "ready")
  }

  @Test("a shutdown loses the print until the firmware is restarted")
  func shutdown() throws {
    let bench = try WebBench(.moonraker)
    #expect(upload(bench, [("print", "true")])?.status == 201)
    bench.print(until: 5)
    #expect(bench.ask("POST", "/printer/emergency_stop")?.status == 200)
    #expect(bench.printer.machine.history.last?.outcome == .failed)
    #expect(bench.ask("GET", "/printer/info")?.json?["result"]?["state"] == "shutdown")
    #expect(bench.ask("POST", "/printer/print/start?filename=part.gcode")?.status == 400)
    #expect(bench.ask("POST", "/printer/firmware_restart")?.status == 200)
    #expect(bench.ask("GET", "/printer/info")?.json?["result"]?["state"] == "startup")
    bench.run(.seconds(6))
    #expect(bench.ask("GET", "/printer/info")?.json?["result"]?["state"] == "ready")
  }

  @Test("errors are wrapped, with their code as the status")
  func errors() throws {
    let bench = try WebBench(.moonraker)
    let answer = try #require(bench.ask("GET", "/server/nope"))
    #expect(answer.status == 404)
    #expect(answer.json?["error"]?["code"]?.int == 404)
    #expect(bench.ask("GET", "/server/info", key: nil)?.status == 401)
    let token = try #require(
      bench.ask("GET", "/access/oneshot_token")?.json?["result"]?.string)
    #expect(bench.ask("GET", "/server/info?token=\(token)", key: nil)?.status == 200)
    #expect(bench.ask("GET", "/server/info?token=\(token)", key: nil)?.status == 401)
  }

  @Test("who trusts everybody wants no key")
  func trusting() throws {
    let bench = try WebBench(.moonraker) { $0.key = "" }
    #expect(bench.ask("GET", "/server/info", key: nil)?.status == 200)
  }
}
