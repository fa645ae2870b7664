// Copies of everything a cloud keeps.
//
//     backup    DIR/cloud.sqlite, DIR/objects/…     exactly what is there, taken while it runs
//     export    DIR/tables.jsonl, DIR/objects/…     one line for each row, for other programs

import Glibc
import World

extension CloudStorage {
  /// What keeps a copy from being made or read.
  public struct CopyFailure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Copies a state directory; the cloud that uses it may go on.
  public static func backUp(_ directory: String, to target: String) throws {
    let database = try existing(directory)
    try copying(to: target) {
      // What is in the copy of the database was there before it or is there after it.
      try copyObjects(from: directory, to: target)
      let path = target + "/cloud.sqlite"
      try database.execute("VACUUM INTO '\(path.split(separator: "'").joined(separator: "''"))'")
      try copyObjects(from: directory, to: target)
      try StateFile.sync(path)
      try checkObjects(of: try Database(path: path), in: target)
    }
  }

  /// Writes every row and every object into a directory.
  public static func export(_ directory: String, to target: String) throws {
    let database = try existing(directory)
    try copying(to: target) {
      try copyObjects(from: directory, to: target)
      let path = target + "/tables.jsonl"
      guard let file = fopen(path, "w") else {
        throw CopyFailure(description: "\(path) cannot be written")
      }
      defer { fclose(file) }
      // All tables as they were at one moment.
      try database.execute("BEGIN")
      defer { try? database.execute("COMMIT") }
      for table in try database.tableNames() {
        try database.eachRow(of: table) { row in
          fputs(
            JSON.object(JSONObject([("table", .string(table)), ("row", row)])).text + "\n", file)
        }
      }
      guard fflush(file) == 0, ferror(file) == 0, fsync(fileno(file)) == 0 else {
        throw CopyFailure(description: "the disk is full at \(path)")
      }
      try copyObjects(from: directory, to: target)
      try checkObjects(of: database, in: target)
    }
  }

  /// Makes a state directory of what `export` wrote. It must not be there yet, and is there as a whole
  /// or not at all.
  public static func importing(_ source: String, to directory: String, at now: Int64) throws {
    guard Directory.names(directory).isEmpty else {
      throw CopyFailure(description: "\(directory) is in use; reset it first")
    }
    let table = source + "/tables.jsonl"
    guard access(table, R_OK) == 0 else {
      let isBackup = access(source + "/cloud.sqlite", F_OK) == 0
      throw CopyFailure(
        description: isBackup
          ? "\(source) is a backup and no export; copy it to \(directory) as it is"
          : "there is no export in \(source)")
    }
    let draft = directory + ".importing"
    removeTree(draft)
    try copying(to: draft) {
      try copyObjects(from: source, to: draft)
      let database = try Database(path: draft + "/cloud.sqlite")
      try MigrationRunner(database: database).run(at: now)
      try database.execute("PRAGMA foreign_keys = OFF")
      try database.transaction { try insertRows(of: StateFile.read(table), table, into: database) }
      guard try !database.hasDanglingRows() else {
        throw CopyFailure(description: "\(table) is not whole: rows refer to missing ones")
      }
      try checkObjects(of: database, in: draft)
    }
    guard rename(draft, directory) == 0 else {
      removeTree(draft)
      throw CopyFailure(description: "\(directory) cannot be made")
    }
    try Directory.sync(Directory.parent(of: directory))
  }

  private static func insertRows(
    of bytes: [UInt8], _ path: String, into database: Database
  ) throws {
    let known = Set(try database.tableNames())
    let newest = Migration.all.map(\.number).max() ?? 0
    for (place, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      guard let json = try? JSON.parse(Array(line)), let table = json["table"]?.string,
        case .object(let row)? = json["row"]
      else {
        throw CopyFailure(description: "\(path) is no export of ours: line \(place + 1) is no row")
      }
      guard table != "schema_migrations" else {
        guard let number = row["number"]?.int, number > newest else { continue }
        throw DatabaseError.schemaTooNew(number)
      }
      guard known.contains(table) else {
        throw CopyFailure(
          description: "\(path), line \(place + 1): there is no table \"\(table.prefix(40))\"")
      }
      do {
        try database.insert(row, into: table)
      } catch {
        throw CopyFailure(description: "\(path), line \(place + 1): \(error)")
      }
    }
  }

  /// Messages that the queues have given up, a line of JSON each; the cloud that uses the directory
  /// may go on.
  public static func deadLetters(_ directory: String) throws -> [String] {
    try Queues.deadLetters(of: nil, limit: .max, in: existing(directory)).map(\.json.text)
  }

  /// Puts all of them back into their queues; a cloud that runs takes them up within a minute.
  public static func retryDeadLetters(_ directory: String, at now: Int64) throws -> Int {
    try Queues.revive(queue: nil, sequence: nil, at: now, in: existing(directory))
  }

  /// Forgets everything in a state directory that no cloud uses. It is put aside as a whole, so that
  /// no half of it is ever found; nobody waits until it is deleted.
  public static func reset(_ directory: String) throws {
    guard access(directory, F_OK) == 0 else { return }
    let lock = try DirectoryLock(directory)
    defer { withExtendedLifetime(lock) {} }
    let aside = "\(directory).forgotten-\(getpid())"
    guard rename(directory, aside) == 0 else { return removeTree(directory) }
    if !removeInBackground(aside) { removeTree(aside) }
  }

  /// Leaves a directory to a process that is nobody's child: whoever waits for children of ours, or
  /// reads what we write, does not wait for it.
  private static func removeInBackground(_ path: String) -> Bool {
    var actions = posix_spawn_file_actions_t()
    guard posix_spawn_file_actions_init(&actions) == 0 else { return false }
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in Int32(0)...2 {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    let words = ["sh", "-c", "rm -rf -- \"$1\" &", "sh", path]
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process = pid_t()
    guard posix_spawn(&process, "/bin/sh", &actions, nil, &arguments, environ) == 0 else {
      return false
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status == 0
  }

  private static func removeTree(_ path: String) {
    for name in Directory.names(path) {
      let inner = "\(path)/\(name)"
      var status = stat()
      guard lstat(inner, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        removeTree(inner)
      } else {
        unlink(inner)
      }
    }
    rmdir(path)
  }

  private static func existing(_ directory: String) throws -> Database {
    guard access(directory + "/cloud.sqlite", R_OK) == 0 else {
      throw CopyFailure(description: "there is no cloud in \(directory)")
    }
    return try Database(path: directory + "/cloud.sqlite")
  }

  /// Makes a directory and lets `body` fill it; there is none when that fails.
  private static func copying(to target: String, _ body: () throws -> Void) throws {
    guard access(target, F_OK) != 0 else {
      throw CopyFailure(description: "\(target) is there already")
    }
    let parent = Directory.parent(of: target)
    guard access(parent, F_OK) == 0 else {
      throw CopyFailure(description: "there is no directory \(parent)")
    }
    try Directory.make(target)
    do {
      try body()
      try Directory.sync(target)
      try Directory.sync(parent)
    } catch {
      removeTree(target)
      throw error
    }
  }

  private static func copyObjects(from source: String, to target: String) throws {
    let from = source + "/objects"
    guard access(from, F_OK) == 0 else { return }
    try copyTree(from, target + "/objects")
  }

  /// Copies what is not there yet; what goes away meanwhile is left out.
  private static func copyTree(_ source: String, _ target: String) throws {
    try Directory.make(target)
    for name in Directory.names(source) where name != ".incoming" {
      let (path, copy) = ("\(source)/\(name)", "\(target)/\(name)")
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        try copyTree(path, copy)
      } else if !StateFile.has(copy, copyOf: status) {
        try StateFile.copy(path, to: copy)
      }
    }
    try Directory.sync(target)
  }

  private struct KnownObject: Record {
    let key: String
    let object: StoredObject

    init(_ row: Row) {
      key = row.text("key")
      object = StoredObject(row)
    }
  }

  private static let objects = SystemSQL("SELECT * FROM objects WHERE size_bytes > ?")

  /// Throws unless the bytes of every object are there that has a file.
  private static func checkObjects(of database: Database, in directory: String) throws {
    for known in try database.all(KnownObject.self, objects, ObjectStore.smallLimit) {
      let places = [known.key, ObjectStore.beside(known.key, known.object.sha256)]
      guard
        places.contains(where: { place in
          var status = stat()
          return stat("\(directory)/objects/\(place)", &status) == 0
            && status.st_size == known.object.byteCount
        })
      else { throw CopyFailure(description: "the object \(known.key) is missing or not whole") }
    }
  }
}

/// Whole files, for copies.
enum StateFile {
  static func read(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else {
      throw CloudStorage.CopyFailure(description: "\(path) cannot be read")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var window = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&window, 1, window.count, file)
      guard count > 0 else { break }
      bytes += window.prefix(count)
    }
    return bytes
  }

  static func write(_ bytes: [UInt8], to path: String) throws {
    try writing(path) { file in fwrite(bytes, 1, bytes.count, file) == bytes.count }
  }

  /// Copies a file, which may be larger than memory; one that is gone meanwhile is left out.
  static func copy(_ source: String, to path: String) throws {
    guard let from = fopen(source, "r") else {
      if errno == ENOENT { return }
      throw CloudStorage.CopyFailure(description: "\(source) cannot be read")
    }
    defer { fclose(from) }
    var window = [UInt8](repeating: 0, count: 1 << 16)
    try writing(path) { file in
      while true {
        let count = fread(&window, 1, window.count, from)
        guard count > 0 else { return ferror(from) == 0 }
        guard fwrite(window, 1, count, file) == count else { return false }
      }
    }
  }

  /// Whether there is a copy already of the file that looked so; files of ours never change in place.
  static func has(_ path: String, copyOf original: stat) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_size == original.st_size
      && status.st_mtim.tv_sec > original.st_mtim.tv_sec
  }

  /// Puts what was written by others on disk.
  static func sync(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw CloudStorage.CopyFailure(description: "\(path) cannot be put on disk")
    }
  }

  private static func writing(
    _ path: String, _ body: (UnsafeMutablePointer<FILE>) -> Bool
  ) throws {
    guard let file = fopen(path, "w") else {
      throw CloudStorage.CopyFailure(description: "\(path) cannot be written")
    }
    defer { fclose(file) }
    guard body(file), fflush(file) == 0, fsync(fileno(file)) == 0 else {
      throw CloudStorage.CopyFailure(description: "the disk failed at \(path)")
    }
  }
}
