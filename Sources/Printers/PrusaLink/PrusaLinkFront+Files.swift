// Files on the stick of a PrusaLink, and their upload by PUT.

import World

extension PrusaLinkFront {
  private static let endings = [".bgcode", ".gcode", ".gco", ".g", ".bgc"]

  func receiveUpload(_ request: WebRequest, _ parts: [String]) -> WebReception {
    guard parts.count > 1, parts[0] == storageName, !troubles.has(.storageGone) else {
      return .refuse(Self.notFound)
    }
    let path = longPath(parts.dropFirst())
    guard let length = request.header("Content-Length").flatMap({ Int($0) }) else {
      return .refuse(Self.refusal(411, "Length Required"))
    }
    guard Self.endings.contains(where: { path.lowercased().hasSuffix($0) }) else {
      return .refuse(Self.refusal(422, "Unprocessable Content"))
    }
    if troubles.has(.busy503) { return .refuse(Self.refusal(503, "Service Unavailable")) }
    if troubles.has(.upload413) { return .refuse(Self.refusal(413, "Payload Too Large")) }
    let mayReplace = request.header("Overwrite") == "?1"
    let isThere = printer.card.entry(path) != nil && !mayReplace
    let wantsPrint = request.header("Print-After-Upload") == "?1"
    guard transfer == nil, !isThere, !isInUse(path), !troubles.has(.fileBusy),
      !troubles.has(.fileExists), !wantsPrint || state.isFree
    else { return .refuse(Self.conflict) }
    guard length <= printer.card.freeCount else {
      return .refuse(Self.refusal(507, "Insufficient Storage"))
    }
    switch printer.beginUpload() {
    case .failure: return .refuse(Self.refusal(507, "Insufficient Storage"))
    case .success(let upload):
      transferCount += 1
      let sink = PrusaLinkUpload(
        self, upload, path: path, size: length, id: transferCount, wantsPrint: wantsPrint)
      transfer = sink
      return .store(sink)
    }
  }

  func isInUse(_ path: String) -> Bool {
    printer.machine.state.isBusy && printer.machine.currentFile == path
  }

  /// Paths may be asked for by the short names, too.
  private func longPath(_ parts: ArraySlice<String>) -> String {
    let path = "/" + parts.joined(separator: "/")
    guard printer.card.entry(path) == nil, let name = parts.last else { return path }
    let folder = CardPath.parent(of: path)
    let long = printer.card.allFiles.first {
      CardPath.parent(of: $0.path) == folder
        && ShortName.of(CardPath.name(of: $0.path)) == name.uppercased()
    }
    return long?.path ?? path
  }

  // MARK: Asked for

  func files(_ request: WebRequest, _ parts: [String]) -> WebAnswer {
    guard let place = parts.first, place == storageName, !troubles.has(.storageGone) else {
      return Self.notFound
    }
    guard parts.count > 1 else {
      return request.method == "GET" ? .json(folder) : Self.refusal(405, "Method Not Allowed")
    }
    let path = longPath(parts.dropFirst())
    guard let entry = printer.card.entry(path), !path.hasPrefix("/.") else { return Self.notFound }
    switch request.method {
    case "GET":
      var json = fileJSON(entry)
      json["type"] = "PRINT_FILE"
      json["ro"] = false
      let seconds = printer.card.content(of: path).map { PlainGCode.summary(of: $0).seconds }
      json["meta"] = ["estimated_print_time": .integer(Int64(seconds ?? 0))]
      return .json(json)
    case "HEAD": return .json([:])
    case "POST":
      if troubles.has(.busy503) { return Self.refusal(503, "Service Unavailable") }
      guard state.isFree, printer.print(path) else { return Self.conflict }
      return .nothing
    case "DELETE":
      guard !isInUse(path) else { return Self.conflict }
      do throws(CardFailure) {
        try printer.card.remove(path)
      } catch {
        return Self.conflict
      }
      printer.onChange?()
      return .nothing
    default: return Self.refusal(405, "Method Not Allowed")
    }
  }

  private var folder: JSON {
    let entries = printer.card.allFiles.filter { !$0.path.hasPrefix("/.") }
    return [
      "type": "FOLDER", "ro": false, "name": .string(storageName), "m_timestamp": 0,
      "children": .array(
        entries.map { entry in
          var json = fileJSON(entry)
          json["type"] = "PRINT_FILE"
          json["ro"] = false
          return json
        }),
    ]
  }

  /// A file as it is.
  func bytes(of parts: [String]) -> WebAnswer {
    guard parts.count > 1, parts[0] == storageName, !troubles.has(.storageGone),
      let bytes = printer.card.bytes(of: longPath(parts.dropFirst()))
    else { return Self.notFound }
    return WebAnswer(
      status: 200, headers: [("Content-Type", "application/octet-stream")], body: bytes)
  }
}

/// A file on its way onto the stick.
final class PrusaLinkUpload: UploadSink {
  let id: Int
  var isCancelled = false
  private weak var front: PrusaLinkFront?
  private weak var printer: WebPrinter?
  private let upload: CardUpload
  private let path: String
  private let size: Int
  private let wantsPrint: Bool
  private let begin: Instant
  private let host: any Host

  init(
    _ front: PrusaLinkFront, _ upload: CardUpload, path: String, size: Int, id: Int,
    wantsPrint: Bool
  ) {
    self.front = front
    printer = front.printer
    host = front.host
    self.upload = upload
    self.path = path
    self.size = size
    self.id = id
    self.wantsPrint = wantsPrint
    begin = front.host.now
  }

  /// As `/status` has it.
  var numbers: JSON {
    [
      "id": .integer(Int64(id)),
      "time_transferring": .integer((host.now - begin).milliseconds / 1000),
      "progress": .double(size > 0 ? Double(upload.count * 100 / size) : 100),
      "data_transferred": .integer(Int64(upload.count)),
    ]
  }

  /// As `/transfer` has it.
  var json: JSON {
    var json = numbers
    json["type"] = "FROM_CLIENT"
    json["display_name"] = .string(CardPath.name(of: path))
    json["path"] = .string("/\(front?.storageName ?? "usb")" + path)
    json["size"] = .string("\(size)")
    json["transferred"] = .integer(Int64(upload.count))
    json["to_print"] = .bool(wantsPrint)
    return json
  }

  func take(_ bytes: UnsafeRawBufferPointer) -> WebAnswer? {
    guard !isCancelled else { return PrusaLinkFront.refusal(409, "Conflict") }
    do throws(CardFailure) {
      try upload.append(bytes)
    } catch {
      return PrusaLinkFront.refusal(507, "Insufficient Storage")
    }
    printer?.onChange?()
    return nil
  }

  func finish(_ reply: @escaping (WebAnswer) -> Void) {
    leave()
    guard upload.count == size, !isCancelled else {
      upload.discard()
      return reply(PrusaLinkFront.refusal(400, "Bad Request"))
    }
    do throws(CardFailure) {
      try upload.commit(to: path)
    } catch {
      return reply(PrusaLinkFront.refusal(507, "Insufficient Storage"))
    }
    if wantsPrint { _ = printer?.print(path) }
    printer?.onChange?()
    let json = printer?.card.entry(path).flatMap { front?.fileJSON($0) }
    reply(.json(json ?? [:], status: 201))
  }

  func abandon() {
    leave()
    upload.discard()
    printer?.onChange?()
  }

  private func leave() { if front?.transfer === self { front?.transfer = nil } }
}
