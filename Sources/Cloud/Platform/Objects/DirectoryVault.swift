import Glibc

/// Objects as files below one directory, named by their paths.
///
/// New bytes are written under `.incoming`, synced, then renamed to their place, and the directory
/// is synced: after a loss of power a file is there whole or not at all.
final class DirectoryVault: Vault {
  /// Whether the directory had to be made.
  let isNew: Bool
  private let root: String
  private var draftCount = 0

  /// Makes the directory when it is missing, and clears away what never got finished.
  init(_ root: String) throws(ObjectError) {
    self.root = root
    isNew = try Directory.make(root)
    try Directory.make(incoming)
    for name in Directory.names(incoming) { unlink("\(incoming)/\(name)") }
  }

  private var incoming: String { root + "/.incoming" }

  func draft() throws(ObjectError) -> any VaultDraft {
    draftCount += 1
    return try Draft("\(incoming)/\(draftCount)", root: root)
  }

  func open(_ path: String) throws(ObjectError) -> any VaultReader {
    let descriptor = Glibc.open("\(root)/\(path)", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw errno == ENOENT ? .missing : .disk(errno) }
    return Reader(descriptor)
  }

  func holds(_ path: String) -> Bool { access("\(root)/\(path)", F_OK) == 0 }

  func move(_ path: String, to place: String) { rename("\(root)/\(path)", "\(root)/\(place)") }

  func remove(_ path: String) { unlink("\(root)/\(path)") }

  private final class Draft: VaultDraft {
    private let path: String
    private let root: String
    private var descriptor: Int32

    init(_ path: String, root: String) throws(ObjectError) {
      self.path = path
      self.root = root
      descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw .disk(errno) }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(ObjectError) {
      var rest = bytes
      while !rest.isEmpty {
        let written = write(descriptor, rest.baseAddress, rest.count)
        if written < 0 {
          if errno == EINTR { continue }
          throw .disk(errno)
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }

    func keep(at key: String) throws(ObjectError) {
      guard fsync(descriptor) == 0 else { throw .disk(errno) }
      close(descriptor)
      descriptor = -1
      var directory = root
      for part in key.split(separator: "/").dropLast() {
        let parent = directory
        directory += "/" + part
        if try Directory.make(directory) { try Directory.sync(parent) }
      }
      guard rename(path, "\(root)/\(key)") == 0 else { throw .disk(errno) }
      try Directory.sync(directory)
    }

    func abandon() {
      if descriptor >= 0 { close(descriptor) }
      descriptor = -1
      unlink(path)
    }
  }

  private final class Reader: VaultReader {
    private let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }

    func read(from offset: Int, count: Int) throws(ObjectError) -> [UInt8] {
      var failure: Int32 = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        while filled < count {
          let got = pread(
            descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, offset + filled)
          if got < 0 {
            if errno == EINTR { continue }
            failure = errno
            return
          }
          guard got > 0 else { return }
          filled += got
        }
      }
      guard failure == 0 else { throw .disk(failure) }
      return bytes
    }
  }
}

/// Directories of this machine.
enum Directory {
  /// Answers whether it had to be made.
  @discardableResult
  static func make(_ path: String) throws(ObjectError) -> Bool {
    if mkdir(path, 0o700) == 0 { return true }
    guard errno == EEXIST else { throw .disk(errno) }
    return false
  }

  /// Makes the names in a directory safe from a loss of power.
  static func sync(_ path: String) throws(ObjectError) {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .disk(errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .disk(errno) }
  }

  /// The directory in which a path's last part is a name.
  static func parent(of path: String) -> String {
    let parts = path.split(separator: "/")
    guard parts.count > 1 else { return path.hasPrefix("/") ? "/" : "." }
    return (path.hasPrefix("/") ? "/" : "") + parts.dropLast().joined(separator: "/")
  }

  static func names(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
