// The cloud's R2. The bytes lie in a `Vault` (files, or memory), those of small objects in the
// database; that an object exists, how large it is and what its SHA-256 is stands in the database.
// The row is written last: an object that can be seen is whole and on disk.
//
//     {path}              the bytes
//     {path}.{SHA-256}    bytes that take the place of others: until the row that names them is on disk
//                         those others count, so they come beside them and are moved afterwards

import Glibc
import World

/// What is known of a stored object.
struct StoredObject: Equatable, Record {
  let byteCount: Int
  let sha256: String
  /// Milliseconds since 1970.
  let createdAt: Int64

  init(_ row: Row) {
    byteCount = Int(row.integer("size_bytes"))
    sha256 = row.text("sha256")
    createdAt = row.integer("created_at")
  }

  /// Whether its bytes lie in the database.
  var isSmall: Bool { byteCount <= ObjectStore.smallLimit }

  /// The entity tag of HTTP, with its quotation marks.
  var tag: String { "\"\(sha256)\"" }
}

/// Where bytes lie.
protocol Vault: AnyObject {
  /// Begins something new that nobody sees yet.
  func draft() throws(ObjectError) -> any VaultDraft
  func open(_ path: String) throws(ObjectError) -> any VaultReader
  func holds(_ path: String) -> Bool
  /// Puts what lies at one path, if anything does, in the place of what lies at another.
  func move(_ path: String, to place: String)
  func remove(_ path: String)
}

/// Bytes that are being brought and can still be thrown away.
protocol VaultDraft: AnyObject {
  func append(_ bytes: UnsafeRawBufferPointer) throws(ObjectError)
  /// Puts the bytes in their place, safe from a loss of power, instead of what was there.
  func keep(at path: String) throws(ObjectError)
  func abandon()
}

/// Stored bytes; whoever has opened them still reads the old ones after they were replaced.
protocol VaultReader: AnyObject {
  func read(from offset: Int, count: Int) throws(ObjectError) -> [UInt8]
}

/// What can go wrong with objects.
enum ObjectError: Error, Equatable {
  case missing
  /// More bytes than were announced.
  case tooLarge(limit: Int)
  /// The disk failed; the number is the system's.
  case disk(Int32)
}

extension ObjectError: CustomStringConvertible {
  /// For people who look after a cloud, and for logs.
  public var description: String {
    switch self {
    case .missing: "there is no such object"
    case .tooLarge(let limit): "there are more than \(limit) bytes"
    case .disk(let number): "the disk failed: \(String(cString: strerror(number)))"
    }
  }
}

/// The objects of a cloud.
public final class ObjectStore {
  private let vault: any Vault
  private let database: Database

  /// Objects of at most so many bytes lie in the database: a file, its sync and that of its directory
  /// would take a hundred times as long as the bytes.
  static let smallLimit = 8 << 10

  private static let smallBytes = SystemSQL("SELECT bytes FROM object_bytes WHERE key = ?")
  private static let putSmall = SystemSQL(
    """
    INSERT INTO object_bytes (key, bytes) VALUES (?, ?)
    ON CONFLICT (key) DO UPDATE SET bytes = excluded.bytes
    """)
  private static let forgetSmall = SystemSQL("DELETE FROM object_bytes WHERE key = ?")

  private static let find = SystemSQL("SELECT * FROM objects WHERE key = ?")
  private static let put = SystemSQL(
    """
    INSERT INTO objects (key, size_bytes, sha256, created_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET
      size_bytes = excluded.size_bytes, sha256 = excluded.sha256, created_at = excluded.created_at
    """)
  private static let forget = SystemSQL("DELETE FROM objects WHERE key = ?")

  init(vault: any Vault, database: Database) {
    self.vault = vault
    self.database = database
  }

  func find(_ key: ObjectKey) throws -> StoredObject? {
    try database.first(StoredObject.self, Self.find, key.path)
  }

  /// The whole object, if it has at most so many bytes.
  func bytes(_ key: ObjectKey, atMost limit: Int) throws -> [UInt8]? {
    guard let object = try find(key), object.byteCount <= limit else { return nil }
    return try open(key).read(from: 0, count: object.byteCount)
  }

  /// Keeps a whole object at once.
  func put(_ key: ObjectKey, _ bytes: [UInt8], at now: Int64) throws {
    let upload = try upload(key, limit: bytes.count)
    try bytes.withUnsafeBytes { try upload.append($0) }
    try upload.finish(at: now)
  }

  func open(_ key: ObjectKey) throws -> any VaultReader {
    guard let object = try find(key) else { throw ObjectError.missing }
    if object.isSmall, let small = try database.first(SmallObject.self, Self.smallBytes, key.path) {
      return small
    }
    let beside = Self.beside(key.path, object.sha256)
    return try vault.open(vault.holds(beside) ? beside : key.path)
  }

  /// Where the bytes of an object wait while others lie in its place.
  static func beside(_ path: String, _ sha256: String) -> String { "\(path).\(sha256)" }

