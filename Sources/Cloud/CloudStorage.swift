/// What a cloud keeps when its process dies: the database (D1) and the objects (R2).
public final class CloudStorage {
  let database: Database
  let objects: ObjectStore

  private init(database: Database, vault: any Vault) {
    self.database = database
    objects = ObjectStore(vault: vault, database: database)
  }

  /// In memory; it lives as long as this object and survives any number of servers.
  public static func memory() -> CloudStorage {
    do {
      return CloudStorage(database: try Database(path: nil), vault: MemoryVault())
    } catch {
      preconditionFailure("SQLite has no memory: \(error)")
    }
  }

  /// In a directory, which is made when it is missing.
  public static func directory(_ path: String) throws -> CloudStorage {
    try Directory.make(path)
    let database = try Database(path: path + "/cloud.sqlite")
    return CloudStorage(database: database, vault: try DirectoryVault(path + "/objects"))
  }
}
