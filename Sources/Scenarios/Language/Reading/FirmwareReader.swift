import World

extension ScenarioReader {
  /// Reads what the factory does about a firmware.
  func firmware(_ verb: Verb, _ argument: Value, _ fields: Fields) -> FirmwareStep? {
    guard let version = argument.text, isVersion(version) else {
      checker.complain(argument.mark, "expected a version such as 1.3.0 after \"\(verb.rawValue)\"")
      return nil
    }
    switch verb {
    case .releaseFirmware:
      return releasePlan(fields).map { FirmwareStep(version: version, deed: .release($0)) }
    case .rollOut: return rollout(version, fields)
    case .pauseRollout: return FirmwareStep(version: version, deed: .pause)
    default: return FirmwareStep(version: version, deed: .resume)
    }
  }

  private func releasePlan(_ fields: Fields) -> ReleasePlan? {
    var plan = ReleasePlan()
    plan.behaviour = fields["behaviour"]?.text.flatMap { BehaviourWord(rawValue: $0) } ?? .good
    if let number = fields["security-version"]?.count { plan.securityVersion = number }
    if let size = fields["size"] {
      guard let bytes = size.size, (1_000...2_000_000).contains(bytes) else {
        checker.complain(size.mark, "a firmware has between 1 KB and 2 MB")
        return nil
      }
      plan.byteCount = bytes
    }
    if let hardware = fields["hardware"], let name = hardware.text {
      guard name.utf8.count <= 16 else {
        checker.complain(hardware.mark, "a revision's name has at most 16 characters")
        return nil
      }
      plan.hardware = name
    }
    plan.flaw = fields["flaw"]?.text.flatMap { FlawWord(rawValue: $0) }
    return plan
  }

  private func rollout(_ version: String, _ fields: Fields) -> FirmwareStep? {
    var hub: String?
    if let to = fields["to"] {
      guard let known = known(to, .hub) else { return nil }
      hub = known
    }
    var share: Int?
    if let value = fields["share"], let part = value.share {
      if hub != nil {
        checker.complain(value.mark, "\"share\" is of all hubs; it cannot go with \"to\"")
        return nil
      }
      let percent = Int((part * 100).rounded())
      guard (1...100).contains(percent) else {
        checker.complain(value.mark, "expected a share from 1% to 100%")
        return nil
      }
      share = percent
    }
    return FirmwareStep(
      version: version,
      deed: .rollOut(
        hub: hub, share: share, pauseAfter: fields["pause-after"]?.count,
        isForced: fields["again"] != nil))
  }
}
