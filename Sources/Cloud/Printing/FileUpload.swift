import World

extension Files {
  private static let unrecorded = TenantSQL(
    """
    SELECT substr(key, length(:tenant || '/print-files/') + 1, 36) FROM objects
    WHERE key >= :tenant || '/print-files/' AND key < :tenant || '/print-files0'
      AND created_at < ?
      AND NOT EXISTS (
        SELECT 1 FROM print_file_versions
        WHERE tenant_id = :tenant
          AND id = substr(key, length(:tenant || '/print-files/') + 1, 36))
    """)

  /// Removes what was uploaded and can be made into a file no more: its token is out of date.
  func forgetUnrecorded(in scope: TenantScope) throws {
    let database = platform.database
    let end = platform.now - Self.uploadMilliseconds
    for id in try database.all(String.self, Self.unrecorded, in: scope, end) {
      try platform.objects.remove(ObjectKey(.printFile, id: id, in: scope))
    }
  }
}

/// Bytes on their way to the object store.
final class FileUpload: BodySink {
  private let upload: ObjectUpload
  private let platform: Platform
  private let status: Int
  /// Throws when the bytes are not wanted any more.
  private let check: () throws -> Void
  /// Makes the answer, with whatever else has to be kept, of what was stored.
  private let record: (StoredObject) throws -> JSON

  init(
    _ upload: ObjectUpload, platform: Platform, status: Int = 200,
    check: @escaping () throws -> Void, _ record: ((StoredObject) throws -> JSON)? = nil
  ) {
    self.upload = upload
    self.platform = platform
    self.status = status
    self.check = check
    self.record =
      record ?? { object in
        [
          "file_id": .string(upload.key.id), "file_size_bytes": .integer(object.byteCount),
          "sha256": .string(object.sha256),
        ]
      }
  }

  var limit: Int { upload.limit }
  func take(_ bytes: UnsafeRawBufferPointer) throws { try upload.append(bytes) }

  func finish() throws -> Answer {
    guard upload.byteCount > 0 else {
      upload.abandon()
      throw APIError.badRequest("expected the file's bytes")
    }
    do {
      let json = try platform.database.transaction {
        try check()
        try upload.finish(at: platform.now)
        guard let object = try platform.objects.find(upload.key) else {
          throw APIError.notFound("upload")
        }
        return try record(object)
      }
      return .data(json, status: status)
    } catch {
      upload.abandon()
      upload.takeBack()
      throw error
    }
  }

  func abandon() { upload.abandon() }
}
