import World

/// What a tenant's dashboards are told as it happens.
enum DashboardMessage {
  case printerStatus(printer: String, PrinterReport)
  case jobUpdate(
    job: String, printer: String?, status: JobStatus, progress: Int, minutes: Int64?,
    reason: String?)
  case hubStatus(hub: String, isOnline: Bool, printerCount: Int)
  case inventoryAlert(sku: String, name: String, stock: Int64, threshold: Int64)
  case newOrder(order: String, source: String, itemCount: Int)

  /// Whose printer it is about; only those who watch that printer are told.
  var printer: String? {
    switch self {
    case .printerStatus(let printer, _): printer
    case .jobUpdate(_, let printer, _, _, _, _): printer
    case .hubStatus, .inventoryAlert, .newOrder: nil
    }
  }

  var json: JSON {
    func number(_ value: Int?) -> JSON { value.map { .integer($0) } ?? .null }
    switch self {
    case .printerStatus(let printer, let report):
      return [
        "type": "printer_status", "printer_id": .string(printer),
        "status": .string(report.state.name), "progress": number(report.progress),
        "remaining_minutes": number(report.remainingMinutes),
        "current_layer": number(report.layer), "total_layers": number(report.layerTotal),
        "temperatures": report.json["temperatures"] ?? .null,
        "error_code": .optional(report.errorCode),
      ]
    case .jobUpdate(let job, let printer, let status, let progress, let minutes, let reason):
      return [
        "type": "job_update", "job_id": .string(job), "printer_id": .optional(printer),
        "status": .string(status.rawValue), "progress": .integer(progress),
        "actual_time_minutes": .optional(minutes), "failure_reason": .optional(reason),
      ]
    case .hubStatus(let hub, let isOnline, let count):
      return [
        "type": "hub_status", "hub_id": .string(hub), "is_online": .bool(isOnline),
        "printer_count": .integer(count),
      ]
    case .inventoryAlert(let sku, let name, let stock, let threshold):
      return [
        "type": "inventory_alert", "sku_id": .string(sku), "sku": .string(name),
        "current_stock": .integer(stock), "threshold": .integer(threshold),
      ]
    case .newOrder(let order, let source, let count):
      return [
        "type": "new_order", "order_id": .string(order), "source": .string(source),
        "item_count": .integer(count),
      ]
    }
  }
}
