/// An OctoPrint with a printer behind it.
final class FakeOctoPrint: FakeHTTPPrinter {
  override var kind: String { "octoprint" }
  /// Operational, Printing, Paused, Error, Offline, …
  var state = "Operational"
  var completion: Double?
  var timeLeft: Int?
  var file: String?
  var error: String?

  init() { super.init(serial: "OCTO-1", address: "10.0.0.21", port: 80) }

  private var isUp: Bool { !state.hasPrefix("Offline") && state != "Error" }

  override func answer(_ request: Request) -> Reply {
    switch request.line {
    case "GET /api/version":
      return .json(#"{"api":"0.1","server":"1.11.8","text":"OctoPrint 1.11.8"}"#)
    case "GET /api/printer?exclude=sd":
      guard isUp else { return .json(#"{"error":"Printer is not operational"}"#, status: 409) }
      let isPrinting = state == "Printing" || state == "Pausing"
      let isPaused = state == "Paused"
      return .json(
        """
        {"state":{"text":"\(state)","error":"","flags":{"operational":true,"printing":\(isPrinting),\
        "cancelling":\(state == "Cancelling"),"pausing":\(state == "Pausing"),"resuming":false,"finishing":false,\
        "closedOrError":false,"error":false,"paused":\(isPaused),"ready":\(!isPrinting),\
        "sdReady":false}},"temperature":{"bed":{"actual":58.25,"offset":0,"target":60.0},\
        "tool0":{"actual":214.88,"offset":0,"target":220.0}}}
        """)
    case "GET /api/job":
      let name = file.map { "\"\($0)\"" } ?? "null"
      return .json(
        """
        {"job":{"averagePrintTime":null,"estimatedPrintTime":811.2,"filament":{"tool0":{"length":8,\
        "volume":0.1}},"file":{"date":1716211119,"display":\(name),"name":\(name),"origin":"local",\
        "path":\(name),"size":16811},"lastPrintTime":null,"user":"_api"},"progress":{"completion":\
        \(completion.map { "\($0)" } ?? "null"),"filepos":337,"printTime":276,"printTimeLeft":\
        \(timeLeft.map { "\($0)" } ?? "null"),"printTimeLeftOrigin":"linear"},\
        "state":"\(state)"\(error.map { ",\"error\":\"\($0)\"" } ?? "")}
        """)
    case "POST /api/connection":
      state = "Operational"
      return .empty(204)
    case "POST /api/job":
      return job(request.json)
    case "POST /api/printer/command":
      return .empty(isUp ? 204 : 409)
    case "POST /api/files/local":
      let (fields, name) = fields(of: request)
      keep(fields["file"]!, as: name)
      return .json(#"{"done":true,"files":{"local":{"name":"\#(name)"}}}"#, status: 201)
    default:
      guard request.line.hasPrefix("POST /api/files/local/") else { return .empty(404) }
      let name = String(request.target.dropFirst("/api/files/local/".count))
      guard files[name] != nil else { return .empty(404) }
      guard state == "Operational" else {
        return .json(#"{"error":"Printer is already printing"}"#, status: 409)
      }
      file = name
      state = printsAtOnce ? "Operational" : "Printing"
      completion = printsAtOnce ? 100 : 0
      return .empty(204)
    }
  }

  private func job(_ order: [String: Any]) -> Reply {
    switch (order["command"] as? String, order["action"] as? String) {
    case ("pause", "pause") where state == "Printing": state = "Paused"
    case ("pause", "resume") where state == "Paused": state = "Printing"
    case ("cancel", _) where state == "Printing" || state == "Paused":
      state = "Operational"
      completion = nil
    default: return .json(#"{"error":"Printer is not printing"}"#, status: 409)
    }
    return .empty(204)
  }
}
