import World

extension PrintingRoutes {
  private static let deleted = Shape.object([("deleted", .bool)])

  /// Changing and removing files, and their bytes and pictures.
  var fileCareRoutes: [Route] {
    [
      Route(
        .put, "/api/v1/files/:id",
        [.optional(.text("name", 1...100)), .optional(.integer("number_of_units", 1...10_000))],
        .member(.operator) { [files] call, member in
          .data(try files.change(call.parameter("id"), call.input, in: member.scope).json)
        }
      ).described("Rename a print file", PrintFile.shape),
      Route(
        .delete, "/api/v1/files/:id",
        .member(.operator) { [files] call, member in
          try files.remove(call.parameter("id"), in: member.scope)
          return .data(["deleted": true])
        }
      ).described("Delete a print file and its bytes", Self.deleted),
      Route(
        .get, "/api/v1/files/:id/thumbnail",
        .member(.viewer) { [files] call, member in
          try files.thumbnail(call.parameter("id"), call, in: member.scope)
        }
      ).described("The picture of a print file", .bytes("image/png")),
    ]
  }

  /// The versions of a file.
  var versionRoutes: [Route] {
    let path = "/api/v1/files/:id/versions"
    return [
      Route(
        .get, path,
        .member(.viewer) { [files] call, member in
          .data(
            .array(try files.versions(of: call.parameter("id"), in: member.scope).map(\.json)))
        }
      ).described("The versions of a print file", .list(FileVersion.shape)),
      Route(
        .post, path, [.text("token", 1...400), .optional(.text("notes", 1...500))],
        .member(.operator) { [files] call, member in
          let version = try files.addVersion(
            of: call.parameter("id"), token: call.input.text("token"),
            notes: call.input.optionalText("notes"), in: member.scope)
          return .data(version.json, status: 201)
        }
      ).described(
        "Make what was uploaded the file's current version", FileVersion.shape, status: 201),
      Route(
        .put, path + "/:versionNumber/current",
        .member(.operator) { [files] call, member in
          let id = call.parameter("id")
          try files.use(version: call.parameter("versionNumber"), of: id, in: member.scope)
          return .data(try files.file(id, in: member.scope).json)
        }
      ).described("Let a version be the one that is printed", PrintFile.shape),
      Route(
        .delete, path + "/:versionNumber",
        .member(.operator) { [files] call, member in
          try files.remove(
            version: call.parameter("versionNumber"), of: call.parameter("id"), in: member.scope)
          return .data(["deleted": true])
        }
      ).described("Delete a version that is not current", Self.deleted),
    ]
  }
}
