import World

/// What can be wrong with the machine that a cloud runs on, for stories and tests.
public struct CloudTrouble: Equatable, Sendable {
  /// Nothing more can be put on disk: every commit fails.
  public var isDiskFull = false
  /// Another program holds the database: nothing can be changed.
  public var isDatabaseBusy = false
  /// How long the disk takes for a commit.
  public var commitDelay: Interval?
  /// Queues hand over again what was done already.
  public var repeatsMessages = false
  /// How long links to files hold.
  public var linkLife: Interval?
  /// The share of a file after which a download of the whole of it breaks off; of all but its last
  /// byte, so that it is never whole. What is asked for from there on comes.
  public var cutsDownloadsAt: Double?
  /// Nobody looks who has signed a firmware, as in a cloud that somebody has broken into.
  public var publishesAnything = false

  /// Whoever asks for a part of a file gets all of it.
  public var ignoresRanges = false
  /// What a hub is told to do with a print is told it again after so long.
  public var commandsAgainAfter: Interval?
  /// Every request is refused with this status.
  public var refusal: Int?
  /// What is wrong with the files that are fetched.
  public var objectHarm: ObjectHarm?
  /// So much longer a queue's messages wait.
  public var queueDelay: Interval?

  /// What can have become of a stored file.
  public enum ObjectHarm: Sendable {
    /// A byte in it is another.
    case corrupt
    /// Its last quarter is missing.
    case truncated
  }

  public init() {}
}
