// What of a slot the cloud has not been told yet. Nothing is queued: a mark says that there is
// something, and what is sent is how things stand when there is room. So nothing is told twice,
// nothing is lost, and a slow cloud costs no memory.

/// What there is to tell of one slot, and when.
struct News {
  /// Something of the status is different; it may wait for its turn.
  var statusChanged = false
  /// The state is different; it may not wait.
  var statusIsUrgent = false
  private var statusToldAt: Uptime?

  private var jobChanged = false
  private var jobToldAt = Uptime.start
  /// The cloud knows the end of the job.
  private var isEndKnown = false

  /// The bytes of the file that were told last, and when.
  private var toldBytes = 0
  private var bytesToldAt: Uptime?

  mutating func jobIsNew() {
    jobChanged = true
    isEndKnown = false
    toldBytes = 0
    bytesToldAt = nil
  }

  /// The cloud has said hello and knows nothing.
  mutating func tellAll(hasPrinter: Bool, hasJob: Bool) {
    statusIsUrgent = hasPrinter
    jobChanged = hasJob
  }

  mutating func endIsKnown() { isEndKnown = true }

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
    statusToldAt = now
  }

  func jobDueAt(isOver: Bool) -> Uptime {
    if jobChanged { return .start }
    return isOver && !isEndKnown ? jobToldAt + Limits.finalPhaseAgain : .never
  }

  mutating func jobWasTold(now: Uptime) {
    jobChanged = false
    jobToldAt = now
  }

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
