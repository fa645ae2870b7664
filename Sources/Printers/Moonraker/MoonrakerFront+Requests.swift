// The HTTP side: paths become methods, answers are wrapped in `result` or `error`. Uploads are forms.

import World

extension MoonrakerFront {
  func receive(_ request: WebRequest) -> WebReception {
    if request.path == "/websocket" {
      guard !troubles.has(.socketRefused) else { return .refuse(Self.failure(.unauthorized)) }
      if request.query("token") != nil, !isAllowed(request) {
        return .refuse(Self.failure(.unauthorized))
      }
      let isKnown = isAllowed(request)
      return .socket { [sockets] link in sockets.accept(link, isKnown: isKnown) }
    }
    let isOpen = request.path == "/access/info" || request.path == "/"
    guard isOpen || isAllowed(request) else { return .refuse(Self.failure(.unauthorized)) }
    guard request.method == "POST", request.path == "/server/files/upload" else { return .collect }
    return receiveUpload(request)
  }

  static func failure(_ error: MoonrakerError) -> WebAnswer {
    let status = error.code < 0 ? 404 : error.code
    return .json(
      [
        "error": [
          "code": .integer(Int64(status)), "message": .string(error.message), "traceback": "",
        ]
      ], status: status)
  }

  func answer(_ request: WebRequest, _ reply: @escaping (WebAnswer) -> Void) {
    let parts = request.parts
    guard let first = parts.first else {
      return reply(.text("<html><title>Moonraker</title></html>", type: "text/html"))
    }
    guard ["server", "printer", "access", "machine"].contains(first) else {
      return reply(Self.failure(MoonrakerError(code: 404, message: "Not Found")))
    }
    if parts.starts(with: ["server", "files"]), parts.count > 3, parts[2] == "gcodes" {
      return reply(file(request, parts.dropFirst(3).joined(separator: "/")))
    }
    // One path is called otherwise than its method.
    let path = parts.joined(separator: ".")
    let method = path == "server.files.directory" ? "server.files.get_directory" : path
    call(method, parameters(of: request, method), by: nil) { result in
      switch result {
      case .success(let value): reply(.json(["result": value]))
      case .failure(let error): reply(Self.failure(error))
      }
    }
  }

  /// From the body, or from the query.
  private func parameters(of request: WebRequest, _ method: String) -> JSON {
    if let json = request.json, json.object != nil { return json }
    var params: JSON = [:]
    guard method != "printer.objects.query" else {
      var objects: JSON = [:]
      for (name, value) in request.query where name != "token" {
        objects[name] =
          value.isEmpty
          ? .null : .array(value.split(separator: ",").map { .string(String($0)) })
      }
      return ["objects": objects]
    }
    for (name, value) in request.query { params[name] = .string(value) }
    return params
  }

  // MARK: Files

  private var files: [PrinterCard.Entry] {
    printer.card.allFiles.filter { !$0.path.hasPrefix("/.") }
  }

  private func item(_ entry: PrinterCard.Entry) -> JSON {
    [
      "path": .string(String(entry.path.dropFirst())),
      "modified": .double(Double(entry.modified) / 1000),
      "size": .integer(Int64(entry.byteCount)), "permissions": "rw",
    ]
  }

  var fileList: JSON { .array(files.map { item($0) }) }

  var directory: JSON {
    [
      "dirs": [],
      "files": .array(
        files.map { entry in
          [
            "modified": .double(Double(entry.modified) / 1000),
            "size": .integer(Int64(entry.byteCount)), "permissions": "rw",
            "filename": .string(String(entry.path.dropFirst())),
          ]
        }),
      "disk_usage": [
        "total": .integer(Int64(printer.card.capacity)),
        "used": .integer(Int64(printer.card.usedCount)),
        "free": .integer(Int64(printer.card.freeCount)),
      ], "root_info": ["name": "gcodes", "permissions": "rw"],
    ]
  }

  func metadata(_ params: JSON) -> Result<JSON, MoonrakerError> {
    guard let name = params["filename"]?.string else { return .failure(.missing("filename")) }
    guard let entry = printer.card.entry("/" + name),
      let content = printer.card.content(of: "/" + name)
    else {
      return .failure(MoonrakerError(code: 404, message: "Metadata not available for <\(name)>"))
    }
    let summary = PlainGCode.summary(of: content)
    return .success([
      "size": .integer(Int64(entry.byteCount)), "modified": .double(Double(entry.modified) / 1000),
      "uuid": "00000000-0000-4000-8000-000000000000", "file_processors": [],
      "slicer": "OrcaSlicer", "slicer_version": "2.3.0", "gcode_start_byte": 180,
      "gcode_end_byte": .integer(Int64(entry.byteCount)),
      "estimated_time": .integer(Int64(summary.seconds)), "nozzle_diameter": 0.4,
      "layer_height": 0.2, "first_layer_height": 0.2, "filament_type": .string(summary.filament),
      "layer_count": .integer(Int64(summary.layers)),
      "filament_total": .double(Double(summary.seconds) * 3),
      "filament_weight_total": .double(summary.weightGrams),
      "filament_weights": [.double(summary.weightGrams)], "print_start_time": nil,
      "job_id": nil, "filament_colors": [], "extruder_colors": [], "filament_temps": [],
      "referenced_tools": [], "filename": .string(name),
    ])
  }

