import Testing
import World

@testable import Printers

@Suite("Sockets for news")
struct SocketTests {
  private func identified(_ bench: WebBench) -> SocketTestClient {
    let client = SocketTestClient(bench, "/websocket", key: WebBench.key)
    _ = client.call(
      "server.connection.identify",
      ["client_name": "t", "version": "1", "type": "other", "url": "http://t"])
    return client
  }

  @Test("a Moonraker's socket answers methods, and errors with their codes")
  func methods() throws {
    let bench = try WebBench(.moonraker)
    let client = SocketTestClient(bench, "/websocket")
    #expect(client.status == 101)
    #expect(client.call("printer.info")?["error"]?["code"]?.int == -32602)
    let known: JSON = [
      "client_name": "t", "version": "1", "type": "other", "url": "http://t",
      "api_key": .string(WebBench.key),
    ]
    let answer = client.call("server.connection.identify", known)
    #expect(answer?["result"]?["connection_id"]?.int != nil)
    #expect(client.call("printer.info")?["result"]?["state"] == "ready")
    #expect(client.call("printer.nope")?["error"]?["code"]?.int == -32601)
    #expect(client.call("printer.gcode.script", ["script": "G28"])?["result"] == "ok")
    #expect(client.call("printer.gcode.script", ["script": "NOPE"])?["error"]?["code"]?.int == 400)
  }

  @Test("who subscribes gets everything once, then only what has changed")
  func subscriptions() throws {
    let bench = try WebBench(.moonraker)
    let client = identified(bench)
    let answer = client.call(
      "printer.objects.subscribe",
      ["objects": ["print_stats": nil, "extruder": ["temperature", "target"]]])
    #expect(answer?["result"]?["status"]?["print_stats"]?["state"] == "standby")
    #expect(answer?["result"]?["status"]?["extruder"]?["power"] == nil)
    _ = bench.upload(
      "part.gcode", WebBench.part, to: "/server/files/upload", fields: [("print", "true")])
    bench.print(until: 5)
    let updates = client.messages.filter { $0["method"] == "notify_status_update" }
    #expect(updates.contains { $0["params"]?[0]?["print_stats"]?["state"] == "printing" })
    #expect(updates.allSatisfy { $0["params"]?[0]?["extruder"]?["power"] == nil })
    let last = try #require(updates.last)
    #expect(last["params"]?[0]?["print_stats"]?["state"] == nil)
    #expect(client.has("notify_filelist_changed"))
  }

  @Test("subscriptions are lost when Klippy restarts, and news of Klippy come")
  func restarts() throws {
    let bench = try WebBench(.moonraker)
    let client = identified(bench)
    _ = client.call("printer.objects.subscribe", ["objects": ["extruder": nil]])
    _ = client.call("printer.firmware_restart")
    bench.run(.seconds(8))
    #expect(client.has("notify_klippy_disconnected") && client.has("notify_klippy_ready"))
    let count = client.messages.count
    bench.ask("POST", "/printer/gcode/script?script=M104%20S200")
    bench.run(.seconds(20))
    #expect(!client.messages[count...].contains { $0["method"] == "notify_status_update" })
  }

  @Test("faults of the socket: refused, dropped, silent")
  func faults() throws {
    let bench = try WebBench(.moonraker)
    bench.printer.begin(.web(.socketRefused), nil)
    #expect(SocketTestClient(bench, "/websocket", key: WebBench.key).status == 401)
    bench.printer.end(.web(.socketRefused))
    let client = identified(bench)
    bench.printer.begin(.web(.socketSilent), nil)
    let count = client.messages.count
    #expect(client.call("printer.info") == nil)
    #expect(client.messages.count == count && !client.isOver)
    bench.printer.end(.web(.socketSilent))
    bench.printer.begin(.web(.socketDropped), .duration(.seconds(5)))
    bench.run(.seconds(6))
    #expect(client.isOver)
  }

  @Test("OctoPrint's socket speaks plainly on one path and in SockJS frames on the other")
  func octoprint() throws {
    let bench = try WebBench(.octoprint)
    let plain = SocketTestClient(bench, "/sockjs/websocket")
    bench.run { !plain.messages.isEmpty }
    #expect(plain.messages.first?["connected"]?["version"] == "1.11.8")
    let session = bench.ask("POST", "/api/login", ["passive": true])?.json?["session"]?.string
    plain.send(["auth": .string("_api:\(session ?? "")")])
    bench.run { plain.messages.contains { $0["history"] != nil } }
    bench.run(.seconds(2)) { plain.messages.contains { $0["current"] != nil } }
    let current = try #require(plain.messages.last?["current"])
    #expect(current["state"]?["text"] == "Operational")
    let framed = SocketTestClient(bench, "/sockjs/123/abcdefgh/websocket")
    bench.run { framed.texts.count >= 2 }
    #expect(framed.texts.first == "o")
    #expect(framed.texts.dropFirst().first?.hasPrefix("a[\"{\\\"connected\\\"") == true)
  }
}
