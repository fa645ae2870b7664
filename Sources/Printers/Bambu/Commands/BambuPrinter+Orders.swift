// From "print that file" to an order for the machine. The file is named in one of three ways:
//
//     "url": "ftp:///x.3mf" or "file:///sdcard/x.3mf", "param": "Metadata/plate_1.gcode"
//     "param": "/sdcard/x.3mf"                 (an early firmware's form)
//     "file": "x.3mf"                          (when nothing else says it)

import Archives
import Wire
import World

extension BambuPrinter {
  /// What `project_file` asks for; nil when it names no file.
  func projectOrder(_ body: JSON) -> PrintOrder? {
    let param = body["param"]?.string ?? ""
    let plate = Self.plate(in: param)
    let named = [body["url"]?.string ?? "", plate == nil ? param : "", body["file"]?.string ?? ""]
    guard let text = named.first(where: { !$0.isEmpty }) else { return nil }
    var order = order(path: path(of: text), plate: plate ?? 1, md5: body["md5"]?.string ?? "")
    if let title = body["subtask_name"]?.string, !title.isEmpty { order.title = title }
    order.projectID = body["project_id"]?.digitsOrText ?? "0"
    order.profileID = body["profile_id"]?.digitsOrText ?? "0"
    order.taskID = body["task_id"]?.digitsOrText ?? "0"
    order.subtaskID = body["subtask_id"]?.digitsOrText ?? "0"
    order.levelsBed = (body["bed_leveling"] ?? body["bed_levelling"])?.bool ?? true
    order.usesUnits = body["use_ams"]?.bool ?? false
    order.mapping = (body["ams_mapping"]?.array ?? []).map { $0.number ?? -1 }
    return order
  }

  /// What `calibration` asks for: a job of its own, without a part.
  func calibrationOrder(_ body: JSON) -> PrintOrder? {
    guard let bits = body["option"]?.number, bits > 0, bits < 16 else { return nil }
    var order = PrintOrder(
      path: "/auto_cali_for_user.gcode", title: "auto_cali_for_user",
      plan: .success(PlateSummary(layers: 1, seconds: 1)))
    order.calibration = CalibrationOptions(rawValue: bits)
    return order
  }

  /// What `gcode_file` asks for.
  func fileOrder(_ body: JSON) -> PrintOrder? {
    guard let text = body["param"]?.string, !text.isEmpty else { return nil }
    return order(path: path(of: text), plate: 1, md5: "")
  }

  /// Looks at the file as it is now. What is wrong with it the machine finds out when it unpacks.
  private func order(path: String, plate: Int, md5: String) -> PrintOrder {
    let name = CardPath.name(of: path)
    let title = name.hasSuffix(".3mf") ? String(name.dropLast(4)) : name
    func refused(_ error: BambuPrintError, _ reason: String) -> PrintOrder {
      PrintOrder(
        path: path, plate: plate, title: title,
        plan: .failure(BambuPrintFault(error: error, reason: reason)))
    }
    guard card.isInserted else { return refused(.cardFault, "there is no card") }
    guard !card.isAbnormal else { return refused(.cardFault, "the card cannot be read") }
    guard let content = card.content(of: path) else {
      return refused(.unknownFile, "there is no such file")
    }
    var order = refused(.cardFault, "the file is still being written")
    order.digest = content.digest
    order.byteCount = content.count
    guard !card.isBeingWritten(path) else { return order }
    guard md5.isEmpty || md5.lowercased() == content.md5 else {
      order.plan = .failure(BambuPrintFault(error: .unreadableFile, reason: "its MD5 differs"))
      return order
    }
    do throws(ThreeMFError) {
      let bytes = content.bytes
      order.plan = .success(
        name.hasSuffix(".gcode")
          ? try SlicedGCode(head: bytes).summary()
          : try ThreeMF.summary(of: bytes, plate: plate))
    } catch {
      order.plan = .failure(BambuPrintFault(error: .unreadableFile, reason: "\(error.name)"))
    }
    return order
  }

  /// The path on the card that a URL or a path means.
  private func path(of text: String) -> String {
    var rest = Substring(text)
    for scheme in ["ftp://", "file://"] where rest.hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
    }
    for mount in ["/mnt/sdcard/", "/sdcard/", "sdcard/"] where rest.hasPrefix(mount) {
      rest = rest.dropFirst(mount.count)
      break
    }
    let path = CardPath.resolve(String(rest), from: "/") ?? "/"
    guard card.entry(path) == nil, path.contains("%") else { return path }
    return CardPath.resolve(Self.unescaped(path), from: "/") ?? path
  }

  private static func unescaped(_ path: String) -> String {
    var isWhole = false
    let bytes = encoded(path.utf8.count) {
      isWhole = PercentCoding.decode(path.utf8.span, into: &$0)
    }
    return isWhole ? String(decoding: bytes, as: UTF8.self) : path
  }

  /// The number in "Metadata/plate_2.gcode"; nil for anything else.
  private static func plate(in text: String) -> Int? {
    let prefix = "Metadata/plate_"
    let suffix = ".gcode"
    guard text.hasPrefix(prefix), text.hasSuffix(suffix) else { return nil }
    return Int(text.dropFirst(prefix.count).dropLast(suffix.count))
  }
}
