import Testing
import World

@testable import Printers

/// What OctoPrint does beside the answers in Fixtures/conformance.
@Suite("OctoPrint's own ways")
struct OctoPrintTests {
  @Test("a cancelled print has no completion, a finished one has 100")
  func ends() throws {
    let bench = try WebBench(.octoprint)
    bench.bring(to: .finished)
    #expect(bench.ask("GET", "/api/job")?.json?["progress"]?["completion"]?.double == 100)
    let other = try WebBench(.octoprint)
    other.bring(to: .cancelled)
    #expect(other.ask("GET", "/api/job")?.json?["progress"]?["completion"] == .null)
    #expect(other.printer.machine.history.last?.outcome == .stopped)
  }

  @Test("an upload is answered with 201, the place and what was done with it")
  func uploads() throws {
    let bench = try WebBench(.octoprint)
    let answer = try #require(
      bench.upload(
        "part.gcode", WebBench.part, to: "/api/files/local",
        fields: [("select", "true"), ("print", "true")]))
    #expect(answer.status == 201)
    #expect(answer.header("Location")?.hasSuffix("/api/files/local/part.gcode") == true)
    #expect(answer.json?["effectivePrint"]?.bool == true)
    #expect(bench.printer.card.bytes(of: "/part.gcode") == WebBench.part)
    #expect(bench.printer.machine.state == .prepare)
    #expect(bench.printer.machine.history.last?.digest == contentDigest(WebBench.part))
  }

  @Test("what is no g-code is refused with 415, the file in use with 409")
  func refusedUploads() throws {
    let bench = try WebBench(.octoprint)
    #expect(bench.upload("part.txt", WebBench.part, to: "/api/files/local")?.status == 415)
    #expect(
      bench.ask(
        "POST", "/api/files/local", headers: [("Content-Type", "multipart/form-data; boundary=x")],
        bytes: Array("--x--\r\n".utf8))?.status == 400)
    bench.bring(to: .printing)
    #expect(bench.upload("part.gcode", WebBench.part, to: "/api/files/local")?.status == 409)
    #expect(bench.upload("other.gcode", WebBench.part, to: "/api/files/local")?.status == 201)
  }

  @Test("without the key, or with another one, everything is refused with 403")
  func keys() throws {
    let bench = try WebBench(.octoprint)
    #expect(bench.ask("GET", "/api/job", key: nil)?.status == 403)
    #expect(bench.ask("GET", "/api/job", key: "other")?.status == 403)
    let bearer = [("Authorization", "Bearer \(WebBench.key)")]
    #expect(bench.ask("GET", "/api/job", key: nil, headers: bearer)?.status == 200)
  }

  @Test("lists that have not changed are answered with 304")
  func unchanged() throws {
    let bench = try WebBench(.octoprint)
    let tag = try #require(bench.ask("GET", "/api/files")?.header("ETag"))
    #expect(bench.ask("GET", "/api/files", headers: [("If-None-Match", tag)])?.status == 304)
  }
}
