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
  /// A step of the schema was applied that nobody here knows.
  case schemaTooNew(Int)
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
    case .schemaTooNew: "database.schema-too-new"
    case .failed: "database.failed"
    case .forgotten: "database.forgotten"
    }
  }
}

extension DatabaseError: CustomStringConvertible {
  /// For people who start a cloud, and for logs.
  public var description: String {
    switch self {
    case .notUnique(let columns): "there is a row like this already (\(columns))"
    case .dangling: "a row refers to one that is not there, or is still referred to"
    case .unusable(let reason): reason
    case .migrationChanged(let name):
      "this state was made with another version of the step \"\(name)\" of its schema"
    case .schemaTooNew(let number):
      "this state was made by a newer hubrig (step \(number) of the schema); start it with that one, "
        + "or go back to a backup"
    case .failed(let code, let message): "the database failed: \(message) (\(code))"
    case .forgotten: "the cloud went down in the middle of it"
    }
  }
}