  /// Begins to take in at most `limit` bytes.
  func upload(_ key: ObjectKey, limit: Int) throws -> ObjectUpload {
    ObjectUpload(key, limit: limit, store: self)
  }

  fileprivate func draft() throws(ObjectError) -> any VaultDraft { try vault.draft() }

  func remove(_ key: ObjectKey) throws { try remove(key.path) }

  private func remove(_ path: String) throws {
    guard let object = try database.first(StoredObject.self, Self.find, path) else { return }
    try database.change(Self.forget, path)
    if object.isSmall { try database.change(Self.forgetSmall, path) }
    database.onCommit { [self] in
      vault.remove(Self.beside(path, object.sha256))
      // Another may have come in its place in the same turn.
      let successor = try? database.first(StoredObject.self, Self.find, path)
      if successor == nil { vault.remove(path) }
    }
  }

  private static let ofTenant = SystemSQL("SELECT key FROM objects WHERE key >= ? AND key < ?")

  /// Removes everything that belongs to a tenant.
  func removeAll(in scope: TenantScope) throws {
    // A slash is followed by the digit 0.
    let first = scope.tenantID + "/"
    let end = scope.tenantID + "0"
    for path in try database.all(String.self, Self.ofTenant, first, end) { try remove(path) }
  }

  /// Lets an object exist whose bytes have come, in a draft or, when they are few, in `small`. Answers
  /// where the draft lies.
  fileprivate func keep(
    _ key: ObjectKey, _ draft: (any VaultDraft)?, small: [UInt8], byteCount: Int, sha256: String,
    at now: Int64
  ) throws -> String? {
    let path = key.path
    let old = try find(key)
    let beside = Self.beside(path, sha256)
    let place = draft.map { _ in vault.holds(path) ? beside : path }
    if let draft, let place { try draft.keep(at: place) }
    try database.change(Self.put, path, byteCount, sha256, now)
    if draft == nil {
      try database.change(Self.putSmall, path, SQLValue.blob(small))
    } else if old?.isSmall == true {
      try database.change(Self.forgetSmall, path)
    }
    database.onCommit { [vault] in
      if let old, old.sha256 != sha256 { vault.remove(Self.beside(path, old.sha256)) }
      if place == beside {
        vault.move(beside, to: path)
      } else if place == nil, old?.isSmall == false {
        vault.remove(path)
      }
    }
    return place
  }

  /// Throws bytes away whose object never came to be.
  fileprivate func discard(_ place: String) { vault.remove(place) }
}

/// An object on its way in. Nothing of it remains unless `finish` returned.
final class ObjectUpload {
  let key: ObjectKey
  let limit: Int
  private(set) var byteCount = 0
  /// The bytes, as long as they are few.
  private var small: [UInt8] = []
  private var draft: (any VaultDraft)?
  private let store: ObjectStore
  private let digest = RunningDigest()
  private var isOver = false
  /// Where its file lies, once it was finished.
  private var place: String?

  fileprivate init(_ key: ObjectKey, limit: Int, store: ObjectStore) {
    self.key = key
    self.limit = limit
    self.store = store
  }

  deinit { abandon() }

  func append(_ bytes: UnsafeRawBufferPointer) throws(ObjectError) {
    guard byteCount + bytes.count <= limit else {
      abandon()
      throw .tooLarge(limit: limit)
    }
    if let draft {
      try draft.append(bytes)
    } else if byteCount + bytes.count <= ObjectStore.smallLimit {
      small.append(contentsOf: bytes)
    } else {
      try begin(bytes)
    }
    digest.add(bytes)
    byteCount += bytes.count
  }

  /// It has become too large for the database.
  private func begin(_ bytes: UnsafeRawBufferPointer) throws(ObjectError) {
    let draft = try store.draft()
    self.draft = draft
    let gathered = small
    small = []
    var failure: ObjectError?
    gathered.withUnsafeBytes { first in
      do throws(ObjectError) {
        try draft.append(first)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    try draft.append(bytes)
  }

  /// Makes the object exist; it is on disk when the transaction around this is.
  func finish(at now: Int64) throws {
    isOver = true
    place = try store.keep(
      key, draft, small: small, byteCount: byteCount, sha256: hexString(digest.finish()), at: now)
  }

  /// The transaction around `finish` has failed: its file is nobody's.
  func takeBack() {
    if let place { store.discard(place) }
    place = nil
  }

  func abandon() {
    guard !isOver else { return }
    isOver = true
    draft?.abandon()
    small = []
  }
}

/// The bytes of an object that has no file.
private final class SmallObject: VaultReader, Record {
  private let bytes: [UInt8]

  init(_ row: Row) {
    if case .blob(let bytes) = row.value("bytes") { self.bytes = bytes } else { bytes = [] }
  }

  func read(from offset: Int, count: Int) throws(ObjectError) -> [UInt8] {
    let start = min(max(offset, 0), bytes.count)
    return [UInt8](bytes[start..<min(start + count, bytes.count)])
  }
}
