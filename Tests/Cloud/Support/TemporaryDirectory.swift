import Foundation

/// A directory of its own for a test, gone with it.
final class TemporaryDirectory {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "cloud-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  private init(copyOf other: TemporaryDirectory) throws {
    path = other.path + "-copy"
    try FileManager.default.copyItem(atPath: other.path, toPath: path)
  }

  /// Another one with the same files.
  func copy() throws -> TemporaryDirectory { try TemporaryDirectory(copyOf: self) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// All files below, by their paths from here, in order.
  func files(below folder: String = "") -> [String] {
    let root = path + "/" + folder
    let all = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return all.filter { name in
      var isDirectory: ObjCBool = false
      let exists = FileManager.default.fileExists(
        atPath: root + "/" + name, isDirectory: &isDirectory)
      return exists && !isDirectory.boolValue
    }.sorted()
  }
}

/// Files' bytes.
enum FileBytes {
  static func read(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: path)))
  }
}
