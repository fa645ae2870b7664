// What must hold in every run, without being asked for. Each invariant hears the same plain facts,
// while the run goes, and answers with a sentence when one of them breaks it.

/// Something that was seen to happen. Plain data, so that a test can tell a lie.
public enum Fact: Equatable, Sendable {
  /// An owner's file is whole in the cloud.
  case fileUploaded(farm: String, digest: UInt64)
  /// An owner made a job of a file.
  case jobMade(job: String, farm: String, printer: String, digest: UInt64)
  /// An owner asked for the job to be started; perhaps more than once.
  case startAsked(job: String)
  /// The cloud's record of a job went one step.
  case jobStepped(job: String, from: String, to: String)
  /// The cloud's record says how far a job is.
  case jobProgressed(job: String, percent: Int)
  /// A printer began a print, the so-manieth since it was built, of a file with that digest.
  case printBegan(printer: String, farm: String, number: Int, digest: UInt64)
  /// A printer is so far in the print it began last.
  case printProgressed(printer: String, number: Int, percent: Int)
  /// A print is over.
  case printEnded(printer: String, isFinished: Bool)
  case hubMemory(hub: String, used: Int)
  /// A hub's firmware went from one state to another; a hub without power is `off`.
  case hubStepped(hub: String, from: String, to: String)
  case faultBegan(kind: String, place: String)
  /// The cloud sent a command for a printer or job to a hub.
  case commanded(hub: String, hubFarm: String, targetFarm: String)
  /// An owner asked for a list and was shown something of that farm.
  case shown(farm: String, ownerOf: String, what: String)
}

/// One rule that no run may break.
public protocol Invariant: AnyObject {
  /// Stable, for reports and for those who read them.
  static var id: String { get }
  static var sentence: String { get }
  /// Hears a fact and answers with what is wrong, or nil.
  func hear(_ fact: Fact) -> String?
  init()
}

/// All invariants.
public enum Invariants {
  public static let all: [any Invariant.Type] = [
    StartedOnce.self, SameBytes.self, LegalSteps.self, NeverBack.self, TrulyFinished.self,
    MemoryBound.self, TenantWalls.self,
  ]
}
