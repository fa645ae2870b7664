import CSQLite
import Glibc
import World

/// Everything that a database held at one moment. Making the schema takes SQLite longer than a whole
/// print takes the virtual world; a copy takes next to nothing.
struct DatabaseImage: Sendable {
  private let bytes: [UInt8]

  /// Nil when SQLite has no memory for it.
  init?(of handle: OpaquePointer) {
    var count: sqlite3_int64 = 0
    guard let content = sqlite3_serialize(handle, "main", &count, 0) else { return nil }
    bytes = Array(UnsafeBufferPointer(start: content, count: Int(count)))
    sqlite3_free(content)
  }

  /// Puts a copy in the place of what the connection holds.
  func load(into handle: OpaquePointer) throws(DatabaseError) {
    guard let copy = sqlite3_malloc64(sqlite3_uint64(bytes.count)) else {
      throw .unusable("no memory")
    }
    bytes.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    let flags = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE)
    let size = sqlite3_int64(bytes.count)
    guard
      sqlite3_deserialize(
        handle, "main", copy.assumingMemoryBound(to: UInt8.self), size, size, flags) == SQLITE_OK
    else { throw .unusable("SQLite did not take the image") }
  }

  /// Makes the file in memory what the image is, as another program that writes to it would: SQLite
  /// sees that the content is another one and the schema is not, so what was prepared stays good.
  /// Answers false when it could not be done; the connection is of no use then.
  func rewind(_ handle: OpaquePointer) -> Bool {
    var found: UnsafeMutablePointer<sqlite3_file>?
    let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &found)
    guard code == SQLITE_OK, let file = found, let methods = file.pointee.pMethods,
      let write = methods.pointee.xWrite, let truncate = methods.pointee.xTruncate
    else { return false }
    return bytes.withUnsafeBytes {
      write(file, $0.baseAddress, Int32($0.count), 0) == SQLITE_OK
        && truncate(file, sqlite3_int64($0.count)) == SQLITE_OK
    }
  }

  /// Whether it is the same image, not merely one with the same content.
  func isSame(as other: DatabaseImage) -> Bool {
    bytes.withUnsafeBytes { mine in
      other.bytes.withUnsafeBytes { mine.baseAddress == $0.baseAddress }
    }
  }

  /// Makes a file of it, whole or not at all: as it would be, had it been made there and set to WAL
  /// mode, but with one sync instead of many. The name is safe once its directory is synced.
  func write(to path: String) throws {
    // What another program has left of a database of this name is no part of a new one.
    for ending in ["-wal", "-shm", "-journal"] { unlink(path + ending) }
    var bytes = bytes
    // The versions of the format that reading and writing need: 2 is WAL.
    bytes[18] = 2
    bytes[19] = 2
    try StateFile.write(bytes, to: path + ".new")
    guard rename(path + ".new", path) == 0 else {
      throw DatabaseError.unusable("\(path) cannot be made")
    }
  }

  /// Calls `hit` for each word that stands in what the connection holds and the empty schema does
  /// not.
  static func search(_ handle: OpaquePointer, for words: WordSearch, _ hit: (Int) -> Void) {
    var count: sqlite3_int64 = 0
    // A database that began as an image lies in one piece and need not be copied.
    if let content = sqlite3_serialize(handle, "main", &count, UInt32(SQLITE_SERIALIZE_NOCOPY)) {
      search(UnsafeRawBufferPointer(start: content, count: Int(count)), for: words, hit)
    } else if let copy = DatabaseImage(of: handle) {
      copy.bytes.withUnsafeBytes { search($0, for: words, hit) }
    }
  }

  private static func search(
    _ content: UnsafeRawBufferPointer, for words: WordSearch, _ hit: (Int) -> Void
  ) {
    (empty?.bytes ?? []).withUnsafeBytes { empty in
      for start in stride(from: 0, to: content.count, by: pageSize) {
        let end = min(start + pageSize, content.count)
        let page = UnsafeRawBufferPointer(rebasing: content[start..<end])
        if end <= empty.count,
          memcmp(page.baseAddress!, empty.baseAddress! + start, page.count) == 0
        {
          continue
        }
        words.search(page, hit)
      }
    }
  }

  /// How large the pages in memory are. Most tables hold some rows, if any: in small pages there is
  /// less to copy for a new cloud, for each change and for whoever searches them.
  private static let pageSize = 1_024

  /// The newest schema and nothing in it, for databases in memory.
  static let empty = fresh(at: 0, pageSize: pageSize)

  /// The same, made now, in pages as disks like them.
  static func fresh(at now: Int64) -> DatabaseImage? { fresh(at: now, pageSize: 4_096) }

  private static func fresh(at now: Int64, pageSize: Int) -> DatabaseImage? {
    guard let database = try? Database(path: nil),
      (try? database.execute("PRAGMA page_size = \(pageSize)")) != nil,
      (try? MigrationRunner(database: database).run(at: now)) != nil
    else { return nil }
    return database.image()
  }
}
