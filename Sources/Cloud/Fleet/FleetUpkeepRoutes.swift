import World

extension Fleet {
  private static let deleted = Shape.object([("deleted", .bool)])

  /// Renaming and releasing hubs.
  var hubCareRoutes: [Route] {
    [
      Route(
        .put, "/api/v1/hubs/:id", [.text("name", 1...120)],
        .member(.operator) { [self] call, member in
          .data(
            try rename(
              hub: call.parameter("id"), to: call.input.text("name"), in: member.scope
            ).json)
        }
      ).described("Rename a hub", Hub.shape),
      Route(
        .delete, "/api/v1/hubs/:id",
        .member(.admin) { [self] call, member in
          try release(hub: call.parameter("id"), in: member.scope)
          return .data(["deleted": true])
        }
      ).described("Release a hub, so that others can claim it", Self.deleted),
    ]
  }

  /// What people say of printers.
  var upkeepRoutes: [Route] {
    [
      upkeep(
        "status",
        [
          .oneOf(
            "status", ["idle", "printing", "paused", "maintenance", "offline", "error"])
        ], "Say how a printer is that no hub speaks for"
      ) { [self] call, id, scope in
        try set(status: call.input.text("status"), of: id, in: scope)
      },
      upkeep(
        "maintenance",
        [.bool("in_maintenance"), .optional(.text("maintenance_type", 1...60))],
        "Begin or end a printer's maintenance"
      ) { [self] call, id, scope in
        try setMaintenance(
          call.input.optionalBool("in_maintenance") ?? false,
          call.input.optionalText("maintenance_type"), of: id, in: scope)
      },
      upkeep("cleared", [.optional(.bool("cleared"))], "Say that a printer's bed is clear") {
        [self] call, id, scope in
        try setCleared(call.input.optionalBool("cleared") ?? true, of: id, in: scope)
      },
      upkeep("order", [.integer("sort_order", 0...1_000_000)], "Put a printer into its place") {
        [self] call, id, scope in
        try order([(id, call.input.integer("sort_order"))], in: scope)
      },
      Route(
        .put, "/api/v1/printers/order",
        [.records("printers", [.uuid("id"), .integer("sort_order", 0...1_000_000)], 1...500)],
        .member(.operator) { [self] call, member in
          let places = call.input.json("printers")?.array ?? []
          try order(
            places.map { ($0["id"]?.string ?? "", $0["sort_order"]?.int64 ?? 0) },
            in: member.scope)
          return .data(
            .array(try printers(in: member.scope).map { json($0) }))
        }
      ).described("Put printers into their places, all or none", .list(Printer.shape)),
      connection("connect", isActive: true, "Let the hub connect to a printer"),
      connection("disconnect", isActive: false, "Have the hub leave a printer alone"),
    ]
  }

  private func upkeep(
    _ name: String, _ fields: [Field], _ summary: String,
    _ body: @escaping (Call, String, TenantScope) throws -> Void
  ) -> Route {
    Route(
      .put, "/api/v1/printers/:id/\(name)", fields,
      .member(.operator) { [self] call, member in
        let id = call.parameter("id")
        try body(call, id, member.scope)
        let printer = try printer(id, in: member.scope)
        return .data(json(printer))
      }
    ).described(summary, Printer.shape)
  }

  private func connection(_ name: String, isActive: Bool, _ summary: String) -> Route {
    Route(
      .post, "/api/v1/printers/:id/\(name)",
      .member(.operator) { [self] call, member in
        let printer = try setActive(isActive, call.parameter("id"), in: member.scope)
        return .data(json(printer))
      }
    ).described(summary, Printer.shape)
  }
}
