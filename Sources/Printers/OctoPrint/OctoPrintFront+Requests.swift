// What is asked of OctoPrint, path by path.

import World

extension OctoPrintFront {
  func receive(_ request: WebRequest) -> WebReception {
    let parts = request.parts
    if parts.first == "sockjs" { return receiveSocket(request, parts) }
    guard parts.first == "api", isAllowed(request) else {
      return parts.first == "api" ? .refuse(Self.forbidden) : .collect
    }
    guard request.method == "POST", parts.count == 3, parts[1] == "files" else { return .collect }
    return receiveUpload(request, to: parts[2])
  }

  private func isAllowed(_ request: WebRequest) -> Bool {
    guard !troubles.has(.keyRevoked) else { return false }
    let key = printer.configuration.key
    if request.header("X-Api-Key") == key || request.query("apikey") == key { return true }
    return request.header("Authorization") == "Bearer \(key)"
  }

  private static let forbidden = refusal(
    403,
    "You don't have the permission to access the requested resource. It is either read-protected "
      + "or not readable by the server.")

  static func refusal(_ status: Int, _ text: String) -> WebAnswer {
    .json(["error": .string(text)], status: status, headers: cache(false))
  }

  private static let notFound = refusal(
    404,
    "The requested URL was not found on the server. If you entered the URL manually please check "
      + "your spelling and try again.")
  static let notOperational = refusal(409, "Printer is not operational")

  /// As Flask and Tornado send it, with a length that nobody needs.
  static let done = WebAnswer(
    status: 204,
    headers: [("Content-Type", "text/plain")] + cache(false) + [("Content-Length", "0")])

  private static func cache(_ isKept: Bool) -> [(String, String)] {
    [
      (
        "Cache-Control",
        isKept
          ? "max-age=0"
          : "no-store, no-cache, must-revalidate, post-check=0, pre-check=0, max-age=0"
      )
    ]
  }

  // MARK: Answers

  func answer(_ request: WebRequest, _ reply: @escaping (WebAnswer) -> Void) {
    let parts = request.parts
    guard parts.first == "api" else {
      if parts.first == "sockjs" {
        return reply(
          .json(["websocket": true, "cookie_needed": false, "origins": ["*:*"], "entropy": 4]))
      }
      return reply(download(parts, request))
    }
    switch (request.method, parts.dropFirst().first ?? "") {
    case ("GET", "version"):
      reply(
        answer([
          "api": "0.1", "server": .string(Self.version),
          "text": .string("OctoPrint \(Self.version)"),
        ]))
    case ("GET", "server"): reply(answer(["safemode": nil, "version": .string(Self.version)]))
    case ("GET", "connection"): reply(answer(connectionJSON))
    case ("POST", "connection"): reply(changeConnection(request))
    case ("GET", "printer") where parts.count == 2: reply(answerPrinter(request))
    case ("GET", "job"): reply(answer(wholeJob))
    case ("POST", "job"): reply(changeJob(request))
    case ("POST", "printer"): reply(command(request, parts.dropFirst(2).first ?? ""))
    case (_, "files"): reply(files(request, Array(parts.dropFirst(2))))
    case ("GET", "printerprofiles"): reply(kept(profiles, request))
    case ("GET", "settings"): reply(kept(settings, request))
    case ("POST", "login"): reply(answer(login))
    case ("GET", "currentuser"):
      reply(answer(["groups": ["admins", "users"], "name": "_api", "permissions": ["ADMIN"]]))
    default: reply(Self.notFound)
    }
  }

  private func answer(_ json: JSON, status: Int = 200) -> WebAnswer {
    WebAnswer(
      status: status, headers: [("Content-Type", "application/json")] + Self.cache(true),
      body: Array(json.prettyText.utf8) + [10])
  }

  /// Lists are sent again only when they have changed.
  func kept(_ json: JSON, _ request: WebRequest) -> WebAnswer {
    var answer = answer(json)
    let tag = "\"\(String(contentDigest(answer.body), radix: 16))\""
    answer.headers.append(("ETag", tag))
    guard request.header("If-None-Match") == tag else { return answer }
    return WebAnswer(status: 304, headers: [("ETag", tag)] + Self.cache(true))
  }

  private var connectionJSON: JSON {
    let isClosed = state == .offline
    return [
      "current": [
        "baudrate": isClosed ? nil : 115200, "port": isClosed ? nil : .string(Self.port),
        "printerProfile": "_default", "state": .string(isClosed ? "Closed" : state.rawValue),
      ],
      "options": [
        "baudratePreference": nil,
        "baudrates": [250000, 230400, 115200, 57600, 38400, 19200, 9600],
        "portPreference": nil, "ports": [.string(Self.port)],
        "printerProfilePreference": "_default",
        "printerProfiles": [["id": "_default", "name": "Default"]],
      ],
    ]
  }

