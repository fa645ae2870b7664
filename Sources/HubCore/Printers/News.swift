// What of a slot the cloud has not been told yet. Nothing is queued here: a mark says that there is
// something, and what is sent is how things stand when there is room. So nothing is told twice, and
// a slow cloud costs no memory. What became of a job goes through the outbox.

/// What there is to tell of one slot, and when.
struct News {
  /// Something of the status is different; it may wait for its turn.
  var statusChanged = false
  /// The state is different; it may not wait.
  var statusIsUrgent = false
  /// The spools are others; they are told only then, for they are most of a status and seldom new.
  var filamentChanged = false
  private var statusToldAt: Uptime?

  /// The job is in another phase, of which the outbox has no event yet.
  private(set) var jobIsUnrecorded = false
  /// The cloud has said hello and wants to hear how the job stands.
  private(set) var jobIsAskedFor = false

  /// The bytes of the file that were told last, and when.
  private var toldBytes = 0
  private var bytesToldAt: Uptime?

  mutating func jobIsNew() {
    jobIsUnrecorded = true
    toldBytes = 0
    bytesToldAt = nil
  }

  mutating func jobWasRecorded() { jobIsUnrecorded = false }

  /// The cloud has said hello and knows nothing.
  mutating func tellAll(hasPrinter: Bool, hasJob: Bool) {
    statusIsUrgent = hasPrinter
    jobIsAskedFor = hasJob
    filamentChanged = hasPrinter
  }

  // ---------------------------------------------------------------------------- what is due when

  var statusDueAt: Uptime {
    if statusIsUrgent { return .start }
    guard statusChanged else { return .never }
    guard let statusToldAt else { return .start }
    return statusToldAt + Limits.statusInterval
  }

  mutating func statusWasTold(now: Uptime) {
    statusChanged = false
    statusIsUrgent = false
    filamentChanged = false
    statusToldAt = now
  }

  mutating func jobWasTold() { jobIsAskedFor = false }

  func bytesDueAt(moved: Int) -> Uptime {
    guard moved != toldBytes else { return .never }
    guard let bytesToldAt else { return .start }
    return bytesToldAt + Limits.fileProgressInterval
  }

  mutating func bytesWereTold(_ moved: Int, now: Uptime) {
    toldBytes = moved
    bytesToldAt = now
  }
}
