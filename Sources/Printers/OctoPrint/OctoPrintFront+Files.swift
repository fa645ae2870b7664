// Files in OctoPrint's own storage.

import World

extension OctoPrintFront {
  private static let endings = [".gcode", ".gco", ".g"]

  func receiveUpload(_ request: WebRequest, to place: String) -> WebReception {
    guard place == "local" || place == "sdcard" else {
      return .refuse(Self.refusal(404, "Unknown location: \(place)"))
    }
    if troubles.has(.upload413) { return .refuse(Self.refusal(413, "Request entity too large")) }
    guard
      let reader = MultipartReader(contentType: request.header("Content-Type") ?? "")
    else { return .refuse(Self.refusal(400, "No file to upload and no folder to create")) }
    return .store(
      FormUpload(
        reader: reader,
        open: { [weak printer = printer] in printer?.beginUpload() ?? .failure(.notInserted) },
        refuse: { _ in
          Self.refusal(500, "Could not upload file, [Errno 28] No space left on device")
        },
        onMove: { [weak printer = printer] in printer?.onChange?() }
      ) { [unowned self] form, reply in reply(take(form, request)) })
  }

  private func take(_ form: FormUpload.Form?, _ request: WebRequest) -> WebAnswer {
    guard let form, let upload = form.upload, let fileName = form.fileName else {
      return Self.refusal(400, "No file to upload and no folder to create")
    }
    guard Self.endings.contains(where: { fileName.lowercased().hasSuffix($0) }) else {
      upload.discard()
      return Self.refusal(415, "Could not upload file, invalid type")
    }
    let name = Self.plain(fileName)
    let folder = CardPath.resolve(form.field("path") ?? "", from: "/") ?? "/"
    makeFolders(folder)
    let path = folder == "/" ? "/" + name : folder + "/" + name
    if isInUse(path) || troubles.has(.fileBusy) {
      upload.discard()
      return Self.refusal(409, "Trying to overwrite file that is currently being printed")
    }
    do throws(CardFailure) {
      try upload.commit(to: path)
    } catch {
      return Self.refusal(500, "Could not upload file")
    }
    return answerUpload(path, form, request)
  }

  private func answerUpload(
    _ path: String, _ form: FormUpload.Form, _ request: WebRequest
  ) -> WebAnswer {
    let wantsPrint = form.field("print") == "true"
    let isFree = state == .operational
    let isSelected = isFree && (wantsPrint || form.field("select") == "true")
    if isSelected { select(path) }
    let isPrinted = isSelected && wantsPrint && startSelected()
    push.event("UpdatedFiles", ["type": "printables"])
    printer.onChange?()
    let refs = refs(of: path, request)
    let json: JSON = [
      "done": true, "effectivePrint": .bool(isPrinted), "effectiveSelect": .bool(isSelected),
      "files": [
        "local": [
          "name": .string(CardPath.name(of: path)), "origin": "local",
          "path": .string(String(path.dropFirst())), "refs": refs,
        ]
      ],
    ]
    return WebAnswer(
      status: 201,
      headers: [
        ("Content-Type", "application/json"), ("Location", refs["resource"]?.string ?? ""),
      ], body: Array(json.prettyText.utf8) + [10])
  }

  private func makeFolders(_ folder: String) {
    var path = ""
    for part in folder.split(separator: "/") {
      path += "/" + part
      // One that is there is as good.
      do throws(CardFailure) {
        try printer.card.makeDirectory(path, at: host.wallMilliseconds)
      } catch {}
    }
  }

  /// Names as OctoPrint keeps them: without blanks.
  private static func plain(_ name: String) -> String {
    String((name.split(separator: "/").last ?? "").map { $0 == " " ? "_" : $0 })
  }

  private func refs(of path: String, _ request: WebRequest) -> JSON {
    let base = "http://\(request.header("Host") ?? host.address)"
    let local = "local" + WebRequest.escapedPath(path)
    return [
      "download": .string("\(base)/downloads/files/\(local)"),
      "resource": .string("\(base)/api/files/\(local)"),
    ]
  }

  // MARK: Asked for

  func files(_ request: WebRequest, _ parts: [String]) -> WebAnswer {
    guard let place = parts.first, parts.count > 1 else {
      guard request.method == "GET", parts.isEmpty || ["local", "sdcard"].contains(parts[0])
      else { return Self.refusal(404, "Unknown location") }
      return list(request)
    }
    let path = "/" + parts.dropFirst().joined(separator: "/")
    guard place == "local", let entry = printer.card.entry(path), !entry.path.hasPrefix("/.")
    else {
      return Self.refusal(
        404,
        "The requested URL was not found on the server. If you entered the URL manually please "
          + "check your spelling and try again.")
    }
    switch request.method {
    case "GET": return kept(json(of: entry, request, isAlone: true), request)
    case "POST": return command(path, request)
    case "DELETE":
      guard !isInUse(path) else {
        return Self.refusal(409, "Trying to delete a file that is currently in use")
      }
      do throws(CardFailure) {
        try printer.card.remove(path)
      } catch {
        return Self.refusal(500, "Could not delete file")
      }
      if selected == path { unselect() }
      printer.onChange?()
      return Self.done
    default: return Self.refusal(405, "Method not allowed")
    }
  }

  private func command(_ path: String, _ request: WebRequest) -> WebAnswer {
    guard request.json?["command"]?.string == "select" else {
      return Self.refusal(400, "command is invalid")
    }
    guard !printer.machine.state.isBusy else {
      return Self.refusal(409, "Already printing, cannot select a new file")
    }
    let wantsPrint = request.json?["print"]?.bool ?? false
    guard state.isOperational || !wantsPrint else { return Self.notOperational }
    select(path)
    if wantsPrint, !startSelected() {
      return Self.refusal(409, "Printer is not operational, cannot directly start printing")
    }
    return Self.done
  }

  private func list(_ request: WebRequest) -> WebAnswer {
    let entries = printer.card.allFiles.filter { !$0.path.hasPrefix("/.") }
    return kept(
      [
        "files": .array(entries.map { json(of: $0, request, isAlone: false) }),
        "free": .integer(Int64(printer.card.freeCount)),
        "total": .integer(Int64(printer.card.capacity)),
      ], request)
  }

  private func json(of entry: PrinterCard.Entry, _ request: WebRequest, isAlone: Bool) -> JSON {
    let name = CardPath.name(of: entry.path)
    let digest = printer.card.content(of: entry.path)?.digest ?? 0
    return [
      "date": .integer(entry.modified / 1000), "display": .string(name),
      "hash": .string(String(digest, radix: 16)), "name": .string(name), "origin": "local",
      "path": .string(String(entry.path.dropFirst())), "refs": refs(of: entry.path, request),
      "size": .integer(Int64(entry.byteCount)), "type": "machinecode",
      "typePath": ["machinecode", "gcode"], "user": "_api",
    ]
  }

  /// A file's bytes, or the page that people see.
  func download(_ parts: [String], _ request: WebRequest) -> WebAnswer {
    if parts.isEmpty {
      return .text("<html><title>OctoPrint</title></html>", type: "text/html; charset=utf-8")
    }
    let path = "/" + parts.dropFirst(3).joined(separator: "/")
    guard parts.count > 3, parts[0] == "downloads", let bytes = printer.card.bytes(of: path) else {
      return .text("not found", status: 404)
    }
    return WebAnswer(
      status: 200, headers: [("Content-Type", "text/plain")], body: bytes, isChunked: true)
  }
}
