import World

extension ScenarioReader {
  /// Reads what somebody does who is a member of a farm.
  func person(_ argument: Value, _ fields: Fields) -> PersonStep? {
    guard let person = known(argument, .person), let word = fields["does"]?.text,
      let deed = PersonDeed(rawValue: word)
    else { return nil }
    var step = PersonStep(person: person, deed: deed)
    if deed.action != nil {
      guard fields["job"] != nil else {
        checker.complain(argument.mark, "\"\(word)\" needs \"job\" with the name of a job")
        return nil
      }
      guard let job = known(fields["job"], .job) else { return nil }
      step.job = job
    } else if let extra = fields["job"] {
      checker.complain(extra.mark, "\"\(word)\" has nothing to do with a job")
      return nil
    }
    step.role = fields["role"]?.text.flatMap { RoleWord(rawValue: $0) }
    if deed == .becomes, step.role == nil {
      checker.complain(argument.mark, "\"becomes\" needs \"role\" with a role")
      return nil
    }
    if deed != .becomes, let extra = fields["role"] {
      checker.complain(extra.mark, "\"\(word)\" has nothing to do with a role")
      return nil
    }
    return step
  }
}
