import Testing
import World

@testable import Printers

/// Answers of OctoPrint 1.11.8 with its virtual printer, request by request.
@Suite("OctoPrint answers as the real one does")
struct OctoPrintConformanceTests {
  /// A request in a state of the printer, and what the real one said to it.
  struct Pair: CustomTestStringConvertible, Sendable {
    enum Stage: Sendable { case offline, idle, uploaded, printing, finished, cancelled }
    var stage: Stage
    var method = "GET"
    var path: String
    var body: String?
    var status: Int
    var answer: String?

    var testDescription: String { "\(method) \(path) \(body ?? "") while \(stage)" }
  }

  static let state = """
    {"error":"","flags":{"cancelling":false,"closedOrError":false,"error":false,"finishing":false,\
    "operational":true,"paused":false,"pausing":false,"printing":false,"ready":true,\
    "resuming":false,"sdReady":true},"text":"Operational"}
    """
  static let noJob = """
    {"job":{"estimatedPrintTime":null,"filament":{"length":null,"volume":null},"file":{"date":null,\
    "name":null,"origin":null,"path":null,"size":null},"lastPrintTime":null,"user":null},\
    "progress":{"completion":null,"filepos":null,"printTime":null,"printTimeLeft":null,\
    "printTimeLeftOrigin":null},"state":"Offline"}
    """
  static let aJob = """
    {"job":{"averagePrintTime":null,"estimatedPrintTime":126.6,"filament":{"tool0":{"length":14.9,\
    "volume":0.0}},"file":{"date":1795263829,"display":"part.gcode","name":"part.gcode",\
    "origin":"local","path":"part.gcode","size":45219},"lastPrintTime":null,"user":"_api"},\
    "progress":{"completion":2.3,"filepos":1062,"printTime":1,"printTimeLeft":null,\
    "printTimeLeftOrigin":"linear"},"state":"Printing"}
    """
  static let connection = """
    {"current":{"baudrate":115200,"port":"VIRTUAL","printerProfile":"_default",\
    "state":"Operational"},"options":{"baudratePreference":null,"baudrates":[250000],\
    "portPreference":null,"ports":["VIRTUAL"],"printerProfilePreference":"_default",\
    "printerProfiles":[{"id":"_default","name":"Default"}]}}
    """
  static let refusal = "{\"error\":\"some words\"}"
  static let file = """
    {"date":1795263829,"display":"part.gcode","hash":"17c4","name":"part.gcode","origin":"local",\
    "path":"part.gcode","refs":{"download":"http://a","resource":"http://b"},"size":45219,\
    "type":"machinecode","typePath":["machinecode","gcode"],"user":"_api"}
    """

