extension Hub {
  /// A hub as answers hold it.
  static let shape = Shape.named(
    "Hub",
    [
      ("id", .text), ("name", .optional(.text)), ("is_online", .bool),
      ("firmware_version", .optional(.text)), ("hardware_revision", .optional(.text)),
      ("last_seen_at", .optional(.time)), ("wifi_signal_strength", .optional(.integer)),
      ("local_ip_address", .optional(.text)),
      ("created_at", .time), ("updated_at", .time),
    ])
}

extension Printer {
  /// A printer as answers hold it.
  static let shape = Shape.named(
    "Printer",
    [
      ("id", .uuid), ("name", .text), ("model", .text), ("printer_id", .optional(.integer)),
      ("kind", .oneOf(PrinterKind.allCases.map(\.rawValue))), ("port", .optional(.integer)),
      ("secure", .bool), ("user_name", .optional(.text)),
      ("certificate", .oneOf(CertificateRule.allCases.map(\.rawValue))),
      ("hub_id", .optional(.text)), ("connection_type", .text), ("serial_number", .text),
      ("ip_address", .optional(.text)), ("mqtt_port", .optional(.integer)),
      ("ftps_port", .optional(.integer)), ("status", .text), ("is_connected", .bool),
      ("connection_error", .optional(.text)), ("in_maintenance", .bool),
      ("maintenance_type", .optional(.text)), ("last_maintenance_date", .optional(.time)),
      ("is_active", .bool), ("cleared", .bool), ("sort_order", .integer),
      ("current_color", .optional(.text)), ("current_color_hex", .optional(.text)),
      ("current_filament_type", .optional(.text)), ("current_build_plate", .optional(.text)),
      ("filament_level", .integer), ("nozzle_size", .optional(.number)),
      ("location", .optional(.text)), ("total_print_time", .integer),
      ("live", .optional(.anything)), ("last_order", .optional(.anything)),
      ("created_at", .time), ("updated_at", .time),
    ])

  /// How a printer is.
  static let conditionShape = Shape.object([
    ("printer_id", .uuid), ("status", .text), ("is_connected", .bool),
    ("connection_error", .optional(.text)), ("live", .optional(.anything)),
    ("last_order", .optional(.anything)), ("updated_at", .time),
  ])
}
