// What the factory does about firmware, through the cloud's public routes.

import HubHost
import World

extension Stage {
  func carryOut(_ step: FirmwareStep, completion: @escaping (Answer<Void>) -> Void) {
    switch step.deed {
    case .release(let plan): publish(step.version, plan, completion)
    case .rollOut(let hub, let share, let pauseAfter, let isForced):
      guard let release = releases.last(where: { $0.version == step.version })?.id else {
        return completion(.failure(.unexpected("the firmware \(step.version)")))
      }
      var body: JSON = ["release_id": .string(release)]
      if let hub, let id = self.hub(hub)?.id { body["hub_id"] = .string(id) }
      if let share { body["share"] = .integer(Int64(share)) }
      if let pauseAfter { body["pause_after"] = .integer(Int64(pauseAfter)) }
      if isForced { body["force"] = true }
      factory.host.note(.user, "rolls out \(step.version)" + (hub.map { " to \($0)" } ?? ""))
      ask("POST", "/factory/firmware/rollouts", body) { [self] answer in
        if case .success(let data) = answer, let id = data["id"]?.string {
          rollouts.append((step.version, id))
        }
        completion(answer.map { _ in })
      }
    case .pause: set(step.version, "pause", completion)
    case .resume: set(step.version, "resume", completion)
    }
  }

  private func set(
    _ version: String, _ word: String, _ completion: @escaping (Answer<Void>) -> Void
  ) {
    guard let rollout = rollouts.last(where: { $0.version == version })?.id else {
      return completion(.failure(.unexpected("a rollout of \(version)")))
    }
    factory.host.note(.user, "\(word)s the rollout of \(version)")
    ask("POST", "/factory/firmware/rollouts/\(rollout)/\(word)", [:]) { answer in
      completion(answer.map { _ in })
    }
  }

  private func publish(
    _ version: String, _ plan: ReleasePlan, _ completion: @escaping (Answer<Void>) -> Void
  ) {
    let file = Self.image(version, plan)
    ask(
      "POST", "/factory/firmware/upload-url", ["size": .integer(Int64(file.count))]
    ) { [self] answer in
      guard case .success(let data) = answer, let url = data["upload_url"]?.string,
        let token = data["token"]?.string
      else { return completion(answer.map { _ in }) }
      factory.put(file, to: url) { [self] stored in
        if case .failure(let failure) = stored { return completion(.failure(failure)) }
        ask("POST", "/factory/firmware", ["token": .string(token)]) { [self] answer in
          if case .success(let data) = answer, let id = data["id"]?.string {
            releases.append((version, id))
            factory.host.note(.user, "published firmware \(version)")
          }
          completion(answer.map { _ in })
        }
      }
    }
  }

  private func ask(
    _ method: String, _ path: String, _ body: JSON, completion: @escaping (Answer<JSON>) -> Void
  ) {
    factory.call(method, path, body: body, headers: factoryHeaders, completion: completion)
  }

  /// The file that a release is made of, with its flaw.
  static func image(_ version: String, _ plan: ReleasePlan) -> [UInt8] {
    let key = plan.flaw == .wrongKey ? FirmwareKey.stranger : .rig
    let image = FirmwareImage.rig(
      version: version, securityVersion: UInt32(plan.securityVersion),
      behaviour: plan.behaviour.behaviour, hardware: plan.hardware ?? "rig-1",
      payloadSize: plan.byteCount - FirmwareImage.headerSize, key: key)
    var file = image.bytes
    switch plan.flaw {
    case nil, .wrongKey: break
    // Of the security version, which the cloud cannot know.
    case .flippedBit: file[8] ^= 2
    case .truncated: file.removeLast(file.count / 3)
    case .otherPayload: file[FirmwareImage.headerSize + 40] ^= 0xFF
    }
    return file
  }
}
