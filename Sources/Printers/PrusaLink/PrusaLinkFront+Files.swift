// Files on the stick of a PrusaLink, and their upload by PUT.

import World

extension PrusaLinkFront {
  private static let endings = [".bgcode", ".gcode", ".gco", ".g", ".bgc"]

  func receiveUpload(_ request: WebRequest, _ parts: [String]) -> WebReception {
    if let refusal = refusalOfPlace(parts) { return .refuse(refusal) }
    guard let length = request.header("Content-Length").flatMap({ Int($0) }) else {
      return .refuse(Self.refusal(411))
    }
    guard length > 0 else {
      return .refuse(Self.refusal(501, "0-sized files aren't implemented"))
    }
    if troubles.has(.busy503) { return .refuse(Self.refusal(503)) }
    if troubles.has(.upload413) { return .refuse(Self.refusal(413)) }
    guard transfer == nil else {
      return .refuse(Self.refusal(409, "Another transfer in progress"))
    }
    guard parts.count > 1 else { return .refuse(Self.notFound) }
    let path = longPath(parts.dropFirst())
    guard !troubles.has(.storageGone) else { return .refuse(Self.cannotPrepare) }
    guard length <= printer.card.freeCount else {
      return .refuse(Self.refusal(507, "USB drive full"))
    }
    guard Self.endings.contains(where: { path.lowercased().hasSuffix($0) }) else {
      return .refuse(Self.refusal(415, "Not a GCODE"))
    }
    let isThere = printer.card.entry(path) != nil && request.header("Overwrite") != "?1"
    guard !isThere, !troubles.has(.fileExists) else {
      return .refuse(Self.refusal(409, "File already exists"))
    }
    guard !isInUse(path), !troubles.has(.fileBusy) else { return .refuse(Self.fileIsBusy) }
    let wantsPrint = request.header("Print-After-Upload") == "?1"
    switch printer.beginUpload() {
    case .failure: return .refuse(Self.cannotPrepare)
    case .success(let upload):
      transferCount += 1
      let sink = PrusaLinkUpload(
        self, upload, path: path, size: length, id: transferCount, wantsPrint: wantsPrint)
      transfer = sink
      return .store(sink)
    }
  }

  private static let fileIsBusy = refusal(409, "File is busy")
  private static let cannotPrepare = refusal(507, "Failed to prepare file for writing")

  /// Nobody may look anywhere but at the storage.
  private func refusalOfPlace(_ parts: [String]) -> WebAnswer? {
    parts.first == storageName ? nil : Self.refusal(403)
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
    if let refusal = refusalOfPlace(parts) { return refusal }
    guard parts.count > 1 else {
      return request.method == "GET" ? .json(folder) : Self.notFound
    }
    let path = longPath(parts.dropFirst())
    guard !troubles.has(.storageGone), let entry = found(path), !path.hasPrefix("/.") else {
      return Self.notFound
    }
    switch request.method {
    case "GET": return .json(wholeJSON(entry))
    case "HEAD": return .json([:])
    case "POST":
      if troubles.has(.busy503) { return Self.refusal(503) }
      guard state.isFree, printer.print(path) else { return Self.refusal(409) }
      return .nothing
    case "DELETE":
      guard !isInUse(path) else { return Self.fileIsBusy }
      do throws(CardFailure) {
        try printer.card.remove(path)
      } catch {
        return Self.fileIsBusy
      }
      printer.onChange?()
      return .nothing
    default: return Self.refusal(405)
    }
  }

  /// What is said of one file that is asked for, and of one that was brought.
  fileprivate func wholeJSON(_ entry: PrinterCard.Entry) -> JSON {
    var json = listedJSON(entry)
    json["size"] = .integer(Int64(entry.byteCount))
    return json
  }

  private func listedJSON(_ entry: PrinterCard.Entry) -> JSON {
    var json = fileJSON(entry)
    json["type"] = "PRINT_FILE"
    json["ro"] = false
    return json
  }

  private var folder: JSON {
    let files =
      troubles.has(.storageGone)
      ? [] : printer.card.allFiles.filter { !$0.path.hasPrefix("/.") && found($0.path) != nil }
    return [
      "type": "FOLDER", "ro": false, "name": .string(storageName),
      "children": .array(files.map(listedJSON)),
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
  private weak var front: PrusaLinkFront?
  private weak var printer: WebPrinter?
  private let upload: CardUpload
  private let path: String
  private let size: Int
  private let wantsPrint: Bool
  private let begin: Instant
  private let host: any Host
  private static let cannotWrite = "USB write error or USB full"

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
    var json = common
    json["id"] = .integer(Int64(id))
    return json
  }

  /// As `/transfer` has it.
  var json: JSON {
    let seconds = (host.now - begin).milliseconds / 1000
    let speed = Int64(upload.count) / max(1, seconds)
    let folder = CardPath.parent(of: path)
    var json = common
    json["type"] = "FROM_CLIENT"
    json["display_name"] = .string(CardPath.name(of: path))
    json["path"] = .string("/\(front?.storageName ?? "usb")" + (folder == "/" ? "" : folder))
    json["size"] = .string("\(size)")
    json["time_remaining"] = .integer(Int64(size - upload.count) / max(1, speed))
    json["to_print"] = .bool(wantsPrint)
    return json
  }

  private var common: JSON {
    [
      "time_transferring": .integer((host.now - begin).milliseconds / 1000),
      "progress": .double(Double(upload.count * 100 / size)),
      "transferred": .integer(Int64(upload.count)),
    ]
  }

  func take(_ bytes: UnsafeRawBufferPointer) -> WebAnswer? {
    do throws(CardFailure) {
      try upload.append(bytes)
    } catch {
      return PrusaLinkFront.refusal(507, Self.cannotWrite)
    }
    printer?.onChange?()
    return nil
  }

  func finish(_ reply: @escaping (WebAnswer) -> Void) {
    leave()
    guard upload.count == size else {
      upload.discard()
      return reply(PrusaLinkFront.refusal(400, "Truncated body"))
    }
    do throws(CardFailure) {
      try upload.commit(to: path)
    } catch {
      return reply(PrusaLinkFront.refusal(507, Self.cannotWrite))
    }
    front?.stored(path)
    let hasBegun = wantsPrint && front?.state.isFree == true && printer?.print(path) == true
    printer?.onChange?()
    // It is there all the same.
    guard hasBegun || !wantsPrint else {
      return reply(PrusaLinkFront.refusal(409, "Can't print right now"))
    }
    let json = printer?.card.entry(path).flatMap { front?.wholeJSON($0) }
    reply(.json(json ?? [:], status: 201))
  }

  func abandon() {
    leave()
    upload.discard()
    printer?.onChange?()
  }

  private func leave() { if front?.transfer === self { front?.transfer = nil } }
}
