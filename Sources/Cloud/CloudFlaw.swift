/// Mistakes that one could have made in this cloud. A rig plants one of them to see that it is found;
/// a cloud that people use has none.
public enum CloudFlaw: String, CaseIterable, Sendable {
  /// The list of jobs is not narrowed down to the tenant.
  case readsAllTenants
  /// An event that is told again counts again, and takes its job back.
  case countsRepeats
  /// Events are acknowledged first and taken in later.
  case acknowledgesEarly
  /// What was committed reaches the disk some seconds later.
  case syncsLate
  /// What was learnt of a job's progress is forgotten when its hub comes back.
  case forgetsProgress
  /// Commands that nobody answers are never given up.
  case neverTimesOut
  /// A start that was not answered in time has failed.
  case failsUnanswered
  /// A job brings the file that was uploaded last.
  case sendsNewestFile
  /// A cancelled job is only cancelled on record.
  case cancelsOnPaper
  /// What was to be done at a time is forgotten over a restart.
  case forgetsAlarms
  /// The access code of a printer is written to the log.
  case tellsCode
  /// Secrets are kept as they are.
  case keepsSecretsOpen
  /// What a printer was said to be is believed to be on record still when its hub comes back.
  case keepsStaleStatus
  /// A command goes to whichever hub is there.
  case givesToAnyHub
  /// Jobs that wait are cleared away at the start.
  case clearsQueue
  /// What waits in the queues is not taken up at the start.
  case leavesQueues
}
