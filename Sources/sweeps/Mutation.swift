// Errors that people make with flash. Each is planted on the board's side, where it looks to the
// firmware as if all were well until the power goes; a sweep that does not notice one is no good.

/// A planted error.
enum Mutation: String, CaseIterable {
  /// The newer of the two boot records is overwritten, not the older one.
  case newerRecordOverwritten = "newer-record-overwritten"
  /// An entry is made to count before its value stands.
  case markBeforeValue = "mark-before-value"
  /// A sector is not given up before it is erased.
  case sectorNotGivenUp = "sector-not-given-up"
  /// Starts of an image that proves nothing are not counted.
  case attemptsNotCounted = "attempts-not-counted"
  /// An image counts as proven as soon as it is started.
  case confirmedTooEarly = "confirmed-too-early"

  /// The flow in which it shows.
  var flow: String {
    switch self {
    case .newerRecordOverwritten, .attemptsNotCounted, .confirmedTooEarly: "rollback-back"
    case .markBeforeValue: "settings"
    case .sectorNotGivenUp: "store4"
    }
  }
}
