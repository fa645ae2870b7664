/// What the database can refuse. Mistakes in our SQL are no errors: they trap, with SQLite's words.
public enum DatabaseError: Error, Equatable {
  /// A row with these values is already there; names the columns.
  case notUnique(String)
  /// A row refers to one that is not there, or is still referred to.
  case dangling
  /// The file cannot be opened, or is no database of ours.
  case unusable(String)
  /// A migration that was applied has another text now.
  case migrationChanged(String)
  /// The disk is full, or reading or writing it failed; nothing was changed.
  case failed(code: Int32, message: String)
  /// The cloud went down in the middle of it.
  case forgotten

  /// Stable, for logs.
  public var name: String {
    switch self {
    case .notUnique: "database.not-unique"
    case .dangling: "database.dangling"
    case .unusable: "database.unusable"
    case .migrationChanged: "database.migration-changed"
    case .failed: "database.failed"
    case .forgotten: "database.forgotten"
    }
  }
}
