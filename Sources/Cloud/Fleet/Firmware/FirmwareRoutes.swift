import World

extension Fleet {
  static let channels = ["stable", "beta"]

  /// What there is under `/api/v1/factory/firmware` and `/api/v1/hubs/:id/firmware`.
  var firmwareRoutes: [Route] { releaseRoutes + rolloutRoutes + hubFirmwareRoutes }

  private var releaseRoutes: [Route] {
    [
      Route(
        .post, "/api/v1/factory/firmware/upload-url",
        [.integer("size", 1...FirmwareFile.sizeLimit)],
        .factory { [self] call in
          .data(announceFirmware(byteCount: call.input.integer("size")))
        }
      ).described(
        "Leave to upload a firmware image",
        .object([
          ("method", .text), ("token", .text), ("upload_url", .text), ("expires_at", .time),
        ])),
      Route(
        .post, "/api/v1/factory/firmware",
        [.text("token", 1...400), .optional(.text("notes", 1...1_000))],
        .factory { [self] call in
          let release = try publish(
            token: call.input.text("token"), notes: call.input.optionalText("notes"))
          return .data(release.json, status: 201)
        }
      ).described("Publish the image that was uploaded", FirmwareRelease.shape, status: 201),
      Route(
        .get, "/api/v1/factory/firmware",
        .factory { [self] _ in .data(.array(try releases().map(\.json))) }
      ).described("Every release, the newest first", .list(FirmwareRelease.shape)),
    ]
  }

  private var rolloutRoutes: [Route] {
    [
      Route(
        .post, "/api/v1/factory/firmware/rollouts",
        [
          .uuid("release_id"), .optional(.text("hub_id", 1...64)),
          .optional(.oneOf("channel", Self.channels)), .optional(.integer("share", 1...100)),
          .optional(.integer("pause_after", 1...100_000)), .optional(.bool("force")),
        ],
        .factory { [self] call in
          .data(try detailed(rollOut(call.input)), status: 201)
        }
      ).described(
        "Give a release to a hub, to a channel, or to a share of all", FirmwareRollout.shape,
        status: 201),
      Route(
        .get, "/api/v1/factory/firmware/rollouts",
        .factory { [self] _ in .data(.array(try rollouts().map(\.json))) }
      ).described("Every rollout, the newest first", .list(FirmwareRollout.shape)),
      Route(
        .get, "/api/v1/factory/firmware/rollouts/:id",
        .factory { [self] call in .data(try detailed(rollout(call.parameter("id")))) }
      ).described("One rollout, with what became of it on each hub", FirmwareRollout.shape),
      Route(
        .put, "/api/v1/factory/firmware/rollouts/:id", [.integer("share", 1...100)],
        .factory { [self] call in
          .data(try detailed(widen(call.parameter("id"), to: call.input.integer("share"))))
        }
      ).described("Give a release to a larger share", FirmwareRollout.shape),
      Route(
        .post, "/api/v1/factory/firmware/rollouts/:id/pause",
        .factory { [self] call in
          try pause(rollout(call.parameter("id")), because: "somebody wants it so")
          return .data(try detailed(rollout(call.parameter("id"))))
        }
      ).described("Offer a release to nobody any more", FirmwareRollout.shape),
      Route(
        .post, "/api/v1/factory/firmware/rollouts/:id/resume",
        .factory { [self] call in .data(try detailed(resume(call.parameter("id")))) }
      ).described("Go on with a rollout that was paused", FirmwareRollout.shape),
    ]
  }

  private var hubFirmwareRoutes: [Route] {
    [
      Route(
        .get, "/api/v1/hubs/:id/firmware",
        .member(.viewer) { [self] call, member in
          .data(try firmware(of: hub(call.parameter("id"), in: member.scope)))
        }
      ).described(
        "What a hub runs, and what became of its updates",
        .object([
          ("firmware_version", .optional(.text)), ("channel", .oneOf(Self.channels)),
          ("updates", .list(.anything)),
        ])),
      Route(
        .put, "/api/v1/hubs/:id/firmware", [.oneOf("channel", Self.channels)],
        .member(.admin) { [self] call, member in
          try setChannel(
            call.input.text("channel"), of: hub(call.parameter("id"), in: member.scope))
          return .data(try firmware(of: hub(call.parameter("id"), in: member.scope)))
        }
      ).described("Choose which releases a hub gets"),
      Route(
        .post, "/api/v1/hubs/:id/firmware/retry",
        .member(.admin) { [self] call, member in
          let hub = try hub(call.parameter("id"), in: member.scope)
          try retryUpdate(of: hub)
          return .data(try firmware(of: hub))
        }
      ).described("Offer a hub once more the update that it has not taken"),
    ]
  }
}
