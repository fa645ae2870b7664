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
    var refusal = Self.refusal(401, "Unauthorized")
    refusal.headers.append(access.challenge(isStale: isStale))
    return refusal
  }

  static func refusal(_ status: Int, _ text: String) -> WebAnswer {
    .json(["title": .string(text), "message": ""], status: status)
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
    case ("GET", "info"): return .json(info)
    case ("GET", "status"): return .json(statusJSON)
    case ("GET", "job"): return hasJob ? .json(jobJSON) : .nothing
    case ("PUT", "job"), ("DELETE", "job"): return control(request.method, rest)
    case ("GET", "storage"): return .json(storage)
    case ("GET", "transfer"):
      return transfer.map { .json($0.json) } ?? .nothing
    case ("DELETE", "transfer"):
      guard let transfer, rest.first == "\(transfer.id)" else { return Self.notFound }
      transfer.isCancelled = true
      return .nothing
    case ("GET", "cameras"): return .json(["camera_list": []])
    case (_, "files"): return files(request, rest)
    default: return Self.notFound
    }
  }

  static let notFound = refusal(404, "Not Found")
  static let conflict = refusal(409, "Conflict")

  private var info: JSON {
    [
      "name": .string(printer.configuration.name), "location": "", "farm_mode": false,
      "nozzle_diameter": 0.4, "min_extrusion_temp": 170,
      "serial": .string(printer.configuration.serial),
      "hostname": .string(host.name), "port": .integer(Int64(server.port)), "mmu": false,
    ]
  }

  private var server: WebServer { printer.server }

  private var storage: JSON {
    let isThere = !troubles.has(.storageGone)
    var json: JSON = [
      "type": hasCard ? "LOCAL" : "USB", "path": .string("/\(storageName)"),
      "name": .string(storageName), "available": .bool(isThere), "read_only": false,
    ]
    if isThere {
      json["free_space"] = .integer(Int64(printer.card.freeCount))
      json["total_space"] = .integer(Int64(printer.card.capacity))
    }
    guard hasCard else { return ["storage_list": [json]] }
    let card: JSON = [
      "type": "SDCARD", "path": "/sdcard", "name": "SD Card", "available": true,
      "read_only": true,
    ]
    return ["storage_list": [card, json]]
  }

  private func control(_ method: String, _ parts: [String]) -> WebAnswer {
    guard hasJob, parts.first == "\(jobID)" else { return Self.notFound }
    let isDone: Bool
    switch (method, parts.dropFirst().first) {
    case ("DELETE", nil): isDone = printer.cancel()
    case ("PUT", "pause"?): isDone = printer.pause()
    case ("PUT", "resume"?): isDone = printer.resume()
    case ("PUT", "continue"?): isDone = state == .attention && printer.resume()
    default: return Self.notFound
    }
    return isDone ? .nothing : Self.conflict
  }

  // MARK: The older interface

  private func older(_ request: WebRequest, _ parts: [String]) -> WebAnswer {
    switch (request.method, parts.dropFirst().joined(separator: "/")) {
    case ("GET", "version"):
      return .json([
        "api": "2.0.0", "server": "2.1.2", "version": "0.8.0", "printer": "1.3.1",
        "nozzle_diameter": 0.4, "text": "PrusaLink", "firmware": "6.5.3+12780",
        "hostname": .string(host.name), "capabilities": ["upload-by-put": true],
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
