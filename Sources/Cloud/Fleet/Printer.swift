import World

/// Which printer it is, for us and for its maker.
struct PrinterName: Record {
  let id: String
  let serial: String

  init(_ row: Row) {
    id = row.text("id")
    serial = row.optionalText("serial_number") ?? ""
  }
}

/// A printer as its row has it.
struct Printer: Record {
  let id: String
  let hubID: String?
  let name: String
  let model: String
  let displayNumber: Int64?
  let connectionType: String
  let address: String?
  let serial: String
  let accessCodeSealed: String?
  let kind: PrinterKind
  /// Of a printer that is reached over HTTP.
  let port: Int64?
  let isSecure: Bool
  let userName: String?
  let certificate: CertificateRule
  let mqttPort: Int64?
  let ftpsPort: Int64?
  let status: String
  let isConnected: Bool
  let connectionError: String?
  let isInMaintenance: Bool
  let maintenanceType: String?
  let lastMaintenanceAt: Int64?
  let isActive: Bool
  let isCleared: Bool
  let sortOrder: Int64
  let color: String?
  let colorHex: String?
  let filamentType: String?
  let buildPlate: String?
  let filamentLevel: Int64
  let nozzleSize: Double?
  let location: String?
  let printMinutes: Int64
  let createdAt: Int64
  let updatedAt: Int64

  init(_ row: Row) {
    id = row.text("id")
    hubID = row.optionalText("hub_id")
    name = row.text("name")
    model = row.text("model")
    displayNumber = row.optionalInteger("printer_id")
    connectionType = row.text("connection_type")
    address = row.optionalText("ip_address")
    serial = row.optionalText("serial_number") ?? ""
    accessCodeSealed = row.optionalText("access_code")
    kind = PrinterKind(rawValue: row.text("kind")) ?? .bambu
    port = row.optionalInteger("port")
    isSecure = row.bool("secure")
    userName = row.optionalText("user_name")
    certificate = CertificateRule(rawValue: row.text("certificate")) ?? .maker
    mqttPort = row.optionalInteger("mqtt_port")
    ftpsPort = row.optionalInteger("ftps_port")
    status = row.text("status")
    isConnected = row.bool("is_connected")
    connectionError = row.optionalText("connection_error")
    isInMaintenance = row.bool("in_maintenance")
    maintenanceType = row.optionalText("maintenance_type")
    lastMaintenanceAt = row.optionalInteger("last_maintenance_date")
    isActive = row.bool("is_active")
    isCleared = row.bool("cleared")
    sortOrder = row.optionalInteger("sort_order") ?? 0
    color = row.optionalText("current_color")
    colorHex = row.optionalText("current_color_hex")
    filamentType = row.optionalText("current_filament_type")
    buildPlate = row.optionalText("current_build_plate")
    filamentLevel = row.optionalInteger("filament_level") ?? 0
    nozzleSize = row.optionalReal("nozzle_size")
    location = row.optionalText("location")
    printMinutes = row.optionalInteger("total_print_time") ?? 0
    createdAt = row.integer("created_at")
    updatedAt = row.integer("updated_at")
  }

  /// What the tenant sees; the access code is not among it. `live` is what the hub said last.
  func json(live: PrinterReport?) -> JSON {
    [
      "id": .string(id), "name": .string(name), "model": .string(model),
      "printer_id": .optional(displayNumber), "hub_id": .optional(hubID),
      "kind": .string(kind.rawValue), "port": .optional(port), "secure": .bool(isSecure),
      "user_name": .optional(userName), "certificate": .string(certificate.rawValue),
      "connection_type": .string(connectionType),
      "serial_number": .string(serial),
      "ip_address": .optional(address), "mqtt_port": .optional(mqttPort),
      "ftps_port": .optional(ftpsPort), "status": .string(status),
      "is_connected": .bool(isConnected), "connection_error": .optional(connectionError),
      "in_maintenance": .bool(isInMaintenance), "maintenance_type": .optional(maintenanceType),
      "last_maintenance_date": .optional(lastMaintenanceAt), "is_active": .bool(isActive),
      "cleared": .bool(isCleared), "sort_order": .integer(sortOrder),
      "current_color": .optional(color), "current_color_hex": .optional(colorHex),
      "current_filament_type": .optional(filamentType),
      "current_build_plate": .optional(buildPlate), "filament_level": .integer(filamentLevel),
      "nozzle_size": .optional(nozzleSize), "location": .optional(location),
      "total_print_time": .integer(printMinutes), "live": live?.json ?? .null,
      "created_at": .integer(createdAt), "updated_at": .integer(updatedAt),
    ]
  }

  /// What the sealed access code in the row is bound to.
  static func codeOwner(_ id: String) -> String { "printer \(id)" }
}
