import Glibc

/// Whole files.
enum Files {
  /// Reads a file; the error is a sentence.
  static func read(_ path: String) throws(UsageError) -> [UInt8] {
    guard let file = fopen(path, "rb") else {
      throw UsageError("cannot read \(path): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      bytes.append(contentsOf: chunk[..<count])
      if count == chunk.count { continue }
      if ferror(file) != 0 {
        throw UsageError("cannot read \(path): \(String(cString: strerror(errno)))")
      }
      return bytes
    }
  }

  /// Whether anything lies at a path.
  static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Writes a file through a neighbour, so that there is never half of it.
  static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws(UsageError) {
    let temporary = path + ".new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode)
    guard descriptor >= 0 else { throw failure("write", path) }
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + offset, bytes.count - offset)
      }
      guard count > 0 else {
        close(descriptor)
        throw failure("write", path)
      }
      offset += count
    }
    fsync(descriptor)
    close(descriptor)
    guard rename(temporary, path) == 0 else { throw failure("write", path) }
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Makes a directory and those above it.
  static func makeDirectory(_ path: String) throws(UsageError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += part + "/"
      guard mkdir(made, 0o755) == 0 || errno == EEXIST else { throw failure("make", made) }
    }
  }

  /// Makes the names in a directory, and its own, safe from a loss of power.
  static func keepNames(in directory: String) throws(UsageError) {
    for path in [directory, directory + "/.."] {
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      defer { close(descriptor) }
      guard descriptor >= 0, fsync(descriptor) == 0 else { throw failure("keep", path) }
    }
  }

  /// The files below a directory with this ending, in the order of their names, deep ones too.
  static func list(_ directory: String, ending: String) throws(UsageError) -> [String] {
    var found: [String] = []
    let base = directory.hasSuffix("/") ? directory : directory + "/"
    for name in try names(in: directory) where !name.hasPrefix(".") {
      let path = base + name
      if isDirectory(path) {
        found += try list(path, ending: ending)
      } else if name.hasSuffix(ending) {
        found.append(path)
      }
    }
    return found
  }

  /// What stands in a directory, in the order of the names.
  private static func names(in directory: String) throws(UsageError) -> [String] {
    guard let handle = opendir(directory) else { throw failure("read", directory) }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The path from the root of the file system.
  static func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// A new directory of our own.
  static func temporaryDirectory() throws(UsageError) -> String {
    let base = Console.environment("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    var template = Array((base + "/hubrig-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw failure("make a directory in", base) }
    return String(
      decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Removes a directory and the files in it.
  static func removeFlatDirectory(_ path: String) {
    for name in (try? names(in: path)) ?? [] { unlink(path + "/" + name) }
    rmdir(path)
  }

  private static func failure(_ verb: String, _ path: String) -> UsageError {
    UsageError("cannot \(verb) \(path): \(String(cString: strerror(errno)))")
  }
}
