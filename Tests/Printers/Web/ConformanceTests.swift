import Foundation
import Testing
import World

@testable import Printers

/// The answers that clients rely on, request by request, as they are written down in
/// Fixtures/conformance. The interoperability tests replay the same ones against the real servers.
@Suite("Simulated servers answer as the real ones do")
struct ConformanceTests {
  /// A request in a state of the printer, and what the real one said to it.
  struct Pair: CustomTestStringConvertible, Sendable {
    var kind: PrinterKind
    var stage: WebStage
    var method: String
    var path: String
    var json: JSON

    var testDescription: String {
      "\(kind.rawValue): \(method) \(path) \(json["json"]?.text ?? "") while \(stage)"
    }

    /// Where the shape of an answer is another one, but for what is named as loose.
    func differences(of answer: JSON) -> [String] {
      let loose = json["loose"]?.array?.compactMap(\.string) ?? []
      return Shape.differences(answer, from: json["answer"] ?? .null).filter { line in
        !loose.contains { line.hasPrefix(".\($0) ") }
      }
    }
  }

  static let pairs = [PrinterKind.octoprint, .prusalink, .moonraker].flatMap { kind in
    read(kind)["pairs"]?.array?.compactMap { json -> Pair? in
      let ask = json["ask"]?.string?.split(separator: " ").map(String.init) ?? []
      guard ask.count == 2, let stage = json["when"]?.string.flatMap({ WebStage(rawValue: $0) })
      else { return nil }
      return Pair(kind: kind, stage: stage, method: ask[0], path: ask[1], json: json)
    } ?? []
  }

  private static func read(_ kind: PrinterKind) -> JSON {
    var place = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { place.deleteLastPathComponent() }
    place.append(path: "Fixtures/conformance/\(kind.rawValue).json")
    guard let data = try? Data(contentsOf: place), let json = try? JSON.parse([UInt8](data)) else {
      return .null
    }
    return json
  }

  @Test("the pairs of all kinds are there")
  func areThere() {
    for kind in [PrinterKind.octoprint, .prusalink, .moonraker] {
      let written = Self.read(kind)["pairs"]?.array?.count ?? 0
      #expect(written > 30)
      #expect(Self.pairs.count { $0.kind == kind } == written)
    }
  }

  /// Stands where else a method of HTTP does.
  static let socket = "SOCKET"

  @Test("status, keys and types are the same", arguments: pairs.filter { $0.method != socket })
  func answers(pair: Pair) throws {
    let bench = try WebBench(pair.kind)
    bench.bring(to: pair.stage)
    let answer = try #require(replay(pair, on: bench))
    #expect(answer.status == pair.json["status"]?.int)
    if let demand = pair.json["demand"]?.string {
      #expect(answer.header("WWW-Authenticate")?.hasPrefix(demand) == true)
    }
    guard pair.json["answer"] != nil else {
      #expect(answer.body.isEmpty)
      return
    }
    #expect(pair.differences(of: try #require(answer.json)) == [])
  }

  @Test("on a socket too", arguments: pairs.filter { $0.method == socket })
  func answersOnSocket(pair: Pair) throws {
    let bench = try WebBench(pair.kind)
    bench.bring(to: pair.stage)
    let client = SocketTestClient(bench, "/websocket", key: WebBench.key)
    let answer = try #require(client.call(pair.path, pair.json["params"] ?? [:]))
    #expect(answer["error"]?["code"]?.int == pair.json["code"]?.int)
    #expect(pair.differences(of: answer) == [])
  }

  private func replay(_ pair: Pair, on bench: WebBench) -> HTTPAnswer? {
    let path = pair.path.replacing("JOB", with: bench.jobNumber)
    // An empty one is none.
    let given = pair.json["key"]?.string ?? WebBench.key
    let key = given.isEmpty ? nil : given
    if let headers = pair.json["headers"]?.object {
      let all = headers.entries.map { ($0.0, $0.1.string ?? "") }
      return bench.ask(pair.method, path, key: key, headers: all, bytes: WebBench.part)
    }
    if let form = pair.json["form"]?.object {
      let fields = form.entries.map { ($0.0, $0.1.string ?? "") }
      return bench.upload(
        pair.json["file"]?.string, WebBench.part, to: path, fields: fields)
    }
    return bench.ask(pair.method, path, pair.json["json"], key: key)
  }
}

/// A state that a printer can be brought into.
enum WebStage: String, Sendable {
  case offline, idle, uploading, uploaded, printing, paused, finished, cancelled
}

extension WebBench {
  /// As PrusaLink has it.
  var jobNumber: String {
    let status = ask("GET", "/api/v1/status")?.json
    return status?["job"]?["id"]?.int.map { "\($0)" } ?? "0"
  }

  /// Brings a printer that was just switched on into a state, by its own interface.
  func bring(to stage: WebStage) {
    switch stage {
    case .idle: return
    case .offline: return takeAway()
    case .uploading: return placeSlowly()
    case .uploaded: return place()
    case .printing, .paused, .finished, .cancelled:
      place()
      startPart()
    }
    guard stage != .finished else {
      run(.minutes(60)) { printer.machine.state == .finish }
      return
    }
    print(until: 5)
    if stage == .paused { printer.pressPause() }
    if stage == .cancelled { printer.pressStop() }
    if stage != .printing { run(.seconds(3)) }
  }

  private func takeAway() {
    switch printer.kind {
    case .octoprint: ask("POST", "/api/connection", ["command": "disconnect"])
    case .moonraker: printer.begin(.web(.klippyDisconnected), nil)
    case .bambu, .prusalink: break
    }
  }

  /// Half of a file is there.
  private func placeSlowly() {
    printer.begin(.web(.uploadSlow), .rate(Self.part.count / 4))
    HTTPCall.perform(
      on: client, method: "PUT",
      url: "http://printer:\(printer.configuration.port)/api/v1/files/usb/part.gcode",
      headers: [("X-Api-Key", Self.key)], body: Self.part
    ) { _ in }
    run(.seconds(2))
  }

  private func place() {
    switch printer.kind {
    case .octoprint:
      _ = upload("part.gcode", Self.part, to: "/api/files/local", fields: [("select", "true")])
    case .moonraker:
      _ = upload(
        "part.gcode", Self.part, to: "/server/files/upload", fields: [("root", "gcodes")])
    case .bambu, .prusalink:
      ask("PUT", "/api/v1/files/usb/part.gcode", bytes: Self.part)
    }
  }

  private func startPart() {
    switch printer.kind {
    case .octoprint: ask("POST", "/api/job", ["command": "start"])
    case .moonraker: ask("POST", "/printer/print/start?filename=part.gcode")
    case .bambu, .prusalink: ask("POST", "/api/v1/files/usb/part.gcode")
    }
  }
}
