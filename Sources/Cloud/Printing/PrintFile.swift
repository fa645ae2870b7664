import World

/// A print file as its row has it.
struct PrintFile: Record {
  let id: String
  let name: String
  /// Where the bytes of its current version lie.
  let key: String
  let byteCount: Int64
  let sha256: String?
  let units: Int64
  let productID: String?
  let version: Int64
  let seconds: Int64?
  let weightGrams: Double?
  let lengthMeters: Double?
  let filamentType: String?
  let printerModel: String?
  let nozzleDiameter: Double?
  let layerCount: Int64?
  let objectCount: Int64?
  let bedType: String?
  let profile: String?
  let slicer: String?
  let plates: String?
  let thumbnailURL: String?
  let processing: String
  let processingError: String?
  let createdAt: Int64
  let updatedAt: Int64

  init(_ row: Row) {
    id = row.text("id")
    name = row.text("name")
    key = row.text("file_key")
    byteCount = row.optionalInteger("file_size_bytes") ?? 0
    sha256 = row.optionalText("file_sha256")
    units = row.optionalInteger("number_of_units") ?? 1
    productID = row.optionalText("product_id")
    version = row.integer("current_version")
    seconds = row.optionalInteger("print_time_seconds")
    weightGrams = row.optionalReal("filament_weight_grams")
    lengthMeters = row.optionalReal("filament_length_meters")
    filamentType = row.optionalText("filament_type")
    printerModel = row.optionalText("printer_model_id")
    nozzleDiameter = row.optionalReal("nozzle_diameter")
    layerCount = row.optionalInteger("layer_count")
    objectCount = row.optionalInteger("object_count")
    bedType = row.optionalText("curr_bed_type")
    profile = row.optionalText("default_print_profile")
    slicer = row.optionalText("slicer")
    plates = row.optionalText("plates")
    thumbnailURL = row.optionalText("thumbnail_url")
    processing = row.text("processing_status")
    processingError = row.optionalText("processing_error")
    createdAt = row.integer("created_at")
    updatedAt = row.integer("updated_at")
  }

  /// What the object of the current version is called.
  var objectID: String {
    let name = key.utf8.split(separator: UInt8(ascii: "/")).last?.prefix { $0 != UInt8(ascii: ".") }
    return name.map { String(Substring($0)) } ?? ""
  }

  var json: JSON {
    [
      "id": .string(id), "name": .string(name), "file_size_bytes": .integer(byteCount),
      "sha256": .optional(sha256), "number_of_units": .integer(units),
      "product_id": .optional(productID), "current_version": .integer(version),
      "print_time_seconds": .optional(seconds), "filament_weight_grams": .optional(weightGrams),
      "filament_length_meters": .optional(lengthMeters),
      "filament_type": .optional(filamentType), "printer_model_id": .optional(printerModel),
      "nozzle_diameter": .optional(nozzleDiameter), "layer_count": .optional(layerCount),
      "object_count": .optional(objectCount), "curr_bed_type": .optional(bedType),
      "default_print_profile": .optional(profile), "slicer": .optional(slicer),
      "plates": plates.flatMap { try? JSON.parse($0) } ?? [],
      "thumbnail_url": .optional(thumbnailURL), "processing_status": .string(processing),
      "processing_error": .optional(processingError), "created_at": .integer(createdAt),
      "updated_at": .integer(updatedAt),
    ]
  }

  /// A print file as answers hold it.
  static let shape = Shape.named(
    "PrintFile",
    [
      ("id", .uuid), ("name", .text), ("file_size_bytes", .integer), ("sha256", .optional(.text)),
      ("number_of_units", .integer), ("product_id", .optional(.text)),
      ("current_version", .integer), ("print_time_seconds", .optional(.integer)),
      ("filament_weight_grams", .optional(.number)),
      ("filament_length_meters", .optional(.number)), ("filament_type", .optional(.text)),
      ("printer_model_id", .optional(.text)), ("nozzle_diameter", .optional(.number)),
      ("layer_count", .optional(.integer)), ("object_count", .optional(.integer)),
      ("curr_bed_type", .optional(.text)), ("default_print_profile", .optional(.text)),
      ("slicer", .optional(.text)), ("plates", .list(.anything)),
      ("thumbnail_url", .optional(.text)),
      ("processing_status", .oneOf(["pending", "ready", "failed"])),
      ("processing_error", .optional(.text)), ("created_at", .time), ("updated_at", .time),
    ])
}

/// One upload of a print file.
struct FileVersion: Record {
  let id: String
  let number: Int64
  let isCurrent: Bool
  let key: String
  let byteCount: Int64
  let sha256: String?
  let notes: String?
  let createdAt: Int64

  init(_ row: Row) {
    id = row.text("id")
    number = row.integer("version_number")
    isCurrent = row.bool("is_current_version")
    key = row.text("file_key")
    byteCount = row.optionalInteger("file_size_bytes") ?? 0
    sha256 = row.optionalText("file_sha256")
    notes = row.optionalText("notes")
    createdAt = row.integer("created_at")
  }

  var json: JSON {
    [
      "id": .string(id), "version_number": .integer(number),
      "is_current_version": .bool(isCurrent), "file_size_bytes": .integer(byteCount),
      "sha256": .optional(sha256), "notes": .optional(notes), "created_at": .integer(createdAt),
    ]
  }

  static let shape = Shape.named(
    "FileVersion",
    [
      ("id", .uuid), ("version_number", .integer), ("is_current_version", .bool),
      ("file_size_bytes", .integer), ("sha256", .optional(.text)), ("notes", .optional(.text)),
      ("created_at", .time),
    ])
}
