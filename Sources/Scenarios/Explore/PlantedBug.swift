// Mistakes that are planted to see that exploring finds them: a net in which nothing was ever caught
// may have holes of any size.

import Cloud
import HubCore

/// A mistake in the firmware or in the cloud, with what should catch it.
public struct PlantedBug: Sendable {
  /// In whose program it is.
  public enum Place: Sendable {
    case hub(HubFlaw)
    case cloud(CloudFlaw)
  }

  public let name: String
  public let sentence: String
  public let place: Place
  /// In which worlds it can show.
  public let size: ExplorationSize

  init(
    _ name: String, _ place: Place, _ sentence: String, size: ExplorationSize = .standard
  ) {
    self.name = name
    self.place = place
    self.sentence = sentence
    self.size = size
  }

  var cloudFlaw: CloudFlaw? { if case .cloud(let flaw) = place { flaw } else { nil } }
  var hubFlaw: HubFlaw? { if case .hub(let flaw) = place { flaw } else { nil } }
  public var placeName: String { cloudFlaw == nil ? "hub" : "cloud" }

  /// What is planted in this process now.
  nonisolated(unsafe) public private(set) static var current: PlantedBug?

  /// Plants a bug in every story of this process from now on, or takes it out with nil. For processes
  /// that do nothing else.
  public static func plant(_ bug: PlantedBug?) {
    current = bug
    HubCore.plant(bug?.hubFlaw)
  }

  public static func named(_ name: String) -> PlantedBug? { all.first { $0.name == name } }

  public static let all: [PlantedBug] = [
    PlantedBug(
      "repeats-commands", .hub(.repeatsCommands),
      "A command that comes again is done again, the start of a job as well."),
    PlantedBug(
      "starts-again", .hub(.startsAgain),
      "A start that was not answered is sent to the printer again."),
    PlantedBug(
      "keeps-no-record", .hub(.keepsNoRecord), "Jobs and commands are forgotten over a restart."),
    PlantedBug(
      "no-range-check", .hub(.doesNotCheckRange),
      "The rest of a broken download is taken from wherever it begins."),
    PlantedBug(
      "forgets-stop", .hub(.forgetsStop),
      "A stop that comes before the print is confirmed and forgotten."),
    PlantedBug(
      "gives-up-lost-printer", .hub(.givesUpLostPrinter),
      "A job whose printer is out of sight has failed."),
    PlantedBug(
      "mixes-up-printers", .hub(.mixesUpPrinters), "All commands go to the first printer.",
      size: .neighbours),
    PlantedBug(
      "starves-tasks", .hub(.starvesTasks), "While a file moves no other task gets its turn."),
    PlantedBug(
      "gives-up-network", .hub(.givesUpNetwork),
      "After three failures the hub does not try its network again."),
    PlantedBug(
      "gives-up-cloud", .hub(.givesUpCloud), "A broken connection to the cloud is not made again."),
    PlantedBug(
      "gives-up-printer", .hub(.givesUpPrinter),
      "A broken connection to a printer is not made again."),
    PlantedBug(
      "trusts-silence", .hub(.trustsSilence), "Nobody asks whether the cloud is still there."),
    PlantedBug(
      "wears-flash", .hub(.wearsFlash), "The job is put on record with every report."),
    PlantedBug("tells-key", .hub(.tellsKey), "The WiFi key is written to the log."),
    PlantedBug(
      "takes-idle-for-done", .hub(.takesIdleForDone),
      "A printer that was switched off and on has finished its print."),
    PlantedBug(
      "reads-all-tenants", .cloud(.readsAllTenants),
      "The list of jobs is not narrowed down to the tenant.", size: .neighbours),
    PlantedBug(
      "counts-repeats", .cloud(.countsRepeats), "An event that is told twice counts twice."),
    PlantedBug(
      "acknowledges-early", .cloud(.acknowledgesEarly),
      "Events are acknowledged before they are stored."),
    PlantedBug(
      "syncs-late", .cloud(.syncsLate), "What was committed reaches the disk five seconds later."),
    PlantedBug(
      "forgets-progress", .cloud(.forgetsProgress),
      "A job's progress falls back to what is stored when its hub comes back."),
    PlantedBug(
      "never-times-out", .cloud(.neverTimesOut), "Commands are never given up."),
    PlantedBug(
      "fails-unanswered", .cloud(.failsUnanswered),
      "A start that was not answered in time counts as failed."),
    PlantedBug(
      "sends-newest-file", .cloud(.sendsNewestFile), "A job brings the file that came last.",
      size: .neighbours),
    PlantedBug(
      "cancels-on-paper", .cloud(.cancelsOnPaper), "A cancelled job is only cancelled on record."),
    PlantedBug(
      "forgets-alarms", .cloud(.forgetsAlarms),
      "What was due later is forgotten when the cloud restarts."),
    PlantedBug("tells-code", .cloud(.tellsCode), "An access code is written to the log."),
    PlantedBug(
      "keeps-secrets-open", .cloud(.keepsSecretsOpen), "Secrets lie in the database as they are."),
    PlantedBug(
      "keeps-stale-status", .cloud(.keepsStaleStatus),
      "What a printer was before its hub went away is not looked at again."),
    PlantedBug(
      "gives-to-any-hub", .cloud(.givesToAnyHub), "A command goes to whichever hub is there.",
      size: .neighbours),
    PlantedBug(
      "clears-queue", .cloud(.clearsQueue), "Jobs that wait are cleared away at a restart."),
    PlantedBug(
      "leaves-queues", .cloud(.leavesQueues),
      "Messages that wait in the cloud's queues at a restart are not taken up."),
  ]
}
