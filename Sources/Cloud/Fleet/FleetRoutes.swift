import World

extension Fleet {
  private static let ports: ClosedRange<Int64> = 1...65_535
  /// An access code, an API key or a password.
  private static let codeLimit = 32
  // A hub holds no longer texts than these.
  private static let hubID = Field.text("hub_id", 1...64)

  /// What there is under `/api/v1/factory`, `/hubs`, `/printers` and `/ws/hub`.
  var routes: [Route] {
    hubRoutes + hubCareRoutes + healthRoutes + printerRoutes + upkeepRoutes + pictureRoutes
      + firmwareRoutes
  }

  private var hubRoutes: [Route] {
    [
      Route(
        .post, "/api/v1/factory/hubs",
        [.text("id", 1...64), .text("secret", 16...128), .text("claim_code", 4...64)],
        .factory { [self] call in
          let input = call.input
          let hub = try makeHub(
            id: input.text("id"), secret: input.text("secret"),
            claimCode: input.text("claim_code"))
          return .data(hub.json, status: 201)
        }
      ).described("Make a hub known, as its factory does", Hub.shape, status: 201),
      Route(
        .post, "/api/v1/hubs/claim",
        [Self.hubID, .text("claim_code", 1...64), .text("name", 1...120)],
        .member(.admin) { [self] call, member in
          let input = call.input
          let hub = try claim(
            hub: input.text("hub_id"), code: input.text("claim_code"), name: input.text("name"),
            for: member.scope)
          return .data(hub.json)
        }
      ).described("Claim a hub with the code on its label", Hub.shape),
      Route(
        .post, "/api/v1/hubs/claim-token", [.optional(.text("name", 1...120))],
        .member(.admin) { [self] call, member in
          let token = try makeClaimToken(
            hubName: call.input.optionalText("name"), for: member.scope)
          return .data(token, status: 201)
        }
      ).described(
        "Make a token that a new hub is given, good for ten minutes and once",
        .object([("token", .text), ("expires_at", .time)]), status: 201),
      Route(
        .get, "/api/v1/hubs",
        .member(.viewer) { [self] _, member in
          .data(.array(try hubs(in: member.scope).map(\.json)))
        }
      ).described("The tenant's hubs", .list(Hub.shape)),
      Route(
        .get, "/api/v1/hubs/:id",
        .member(.viewer) { [self] call, member in
          .data(try hub(call.parameter("id"), in: member.scope).json)
        }
      ).described("One hub", Hub.shape),
      Route(
        .post, "/api/v1/hubs/:id/discover",
        .member(.operator) { [self] call, member in
          let command = try discover(hub: call.parameter("id"), in: member.scope)
          return .data(["command_id": .string(command)])
        }
      ).described(
        "Look for printers on the hub's network; `discovered` tells what was found",
        .object([("command_id", .uuid)])),
      Route(
        .get, "/api/v1/hubs/:id/discovered",
        .member(.viewer) { [self] call, member in
          .data(try discovered(hub: call.parameter("id"), in: member.scope))
        }
      ).described(
        "The printers that the hub has found on its network",
        .object([("printers", .list(.anything))])),
      Route(
        .get, "/ws/hub/:id",
        .socket { [self] call in
          let id = call.parameter("id")
          guard id.utf8.count <= 64 else { throw APIError.notFound("hub") }
          let challenge = platform.identifiers.secret(byteCount: 16)
          return SocketOffer(
            headers: [("X-Hub-Challenge", challenge)], messageLimit: HubConnection.messageLimit
          ) { [self] session in _ = HubLink(session, hub: id, challenge: challenge, fleet: self) }
        }
      ).described("The socket of a hub", status: 101),
    ]
  }

  /// What is said of a printer that is added.
  static let newPrinterFields: [Field] =
    [
      .text("name", 1...120), .text("model", 1...60), hubID, .text("serial_number", 1...40),
      .host("ip_address"), PrinterKind.field, .optional(.text("access_code", 1...codeLimit)),
      .optional(.integer("port", ports)), .optional(.bool("secure")),
      .optional(.text("user_name", 1...24)), CertificateRule.field,
      .optional(.integer("mqtt_port", ports)), .optional(.integer("ftps_port", ports)),
    ] + loadFields

  private var printerRoutes: [Route] {
    [
      Route(
        .post, "/api/v1/printers",
        Self.newPrinterFields,
        .member(.operator) { [self] call, member in
          let printer = try addPrinter(call.input, in: member.scope)
          return .data(json(printer), status: 201)
        }
      ).described("Add a printer to a hub", Printer.shape, status: 201),
      Route(
        .get, "/api/v1/printers",
        .member(.viewer) { [self] _, member in
          .data(.array(try printers(in: member.scope).map { json($0) }))
        }
      ).described("The tenant's printers", .list(Printer.shape)),
      Route(
        .get, "/api/v1/printers/:id",
        .member(.viewer) { [self] call, member in
          let printer = try printer(call.parameter("id"), in: member.scope)
          return .data(json(printer))
        }
      ).described("One printer", Printer.shape),
      Route(
        .put, "/api/v1/printers/:id",
        [
          .optional(.text("name", 1...120)), .optional(.text("model", 1...60)),
          .optional(.host("ip_address")), .optional(.text("access_code", 1...Self.codeLimit)),
          .optional(.integer("port", Self.ports)), .optional(.bool("secure")),
          .optional(.text("user_name", 1...24)), CertificateRule.field,
          .optional(.integer("mqtt_port", Self.ports)),
          .optional(.integer("ftps_port", Self.ports)),
        ] + Self.loadFields,
        .member(.operator) { [self] call, member in
          let printer = try change(
            printer: call.parameter("id"), call.input, in: member.scope)
          return .data(json(printer))
        }
      ).described("Change a printer", Printer.shape),
      Route(
        .delete, "/api/v1/printers/:id",
        .member(.operator) { [self] call, member in
          try remove(printer: call.parameter("id"), in: member.scope)
          return .data(["deleted": true])
        }
      ).described("Remove a printer", .object([("deleted", .bool)])),
      Route(
        .get, "/api/v1/printers/:id/status",
        .member(.viewer) { [self] call, member in
          .data(condition(of: try printer(call.parameter("id"), in: member.scope)))
        }
      ).described("How a printer is right now", Printer.conditionShape),
      order("control"),
      order("command"),
      Route(
        .post, "/api/v1/printers/discover", [.optional(Self.hubID)],
        .member(.operator) { [self] call, member in
          let commands = try discover(onlyBy: call.input.optionalText("hub_id"), in: member.scope)
          return .data([
            "commands": .array(
              commands.map { ["hub_id": .string($0.hub), "command_id": .string($0.command)] })
          ])
        }
      ).described(
        "Look for printers on the networks of one hub, or of all that are online",
        .object([("commands", .list(.object([("hub_id", .text), ("command_id", .uuid)])))])),
    ]
  }

  /// The documents have two names for the same.
  private func order(_ name: String) -> Route {
    Route(
      .post, "/api/v1/printers/:id/\(name)", PrinterOrder.fields,
      .member(.operator) { [self] call, member in
        let printer = try printer(call.parameter("id"), in: member.scope)
        let command = try control(printer, call.input, in: member.scope)
        return .data(["command_id": .string(command)])
      }
    ).described(
      "Give a printer an order; `last_order` of the printer tells what came of it",
      .object([("command_id", .uuid)]))
  }
}
