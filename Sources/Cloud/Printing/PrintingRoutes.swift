import World

/// What there is under `/api/v1/files` and `/api/v1/jobs`.
struct PrintingRoutes {
  let files: Files
  let jobs: Jobs

  var routes: [Route] { fileRoutes + fileCareRoutes + versionRoutes + jobRoutes + queueRoutes }

  private var fileRoutes: [Route] {
    [
      Route(
        .post, "/api/v1/files/upload-url",
        [
          .text("name", 1...100), .integer("size", 1...Files.byteLimit),
          .optional(.uuid("file_id")),
        ],
        .member(.operator) { [files] call, member in
          .data(
            try files.announce(
              name: call.input.text("name"), byteCount: call.input.integer("size"),
              versionOf: call.input.optionalText("file_id"), in: member.scope))
        }
      ).described(
        "Leave to upload a file",
        .object([
          ("file_id", .uuid), ("method", .text), ("token", .text), ("upload_url", .text),
          ("expires_at", .time),
        ])
      ).limited(.upload),
      Route(
        .post, "/api/v1/files/upload",
        .memberUpload(.operator) { [files] call, member in
          try files.directUpload(
            name: call.options.text("name"),
            units: call.options.optionalInteger("number_of_units") ?? 1, in: member.scope)
        }
      ).described(
        "Upload a file's bytes and make a print file of them, in one request", PrintFile.shape,
        status: 201,
        [.text("name", 1...100), .optional(.integer("number_of_units", 1...10_000))]),
      Route(
        .put, "/api/v1/files/upload/:token",
        .upload { [files] call in try files.upload(token: call.parameter("token")) }
      ).described(
        "Upload a file's bytes",
        .object([("file_id", .uuid), ("file_size_bytes", .integer), ("sha256", .text)])),
      Route(
        .get, "/api/v1/files/download/:token",
        .open { [files] call in try files.download(call) }
      ).described("Download a file's bytes", .bytes("*/*")),
      Route(
        .post, "/api/v1/files",
        [
          .text("name", 1...100), .text("token", 1...400),
          .optional(.integer("number_of_units", 1...10_000)),
        ],
        .member(.operator) { [files] call, member in
          let input = call.input
          let file = try files.record(
            name: input.text("name"), token: input.text("token"),
            units: input.optionalInteger("number_of_units") ?? 1, in: member.scope)
          return .data(file.json, status: 201)
        }
      ).described("Make a print file of what was uploaded", PrintFile.shape, status: 201),
      Route(
        .get, "/api/v1/files",
        .member(.viewer) { [files] call, member in
          try files.files(
            Page(call), named: call.options.optionalText("search"), in: member.scope)
        }
      ).paged(
        "The tenant's print files", of: PrintFile.shape, [.optional(.text("search", 1...100))]),
      Route(
        .get, "/api/v1/files/:id",
        .member(.viewer) { [files] call, member in
          .data(try files.file(call.parameter("id"), in: member.scope).json)
        }
      ).described("One print file", PrintFile.shape),
      Route(
        .get, "/api/v1/files/:id/download",
        .member(.viewer) { [files] call, member in
          try files.download(files.file(call.parameter("id"), in: member.scope), call, member.scope)
        }
      ).described("The bytes of a print file", .bytes("*/*")),
      Route(
        .get, "/api/v1/files/:id/download-url",
        .member(.viewer) { [files] call, member in
          let file = try files.file(call.parameter("id"), in: member.scope)
          let (url, expiresAt) = files.downloadURL(file, in: member.scope)
          return .data(["download_url": .string(url), "expires_at": .integer(expiresAt)])
        }
      ).described(
        "A URL that serves the file for an hour",
        .object([("download_url", .text), ("expires_at", .time)])),
    ]
  }
}
