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
    try prepare(target)
    let database = try existing(directory)
    let path = target + "/cloud.sqlite"
    try database.execute("VACUUM INTO '\(path.split(separator: "'").joined(separator: "''"))'")
    try copyObjects(from: directory, to: target)
  }

  /// Writes every row and every object into a directory.
  public static func export(_ directory: String, to target: String) throws {
    try prepare(target)
    let database = try existing(directory)
    guard let file = fopen(target + "/tables.jsonl", "w") else {
      throw CopyFailure(description: "\(target)/tables.jsonl cannot be written")
    }
    defer { fclose(file) }
    for table in try database.tableNames() {
      try database.eachRow(of: table) { row in
        fputs(JSON.object(JSONObject([("table", .string(table)), ("row", row)])).text + "\n", file)
      }
    }
    guard fflush(file) == 0, fsync(fileno(file)) == 0 else {
      throw CopyFailure(description: "\(target) is full")
    }
    try copyObjects(from: directory, to: target)
  }

  /// Makes a state directory of what `export` wrote. It must not be there yet.
  public static func importing(_ source: String, to directory: String, at now: Int64) throws {
    guard access(directory + "/cloud.sqlite", F_OK) != 0 else {
      throw CopyFailure(description: "\(directory) is in use; reset it first")
    }
    let bytes = try StateFile.read(source + "/tables.jsonl")
    try Directory.make(directory)
    let database = try Database(path: directory + "/cloud.sqlite")
    try MigrationRunner(database: database).run(at: now)
    try database.execute("PRAGMA foreign_keys = OFF")
    let known = Set(try database.tableNames())
    try database.transaction {
      for line in bytes.split(separator: UInt8(ascii: "\n")) {
        let json = try JSON.parse(Array(line))
        guard let table = json["table"]?.string, known.contains(table),
          case .object(let row)? = json["row"]
        else { throw CopyFailure(description: "\(source)/tables.jsonl is no export of ours") }
        guard table != "schema_migrations" else { continue }
        try database.insert(row, into: table)
      }
    }
    try database.execute("PRAGMA foreign_keys = ON")
    try copyObjects(from: source, to: directory)
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

  private static func prepare(_ target: String) throws {
    guard access(target, F_OK) != 0 else {
      throw CopyFailure(description: "\(target) is there already")
    }
    try Directory.make(target)
  }

  private static func copyObjects(from source: String, to target: String) throws {
    let from = source + "/objects"
    guard access(from, F_OK) == 0 else { return }
    try copyTree(from, target + "/objects")
  }

  private static func copyTree(_ source: String, _ target: String) throws {
    try Directory.make(target)
    for name in Directory.names(source) where name != ".incoming" {
      let path = "\(source)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        try copyTree(path, "\(target)/\(name)")
      } else {
        try StateFile.write(try StateFile.read(path), to: "\(target)/\(name)")
      }
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
    guard let file = fopen(path, "w") else {
      throw CloudStorage.CopyFailure(description: "\(path) cannot be written")
    }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fflush(file) == 0,
      fsync(fileno(file)) == 0
    else { throw CloudStorage.CopyFailure(description: "the disk is full at \(path)") }
  }
}
