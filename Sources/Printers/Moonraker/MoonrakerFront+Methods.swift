// The methods, for both ways of asking. Over HTTP the dots of their names are slashes.

import World

extension MoonrakerFront {
  typealias Reply = (Result<JSON, MoonrakerError>) -> Void

  /// Carries out a method; `member` is nil for one that came over HTTP and may come in.
  func call(
    _ method: String, _ params: JSON, by member: MoonrakerSockets.Member?, _ reply: @escaping Reply
  ) {
    if method == "server.connection.identify" { return reply(identify(params, member)) }
    guard member?.isKnown ?? true else { return reply(.failure(.unauthorized)) }
    if method == "server.websocket.id" {
      return reply(.success(["websocket_id": .integer(Int64(member?.id ?? 0))]))
    }
    if method.hasPrefix("printer.") { return callKlippy(method, params, member, reply) }
    reply(callServer(method, params))
  }

  private func identify(_ params: JSON, _ member: MoonrakerSockets.Member?) -> Result<
    JSON, MoonrakerError
  > {
    guard let member else { return .failure(.unknownMethod) }
    for name in ["client_name", "version", "type", "url"] where params[name]?.string == nil {
      return .failure(.missing(name))
    }
    guard member.isKnown || isRight(key: params["api_key"]?.string) else {
      return .failure(.unauthorized)
    }
    member.isKnown = true
    return .success(["connection_id": .integer(Int64(member.id))])
  }

  // MARK: Moonraker's own

  private func callServer(_ method: String, _ params: JSON) -> Result<JSON, MoonrakerError> {
    switch method {
    case "server.info": return .success(serverInfo)
    case "server.config":
      return .success(["config": ["server": ["host": "0.0.0.0", "port": 7125]], "files": []])
    case "server.temperature_store", "server.database.list": return .success([:])
    case "server.announcements.list":
      return .success(["entries": [], "feeds": ["moonraker", "klipper"]])
    case "server.gcode_store": return .success(["gcode_store": []])
    case "server.history.list": return .success(["count": 0, "jobs": []])
    case "server.history.totals":
      return .success([
        "job_totals": [
          "total_jobs": .integer(Int64(printer.machine.history.count)), "total_time": 0.0,
          "total_print_time": 0.0, "total_filament_used": 0.0, "longest_job": 0.0,
          "longest_print": 0.0,
        ], "auxiliary_totals": [],
      ])
    case "server.job_queue.status":
      return .success(["queued_jobs": [], "queue_state": "ready"])
    case "server.webcams.list": return .success(["webcams": []])
    case "server.files.list": return .success(fileList)
    case "server.files.roots":
      return .success([
        ["name": "gcodes", "path": "/home/pi/printer_data/gcodes", "permissions": "rw"]
      ])
    case "server.files.metadata": return metadata(params)
    case "server.files.get_directory": return .success(directory)
    case "server.files.delete_file": return delete(params["path"]?.string ?? "")
    case "server.restart":
      printer.restartServer(for: .seconds(5))
      return .success("ok")
    case "access.oneshot_token": return .success(.string(makeToken()))
    case "access.api_key": return .success(.string(printer.configuration.key))
    case "access.info":
      return .success([
        "default_source": "moonraker", "available_sources": ["moonraker"],
        "login_required": .bool(!printer.configuration.key.isEmpty), "trusted": true,
      ])
    case "machine.system_info":
      return .success(["system_info": ["cpu_info": ["cpu_count": 4, "model": "Raspberry Pi 4"]]])
    case "machine.proc_stats":
      return .success([
        "moonraker_stats": [
          ["time": eventTime, "cpu_usage": 1.5, "memory": 51_540, "mem_units": "kB"]
        ],
        "throttled_state": ["bits": 0, "flags": []], "cpu_temp": 45.5, "network": [:],
        "system_cpu_usage": ["cpu": 5.0], "system_uptime": eventTime,
        "system_memory": ["total": 1_000_000, "available": 600_000, "used": 400_000],
        "websocket_connections": .integer(Int64(sockets.count)),
      ])
    case "machine.device_power.devices": return .success(["devices": []])
    case "machine.update.status": return .success(["busy": false, "version_info": [:]])
    default: return .failure(.unknownMethod)
    }
  }

  private var serverInfo: JSON {
    let state = klippy
    return [
      "klippy_connected": .bool(state != .disconnected), "klippy_state": .string(state.rawValue),
      "components": [
        "secrets", "template", "klippy_connection", "jsonrpc", "internal_transport", "application",
        "websockets", "database", "dbus_manager", "file_manager", "authorization", "klippy_apis",
        "shell_command", "machine", "data_store", "proc_stats", "job_state", "job_queue",
        "history", "webcam", "extensions", "announcements", "http_client",
      ],
      "failed_components": [], "registered_directories": ["config", "gcodes", "logs"],
      "warnings": [], "websocket_count": .integer(Int64(sockets.count)),
      "moonraker_version": .string(Self.version), "missing_klippy_requirements": [],
      "api_version": [1, 5, 0], "api_version_string": "1.5.0",
    ]
  }

  // MARK: Klippy's

