import CSQLite
import World

/// What was changed since the last commit, and who waits for the next.
struct CommitGroup {
  enum Waiting {
    /// For what must not happen unless the change is kept.
    case kept(() -> Void)
    /// For what must be told either way.
    case settled((_ isKept: Bool) -> Void)
  }

  var isOpen = false
  /// Whether one transaction of ours is under way in it.
  var isInTransaction = false
  var waiting: [Waiting] = []
  var timer: (any Timer)?
  /// Tells whether the group is still the one that was begun.
  var number = 0
  /// How often everything was forgotten, as by a death.
  var deathCount = 0
}

extension Database {
  /// Runs `body`: what it changed is kept as a whole, or not at all when it throws. One inside
  /// another is part of the outer one. When it is on disk, those hear who asked `onCommit`.
  func transaction<T>(_ body: () throws -> T) throws -> T {
    guard !group.isInTransaction else { return try body() }
    try open()
    let number = group.number
    let mark = group.waiting.count
    group.isInTransaction = true
    do {
      try step("SAVEPOINT one")
      let result = try body()
      guard group.number == number else { throw DatabaseError.forgotten }
      try step("RELEASE one")
      group.isInTransaction = false
      if endOfTurn == nil { try commit() }
      return result
    } catch {
      if group.number == number { undo(to: mark) }
      throw error
    }
  }

  /// Runs `action` once what is being changed is on disk, at once when nothing is; never after a
  /// rollback. For what others can see: messages, events.
  func onCommit(_ action: @escaping () -> Void) {
    if group.isOpen { group.waiting.append(.kept(action)) } else { action() }
  }

  /// Runs `action` once it is known whether what was changed in this turn is on disk, at once when
  /// nothing was. For answers: also what was only read may have been changed in this turn.
  func whenSettled(_ action: @escaping (_ isKept: Bool) -> Void) {
    if group.isOpen { group.waiting.append(.settled(action)) } else { action(true) }
  }

  /// Puts on disk what was changed since the last time, and lets out what waited for that.
  func commit() throws(DatabaseError) {
    guard group.isOpen else { return }
    precondition(!group.isInTransaction, "a turn of the loop ends outside of transactions")
    let begin = stopwatch?.now() ?? 0
    do throws(DatabaseError) {
      guard !trouble.isDiskFull else {
        throw .failed(code: SQLITE_FULL, message: "the disk is full")
      }
      try step("COMMIT")
    } catch {
      fail()
      throw error
    }
    if let stopwatch {
      let slowness = trouble.commitDelay?.seconds ?? 0
      stopwatch.took(Double(stopwatch.now() - begin) / 1e9 + slowness)
    }
    let deathCount = group.deathCount
    for waiting in close() {
      // Whoever heard may have brought the whole cloud down.
      guard group.deathCount == deathCount else { return }
      switch waiting {
      case .kept(let action): action()
      case .settled(let action): action(true)
      }
    }
  }

  /// Forgets what is being changed, as the death of the process would.
  func rollBack() {
    group.deathCount += 1
    _ = close()
    forgetChanges()
  }

  private func forgetChanges() {
    // Some failures have rolled back already.
    if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
  }

  /// Makes a single change part of the group, when there are groups.
  func join() throws(DatabaseError) {
    if endOfTurn != nil, !group.isOpen { try open() }
  }

  private func open() throws(DatabaseError) {
    guard !group.isOpen else { return }
    guard !trouble.isDatabaseBusy else {
      throw .failed(code: SQLITE_BUSY, message: "the database is locked")
    }
    try step("BEGIN IMMEDIATE")
    group.isOpen = true
    group.timer = endOfTurn?({ [weak self] in try? self?.commit() })
  }

  private func close() -> [CommitGroup.Waiting] {
    let waiting = group.waiting
    group.timer?.cancel()
    group = CommitGroup(number: group.number + 1, deathCount: group.deathCount)
    return waiting
  }

  private func undo(to mark: Int) {
    group.isInTransaction = false
    guard endOfTurn != nil else {
      _ = close()
      return forgetChanges()
    }
    let made = group.waiting[mark...]
    group.waiting.removeSubrange(mark...)
    for case .settled(let action) in made { group.waiting.append(.settled(action)) }
    do {
      // A disk that is full takes the whole group along.
      guard sqlite3_get_autocommit(handle) == 0 else { return fail() }
      try step("ROLLBACK TO one")
      try step("RELEASE one")
    } catch {
      fail()
    }
  }

  /// Nothing that was changed in this turn ever was.
  private func fail() {
    let waiting = close()
    forgetChanges()
    for case .settled(let action) in waiting { action(false) }
    onFailedCommit?()
  }
}
