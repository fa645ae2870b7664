import World

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
