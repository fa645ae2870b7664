extension ScenarioReader {
  /// The moment that a fault waits for, if it does.
  func flashMoment(_ fields: Fields) -> FlashMoment? {
    if let count = fields["at-flash-operation"]?.count { return .operation(count) }
    if let thing = flashThing(fields["while-writing"]) { return .writing(thing) }
    if let thing = flashThing(fields["while-erasing"]) { return .erasing(thing) }
    return nil
  }

  func flashThing(_ value: Value?) -> FlashThing? {
    guard let text = value?.text else { return nil }
    return FlashThing(rawValue: text)
  }

  /// Whether the words of a fault that are about flash are where they belong; complains if not.
  func flashWordsFit(_ kind: FaultKind, _ argument: Value, _ fields: Fields) -> Bool {
    var first: String?
    for word in ["at-flash-operation", "while-writing", "while-erasing"] {
      guard let extra = fields[word] else { continue }
      guard kind.canWaitForFlash else {
        checker.complain(
          extra.mark, "the fault \"\(kind.rawValue)\" does not wait for what the hub's flash does")
        return false
      }
      if let first {
        checker.complain(extra.mark, "\"\(word)\" cannot go with \"\(first)\"")
        return false
      }
      first = word
    }
    if let extra = fields["in"], kind != .flippedBits {
      checker.complain(
        extra.mark, "the fault \"\(kind.rawValue)\" is not about a thing in flash")
      return false
    }
    if kind == .flippedBits, fields["in"] == nil {
      checker.complain(
        argument.mark, "the fault \"\(kind.rawValue)\" needs \"in\" with a thing in flash")
      return false
    }
    return true
  }
}
