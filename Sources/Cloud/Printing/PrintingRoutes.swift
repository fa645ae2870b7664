import World

/// What there is under `/api/v1/files` and `/api/v1/jobs`.
struct PrintingRoutes {
  let files: Files
  let jobs: Jobs

  var routes: [Route] { fileRoutes + jobRoutes }

  private var fileRoutes: [Route] {
    [
      Route(
        .post, "/api/v1/files/upload-url",
        [.text("name", 1...100), .integer("size", 1...Files.byteLimit)],
        .member(.operator) { [files] call, member in
          .data(
            try files.announce(
              name: call.input.text("name"), byteCount: call.input.integer("size"),
              in: member.scope))
        }
      ).described(
        "Leave to upload a file",
        .object([
          ("file_id", .uuid), ("method", .text), ("token", .text), ("upload_url", .text),
          ("expires_at", .time),
        ])
      ).limited(.upload),
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
        .member(.viewer) { [files] _, member in
          .data(.array(try files.files(in: member.scope).map(\.json)))
        }
      ).described("The tenant's print files", .list(PrintFile.shape)),
      Route(
        .get, "/api/v1/files/:id",
        .member(.viewer) { [files] call, member in
          .data(try files.file(call.parameter("id"), in: member.scope).json)
        }
      ).described("One print file", PrintFile.shape),
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

  private var jobRoutes: [Route] {
    [
      Route(
        .post, "/api/v1/jobs",
        [
          .uuid("print_file_id"), .uuid("printer_id"), .optional(.text("color", 1...60)),
          .optional(.text("filament_type", 1...60)), .optional(.text("material_type", 1...60)),
          .optional(.integer("number_of_units", 1...10_000)),
          .optional(.integer("plate", 1...64)), .optional(.bool("use_ams")),
          .optional(.integer("priority", -1000...1000)),
        ],
        .member(.operator) { [jobs] call, member in
          let job = try jobs.make(call.input, by: member.userID, in: member.scope)
          return .data(try jobs.json(job, in: member.scope), status: 201)
        }
      ).described("Queue a job", Job.shape, status: 201),
      Route(
        .get, "/api/v1/jobs",
        .member(.viewer) { [jobs] call, member in
          let found = try jobs.jobs(
            status: call.options.optionalText("status").flatMap(JobStatus.init(rawValue:)),
            printer: call.options.optionalText("printer_id"),
            limit: Int(call.options.optionalInteger("limit") ?? 100), in: member.scope)
          return .data(.array(try found.map { try jobs.json($0, in: member.scope) }))
        }
      ).described("The tenant's jobs", .list(Job.shape), Self.filters),
      Route(
        .get, "/api/v1/jobs/:id",
        .member(.viewer) { [jobs] call, member in
          let job = try jobs.job(call.parameter("id"), in: member.scope)
          return .data(try jobs.json(job, in: member.scope))
        }
      ).described("One job", Job.shape),
      action("start") { [jobs] in try jobs.start($0, in: $1) },
      action("pause") { [jobs] in try jobs.pause($0, in: $1) },
      action("resume") { [jobs] in try jobs.resume($0, in: $1) },
      action("cancel") { [jobs] in try jobs.cancel($0, in: $1) },
    ]
  }

  private func action(
    _ name: String, _ body: @escaping (String, TenantScope) throws -> Void
  ) -> Route {
    Route(
      .post, "/api/v1/jobs/:id/\(name)",
      .member(.operator) { [jobs] call, member in
        let id = call.parameter("id")
        try body(id, member.scope)
        return .data(try jobs.json(try jobs.job(id, in: member.scope), in: member.scope))
      }
    ).described("Tell a job to \(name)", Job.shape)
  }

  private static let filters: [Field] = [
    .optional(.oneOf("status", JobStatus.allCases.map(\.rawValue))),
    .optional(.text("printer_id")), .optional(.integer("limit", 1...500)),
  ]
}
