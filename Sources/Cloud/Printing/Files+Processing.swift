// What happens with a file after it was recorded: it is checked, and what it tells of itself and its
// picture are kept. A file that cannot be read stays what it is; only nobody knows what is in it.

import Archives
import World

extension Files {
  private static let keepMetadata = TenantSQL(
    """
    UPDATE print_files SET processing_status = 'ready', processing_error = NULL, slicer = ?,
      print_time_seconds = ?, filament_weight_grams = ?, filament_length_meters = ?,
      filament_type = ?, printer_model_id = ?, nozzle_diameter = ?, layer_count = ?,
      object_count = ?, curr_bed_type = ?, default_print_profile = ?, plates = ?,
      thumbnail_url = ?, updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)
  private static let keepFailure = TenantSQL(
    """
    UPDATE print_files SET processing_status = 'failed', processing_error = ?, updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)

  /// Has the current version looked through soon.
  func process(_ file: String, in scope: TenantScope) throws {
    try platform.queues.send(
      [
        "type": "extract_metadata", "tenant_id": .string(scope.tenantID),
        "file_id": .string(file),
      ], to: .fileProcessing)
  }

  /// Takes one message of the queue `file-processing`.
  func takeMessage(_ message: JSON) throws {
    guard let id = message["file_id"]?.string, let tenant = message["tenant_id"]?.string,
      let scope = try TenantScope.find(tenant, in: platform.database),
      let file = try find(id, in: scope)
    else { return }
    let key = ObjectKey(.printFile, id: file.objectID, in: scope)
    guard let bytes = try platform.objects.bytes(key, atMost: SlicedFile.byteLimit) else {
      return try fail(file, "the file is too large to be looked through", in: scope)
    }
    do {
      let isArchive = file.name.lowercased().hasSuffix(".3mf")
      let sliced = isArchive ? try SlicedFile(bytes) : try SlicedFile(gcode: bytes)
      try keep(sliced, of: file, in: scope)
    } catch let error as ThreeMFError {
      try fail(file, "\(error.name)", in: scope)
    }
  }

  private func keep(_ sliced: SlicedFile, of file: PrintFile, in scope: TenantScope) throws {
    var url: String?
    let key = ObjectKey(.thumbnail, id: file.id, in: scope)
    if let picture = sliced.thumbnail {
      try platform.objects.put(key, picture, at: platform.now)
      url = "\(platform.configuration.publicURL)/api/v1/files/\(file.id)/thumbnail"
    } else if try platform.objects.find(key) != nil {
      try platform.objects.remove(key)
    }
    let plates = JSON.array(sliced.plates.map(\.json)).text
    try platform.database.change(
      Self.keepMetadata, in: scope, sliced.slicer, sliced.seconds, sliced.weightGrams,
      sliced.lengthMeters, sliced.filament, sliced.printerModel, sliced.nozzleDiameter,
      sliced.layers, sliced.objectCount ?? 1, sliced.bedType, sliced.profile, plates, url,
      platform.now, file.id)
  }

  private func fail(_ file: PrintFile, _ reason: String, in scope: TenantScope) throws {
    try platform.database.change(Self.keepFailure, in: scope, reason, platform.now, file.id)
    platform.note("file \(file.name) cannot be looked through: \(reason)")
  }

  /// The picture of a file.
  func thumbnail(_ id: String, _ call: Call, in scope: TenantScope) throws -> Answer {
    let file = try file(id, in: scope)
    let key = ObjectKey(.thumbnail, id: file.id, in: scope)
    guard let object = try platform.objects.find(key) else { throw APIError.notFound("thumbnail") }
    return try serve(object, key, call)
  }
}
