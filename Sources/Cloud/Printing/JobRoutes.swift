import World

extension PrintingRoutes {
  /// What can be said of a job that waits.
  static let settings: [Field] = [
    .optional(.uuid("printer_id")), .optional(.text("color", 1...60)),
    .optional(.text("filament_type", 1...60)), .optional(.text("material_type", 1...60)),
    .optional(.integer("number_of_units", 1...10_000)), .optional(.integer("plate", 1...64)),
    .optional(.bool("use_ams")), .optional(.integer("priority", -1000...1000)),
  ]

  /// Jobs.
  var jobRoutes: [Route] {
    [
      Route(
        .post, "/api/v1/jobs", [.uuid("print_file_id")] + Self.settings + PrintChoices.fields,
        .member(.operator) { [jobs] call, member in
          try jobs.once(call, in: member.scope) {
            try jobs.make(call.input, by: member.userID, in: member.scope)
          }
        }
      ).described("Queue a job", Job.shape, status: 201),
      Route(
        .get, "/api/v1/jobs",
        .member(.viewer) { [jobs] call, member in
          try jobs.jobs(JobFilter(call), Page(call), in: member.scope)
        }
      ).paged("The tenant's jobs, the newest first", of: Job.shape, JobFilter.fields),
      Route(
        .get, "/api/v1/jobs/stats",
        .member(.viewer) { [jobs] _, member in .data(try jobs.stats(in: member.scope)) }
      ).described("How many jobs there are of each status", Jobs.statsShape),
      Route(
        .get, "/api/v1/jobs/history",
        .member(.viewer) { [jobs] call, member in
          try jobs.history(JobFilter(call), Page(call), in: member.scope)
        }
      ).paged("Jobs that have ended, the last one first", of: Job.shape, JobFilter.fields),
      Route(
        .get, "/api/v1/jobs/:id",
        .member(.viewer) { [jobs] call, member in
          let job = try jobs.job(call.parameter("id"), in: member.scope)
          return .data(try jobs.json(job, in: member.scope))
        }
      ).described("One job", Job.shape),
      Route(
        .put, "/api/v1/jobs/:id", Self.settings,
        .member(.operator) { [jobs] call, member in
          let job = try jobs.change(call.parameter("id"), call.input, in: member.scope)
          return .data(try jobs.json(job, in: member.scope))
        }
      ).described("Change a job that waits", Job.shape),
      Route(
        .delete, "/api/v1/jobs/:id",
        .member(.operator) { [jobs] call, member in
          .data(try jobs.remove(call.parameter("id"), in: member.scope))
        }
      ).described(
        "Forget a job that has ended, cancel any other",
        .object([("deleted", .bool), ("status", .text)])),
      Route(
        .post, "/api/v1/jobs/:id/assign", [.optional(.uuid("printer_id"))],
        .member(.operator) { [jobs] call, member in
          let job = try jobs.assign(
            call.parameter("id"), to: call.input.optionalText("printer_id"), in: member.scope)
          return .data(try jobs.json(job, in: member.scope))
        }
      ).described("Give a job to a printer, or to the fittest that is free", Job.shape),
      action("start") { [jobs] in try jobs.start($0, in: $1) },
      action("pause") { [jobs] in try jobs.pause($0, in: $1) },
      action("resume") { [jobs] in try jobs.resume($0, in: $1) },
      action("cancel") { [jobs] in try jobs.cancel($0, in: $1) },
      action("complete") { [jobs] in try jobs.complete($0, in: $1) },
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

  /// The queue.
  var queueRoutes: [Route] {
    [
      Route(
        .get, "/api/v1/queue",
        .member(.viewer) { [jobs] call, member in try jobs.queue(Page(call), in: member.scope) }
      ).paged("The jobs that wait, in their order", of: Job.shape),
      Route(
        .post, "/api/v1/queue/reorder", [.list("jobs", of: .uuid, 1...500)],
        .member(.operator) { [jobs] call, member in
          try jobs.reorder(call.input.texts("jobs") ?? [], in: member.scope)
          return .data(["reordered": true])
        }
      ).described("Put waiting jobs into an order", .object([("reordered", .bool)])),
      Route(
        .post, "/api/v1/queue/assign",
        [.optional(.uuid("job_id")), .optional(.uuid("printer_id"))],
        .member(.operator) { [jobs] call, member in
          let assigned: [Job]
          if let job = call.input.optionalText("job_id") {
            assigned = [
              try jobs.assign(
                job, to: call.input.optionalText("printer_id"), in: member.scope)
            ]
          } else {
            assigned = try jobs.assignAll(in: member.scope)
          }
          return .data(.array(try assigned.map { try jobs.json($0, in: member.scope) }))
        }
      ).described("Give one job, or all that wait, to printers", .list(Job.shape)),
    ]
  }
}
