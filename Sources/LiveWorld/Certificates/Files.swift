import Glibc

/// The few things that the certificate store asks of a file system.
enum Files {
  /// Makes a directory and those above it; what it makes is for its owner only.
  static func makeDirectory(_ path: String) throws(CertificateError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
      if mkdir(made, 0o700) != 0 && errno != EEXIST { throw failure(made) }
    }
    guard access(path.isEmpty ? "." : path, W_OK | X_OK) == 0 else { throw failure(path) }
  }

  /// Nil if there is no such file.
  static func read(_ path: String) throws(CertificateError) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw failure(path)
    }
    defer { close(file) }
    var content: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
      let count = Glibc.read(file, &piece, piece.count)
      if count < 0 { throw failure(path) }
      if count == 0 { return content }
      content += piece.prefix(count)
    }
  }

  /// The file has the old content or the new one, whatever happens in between.
  static func replace(_ path: String, with content: [UInt8], mode: mode_t) throws(CertificateError)
  {
    let draft = path + ".new"
    unlink(draft)
    let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard file >= 0 else { throw failure(draft) }
    let isWritten = Glibc.write(file, content, content.count) == content.count && fsync(file) == 0
    close(file)
    guard isWritten, rename(draft, path) == 0 else { throw failure(path) }
  }

  /// Runs `body` while no other process does so with the same path.
  static func withLock<Value>(
    _ path: String, _ body: () throws(CertificateError) -> Value
  ) throws(CertificateError) -> Value {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure(path) }
    defer { close(file) }
    while flock(file, LOCK_EX) != 0 { if errno != EINTR { throw failure(path) } }
    return try body()
  }

  private static func failure(_ path: String) -> CertificateError {
    .file(path: path, reason: String(cString: strerror(errno)))
  }
}
