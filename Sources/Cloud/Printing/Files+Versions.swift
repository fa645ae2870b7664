import World

extension Files {
  /// How many versions a file has at most; an old one must go before another comes.
  static let versionLimit = 3

  private static let versionsOfFile = TenantSQL(
    """
    SELECT * FROM print_file_versions WHERE tenant_id = :tenant AND print_file_id = ?
    ORDER BY version_number
    """)
  private static let addVersion = TenantSQL(
    """
    INSERT INTO print_file_versions
      (id, tenant_id, print_file_id, version_number, file_key, file_size_bytes, file_sha256, notes,
       created_at)
    VALUES (?, :tenant, ?, ?, ?, ?, ?, ?, ?)
    """)
  private static let markCurrent = TenantSQL(
    """
    UPDATE print_file_versions SET is_current_version = (version_number = ?)
    WHERE tenant_id = :tenant AND print_file_id = ?
    """)
  private static let useVersion = TenantSQL(
    """
    UPDATE print_files SET file_key = ?, file_size_bytes = ?, file_sha256 = ?,
      current_version = ?, processing_status = 'pending', processing_error = NULL, updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)
  private static let removeVersion = TenantSQL(
    "DELETE FROM print_file_versions WHERE tenant_id = :tenant AND id = ?")

  func versions(of file: String, in scope: TenantScope) throws -> [FileVersion] {
    _ = try self.file(file, in: scope)
    return try platform.database.all(FileVersion.self, Self.versionsOfFile, in: scope, file)
  }

  func version(_ number: String, of file: String, in scope: TenantScope) throws -> FileVersion {
    guard
      let found = try versions(of: file, in: scope).first(where: { "\($0.number)" == number })
    else { throw APIError.notFound("version") }
    return found
  }

  /// Makes what was uploaded a version of a file, and the current one.
  func addVersion(
    of file: String, token text: String, notes: String?, in scope: TenantScope
  ) throws -> FileVersion {
    let known = try versions(of: file, in: scope)
    guard known.count < Self.versionLimit else {
      throw APIError.conflict(
        "a file has at most \(Self.versionLimit) versions; delete one that is not current")
    }
    let (key, object) = try uploaded(token: text, in: scope)
    let number = (known.map(\.number).max() ?? 0) + 1
    try keepVersion(number, key, object, of: file, notes: notes, in: scope)
    try use(version: "\(number)", of: file, in: scope)
    return try version("\(number)", of: file, in: scope)
  }

  func keepVersion(
    _ number: Int64, _ key: ObjectKey, _ object: StoredObject, of file: String, notes: String?,
    in scope: TenantScope
  ) throws {
    try platform.database.change(
      Self.addVersion, in: scope, key.id, file, number, key.path, object.byteCount, object.sha256,
      notes, platform.now)
    try platform.database.change(Self.markCurrent, in: scope, number, file)
  }

  /// Lets a version be the one that is printed from now on.
  func use(version number: String, of file: String, in scope: TenantScope) throws {
    let version = try version(number, of: file, in: scope)
    try platform.database.change(Self.markCurrent, in: scope, version.number, file)
    try platform.database.change(
      Self.useVersion, in: scope, version.key, version.byteCount, version.sha256, version.number,
      platform.now, file)
    try process(file, in: scope)
  }

  func remove(version number: String, of file: String, in scope: TenantScope) throws {
    let version = try version(number, of: file, in: scope)
    guard !version.isCurrent else {
      throw APIError.conflict("the current version stays; make another current first")
    }
    try platform.database.change(Self.removeVersion, in: scope, version.id)
    try platform.objects.remove(ObjectKey(.printFile, id: version.id, in: scope))
  }
}
