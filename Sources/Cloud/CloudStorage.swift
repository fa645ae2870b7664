import Glibc
import World

/// What a cloud keeps when its process dies: the database (D1) and the objects (R2).
public final class CloudStorage {
  let database: Database
  let objects: ObjectStore
  /// What is wrong with the machine; it outlives the process, as that does.
  public var trouble = CloudTrouble() {
    didSet { database.trouble = trouble }
  }

  private let lock: DirectoryLock?

  private init(database: Database, vault: any Vault, lock: DirectoryLock? = nil) {
    self.lock = lock
    self.database = database
    objects = ObjectStore(vault: vault, database: database)
  }

  /// In memory; it lives as long as this object and survives any number of servers.
  public static func memory() -> CloudStorage {
    do {
      let database = try Database(path: nil, image: .empty)
      return CloudStorage(database: database, vault: MemoryVault())
    } catch {
      preconditionFailure("SQLite has no memory: \(error)")
    }
  }

  /// Calls `hit` for each word that stands in the database as it is, for those who look for secrets.
  public func search(_ words: WordSearch, _ hit: (Int) -> Void) {
    DatabaseImage.search(database.handle, for: words, hit)
  }

  /// In a directory, which is made when it is missing. Only one cloud at a time can have it. `now` is
  /// in milliseconds since 1970.
  public static func directory(_ path: String, at now: Int64 = 0) throws -> CloudStorage {
    let isNew = try Directory.make(path)
    let lock = try DirectoryLock(path)
    let file = path + "/cloud.sqlite"
    let hasDatabase = access(file, F_OK) == 0
    if !hasDatabase { try DatabaseImage.fresh(at: now)?.write(to: file) }
    let vault = try DirectoryVault(path + "/objects")
    let database = try Database(path: file)
    // Whatever is acknowledged from now on hangs on these names.
    if !hasDatabase || vault.isNew { try Directory.sync(path) }
    if isNew { try Directory.sync(Directory.parent(of: path)) }
    return CloudStorage(database: database, vault: vault, lock: lock)
  }
}

/// Keeps a second cloud off a directory; the kernel lets go of it when the process ends.
final class DirectoryLock {
  private let descriptor: Int32

  init(_ directory: String) throws(DatabaseError) {
    descriptor = open(directory + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .unusable("\(directory)/lock cannot be made") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .unusable("another cloud is using \(directory)")
    }
  }

  deinit { close(descriptor) }
}
