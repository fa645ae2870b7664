import Foundation
import Wire

/// A Moonraker with its Klippy.
final class FakeMoonraker: FakeHTTPPrinter {
  override var kind: String { "moonraker" }
  /// ready, startup, shutdown, error, disconnected
  var klippy = "ready"
  var klippyMessage = "Printer is ready"
  var print = "standby"
  var file = ""
  var message = ""
  var progress = 0.0
  var duration = 0.0
  /// Answers requests for a socket.
  var hasSocket = true
  /// The socket is open and says nothing.
  var isSocketMute = false
  var subscriptions = 0
  /// What was said on the socket.
  private(set) var heard: [[String: Any]] = []
  private var socket: FakeStream?
  private var frames = FrameReader()

  init() { super.init(serial: "MOON-1", address: "10.0.0.41", port: 7125) }

  var socketStream: FakeStream? { socket }

  var methods: [String] { heard.map { $0["method"] as! String } }

  override func refusal(of request: Request) -> Reply? {
    request.headers["x-api-key"] == key
      ? nil : .json(#"{"error":{"code":401,"message":"Unauthorized"}}"#, status: 401)
  }

  private var everything: String {
    """
    {"webhooks":{"state":"\(klippy)","state_message":"\(klippyMessage)"},\
    "print_stats":{"filename":"\(file)","total_duration":\(duration),"print_duration":\(duration),\
    "filament_used":0.0,"state":"\(print)","message":"\(message)","info":{"total_layer":null,\
    "current_layer":null}},"virtual_sdcard":{"progress":\(progress)},\
    "extruder":{"temperature":214.97,"target":215.0,"power":0.4},\
    "heater_bed":{"temperature":59.96,"target":60.0},"gcode_move":{"speed_factor":1.0},\
    "fan":{"speed":0.5,"rpm":null}}
    """
  }

  override func answer(_ request: Request) -> Reply {
    let path = request.target.components(separatedBy: "?")[0]
    switch path {
    case "/server/info":
      return .json(
        """
        {"result":{"klippy_connected":\(klippy != "disconnected"),"klippy_state":"\(klippy)",\
        "components":["file_manager"],"warnings":[],"websocket_count":1,\
        "moonraker_version":"v0.11.0","api_version":[1,5,0]}}
        """)
    case "/printer/info":
      return .json(
        #"{"result":{"state":"\#(klippy)","state_message":"\#(klippyMessage)","hostname":"v"}}"#)
    case "/websocket":
      guard hasSocket else { return .empty(404) }
      let accept = written { writer in
        let bytes = Array(request.headers["sec-websocket-key"]!.utf8)
        WebSocketHandshake.accept(forKey: bytes.span, into: &writer)
      }
      return Reply(
        status: 101,
        headers: [
          "Upgrade: websocket", "Connection: Upgrade",
          "Sec-WebSocket-Accept: " + String(decoding: accept, as: UTF8.self),
        ])
    case "/server/files/upload":
      let (fields, name) = fields(of: request)
      keep(fields["file"]!, as: name)
      return .json(
        #"{"item":{"path":"\#(name)","root":"gcodes"},"print_started":false}"#, status: 201)
    case "/server/files/metadata":
      return .json(#"{"result":{"filename":"x","estimated_time":1800.5,"layer_count":40}}"#)
    default: break
    }
    guard klippy != "disconnected" else {
      return .json(#"{"error":{"code":503,"message":"Klippy Host not connected"}}"#, status: 503)
    }
    switch path {
    case "/printer/objects/query":
      return .json(#"{"result":{"eventtime":578243.5,"status":\#(everything)}}"#)
    case "/printer/print/start":
      start(request.target.components(separatedBy: "filename=")[1])
    case "/printer/print/pause": print = "paused"
    case "/printer/print/resume": print = "printing"
    case "/printer/print/cancel": print = "cancelled"
    case "/printer/gcode/script":
      if request.target.contains("BAD") {
        return .json(
          #"{"error":{"code":400,"message":"Unknown command:\"BAD\""}}"#, status: 400)
      }
    default: return .empty(404)
    }
    return .json(#"{"result":"ok"}"#)
  }

  private func start(_ name: String) {
    file = name
    print = printsAtOnce ? "complete" : "printing"
    progress = printsAtOnce ? 1 : 0
  }

  // ------------------------------------------------------------------------------- the socket

  override func actOnSocket(_ stream: FakeStream) -> Bool {
    if stream !== socket {
      socket = stream
      frames = FrameReader()
    }
    var didAct = false
    for case .text(let text) in frames.read(stream.fromHub) {
      didAct = true
      let message = parsed(text)
      heard.append(message)
      if !isSocketMute { answer(message) }
    }
    stream.fromHub.removeAll()
    return didAct
  }

  private func answer(_ message: [String: Any]) {
    let id = message["id"] as! Int
    let parameters = message["params"] as? [String: Any] ?? [:]
    var result = #""ok""#
    switch message["method"] as! String {
    case "server.connection.identify": result = #"{"connection_id":1}"#
    case "printer.objects.subscribe":
      subscriptions += 1
      result = #"{"eventtime":1.5,"status":\#(everything)}"#
    case "server.files.metadata": result = #"{"estimated_time":1800.5,"layer_count":40}"#
    case "printer.print.start": start(parameters["filename"] as! String)
    case "printer.print.pause": print = "paused"
    case "printer.print.resume": print = "printing"
    case "printer.print.cancel": print = "cancelled"
    case "printer.gcode.script":
      if (parameters["script"] as! String).contains("BAD") {
        say(#"{"jsonrpc":"2.0","error":{"code":400,"message":"Unknown command"},"id":\#(id)}"#)
        return
      }
    default: break
    }
    say(#"{"jsonrpc":"2.0","result":\#(result),"id":\#(id)}"#)
  }

  func say(_ text: String) {
    let bytes = Array(text.utf8)
    socket?.toHub += written { WebSocketWriter.text(bytes.span, mask: nil, into: &$0) }
  }

  /// Tells what has changed.
  func tell(_ changes: String) {
    say(#"{"jsonrpc":"2.0","method":"notify_status_update","params":[\#(changes),578243.9]}"#)
  }

  func notify(_ method: String) { say(#"{"jsonrpc":"2.0","method":"\#(method)"}"#) }
}
