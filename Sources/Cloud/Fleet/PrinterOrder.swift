// What people may tell a printer beside starting a job, and what each order must say. An order is
// done when the printer itself has said so; until then it is under way.

import World

/// The orders to printers.
enum PrinterOrder: String, CaseIterable {
  case pause, resume, stop, speed, light, gcode, load_filament, unload_filament, ams, skip_objects
  case calibrate, clear_error

  /// What an order may carry, all of it; which of it an action needs is checked next.
  static let fields: [Field] = [
    .oneOf("action", allCases.map(\.rawValue)),
    .optional(.integer("level", 1...4)), .optional(.oneOf("mode", modes)),
    .optional(.list("lines", of: .text(1...200), 1...20)), .optional(.integer("tray", 0...254)),
    .optional(.integer("temperature", 0...350)),
    .optional(.list("objects", of: .integer(0...65_535), 1...32)),
    .optional(.integer("option", 1...15)),
  ]
  private static let modes = ["on", "off", "flashing", "resume", "reset", "pause"]
  /// The hub holds no more g-code in one order.
  private static let byteLimit = 240

  /// What the hub is told beside the action; throws for what is missing, wrong or too much.
  func details(of input: Input) throws -> JSON? {
    switch self {
    case .pause, .resume, .stop, .unload_filament, .clear_error:
      return nil
    case .speed:
      return ["level": .integer(try Self.need("level", input.optionalInteger("level"), "1 to 4"))]
    case .light:
      return ["mode": .string(try mode(of: input, ["on", "off", "flashing"]))]
    case .ams:
      return ["mode": .string(try mode(of: input, ["resume", "reset", "pause"]))]
    case .gcode:
      let lines = try Self.need("lines", input.optionalList("lines"), "a list of g-code lines")
      let text = lines.compactMap(\.string).joined(separator: "\n") + "\n"
      guard text.utf8.count <= Self.byteLimit else {
        throw APIError.invalidField("lines", expected: "at most \(Self.byteLimit) bytes in all")
      }
      return ["lines": .string(text)]
    case .load_filament:
      var details: JSON = [
        "tray": .integer(try Self.need("tray", input.optionalInteger("tray"), "0 to 254"))
      ]
      if let temperature = input.optionalInteger("temperature") {
        details["temperature"] = .integer(temperature)
      }
      return details
    case .skip_objects:
      let objects = try Self.need(
        "objects", input.optionalList("objects"), "the numbers of objects on the plate")
      return ["objects": .array(objects)]
    case .calibrate:
      return [
        "option": .integer(try Self.need("option", input.optionalInteger("option"), "1 to 15"))
      ]
    }
  }

  private func mode(of input: Input, _ words: [String]) throws -> String {
    let expected = "one of " + words.joined(separator: ", ")
    guard let word = input.optionalText("mode"), words.contains(word) else {
      throw APIError.invalidField("mode", expected: expected)
    }
    return word
  }

  private static func need<Value>(
    _ name: String, _ value: Value?, _ expected: String
  ) throws -> Value {
    guard let value else { throw APIError.invalidField(name, expected: expected) }
    return value
  }
}

/// The latest order to a printer and what came of it.
struct OrderState {
  let command: String
  let action: String
  /// Nil while it is under way.
  var outcome: CommandOutcome?

  var json: JSON {
    let (state, message): (String, String?) =
      switch outcome {
      case nil: ("under_way", nil)
      case .accepted: ("done", nil)
      case .refused(let reason): ("failed", reason)
      case .timedOut: ("failed", "the hub did not answer within 30 s")
      }
    return [
      "command_id": .string(command), "action": .string(action), "state": .string(state),
      "message": .optional(message),
    ]
  }
}

extension Fleet {
  /// Gives a printer an order; answers the command's id.
  func control(_ printer: Printer, _ input: Input, in scope: TenantScope) throws -> String {
    guard let order = PrinterOrder(rawValue: input.text("action")) else {
      preconditionFailure("the route lets only known actions through")
    }
    let details = try order.details(of: input)
    guard let hub = printer.hubID, isOnline(hub) else {
      throw APIError.conflict("the printer's hub is offline")
    }
    let command = try hubs.object(hub).give(
      NewCommand(
        kind: .printerCommand, action: order.rawValue, printerID: printer.id,
        serial: printer.serial, details: details), in: scope)
    lastOrders[printer.id] = OrderState(command: command, action: order.rawValue)
    return command
  }

  private static let move = TenantSQL(
    """
    UPDATE printers SET ip_address = ?, updated_at = ?
    WHERE tenant_id = :tenant AND id = ? AND ip_address <> ?
    """)

  /// The hub has found a printer of its own at an address of its network.
  func printerMoved(_ id: String, to address: String, in scope: TenantScope) throws {
    guard Field.host("ip_address").accepts(.string(address)),
      try platform.database.change(Self.move, in: scope, address, platform.now, id, address) > 0
    else { return }
    platform.note("printer \(try printer(id, in: scope).name) has moved to \(address)")
  }

  /// Asks a hub which printers there are on its network; answers the command's id.
  func discover(hub id: String, in scope: TenantScope) throws -> String {
    let hub = try hub(id, in: scope)
    guard isOnline(hub.id) else { throw APIError.conflict("the hub is offline") }
    return try hubs.object(hub.id).give(
      NewCommand(kind: .discoverPrinters, action: "search", serial: ""), in: scope)
  }

  /// The same of one hub, or of every hub that is online.
  func discover(
    onlyBy hub: String?, in scope: TenantScope
  ) throws -> [(hub: String, command: String)] {
    if let hub { return [(hub, try discover(hub: hub, in: scope))] }
    let online = try hubs(in: scope).filter { isOnline($0.id) }
    guard !online.isEmpty else { throw APIError.conflict("no hub is online") }
    return try online.map { ($0.id, try discover(hub: $0.id, in: scope)) }
  }

  /// What the hub has found so far.
  func discovered(hub id: String, in scope: TenantScope) throws -> JSON {
    ["printers": .array(try hubs.object(hub(id, in: scope).id).foundPrinters())]
  }

  /// What came of an order.
  func settledOrder(_ command: HubCommand, _ outcome: CommandOutcome) {
    guard let printer = command.printerID, lastOrders[printer]?.command == command.id else {
      return
    }
    lastOrders[printer]?.outcome = outcome
  }

  /// How a printer is, and nothing of its settings.
  func condition(of printer: Printer) -> JSON {
    [
      "printer_id": .string(printer.id), "status": .string(printer.status),
      "is_connected": .bool(printer.isConnected),
      "connection_error": .optional(printer.connectionError),
      "live": live(printer)?.json ?? .null, "last_order": lastOrders[printer.id]?.json ?? .null,
      "updated_at": .integer(printer.updatedAt),
    ]
  }

  /// What is known of a printer beside its row: what its hub said last, what it was last told.
  func json(_ printer: Printer) -> JSON {
    var json = printer.json(live: live(printer))
    json["last_order"] = lastOrders[printer.id]?.json ?? .null
    return json
  }
}
