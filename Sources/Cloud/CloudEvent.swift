import World

/// Something that happened in a cloud, for timelines and invariants.
public enum CloudEvent: Equatable, Sendable {
  case hubOnline(hub: String)
  case hubOffline(hub: String, reason: String)
  /// A hub that was shown the door at hello.
  case helloRefused(hub: String, reason: String)
  case jobCreated(job: String)
  /// A job went one step. `reason` is empty when nothing needs explaining.
  case jobChanged(job: String, from: JobStatus, to: JobStatus, reason: String)
  /// A job is completed, and its print was booked with so many minutes.
  case jobBooked(job: String, minutes: Int)
  /// A hub has said how far a job's print is.
  case jobProgressed(job: String, percent: Int)
  /// A hub has said how much of a job's file it has brought to the printer.
  case fileProgressed(job: String, sentBytes: Int, totalBytes: Int)
  case commandSent(command: String, hub: String, what: String)
  case commandAnswered(command: String, hub: String, isSuccess: Bool, message: String)
  case commandTimedOut(command: String, hub: String, what: String)
  /// Before a hub had answered it, there was nothing left to be done.
  case commandWithdrawn(command: String)
  /// A queue's message was tried too often and given up.
  case deadLetter(queue: String)
  /// Something needs attention, or does no longer.
  case alert(Alert, subject: String, isRaised: Bool)
  /// A mail lies in the outbox.
  case mailWritten(recipient: String, subject: String)
  /// A refresh token came a second time: whoever had it first, or second, had stolen it.
  case tokenReused(user: String)
  /// A hub has told how it is.
  case hubHealthy(hub: String, report: JSON)
  /// A hub has told of a restart that nobody wanted, for the first time.
  case hubCrashed(hub: String, reason: String)
  /// A hub has answered with what it found wrong with itself.
  case hubExamined(hub: String)
  /// A whole picture of a printer's camera has come.
  case pictureTaken(printer: String, byteCount: Int)
  /// A hub has said how far an update is, or what came of it.
  case hubUpdate(hub: String, version: String, phase: String, percent: Int)
  /// A release is not offered to further hubs, or is again.
  case rolloutPaused(version: String)
  case rolloutResumed(version: String)
  /// A peer sent what it must not; its connection was closed, or the message dropped.
  case badInput(source: String, reason: String)
}