  private func changeConnection(_ request: WebRequest) -> WebAnswer {
    switch request.json?["command"]?.string {
    case "connect":
      if let port = request.json?["port"]?.string, ![Self.port, "AUTO", "VIRTUAL"].contains(port) {
        return Self.refusal(400, "port is invalid")
      }
      connect()
    case "disconnect": disconnect()
    case "fake_ack": break
    default: return Self.refusal(400, "command is invalid")
    }
    return Self.done
  }

  private func answerPrinter(_ request: WebRequest) -> WebAnswer {
    guard state.isOperational else { return Self.notOperational }
    let left = (request.query("exclude") ?? "").split(separator: ",")
    var json: JSON = [:]
    if !left.contains("sd") { json["sd"] = ["ready": true] }
    if !left.contains("state") { json["state"] = state.json(error: errorText) }
    if !left.contains("temperature") {
      json["temperature"] = temperatureJSON
      if request.query("history") == "true" { json["temperature"]?["history"] = [] }
    }
    return answer(json)
  }

  private var wholeJob: JSON {
    var json: JSON = [
      "job": jobJSON, "progress": progressJSON, "state": .string(state.rawValue),
    ]
    if state.isError { json["error"] = .string(errorText) }
    return json
  }

  private func changeJob(_ request: WebRequest) -> WebAnswer {
    guard state.isOperational else { return Self.notOperational }
    let isActive = printer.machine.state.isBusy
    switch request.json?["command"]?.string {
    case "start":
      guard !isActive else {
        return Self.refusal(
          409, "Printer already has an active print job, did you mean 'restart'?")
      }
      guard startSelected() else { return Self.refusal(409, "No file selected") }
    case "restart":
      guard printer.machine.state == .pause else {
        return Self.refusal(
          409, "Printer does not have an active print job or is not paused")
      }
      _ = printer.cancel()
      _ = printer.print(selected ?? printer.machine.currentFile)
    case "pause": return pause(request.json?["action"]?.string ?? "toggle", isActive)
    case "cancel":
      guard isActive else {
        return Self.refusal(
          409, "Printer is neither printing nor paused, 'cancel' command cannot be performed")
      }
      _ = printer.cancel()
    default: return Self.refusal(400, "command is invalid")
    }
    return Self.done
  }

  private func pause(_ action: String, _ isActive: Bool) -> WebAnswer {
    guard isActive else {
      return Self.refusal(
        409, "Printer is neither printing nor paused, 'pause' command cannot be performed")
    }
    let isPaused = printer.machine.state == .pause
    // As the real one does: it says that it has done so.
    if state == .pausing { return Self.done }
    switch action {
    case "pause": if !isPaused { _ = printer.pause() }
    case "resume": if isPaused { _ = printer.resume() }
    case "toggle": _ = isPaused ? printer.resume() : printer.pause()
    default: return Self.refusal(400, "Unknown action")
    }
    return Self.done
  }

  private func command(_ request: WebRequest, _ part: String) -> WebAnswer {
    guard state.isOperational else { return Self.notOperational }
    guard let body = request.json else {
      return Self.refusal(400, "Malformed JSON body in request")
    }
    switch part {
    case "command":
      let lines = body["commands"]?.array?.compactMap(\.string) ?? []
      printer.run((lines + [body["command"]?.string ?? ""]).joined(separator: "\n"))
    case "tool":
      if let target = body["targets"]?["tool0"]?.double { printer.run("M104 S\(target)") }
    case "bed": if let target = body["target"]?.double { printer.run("M140 S\(target)") }
    case "printhead":
      guard !printer.machine.state.isBusy else {
        return Self.refusal(409, "Printer is currently printing")
      }
      if body["command"]?.string == "home" { printer.run("G28") }
    case "chamber", "sd": break
    default: return Self.notFound
    }
    return Self.done
  }

  private var profiles: JSON {
    [
      "profiles": [
        "_default": [
          "color": "default", "current": true, "default": true,
          "extruder": ["count": 1, "nozzleDiameter": 0.4, "offsets": [[0.0, 0.0]]],
          "heatedBed": true, "heatedChamber": false, "id": "_default",
          "model": .string(printer.configuration.model), "name": "Default",
          "volume": [
            "depth": 200.0, "formFactor": "rectangular", "height": 200.0, "origin": "lowerleft",
            "width": 200.0,
          ],
        ]
      ]
    ]
  }

  private var settings: JSON {
    [
      "api": ["allowCrossOrigin": false, "key": nil],
      "appearance": ["color": "default", "name": .string(printer.configuration.name)],
      "feature": ["sdSupport": true, "temperatureGraph": true],
      "plugins": [:], "webcam": ["webcamEnabled": false],
    ]
  }

  private var login: JSON {
    [
      "_is_external_client": false, "_login_mechanism": "apikey", "active": true, "admin": true,
      "apikey": nil, "groups": ["admins", "users"], "name": "_api", "permissions": [],
      "roles": ["user", "admin"], "session": .string(session), "settings": [:], "user": true,
    ]
  }
}
