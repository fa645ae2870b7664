import CSQLite
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

  /// Which of these words stand in it as they are.
  func found(_ words: [[UInt8]]) -> [Bool] {
    bytes.withUnsafeBytes { bytes in words.map { holdsWord($0, in: bytes) } }
  }

  /// The newest schema and nothing in it.
  static let empty: DatabaseImage? = {
    guard let database = try? Database(path: nil),
      (try? MigrationRunner(database: database).run(at: 0)) != nil
    else { return nil }
    return database.image()
  }()
}
