import Testing
import World

@testable import Printers

@Suite("PrusaLink answers as its firmware does")
struct PrusaLinkTests {
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
    #expect(job["file"]?["display_name"]?.string == "a long name.gcode")
    #expect(job["file"]?["name"]?.string == "ALONGN~1.GCO")
    let id = try #require(job["id"]?.int)
    #expect(bench.ask("PUT", "/api/v1/job/\(id + 1)/pause")?.status == 404)
    #expect(bench.ask("PUT", "/api/v1/job/\(id)/resume")?.status == 409)
    #expect(bench.ask("PUT", "/api/v1/job/\(id)/pause")?.status == 204)
    #expect(bench.ask("GET", "/api/v1/status")?.json?["printer"]?["state"] == "PAUSED")
    #expect(bench.ask("PUT", "/api/v1/job/\(id)/resume")?.status == 204)
    #expect(bench.ask("DELETE", "/api/v1/job/\(id)")?.status == 204)
    #expect(bench.ask("GET", "/api/v1/status")?.json?["printer"]?["state"] == "STOPPED")
    #expect(bench.ask("DELETE", "/api/v1/job/\(id)")?.status == 409)
    #expect(bench.ask("POST", "/api/v1/files/usb/ALONGN~1.GCO")?.status == 204)
    bench.print(until: 1)
    #expect(bench.ask("GET", "/api/v1/job")?.json?["id"]?.int == id + 1)
  }

  @Test("an upload is refused where the page says so")
  func refusals() throws {
    let bench = try WebBench(.prusalink)
    #expect(put(bench, path: "/api/v1/files/sdcard/")?.status == 403)
    #expect(put(bench, "a.txt")?.status == 415)
    #expect(bench.ask("PUT", "/api/v1/files/usb/a.gcode")?.status == 501)
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
    // What cannot be printed now is kept all the same.
    #expect(put(bench, "d.gcode", headers: [("Print-After-Upload", "?1")])?.status == 409)
    #expect(bench.ask("GET", "/api/v1/files/usb/d.gcode")?.status == 200)
    #expect(bench.ask("DELETE", "/api/v1/files/usb/a.gcode")?.status == 409)
    #expect(bench.ask("DELETE", "/api/v1/files/usb/none.gcode")?.status == 404)
  }

  @Test("without a key it asks for a digest without a qop; with a wrong one for another key")
  func challenge() throws {
    let bench = try WebBench(.prusalink)
    let answer = try #require(bench.ask("GET", "/api/v1/status", key: nil))
    #expect(answer.status == 401)
    let demand = try #require(answer.header("WWW-Authenticate"))
    #expect(demand.hasPrefix("Digest realm=\"Printer API\", nonce=\""))
    #expect(demand.hasSuffix("\", stale=false"))
    let other = try #require(bench.ask("GET", "/api/v1/status", key: "another"))
    #expect(other.status == 401)
    #expect(other.header("WWW-Authenticate") == "ApiKey realm=\"Printer API\"")
  }

  @Test("a file that it finds late is not there until then, and can be started after that")
  func findsLate() throws {
    let bench = try WebBench(.prusalink)
    bench.printer.begin(.web(.fileFoundLate), .duration(.seconds(4)))
    #expect(put(bench, "a.gcode")?.status == 201)
    #expect(bench.ask("GET", "/api/v1/files/usb/a.gcode")?.status == 404)
    #expect(bench.ask("POST", "/api/v1/files/usb/a.gcode")?.status == 404)
    #expect(bench.ask("GET", "/api/v1/files/usb")?.json?["children"]?.array?.isEmpty == true)
    bench.run(.seconds(5))
    #expect(bench.ask("GET", "/api/v1/files/usb/a.gcode")?.status == 200)
    #expect(bench.ask("POST", "/api/v1/files/usb/a.gcode")?.status == 204)
  }

  @Test("a finished print stays until the next one; without filament it wants attention")
  func ends() throws {
    let bench = try WebBench(.prusalink)
    #expect(put(bench, "a.gcode", headers: [("Print-After-Upload", "?1")])?.status == 201)
    bench.print(until: 10)
    bench.printer.begin(.web(.filamentRunOut), nil)
    let status = bench.ask("GET", "/api/v1/status")?.json
    #expect(status?["printer"]?["state"] == "ATTENTION")
    let id = status?["job"]?["id"]?.int ?? 0
    #expect(bench.ask("GET", "/api/v1/job")?.json?["state"] == "PAUSED")
    #expect(bench.ask("PUT", "/api/v1/job/\(id)/resume")?.status == 409)
    #expect(bench.ask("PUT", "/api/v1/job/\(id)/continue")?.status == 400)
    bench.printer.end(.web(.filamentRunOut))
    #expect(bench.ask("GET", "/api/v1/status")?.json?["printer"]?["state"] == "PAUSED")
    #expect(bench.ask("PUT", "/api/v1/job/\(id)/resume")?.status == 204)
    bench.run(.minutes(60)) { bench.printer.machine.state == .finish }
    bench.run(.minutes(30))
    #expect(bench.ask("GET", "/api/v1/status")?.json?["printer"]?["state"] == "FINISHED")
    #expect(bench.ask("GET", "/api/v1/job")?.status == 204)
  }

  @Test("an upload is seen while it is under way, and another one has to wait")
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
    let shown = bench.ask("GET", "/api/v1/status")?.json?["transfer"]
    #expect(shown?["transferred"]?.int ?? 0 >= count)
    #expect(put(bench, "b.gcode")?.status == 409)
    bench.run(.minutes(1)) { result != nil }
    #expect(bench.ask("GET", "/api/v1/transfer")?.status == 204)
    #expect(bench.printer.card.allFiles.map(\.path) == ["/a.gcode"])
  }
}