  static let pairs: [Pair] = [
    Pair(
      stage: .idle, path: "/api/version", status: 200,
      answer: "{\"api\":\"0.1\",\"server\":\"1.11.8\",\"text\":\"OctoPrint 1.11.8\"}"),
    Pair(
      stage: .idle, path: "/api/server", status: 200,
      answer: "{\"safemode\":null,\"version\":\"1.11.8\"}"),
    Pair(stage: .idle, path: "/api/connection", status: 200, answer: connection),
    Pair(stage: .offline, path: "/api/connection", status: 200, answer: connection),
    Pair(stage: .offline, path: "/api/printer", status: 409, answer: refusal),
    Pair(stage: .offline, path: "/api/job", status: 200, answer: noJob),
    Pair(
      stage: .offline, method: "POST", path: "/api/job", body: "{\"command\":\"start\"}",
      status: 409, answer: refusal),
    Pair(
      stage: .offline, method: "POST", path: "/api/connection",
      body: "{\"command\":\"connect\",\"port\":\"NOPE\"}", status: 400, answer: refusal),
    Pair(
      stage: .offline, method: "POST", path: "/api/connection", body: "{\"command\":\"connect\"}",
      status: 204),
    Pair(
      stage: .idle, path: "/api/printer", status: 200,
      answer: """
        {"sd":{"ready":true},"state":\(state),"temperature":{"bed":{"actual":21.3,"offset":0,\
        "target":0.0},"tool0":{"actual":21.3,"offset":0,"target":0.0}}}
        """),
    Pair(
      stage: .idle, path: "/api/printer?exclude=temperature,sd", status: 200,
      answer: "{\"state\":\(state)}"),
    Pair(
      stage: .idle, path: "/api/files", status: 200,
      answer: "{\"files\":[],\"free\":80606400512,\"total\":270553174016}"),
    Pair(stage: .idle, path: "/api/files/local/nope.gcode", status: 404, answer: refusal),
    Pair(stage: .uploaded, path: "/api/files/local/part.gcode", status: 200, answer: file),
    Pair(stage: .uploaded, path: "/api/job", status: 200, answer: aJob),
    Pair(
      stage: .uploaded, method: "POST", path: "/api/files/local/part.gcode",
      body: "{\"command\":\"select\",\"print\":true}", status: 204),
    Pair(stage: .printing, path: "/api/job", status: 200, answer: aJob),
    Pair(
      stage: .printing, method: "POST", path: "/api/job", body: "{\"command\":\"start\"}",
      status: 409, answer: refusal),
    Pair(
      stage: .printing, method: "DELETE", path: "/api/files/local/part.gcode", status: 409,
      answer: refusal),
    Pair(
      stage: .printing, method: "POST", path: "/api/job",
      body: "{\"command\":\"pause\",\"action\":\"pause\"}", status: 204),
    Pair(
      stage: .printing, method: "POST", path: "/api/printer/command",
      body: "{\"command\":\"M117 hello\"}", status: 204),
    Pair(
      stage: .offline, method: "POST", path: "/api/printer/command",
      body: "{\"command\":\"M117 hello\"}", status: 409, answer: refusal),
    Pair(
      stage: .printing, method: "POST", path: "/api/job", body: "{\"command\":\"cancel\"}",
      status: 204),
    Pair(
      stage: .idle, method: "POST", path: "/api/job", body: "{\"command\":\"cancel\"}", status: 409,
      answer: refusal),
    Pair(stage: .finished, path: "/api/job", status: 200, answer: aJob),
    Pair(stage: .cancelled, path: "/api/job", status: 200, answer: aJob),
    Pair(
      stage: .idle, method: "POST", path: "/api/printer/tool",
      body: "{\"command\":\"target\",\"targets\":{\"tool0\":30}}", status: 204),
    Pair(
      stage: .idle, method: "DELETE", path: "/api/files/local/nope.gcode", status: 404,
      answer: refusal),
    Pair(stage: .idle, path: "/api/nope", status: 404, answer: refusal),
  ]

  @Test("status, keys and types are the same", arguments: pairs)
  func answers(pair: Pair) throws {
    let bench = try WebBench(.octoprint)
    bring(bench, to: pair.stage)
    let body = try pair.body.map { try JSON.parse($0) }
    let answer = try #require(bench.ask(pair.method, pair.path, body))
    #expect(answer.status == pair.status)
    guard let model = try pair.answer.map({ try JSON.parse($0) }) else {
      #expect(answer.body.isEmpty)
      return
    }
    #expect(Shape.differences(try #require(answer.json), from: model) == [])
  }

  private func bring(_ bench: WebBench, to stage: Pair.Stage) {
    func job(_ body: JSON) { bench.ask("POST", "/api/job", body) }
    switch stage {
    case .idle: return
    case .offline:
      bench.ask("POST", "/api/connection", ["command": "disconnect"])
    case .uploaded, .printing, .finished, .cancelled:
      let wantsPrint = stage == .uploaded ? "false" : "true"
      _ = bench.upload(
        "part.gcode", WebBench.part, to: "/api/files/local",
        fields: [("select", "true"), ("print", wantsPrint)])
    }
    switch stage {
    case .printing: bench.print(until: 5)
    case .finished: bench.run(.minutes(60)) { bench.printer.machine.state == .finish }
    case .cancelled:
      bench.print(until: 5)
      job(["command": "cancel"])
      bench.run(.seconds(3))
    case .idle, .offline, .uploaded: return
    }
  }

  @Test("a cancelled print has no completion, a finished one has 100")
  func ends() throws {
    let bench = try WebBench(.octoprint)
    bring(bench, to: .finished)
    #expect(bench.ask("GET", "/api/job")?.json?["progress"]?["completion"]?.double == 100)
    let other = try WebBench(.octoprint)
    bring(other, to: .cancelled)
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
    bring(bench, to: .printing)
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