  private func callKlippy(
    _ method: String, _ params: JSON, _ member: MoonrakerSockets.Member?, _ reply: @escaping Reply
  ) {
    let state = klippy
    guard state != .disconnected else { return reply(.failure(.away)) }
    switch method {
    case "printer.info":
      return reply(
        .success([
          "state": .string(state.rawValue), "state_message": .string(stateMessage),
          "hostname": .string(host.name), "klipper_path": "/home/pi/klipper",
          "python_path": "/home/pi/klippy-env/bin/python", "process_id": 812, "user_id": 1000,
          "group_id": 1000, "log_file": "/home/pi/printer_data/logs/klippy.log",
          "config_file": "/home/pi/printer_data/config/printer.cfg",
          "software_version": "v0.12.0-439", "cpu_info": "4 core ARMv7 Processor rev 3 (v7l)",
        ]))
    case "printer.firmware_restart", "printer.restart":
      if state == .shutdown || state == .ready { restartKlippy() }
      return reply(.success("ok"))
    case "printer.emergency_stop":
      shutDown(
        "Shutdown due to webhooks request\nOnce the underlying issue is corrected, use the\n")
      return reply(.success("ok"))
    case "printer.objects.list":
      return reply(.success(["objects": .array(Self.objects.map { .string($0) })]))
    case "printer.objects.query", "printer.objects.subscribe":
      return reply(objects(method, params, member))
    default: break
    }
    guard state == .ready else {
      let text = state == .startup ? "Printer is not ready" : stateMessage
      return reply(.failure(MoonrakerError(code: state == .startup ? 503 : 400, message: text)))
    }
    switch method {
    case "printer.print.start":
      reply(startPrint("/" + (params["filename"]?.string ?? "")))
    case "printer.print.pause":
      reply(done(printer.pause(), else: "Print is not active, pause aborted"))
    case "printer.print.resume":
      reply(done(printer.resume(), else: "Print is not paused, resume aborted"))
    case "printer.print.cancel": reply(done(printer.cancel(), else: "No print to cancel"))
    case "printer.gcode.help":
      reply(.success(["G28": "Home", "PAUSE": "Pauses the current print", "RESTART": "Reload"]))
    case "printer.gcode.script":
      guard let script = params["script"]?.string else {
        return reply(.failure(.missing("script")))
      }
      runScript(script, reply)
    case "printer.query_endstops.status":
      reply(.success(["x": "open", "y": "open", "z": "open"]))
    default: reply(.failure(.unknownMethod))
    }
  }

  private func done(_ isDone: Bool, else text: String) -> Result<JSON, MoonrakerError> {
    isDone ? .success("ok") : .failure(MoonrakerError(code: 400, message: text))
  }

  func startPrint(_ path: String) -> Result<JSON, MoonrakerError> {
    guard !printer.machine.state.isBusy else {
      return .failure(MoonrakerError(code: 400, message: "SD busy"))
    }
    guard printer.print(path) else {
      return .failure(MoonrakerError(code: 400, message: "Unable to open file"))
    }
    return .success("ok")
  }

  private func objects(
    _ method: String, _ params: JSON, _ member: MoonrakerSockets.Member?
  ) -> Result<JSON, MoonrakerError> {
    guard let wished = params["objects"]?.object else { return .failure(.missing("objects")) }
    let wanted = wished.entries.map { key, value in
      (object: key, fields: value.array?.compactMap(\.string))
    }
    if method == "printer.objects.subscribe", let member {
      return .success(["eventtime": eventTime, "status": sockets.subscribe(member, wanted)])
    }
    return .success(["eventtime": eventTime, "status": query(wanted)])
  }

  // MARK: G-code

  /// Runs a script and answers when it has run.
  private func runScript(_ script: String, _ reply: @escaping Reply) {
    var duration = Interval.milliseconds(50)
    var problem: MoonrakerError?
    for line in script.split(separator: "\n") where problem == nil {
      let word = line.prefix { $0 != " " }.uppercased()
      switch word {
      case "G28": duration = duration + .seconds(6)
      case "M117": displayText = String(line.dropFirst(5))
      case "PAUSE": _ = printer.pause()
      case "RESUME": _ = printer.resume()
      case "CANCEL_PRINT": _ = printer.cancel()
      case "FIRMWARE_RESTART", "RESTART": restartKlippy()
      case "M112": shutDown("Shutdown due to M112 command\n")
      case let other where !Self.isKnown(other):
        problem = MoonrakerError(
          code: 400,
          message: "{'error': 'WebRequestError', 'message': 'Unknown command:\"\(other)\"'}")
      default: printer.run(String(line))
      }
      if word == "G28" { printer.run("G28") }
      sockets.notify("notify_gcode_response", [.string("// \(line)")])
    }
    if let problem { return reply(.failure(problem)) }
    host.after(duration) { reply(.success("ok")) }
  }

  private static func isKnown(_ word: String) -> Bool {
    guard let first = word.first else { return true }
    return "GMT;".contains(first) && word.dropFirst().allSatisfy { $0.isNumber || $0 == "." }
      || word.contains("_") || first == ";"
  }
}
