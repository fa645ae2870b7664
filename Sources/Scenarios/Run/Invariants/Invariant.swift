// What must hold in every run, without being asked for. Each invariant hears the same plain facts,
// while the run goes, and answers with a sentence when one of them breaks it.

import World

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
  /// A printer that was well was told to print a file with that digest, and could not.
  case printRefused(printer: String, digest: UInt64)
  /// A printer is so far in the print it began last.
  case printProgressed(printer: String, number: Int, percent: Int)
  /// A print is over.
  case printEnded(printer: String, isFinished: Bool)
  case hubMemory(hub: String, used: Int)
  /// A hub's firmware went from one state to another; a hub without power is `off`.
  case hubStepped(hub: String, from: String, to: String)
  case faultBegan(kind: String, place: String)
  /// The last fault of that kind at that place is over.
  case faultEnded(kind: String, place: String, at: Instant)
  /// The cloud sent a command for a printer or job to a hub.
  case commanded(hub: String, hubFarm: String, targetFarm: String)
  /// An owner asked for a list and was shown something of that farm.
  case shown(farm: String, ownerOf: String, what: String)
  /// The cloud has told an owner that this is made: a file, a job.
  case acknowledged(farm: String, what: String, id: String)
  /// An owner was shown the list of all that is there of a kind.
  case listed(farm: String, what: String, ids: [String])
  /// A hub was sent a command that it has to answer.
  case commandSent(id: String, what: String, at: Instant)
  /// A command was answered, or given up.
  case commandOver(id: String, at: Instant)
  case cloudIsUp(at: Instant)
  case storyEnded(at: Instant)
  /// A hub has said that the print on this printer is stopped, or on its way there.
  case stopConfirmed(printer: String)
  /// When everything was mended and at rest: what an owner was shown of a printer, and what it does.
  case shownAs(printer: String, shown: String, truth: String)
  /// At the same moment: a printer prints, and no job of it is under way.
  case printsUnknown(printer: String)
  case secretSeen(what: String, place: String)
  /// How often the store of a hub was written to, in so many boots, with so many jobs.
  case storeWritten(hub: String, times: Int, boots: Int, jobs: Int)
  /// A hub restarted because one of its tasks did not do its part, though nobody had harmed it.
  case hubUnwell(hub: String)
  /// A hub crashed, is connected again, and the cloud has heard of no crash.
  case crashUntold(hub: String)
  /// A hub that has power does not run.
  case hubDead(hub: String)
  /// So much waits in a queue, in which there may be so much at most.
  case queueHolds(queue: String, count: Int, limit: Int)
  /// A minute after everything was mended and at rest so much still waited in a queue.
  case queueLeft(queue: String, count: Int)
  /// The cloud could make nothing of what a hub said.
  case misunderstood(source: String, reason: String)
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
    MemoryBound.self, TenantWalls.self, NothingLost.self, AnsweredInTime.self, StopObeyed.self,
    TrulyOver.self, SameTruth.self, NoSecret.self, FlashWear.self, NeverStarved.self,
    AlwaysBoots.self, Understood.self, CrashesTold.self, QueuesBounded.self, QueuesDrained.self,
  ]
}
