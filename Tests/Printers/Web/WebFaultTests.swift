import Testing
import World

@testable import Printers

@Suite("Faults of printers that are reached over HTTP")
struct WebFaultTests {
  private static let statusPaths: [(PrinterKind, String)] = [
    (.octoprint, "/api/job"), (.prusalink, "/api/v1/status"), (.moonraker, "/server/info"),
  ]

  @Test("a key that is taken back, proxies and slowness", arguments: statusPaths)
  func doors(kind: PrinterKind, path: String) throws {
    let bench = try WebBench(kind)
    func during(_ fault: WebFault, _ amount: FaultAmount? = nil, _ body: () -> Void) {
      bench.printer.begin(.web(fault), amount)
      body()
      bench.printer.end(.web(fault))
    }
    during(.keyRevoked) {
      #expect([401, 403].contains(bench.ask("GET", path)?.status ?? 0))
    }
    during(.proxy502) {
      let answer = bench.ask("GET", path)
      #expect(answer?.status == 502 && answer?.json == nil)
    }
    during(.proxy503) { #expect(bench.ask("GET", path)?.status == 503) }
    during(.slow, .duration(.seconds(8))) {
      let begin = bench.world.now
      #expect(bench.ask("GET", path)?.status == 200)
      #expect(bench.world.now - begin >= .seconds(8))
    }
    #expect(bench.ask("GET", path)?.status == 200)
  }

  @Test("a restart refuses connections for its time", arguments: statusPaths)
  func restart(kind: PrinterKind, path: String) throws {
    let bench = try WebBench(kind)
    bench.printer.clock = bench.client
    bench.printer.begin(.web(.restart), .duration(.seconds(20)))
    bench.run(.seconds(1))
    #expect(bench.ask("GET", path, within: .seconds(3)) == nil)
    bench.run(.seconds(20))
    #expect(bench.ask("GET", path)?.status == 200)
  }

  /// One upload as each kind wants it.
  private func upload(_ bench: WebBench) -> HTTPAnswer? {
    switch bench.printer.kind {
    case .prusalink:
      bench.ask("PUT", "/api/v1/files/usb/part.gcode", bytes: WebBench.part)
    case .octoprint: bench.upload("part.gcode", WebBench.part, to: "/api/files/local")
    case .moonraker, .bambu: bench.upload("part.gcode", WebBench.part, to: "/server/files/upload")
    }
  }

  @Test(
    "an upload that breaks leaves nothing behind",
    arguments: [PrinterKind.octoprint, .prusalink, .moonraker])
  func cut(kind: PrinterKind) throws {
    let bench = try WebBench(kind)
    bench.printer.begin(.web(.uploadReset), .size(10_000))
    #expect(upload(bench) == nil)
    bench.run(.seconds(1))
    #expect(bench.printer.card.allFiles.isEmpty)
    bench.printer.end(.web(.uploadReset))
    bench.printer.begin(.web(.storageFull), nil)
    #expect([500, 507].contains(upload(bench)?.status ?? 0))
    bench.printer.end(.web(.storageFull))
    bench.printer.begin(.web(.upload413), nil)
    #expect(upload(bench)?.status == 413)
    bench.printer.end(.web(.upload413))
    bench.printer.begin(.web(.uploadSlow), .rate(5_000))
    let begin = bench.world.now
    #expect(upload(bench)?.status == 201)
    #expect(bench.world.now - begin >= .seconds(5))
    #expect(bench.printer.card.bytes(of: "/part.gcode") == WebBench.part)
  }

  @Test("a pulled cable loses OctoPrint's print until somebody connects")
  func serial() throws {
    let bench = try WebBench(.octoprint)
    _ = bench.upload(
      "part.gcode", WebBench.part, to: "/api/files/local", fields: [("print", "true")])
    bench.print(until: 3)
    bench.printer.begin(.web(.serialLost), nil)
    #expect(bench.printer.machine.history.last?.outcome == .failed)
    #expect(bench.ask("GET", "/api/printer")?.status == 409)
    let job = bench.ask("GET", "/api/job")?.json
    #expect(job?["state"] == "Offline after error" && job?["error"]?.string?.isEmpty == false)
    bench.ask("POST", "/api/connection", ["command": "connect"])
    bench.run(.seconds(5))
    #expect(bench.ask("GET", "/api/printer")?.status == 200)
  }

  @Test("PrusaLink: a stick pulled out, a hasty nonce, no job between two states")
  func prusalink() throws {
    let bench = try WebBench(.prusalink)
    bench.printer.begin(.web(.storageGone), nil)
    #expect(upload(bench)?.status == 507)
    #expect(bench.ask("GET", "/api/v1/status")?.json?["storage"]?["path"] == "/usb/")
    let storage = bench.ask("GET", "/api/v1/storage")?.json?["storage_list"]?[0]
    #expect(storage?["available"]?.bool == false)
    bench.printer.end(.web(.storageGone))
    bench.printer.begin(.web(.jobGap), nil)
    #expect(upload(bench)?.status == 201)
    #expect(bench.ask("POST", "/api/v1/files/usb/part.gcode")?.status == 204)
    #expect(bench.ask("GET", "/api/v1/job")?.status == 204)
    #expect(bench.ask("GET", "/api/v1/status")?.json?["printer"]?["state"] == "PRINTING")
    bench.run(.seconds(31))
    #expect(bench.ask("GET", "/api/v1/job")?.status == 200)
  }

  @Test("too many connections are broken off")
  func crowd() throws {
    let bench = try WebBench(.prusalink)
    bench.printer.begin(.web(.tooManyConnections), nil)
    #expect(bench.ask("GET", "/api/v1/status", within: .seconds(3)) == nil)
    bench.printer.end(.web(.tooManyConnections))
    #expect(bench.ask("GET", "/api/v1/status")?.status == 200)
  }

  @Test("power that is lost takes the print with it", arguments: statusPaths)
  func power(kind: PrinterKind, path: String) throws {
    let bench = try WebBench(kind)
    #expect(upload(bench)?.status == 201)
    #expect(bench.printer.print("/part.gcode"))
    bench.print(until: 2)
    bench.printer.clock = bench.client
    bench.printer.begin(.web(.powerLoss), .duration(.seconds(30)))
    #expect(!bench.printer.isOn)
    #expect(bench.printer.machine.history.last?.outcome == .powerLost)
    bench.run(.seconds(31))
    #expect(bench.printer.isOn && bench.printer.machine.state == .idle)
    #expect(bench.ask("GET", path)?.status == 200)
  }

  @Test(
    "every fault has a kind, a meaning, and a name that is its own", arguments: WebFault.allCases)
  func catalogue(fault: WebFault) {
    #expect(!fault.kinds.isEmpty && !fault.kinds.contains(.bambu))
    #expect(fault.meaning.hasSuffix(".") || fault.meaning.hasSuffix("\""))
    for kind in fault.kinds { #expect(FieldFault(fault.name, of: kind) == .web(fault)) }
  }
}
