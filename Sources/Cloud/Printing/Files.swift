// Print files: bytes come in under a presigned token, then a record makes a print file of them, and
// from then on they do not change.

import World

/// The print files of all tenants.
final class Files {
  static let uploadMilliseconds: Int64 = 3_600_000
  static let downloadMilliseconds: Int64 = 3_600_000
  /// The largest file that is taken.
  static let byteLimit: Int64 = 2 << 30

  let platform: Platform
  /// For rigs: the store that links lead to is away.
  var refusesDownloads = false

  init(platform: Platform) { self.platform = platform }

  private static let fileOfTenant = TenantSQL(
    "SELECT * FROM print_files WHERE tenant_id = :tenant AND id = ?")
  private static let fileByName = TenantSQL(
    "SELECT * FROM print_files WHERE tenant_id = :tenant AND name = ?")
  private static let newestOfTenant = TenantSQL(
    "SELECT * FROM print_files WHERE tenant_id = :tenant ORDER BY created_at DESC, id LIMIT 1")
  private static let filesOfTenant = TenantSQL(
    """
    SELECT * FROM print_files
    WHERE tenant_id = :tenant AND (? IS NULL OR instr(lower(name), lower(?)) > 0)
    ORDER BY created_at, id LIMIT ? OFFSET ?
    """)
  private static let fileCount = TenantSQL(
    """
    SELECT count(*) FROM print_files
    WHERE tenant_id = :tenant AND (? IS NULL OR instr(lower(name), lower(?)) > 0)
    """)
  private static let changeFile = TenantSQL(
    """
    UPDATE print_files SET name = ?, number_of_units = ?, updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)
  private static let removeFile = TenantSQL(
    "DELETE FROM print_files WHERE tenant_id = :tenant AND id = ?")
  private static let jobsOfFile = TenantSQL(
    "SELECT count(*) FROM print_jobs WHERE tenant_id = :tenant AND print_file_id = ?")
  private static let addFile = TenantSQL(
    """
    INSERT INTO print_files
      (id, tenant_id, name, file_key, file_size_bytes, file_sha256, number_of_units,
       created_at, updated_at)
    VALUES (?, :tenant, ?, ?, ?, ?, ?, ?, ?)
    """)

  func find(_ id: String, in scope: TenantScope) throws -> PrintFile? {
    try platform.database.first(PrintFile.self, Self.fileOfTenant, in: scope, id)
  }

  func file(_ id: String, in scope: TenantScope) throws -> PrintFile {
    guard let file = try find(id, in: scope) else { throw APIError.notFound("file") }
    return file
  }

  func files(_ page: Page, named part: String?, in scope: TenantScope) throws -> Answer {
    let files = try platform.database.all(
      PrintFile.self, Self.filesOfTenant, in: scope, part, part, page.limit, page.offset)
    let total = try platform.database.first(Int64.self, Self.fileCount, in: scope, part, part)
    return page.answer(files.map(\.json), of: total ?? 0)
  }

  func change(_ id: String, _ input: Input, in scope: TenantScope) throws -> PrintFile {
    let old = try file(id, in: scope)
    let name = input.optionalText("name") ?? old.name
    if name != old.name { try checkIsFree(name, in: scope) }
    try platform.database.change(
      Self.changeFile, in: scope, name, input.optionalInteger("number_of_units") ?? old.units,
      platform.now, id)
    return try file(id, in: scope)
  }

  /// Removes the record and every object of the file.
  func remove(_ id: String, in scope: TenantScope) throws {
    let file = try file(id, in: scope)
    let jobs = try platform.database.first(Int64.self, Self.jobsOfFile, in: scope, id) ?? 0
    guard jobs == 0 else {
      throw APIError.conflict("\(jobs) jobs are of this file; delete them first")
    }
    for version in try versions(of: id, in: scope) {
      try platform.objects.remove(ObjectKey(.printFile, id: version.id, in: scope))
    }
    try platform.objects.remove(ObjectKey(.thumbnail, id: id, in: scope))
    try platform.database.change(Self.removeFile, in: scope, id)
    platform.note("file \(file.name) was deleted")
  }

  /// The tenant is being deleted.
  func removeAll(in scope: TenantScope) throws { try platform.objects.removeAll(in: scope) }

  // MARK: bytes in

  /// Leave to upload so many bytes for a file that is to be.
  func announce(
    name: String, byteCount: Int64, versionOf file: String?, in scope: TenantScope
  ) throws -> JSON {
    if let file {
      _ = try self.file(file, in: scope)
    } else {
      try checkIsFree(name, in: scope)
    }
    let id = platform.identifiers.uuid()
    let expiresAt = platform.now + Self.uploadMilliseconds
    let token = platform.signer.text(
      PresignedToken(
        method: .upload, key: ObjectKey(.printFile, id: id, in: scope), byteLimit: Int(byteCount),
        expiresAt: expiresAt))
    return [
      "file_id": .string(id), "method": "PUT", "token": .string(token),
      "upload_url": .string("\(platform.configuration.publicURL)/api/v1/files/upload/\(token)"),
      "expires_at": .integer(expiresAt),
    ]
  }

  func upload(token text: String) throws -> any BodySink {
    let token = try check(text, for: .upload)
    try checkIsOpen(token)
    return FileUpload(
      try platform.objects.upload(token.key, limit: token.byteLimit), platform: platform,
      check: { [self] in try checkIsOpen(token) })
  }

  /// Throws when nothing more may be uploaded with a token: a file was made of what came already, or
  /// whose it was to be is gone. Both may happen while bytes are on their way.
  private func checkIsOpen(_ token: PresignedToken) throws {
    if token.key.kind != .firmware { try checkIsThere(token.scope) }
    guard try !isRecorded(token.key, in: token.scope) else {
      throw APIError.conflict("this upload was made into a file already; its bytes stay")
    }
  }

  private func checkIsThere(_ scope: TenantScope) throws {
    guard try TenantScope.find(scope.tenantID, in: platform.database) != nil else {
      throw APIError.notFound("tenant")
    }
  }

  /// Makes a print file of what was uploaded.
  func record(name: String, token text: String, units: Int64, in scope: TenantScope) throws
    -> PrintFile
  {
    let (key, object) = try uploaded(token: text, in: scope)
    return try record(name: name, key, object, units: units, in: scope)
  }

  private func record(
    name: String, _ key: ObjectKey, _ object: StoredObject, units: Int64, in scope: TenantScope
  ) throws -> PrintFile {
    try checkIsFree(name, in: scope)
    let now = platform.now
    try platform.database.change(
      Self.addFile, in: scope, key.id, name, key.path, object.byteCount, object.sha256, units, now,
      now)
    try keepVersion(1, key, object, of: key.id, notes: nil, in: scope)
    try process(key.id, in: scope)
    platform.note("file \(name) was uploaded (\(object.byteCount) bytes)")
    return try file(key.id, in: scope)
  }

  /// Takes the bytes of a file that is recorded as soon as they are there.
  func directUpload(name: String, units: Int64, in scope: TenantScope) throws -> any BodySink {
    try checkIsFree(name, in: scope)
    let key = ObjectKey(.printFile, id: platform.identifiers.uuid(), in: scope)
    let upload = try platform.objects.upload(key, limit: Int(Self.byteLimit))
    return FileUpload(
      upload, platform: platform, status: 201, check: { [self] in try checkIsThere(scope) }
    ) { [self] object in try record(name: name, key, object, units: units, in: scope).json }
  }

  /// What was uploaded with a token and is no file's yet.
  func uploaded(token text: String, in scope: TenantScope) throws -> (ObjectKey, StoredObject) {
    let token = try check(text, for: .upload)
    guard token.key == ObjectKey(.printFile, id: token.key.id, in: scope) else {
      throw APIError.notFound("upload")
    }
    guard try !isRecorded(token.key, in: scope) else {
      throw APIError.conflict("a file was made of this upload already")
    }
    guard let object = try platform.objects.find(token.key) else {
      throw APIError.conflict("nothing was uploaded with this token yet")
    }
    return (token.key, object)
  }

  private static let versionByID = TenantSQL(
    "SELECT id FROM print_file_versions WHERE tenant_id = :tenant AND id = ?")

  private static let releaseByID = SystemSQL("SELECT id FROM firmware_releases WHERE id = ?")

  private func isRecorded(_ key: ObjectKey, in scope: TenantScope) throws -> Bool {
    if key.kind == .firmware {
      return try platform.database.first(String.self, Self.releaseByID, key.id) != nil
    }
    return try platform.database.first(String.self, Self.versionByID, in: scope, key.id) != nil
  }

  private func checkIsFree(_ name: String, in scope: TenantScope) throws {
    let endings = PrinterKind.allEndings
    guard endings.contains(where: { name.lowercased().hasSuffix($0) }), !name.contains("/"),
      !name.contains("\\")
    else {
      throw APIError.invalidField(
        "name", expected: "a file name that ends in " + endings.joined(separator: ", "))
    }
    guard try platform.database.first(PrintFile.self, Self.fileByName, in: scope, name) == nil
    else { throw APIError.conflict("there is a file with this name already") }
  }

  // MARK: bytes out

  /// The one that was uploaded last.
  func newest(in scope: TenantScope) throws -> PrintFile? {
    try platform.database.first(PrintFile.self, Self.newestOfTenant, in: scope)
  }

  /// A URL that serves the file to whoever has it, for an hour.
  func downloadURL(_ file: PrintFile, in scope: TenantScope) -> (url: String, expiresAt: Int64) {
    let life = platform.trouble.linkLife?.milliseconds ?? Self.downloadMilliseconds
    let expiresAt = platform.now + life
    let token = platform.signer.text(
      PresignedToken(
        method: .download, key: ObjectKey(.printFile, id: file.objectID, in: scope),
        byteLimit: Int(file.byteCount), expiresAt: expiresAt))
    return ("\(platform.configuration.publicURL)/api/v1/files/download/\(token)", expiresAt)
  }

  /// A part of a file, for hubs that get it over their sockets.
  func piece(
    of file: PrintFile, offset: Int, count: Int, in scope: TenantScope
  ) throws -> [UInt8]? {
    guard offset >= 0, count > 0, count <= Self.pieceLimit,
      offset <= Int(file.byteCount) - count
    else { return nil }
    let key = ObjectKey(.printFile, id: file.objectID, in: scope)
    return try platform.objects.open(key).read(from: offset, count: count)
  }

  private static let pieceLimit = 4_096

  func download(_ call: Call) throws -> Answer {
    try checkIsThere()
    return try serve(check(call.parameter("token"), for: .download).key, call)
  }

  /// The bytes of a file that somebody may read.
  func download(_ file: PrintFile, _ call: Call, _ scope: TenantScope) throws -> Answer {
    try checkIsThere()
    return try serve(ObjectKey(.printFile, id: file.objectID, in: scope), call)
  }

  private func checkIsThere() throws {
    guard !refusesDownloads else {
      throw APIError(status: 503, code: "unavailable", message: "the store of files is away")
    }
  }

  private func serve(_ key: ObjectKey, _ call: Call) throws -> Answer {
    guard let object = try platform.objects.find(key) else { throw APIError.notFound("file") }
    return spoiled(try serve(object, key, call), whole: object.byteCount)
  }

  /// The answer as it is when something has become of the stored file, or of the way to it.
  private func spoiled(_ answer: Answer, whole byteCount: Int) -> Answer {
    guard case .stored(let reader, let range) = answer.body else { return answer }
    var answer = answer
    if let share = platform.trouble.cutsDownloadsAt, answer.status == 200 {
      let limit = Int(share * Double(max(0, byteCount - 1)))
      answer.body = .stored(ShortReader(reader, limit: limit), range)
    }
    switch platform.trouble.objectHarm {
    case .corrupt:
      answer.body = .stored(CorruptReader(reader, at: byteCount / 2), range)
    case .truncated:
      let end = min(range.upperBound, byteCount * 3 / 4)
      answer.body = .stored(reader, range.lowerBound..<max(range.lowerBound, end))
    case nil: break
    }
    return answer
  }

  /// An object, or the part of it that is asked for.
  func serve(_ object: StoredObject, _ key: ObjectKey, _ call: Call) throws -> Answer {
    let headers = [
      ("ETag", object.tag), ("Accept-Ranges", "bytes"), ("Cache-Control", "private, no-transform"),
    ]
    if let wanted = call.headers["if-none-match"], wanted == "*" || wanted.contains(object.tag) {
      return Answer(status: 304, headers: headers, body: .none)
    }
    // A part of something that has changed since would not fit to what the client has.
    let isUnchanged = call.headers["if-range"].map { $0 == object.tag } ?? true
    let mayBePart = isUnchanged && !platform.trouble.ignoresRanges
    let wanted = ByteRange(
      header: mayBePart ? call.headers["range"] : nil, byteCount: object.byteCount)
    let type = ("Content-Type", key.contentType)
    switch wanted {
    case .whole:
      return Answer(
        status: 200, headers: headers + [type],
        body: .stored(try platform.objects.open(key), 0..<object.byteCount))
    case .part(let range):
      let description = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(object.byteCount)"
      return Answer(
        status: 206, headers: headers + [type, ("Content-Range", description)],
        body: .stored(try platform.objects.open(key), range))
    case .unsatisfiable:
      throw APIError(
        status: 416, code: "range_not_satisfiable",
        message: "the file has \(object.byteCount) bytes",
        headers: ["Content-Range": "bytes */\(object.byteCount)"])
    }
  }

  private func check(_ text: String, for method: PresignedToken.Method) throws -> PresignedToken {
    do throws(TokenRefusal) {
      return try platform.signer.check(text, for: method, at: platform.now)
    } catch {
      switch error {
      case .altered: throw APIError.forbidden("this URL was not signed here")
      case .expired: throw APIError.forbidden("this URL is out of date")
      }
    }
  }
}

/// An object that turns out to be shorter than it was said to be.
private final class ShortReader: VaultReader {
  private let reader: any VaultReader
  private let limit: Int

  init(_ reader: any VaultReader, limit: Int) {
    self.reader = reader
    self.limit = limit
  }

  func read(from offset: Int, count: Int) throws(ObjectError) -> [UInt8] {
    try reader.read(from: offset, count: max(0, min(count, limit - offset)))
  }
}

/// An object in which one byte has become another.
private final class CorruptReader: VaultReader {
  private let whole: any VaultReader
  private let place: Int

  init(_ whole: any VaultReader, at place: Int) {
    self.whole = whole
    self.place = place
  }

  func read(from offset: Int, count: Int) throws(ObjectError) -> [UInt8] {
    var bytes = try whole.read(from: offset, count: count)
    if bytes.indices.contains(place - offset) { bytes[place - offset] ^= 0x20 }
    return bytes
  }
}
