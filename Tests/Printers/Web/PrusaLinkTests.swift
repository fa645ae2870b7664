import Testing
import World

@testable import Printers

@Suite("PrusaLink answers as its firmware does")
struct PrusaLinkTests {
  static let status = """
    {"storage":{"path":"/usb/","name":"usb","read_only":false,"free_space":1},"printer":{\
    "state":"IDLE","temp_bed":21.5,"target_bed":0.0,"temp_nozzle":21.5,"target_nozzle":0.0,\
    "axis_z":0.0,"axis_x":1.0,"axis_y":1.0,"flow":100,"speed":100,"fan_hotend":0,"fan_print":0,\
    "status_printer":{"ok":true,"message":"OK"},"status_connect":{"ok":true,"message":"OK"}}
    """
  static let numbers = "\"id\":129,\"progress\":12.5,\"time_remaining\":520,\"time_printing\":80"
  static let file = """
    {"refs":{"download":"/usb/A.GCO","icon":"/thumb/s","thumbnail":"/thumb/l"},\
    "name":"A~1.GCO","display_name":"a.gcode","path":"/usb","size":100,"m_timestamp":1}
    """

  static let idle: [(String, String)] = [
    (
      "/api/version",
      """
      {"api":"2.0.0","server":"2.1.2","version":"0.8","printer":"1.3.1","nozzle_diameter":0.4,\
      "text":"PrusaLink","firmware":"6.5.3","hostname":"mk4","capabilities":{"upload-by-put":true}}
      """
    ),
    (
      "/api/v1/info",
      """
      {"name":"a","location":"b","farm_mode":false,"nozzle_diameter":0.4,"min_extrusion_temp":170,\
      "serial":"10589-1","hostname":"mk4","port":80,"mmu":false}
      """
    ),
    ("/api/v1/status", status + "}"),
    (
      "/api/v1/storage",
      """
      {"storage_list":[{"path":"/usb","name":"usb","type":"USB","read_only":false,\
      "available":true,"free_space":1,"total_space":2}]}
      """
    ),
  ]

  @Test("keys and types of an idle printer's answers", arguments: idle)
  func shapes(path: String, model: String) throws {
    let bench = try WebBench(.prusalink)
    let answer = try #require(bench.ask("GET", path))
    #expect(answer.status == 200)
    #expect(Shape.differences(try #require(answer.json), from: try JSON.parse(model)) == [])
  }

  private func put(
    _ bench: WebBench, _ name: String = "a long name.gcode", headers: [(String, String)] = [],
    path: String = "/api/v1/files/usb/"
  ) -> HTTPAnswer? {
    bench.ask(
      "PUT", path + name.replacing(" ", with: "%20"),
      headers: [("Content-Type", "application/octet-stream")] + headers, bytes: WebBench.part)
  }

  @Test("a file that is put is printed when that is asked for, under a job id that grows")
  func prints() throws {
    let bench = try WebBench(.prusalink)
    #expect(bench.ask("GET", "/api/v1/job")?.status == 204)
    #expect(put(bench, headers: [("Print-After-Upload", "?1")])?.status == 201)
    bench.print(until: 10)
    let job = try #require(bench.ask("GET", "/api/v1/job")?.json)
    let model =
      "{\(Self.numbers),\"state\":\"PRINTING\",\"inaccurate_estimates\":false,"
      + "\"serial_print\":false,\"file\":\(Self.file)}"
    #expect(Shape.differences(job, from: try JSON.parse(model)) == [])
    #expect(job["file"]?["display_name"]?.string == "a long name.gcode")
    #expect(job["file"]?["name"]?.string == "ALONGN~1.GCO")
    let status = try #require(bench.ask("GET", "/api/v1/status")?.json)
    let whole = Self.status + ",\"job\":{\(Self.numbers)}}"
    #expect(Shape.differences(status, from: try JSON.parse(whole)) == [])
    let id = try #require(job["id"]?.int)
    #expect(bench.ask("PUT", "/api/v1/job/\(id + 1)/pause")?.status == 404)
    #expect(bench.ask("PUT", "/api/v1/job/\(id)/resume")?.status == 409)
    #expect(bench.ask("PUT", "/api/v1/job/\(id)/pause")?.status == 204)
    #expect(bench.ask("GET", "/api/v1/status")?.json?["printer"]?["state"] == "PAUSED")
    #expect(bench.ask("PUT", "/api/v1/job/\(id)/resume")?.status == 204)
    #expect(bench.ask("DELETE", "/api/v1/job/\(id)")?.status == 204)
    #expect(bench.ask("GET", "/api/v1/status")?.json?["printer"]?["state"] == "STOPPED")
    #expect(bench.ask("POST", "/api/v1/files/usb/ALONGN~1.GCO")?.status == 204)
    bench.print(until: 1)
    #expect(bench.ask("GET", "/api/v1/job")?.json?["id"]?.int == id + 1)
  }

