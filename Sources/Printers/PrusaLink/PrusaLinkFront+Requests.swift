// What is asked of PrusaLink, path by path.

import World

extension PrusaLinkFront {
  func receive(_ request: WebRequest) -> WebReception {
    if let refusal = refusalOfAccess(request) { return .refuse(refusal) }
    let parts = request.parts
    if request.method == "PUT", parts.starts(with: ["api", "v1", "files"]) {
      return receiveUpload(request, Array(parts.dropFirst(3)))
    }
    return .collect
  }

  // MARK: Who may come in

  private func refusalOfAccess(_ request: WebRequest) -> WebAnswer? {
    let configuration = printer.configuration
    let isRevoked = troubles.has(.keyRevoked)
    if !isRevoked, request.header("X-Api-Key") == configuration.key { return nil }
    var isStale = false
    if let header = request.header("Authorization"), !isRevoked {
      let verdict = access.check(
        header, method: request.method, user: configuration.userName,
        password: configuration.key, isHasty: troubles.has(.digestStale))
      if verdict == .allowed { return nil }
      isStale = verdict == .stale
    }
    var refusal = Self.refusal(401)
    // A key that is wrong is asked for again, and nothing else is.
    refusal.headers.append(
      request.header("X-Api-Key") == nil
        ? access.challenge(isStale: isStale)
        : ("WWW-Authenticate", "ApiKey realm=\"\(DigestAccess.realm)\""))
    return refusal
  }

  /// `words` say more than the number, where the firmware does.
  static func refusal(_ status: Int, _ words: String = "") -> WebAnswer {
    let title = "\(status): \(HTTPStatus.reason(of: status))"
    return .json(["title": .string(title), "message": .string(words)], status: status)
  }

  // MARK: Answers

  func answer(_ request: WebRequest, _ reply: @escaping (WebAnswer) -> Void) {
    reply(answer(request))
  }

  private func answer(_ request: WebRequest) -> WebAnswer {
    let parts = request.parts
    guard parts.first == "api" else {
      return parts.isEmpty
        ? .text("<html><title>PrusaLink</title></html>", type: "text/html")
        : bytes(of: parts)
    }
    guard parts.count > 2, parts[1] == "v1" else { return older(request, parts) }
    let rest = Array(parts.dropFirst(3))
    switch (request.method, parts[2]) {
    case (_, "files"): return files(request, rest)
    case (_, "job") where !rest.isEmpty: return control(request.method, rest)
    case (_, "job") where !hasJob: return .nothing
    case (_, _) where !rest.isEmpty: return Self.notFound
    // The only one that looks at nothing but the path.
    case (_, "transfer"): return transfer.map { .json($0.json) } ?? .nothing
    case ("GET", "info"): return .json(info)
    case ("GET", "status"): return .json(statusJSON)
    case ("GET", "job"): return .json(jobJSON)
    case ("GET", "storage"): return .json(storage)
    case (_, "info"), (_, "status"), (_, "job"), (_, "storage"): return Self.refusal(405)
    default: return Self.notFound
    }
  }

  static let notFound = refusal(404)

  private var info: JSON {
    [
      "nozzle_diameter": 0.4, "mmu": false, "serial": .string(printer.configuration.serial),
      "hostname": .string(host.name), "min_extrusion_temp": 170,
    ]
  }

  private var storage: JSON {
    let isThere = !troubles.has(.storageGone)
    let json: JSON = [
      "path": .string("/\(storageName)/"), "name": .string(storageName),
      "type": hasCard ? "LOCAL" : "USB", "read_only": false, "available": .bool(isThere),
    ]
    guard hasCard else { return ["storage_list": [json]] }
    let card: JSON = [
      "type": "SDCARD", "path": "/sdcard", "name": "SD Card", "available": true,
      "read_only": true,
    ]
    return ["storage_list": [card, json]]
  }

  private func control(_ method: String, _ parts: [String]) -> WebAnswer {
    guard let number = Int(parts[0]) else { return Self.refusal(400) }
    guard number == jobID else { return Self.notFound }
    let isDone: Bool
    switch (method, parts.dropFirst().first) {
    case ("DELETE", _): isDone = hasJob && printer.cancel()
    case ("PUT", "pause"?): isDone = state == .printing && printer.pause()
    // What wants attention wants somebody at its screen.
    case ("PUT", "resume"?): isDone = state == .paused && printer.resume()
    case ("PUT", _): return Self.refusal(400)
    default: return Self.refusal(405)
    }
    return isDone ? .nothing : Self.refusal(409)
  }

  // MARK: The older interface

  private func older(_ request: WebRequest, _ parts: [String]) -> WebAnswer {
    switch (request.method, parts.dropFirst().joined(separator: "/")) {
    case ("GET", "version"):
      return .json([
        "api": "2.0.0", "server": "2.1.2", "nozzle_diameter": 0.4, "text": "PrusaLink",
        "hostname": .string(host.name), "firmware": "6.5.3+12780",
        "printer": .string(printer.configuration.model), "capabilities": ["upload-by-put": true],
      ])
    case ("GET", "printer"):
      let machine = printer.machine
      return .json([
        "telemetry": [
          "temp-bed": .double(machine.bedTemperature),
          "temp-nozzle": .double(machine.nozzleTemperature),
          "print-speed": .integer(machine.speedPercent), "z-height": .double(machine.height),
          "material": "PLA",
        ],
        "temperature": [
          "tool0": [
            "actual": .double(machine.nozzleTemperature), "target": .double(machine.nozzle.target),
            "display": .double(machine.nozzle.target), "offset": 0,
          ],
          "bed": [
            "actual": .double(machine.bedTemperature), "target": .double(machine.bed.target),
            "offset": 0,
          ],
        ],
        "state": ["text": .string(olderText), "flags": olderFlags],
      ])
    case ("GET", "job"):
      guard hasJob else {
        return .json(["state": .string(olderText), "job": nil, "progress": nil])
      }
      let entry = printer.card.entry(printer.machine.currentFile)
      return .json([
        "state": .string(olderText),
        "job": [
          "estimatedPrintTime": .integer(Int64(printer.machine.summary?.seconds ?? 0)),
          "file": .optional(entry.map { fileJSON($0) }),
        ],
        "progress": [
          "completion": .double(progress / 100),
          "printTime": .integer(
            Int64(printer.printClock.printing(at: printer.machineTime).seconds)),
          "printTimeLeft": .integer(Int64(printer.machine.secondsLeft)),
        ],
      ])
    default: return Self.notFound
    }
  }

  private var olderText: String {
    switch state {
    case .printing: "Printing"
    case .paused, .attention: "Paused"
    case .error: "Error"
    case .busy: "Busy"
    default: "Operational"
    }
  }

  private var olderFlags: JSON {
    [
      "link_state": .string(state.rawValue), "operational": .bool(state.isFree),
      "paused": .bool(state == .paused || state == .attention),
      "printing": .bool(state == .printing), "cancelling": false, "pausing": false,
      "error": .bool(state == .error), "sdReady": true, "closedOrError": .bool(state == .error),
      "ready": .bool(state.isFree), "busy": .bool(state == .busy),
    ]
  }
}
