import World

/// A print file as its row has it.
struct PrintFile: Record {
  let id: String
  let name: String
  let byteCount: Int64
  let sha256: String?
  let units: Int64
  let createdAt: Int64
  let updatedAt: Int64

  init(_ row: Row) {
    id = row.text("id")
    name = row.text("name")
    byteCount = row.optionalInteger("file_size_bytes") ?? 0
    sha256 = row.optionalText("file_sha256")
    units = row.optionalInteger("number_of_units") ?? 1
    createdAt = row.integer("created_at")
    updatedAt = row.integer("updated_at")
  }

  var json: JSON {
    [
      "id": .string(id), "name": .string(name), "file_size_bytes": .integer(byteCount),
      "sha256": .optional(sha256), "number_of_units": .integer(units),
      "created_at": .integer(createdAt), "updated_at": .integer(updatedAt),
    ]
  }
}