  @Test("an upload is refused where the page says so")
  func refusals() throws {
    let bench = try WebBench(.prusalink)
    #expect(put(bench, path: "/api/v1/files/sdcard/")?.status == 404)
    #expect(put(bench, "a.txt")?.status == 422)
    #expect(put(bench, "a.gcode")?.status == 201)
    #expect(put(bench, "a.gcode")?.status == 409)
    #expect(put(bench, "a.gcode", headers: [("Overwrite", "?0")])?.status == 409)
    #expect(put(bench, "a.gcode", headers: [("Overwrite", "?1")])?.status == 201)
    let chunked = [("Transfer-Encoding", "chunked")]
    #expect(
      bench.ask(
        "PUT", "/api/v1/files/usb/b.gcode", headers: chunked + [("Content-Length", "")],
        bytes: [])?.status ?? 411 >= 400)
    bench.printer.begin(.web(.storageFull), nil)
    #expect(put(bench, "c.gcode")?.status == 507)
    bench.printer.end(.web(.storageFull))
    bench.printer.begin(.web(.busy503), nil)
    #expect(put(bench, "c.gcode")?.status == 503)
    bench.printer.end(.web(.busy503))
    #expect(bench.ask("POST", "/api/v1/files/usb/a.gcode")?.status == 204)
    #expect(put(bench, "a.gcode", headers: [("Overwrite", "?1")])?.status == 409)
    #expect(bench.ask("DELETE", "/api/v1/files/usb/a.gcode")?.status == 409)
    #expect(bench.ask("DELETE", "/api/v1/files/usb/none.gcode")?.status == 404)
  }

  @Test("without a key it asks for a digest")
  func challenge() throws {
    let bench = try WebBench(.prusalink)
    let answer = try #require(bench.ask("GET", "/api/v1/status", key: nil))
    #expect(answer.status == 401)
    #expect(answer.header("WWW-Authenticate")?.hasPrefix("Digest realm=\"Printer API\"") == true)
  }

  @Test("a finished print stays until the next one; without filament it wants attention")
  func ends() throws {
    let bench = try WebBench(.prusalink)
    #expect(put(bench, "a.gcode", headers: [("Print-After-Upload", "?1")])?.status == 201)
    bench.print(until: 10)
    bench.printer.begin(.web(.filamentRunOut), nil)
    #expect(bench.ask("GET", "/api/v1/status")?.json?["printer"]?["state"] == "ATTENTION")
    bench.printer.end(.web(.filamentRunOut))
    bench.printer.pressResume()
    bench.run(.minutes(60)) { bench.printer.machine.state == .finish }
    bench.run(.minutes(30))
    #expect(bench.ask("GET", "/api/v1/status")?.json?["printer"]?["state"] == "FINISHED")
    #expect(bench.ask("GET", "/api/v1/job")?.json?["progress"]?.double == 100)
  }

  @Test("an upload is seen while it is under way, and can be ended")
  func transfers() throws {
    let bench = try WebBench(.prusalink) { $0.uploadBytesPerSecond = 5_000 }
    var result: Result<HTTPAnswer, HTTPCallFailure>?
    HTTPCall.perform(
      on: bench.client, method: "PUT", url: "http://printer:80/api/v1/files/usb/a.gcode",
      headers: [("X-Api-Key", WebBench.key)], body: WebBench.part
    ) { result = $0 }
    bench.run(.seconds(2))
    let transfer = try #require(bench.ask("GET", "/api/v1/transfer")?.json)
    let count = try #require(transfer["transferred"]?.int)
    #expect((5_000...15_000).contains(count))
    #expect(put(bench, "b.gcode")?.status == 409)
    #expect(bench.ask("DELETE", "/api/v1/transfer/\(transfer["id"]?.int ?? 0)")?.status == 204)
    bench.run(.seconds(5)) { result != nil }
    #expect(bench.ask("GET", "/api/v1/transfer")?.status == 204)
    #expect(bench.printer.card.allFiles.isEmpty)
  }
}
