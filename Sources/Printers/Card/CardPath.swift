/// Paths on a card: absolute, `/` between parts, never a dot part, the root is `/`.
enum CardPath {
  /// FAT and the printers' own screens give up beyond this.
  static let byteLimit = 255

  /// The absolute form of `text` as seen from `directory`, or nil when no file can be called that.
  static func resolve(_ text: String, from directory: String) -> String? {
    guard text.utf8.count <= 4 * byteLimit else { return nil }
    guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
      return nil
    }
    var parts = text.hasPrefix("/") ? [] : directory.split(separator: "/")
    for part in text.split(separator: "/") {
      switch part {
      case ".": continue
      case "..": _ = parts.popLast()
      default: parts.append(part)
      }
    }
    let path = "/" + parts.joined(separator: "/")
    return path.utf8.count <= byteLimit ? path : nil
  }

  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  static func name(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return path }
    return String(path[path.index(after: slash)...])
  }
}