  private func isLoaded(_ path: String) -> Bool {
    troubles.has(.fileBusy) || printer.machine.state.isBusy && printer.machine.currentFile == path
  }

  func delete(_ path: String) -> Result<JSON, MoonrakerError> {
    let name = path.hasPrefix("gcodes/") ? String(path.dropFirst("gcodes/".count)) : path
    guard let entry = printer.card.entry("/" + name) else {
      return .failure(MoonrakerError(code: 400, message: "Invalid file path: gcodes/\(name)"))
    }
    guard !isLoaded("/" + name) else {
      return .failure(MoonrakerError(code: 403, message: "Forbidden"))
    }
    do throws(CardFailure) {
      try printer.card.remove("/" + name)
    } catch {
      return .failure(MoonrakerError(code: 500, message: "File cannot be deleted"))
    }
    printer.onChange?()
    return .success(change("delete_file", name, entry))
  }

  private func change(_ action: String, _ name: String, _ entry: PrinterCard.Entry?) -> JSON {
    let json: JSON = [
      "item": [
        "path": .string(name), "root": "gcodes",
        "modified": .double(Double(entry?.modified ?? 0) / 1000),
        "size": .integer(Int64(entry?.byteCount ?? 0)), "permissions": "rw",
      ],
      "action": .string(action),
    ]
    sockets.notify("notify_filelist_changed", [json])
    return json
  }

  private func file(_ request: WebRequest, _ name: String) -> WebAnswer {
    if request.method == "DELETE" {
      switch delete(name) {
      case .success(let json): return .json(["result": json])
      case .failure(let error): return Self.failure(error)
      }
    }
    guard let bytes = printer.card.bytes(of: "/" + name) else {
      return Self.failure(MoonrakerError(code: 404, message: "File Not Found"))
    }
    return WebAnswer(status: 200, headers: [("Content-Type", "text/plain")], body: bytes)
  }

  // MARK: Uploads

  private func receiveUpload(_ request: WebRequest) -> WebReception {
    if troubles.has(.upload413) {
      return .refuse(Self.failure(MoonrakerError(code: 413, message: "Request body too large")))
    }
    guard let reader = MultipartReader(contentType: request.header("Content-Type") ?? "") else {
      return .refuse(Self.failure(MoonrakerError(code: 400, message: "Missing boundary")))
    }
    return .store(
      FormUpload(
        reader: reader,
        open: { [weak printer = printer] in printer?.beginUpload() ?? .failure(.notInserted) },
        refuse: { _ in
          Self.failure(
            MoonrakerError(code: 500, message: "[Errno 28] No space left on device"))
        },
        onMove: { [weak printer = printer] in printer?.onChange?() }
      ) { [unowned self] form, reply in reply(take(form)) })
  }

  private func take(_ form: FormUpload.Form?) -> WebAnswer {
    guard let form, let upload = form.upload, let fileName = form.fileName else {
      return Self.failure(
        MoonrakerError(code: 400, message: "No file name specified in upload form"))
    }
    let folder = form.field("path").map { $0 + "/" } ?? ""
    guard form.field("root") ?? "gcodes" == "gcodes",
      let path = CardPath.resolve(folder + fileName, from: "/"), CardPath.parent(of: path) == "/"
    else {
      upload.discard()
      return Self.failure(MoonrakerError(code: 400, message: "Invalid root request"))
    }
    guard !isLoaded(path) else {
      upload.discard()
      return Self.failure(
        MoonrakerError(code: 403, message: "Forbidden"))
    }
    if let wanted = form.field("checksum") {
      let found = upload.content.map { hexString(ContentChecksum.sha256($0)) } ?? ""
      guard !troubles.has(.checksumWrong), wanted.lowercased() == found else {
        upload.discard()
        return Self.failure(
          MoonrakerError(
            code: 422,
            message: "File checksum mismatch: expected \(wanted), calculated \(found)"))
      }
    }
    do throws(CardFailure) {
      try upload.commit(to: path)
    } catch {
      return Self.failure(MoonrakerError(code: 500, message: "Unable to save file"))
    }
    let name = String(path.dropFirst())
    var isStarted = false
    if form.field("print") == "true", klippy == .ready, case .success = startPrint(path) {
      isStarted = true
    }
    var json = change("create_file", name, printer.card.entry(path))
    json["print_started"] = .bool(isStarted)
    json["print_queued"] = false
    printer.onChange?()
    return .json(
      json, status: 201,
      headers: [("Location", "/server/files/gcodes" + WebRequest.escapedPath(path))])
  }
}
