// Work that is done later. A message is on disk with what gave rise to it; it is taken from its queue
// in the same transaction as what its consumer writes, so that a crash between the two is none, and
// a message that is delivered again has had no effect before.
//
//     sent ──batch full, or its time over──> consumer ──done──> gone
//                                               │
//               waits 2, 4, 8 … s <──threw──────┴──threw too often──> dead letter

import World

/// One message.
struct QueueMessage: Record {
  let sequence: Int64
  let body: JSON
  let attempts: Int64

  init(_ row: Row) {
    sequence = row.integer("sequence")
    body = (try? JSON.parse(row.text("body"))) ?? .null
    attempts = row.integer("attempts")
  }
}

/// A message that was given up.
struct DeadLetter: Record {
  let json: JSON

  init(_ row: Row) {
    json = [
      "sequence": .integer(row.integer("sequence")), "queue": .string(row.text("queue")),
      "body": (try? JSON.parse(row.text("body"))) ?? .null,
      "attempts": .integer(row.integer("attempts")),
      "last_error": .optional(row.optionalText("last_error")),
      "created_at": .integer(row.integer("created_at")),
    ]
  }

  static let shape = Shape.object([
    ("sequence", .integer), ("queue", .text), ("body", .anything), ("attempts", .integer),
    ("last_error", .optional(.text)), ("created_at", .time),
  ])
}

/// How many messages wait in one queue.
private struct WaitingCount: Record {
  let queue: String
  let count: Int64

  init(_ row: Row) {
    queue = row.text("queue")
    count = row.integer("count")
  }
}

/// What a queue is called and how it is read.
struct QueueConfiguration {
  let name: String
  /// How many messages are handed over at once.
  let batchSize: Int
  /// How long a message waits for others.
  let batchMilliseconds: Int64
  /// How often it is tried before it is given up.
  var attemptLimit: Int64 = 5
  /// With more than so many that wait, somebody is told.
  static let depthLimit: Int64 = 1_000

  static let printEvents = QueueConfiguration(
    name: "print-events", batchSize: 10, batchMilliseconds: 1_000)
  static let fileProcessing = QueueConfiguration(
    name: "file-processing", batchSize: 5, batchMilliseconds: 200)
  static let notifications = QueueConfiguration(
    name: "notifications", batchSize: 10, batchMilliseconds: 5_000)
  static let shopifySync = QueueConfiguration(
    name: "shopify-sync", batchSize: 10, batchMilliseconds: 5_000)

  static let all = [printEvents, fileProcessing, notifications, shopifySync]
}

/// The queues of a cloud.
final class Queues {
  private unowned let platform: Platform
  private var consumers: [String: (JSON) throws -> Void] = [:]
  private var timers: [String: any Timer] = [:]
  private(set) var hasVanished = false

  init(platform: Platform) { self.platform = platform }

  private static let add = SystemSQL(
    "INSERT INTO queue_messages (queue, body, due_at, created_at) VALUES (?, ?, ?, ?)")
  private static let due = SystemSQL(
    """
    SELECT * FROM queue_messages WHERE queue = ? AND is_dead = 0 AND due_at <= ?
    ORDER BY sequence LIMIT ?
    """)
  private static let nextDue = SystemSQL(
    """
    SELECT due_at FROM queue_messages WHERE queue = ? AND is_dead = 0
    ORDER BY due_at LIMIT 1
    """)
  private static let waiting = SystemSQL(
    "SELECT count(*) FROM queue_messages WHERE queue = ? AND is_dead = 0")
  private static let waitingByQueue = SystemSQL(
    "SELECT queue, count(*) AS count FROM queue_messages WHERE is_dead = 0 GROUP BY queue")
  private static let ready = SystemSQL(
    "SELECT count(*) FROM queue_messages WHERE queue = ? AND is_dead = 0 AND due_at <= ?")
  private static let dead = SystemSQL(
    "SELECT count(*) FROM queue_messages WHERE queue = ? AND is_dead = 1")
  private static let done = SystemSQL("DELETE FROM queue_messages WHERE sequence = ?")
  private static let failed = SystemSQL(
    """
    UPDATE queue_messages SET attempts = ?, due_at = ?, last_error = ?, is_dead = ?
    WHERE sequence = ?
    """)

  /// Says who does a queue's work. A consumer writes through the database alone, or does what may be
  /// done twice.
  func consume(_ queue: QueueConfiguration, _ body: @escaping (JSON) throws -> Void) {
    consumers[queue.name] = body
  }

  /// Puts a message into a queue, with whatever else the transaction around this changes.
  func send(_ message: JSON, to queue: QueueConfiguration) throws {
    let now = platform.now
    let wait = queue.batchMilliseconds + (platform.trouble.queueDelay?.milliseconds ?? 0)
    try platform.database.change(Self.add, queue.name, message.text, now + wait, now)
    platform.database.onCommit { [weak self] in self?.schedule(queue) }
  }

  /// Takes up what was waiting when the cloud was last here.
  func start() {
    guard !platform.has(.leavesQueues) else { return }
    for queue in QueueConfiguration.all { schedule(queue) }
  }

  func vanish() {
    hasVanished = true
    for queue in QueueConfiguration.all { timers[queue.name]?.cancel() }
    timers = [:]
  }

  /// How many messages wait in each queue.
  func waiting() throws -> [(queue: QueueConfiguration, count: Int64)] {
    let counts = try platform.database.all(WaitingCount.self, Self.waitingByQueue)
    return QueueConfiguration.all.map { queue in
      (queue, counts.first { $0.queue == queue.name }?.count ?? 0)
    }
  }

  /// How many messages wait, and how many were given up.
  func depth(_ queue: QueueConfiguration) throws -> (waiting: Int64, dead: Int64) {
    let database = platform.database
    return (
      try database.first(Int64.self, Self.waiting, queue.name) ?? 0,
      try database.first(Int64.self, Self.dead, queue.name) ?? 0
    )
  }

  // MARK: dead letters

  private static let deadLetters = SystemSQL(
    """
    SELECT * FROM queue_messages WHERE is_dead = 1 AND (? IS NULL OR queue = ?)
    ORDER BY sequence LIMIT ?
    """)
  private static let revive = SystemSQL(
    """
    UPDATE queue_messages SET is_dead = 0, attempts = 0, due_at = ?
    WHERE is_dead = 1 AND (? IS NULL OR queue = ?) AND (? IS NULL OR sequence = ?)
    """)

  /// Messages that were given up, the oldest first.
  static func deadLetters(
    of queue: String?, limit: Int64, in database: Database
  ) throws -> [DeadLetter] {
    try database.all(DeadLetter.self, deadLetters, queue, queue, limit)
  }

  /// Lets messages that were given up be tried anew; answers how many.
  static func revive(
    queue: String?, sequence: Int64?, at now: Int64, in database: Database
  ) throws -> Int {
    try database.change(revive, now, queue, queue, sequence, sequence)
  }

  private func schedule(_ queue: QueueConfiguration) {
    guard !hasVanished, consumers[queue.name] != nil else { return }
    do {
      let database = platform.database
      guard let due = try database.first(Int64.self, Self.nextDue, queue.name) else { return }
      let now = platform.now
      let ready =
        try database.first(Int64.self, Self.ready, queue.name, now + queue.batchMilliseconds) ?? 0
      // A full batch need not wait for more.
      let delay = ready >= queue.batchSize ? 0 : max(0, due - now)
      timers[queue.name]?.cancel()
      timers[queue.name] = platform.host.after(.milliseconds(delay)) { [weak self] in
        self?.deliver(queue)
      }
    } catch {
      platform.host.note(.problem, "queue \(queue.name): \(error)")
      rest(queue)
    }
  }

  private func deliver(_ queue: QueueConfiguration) {
    guard !hasVanished, let consumer = consumers[queue.name] else { return }
    do {
      // What is full goes before its time; what waits for another try does not.
      let now = platform.now
      let messages = try platform.database.all(
        QueueMessage.self, Self.due, queue.name, now + queue.batchMilliseconds, queue.batchSize)
      for message in messages { try deliver(message, of: queue, to: consumer) }
      schedule(queue)
    } catch {
      platform.host.note(.problem, "queue \(queue.name): \(error)")
      rest(queue)
    }
  }

  /// The database does not answer: to ask at once again would be to ask all the time.
  private func rest(_ queue: QueueConfiguration) {
    guard !hasVanished else { return }
    timers[queue.name]?.cancel()
    timers[queue.name] = platform.host.after(.seconds(1)) { [weak self] in self?.schedule(queue) }
  }

  private func deliver(
    _ message: QueueMessage, of queue: QueueConfiguration, to consumer: (JSON) throws -> Void
  ) throws {
    let database = platform.database
    do {
      try database.transaction {
        try consumer(message.body)
        if platform.trouble.repeatsMessages, message.attempts == 0 {
          // As if word of its being done had been lost.
          try database.change(
            Self.failed, 1, platform.now + queue.batchMilliseconds + 1_000, "", false,
            message.sequence)
        } else {
          try database.change(Self.done, message.sequence)
        }
      }
    } catch {
      let attempts = message.attempts + 1
      let isDead = attempts >= queue.attemptLimit
      let pause = Int64(1_000) << min(attempts, 8)
      try database.change(
        Self.failed, attempts, platform.now + queue.batchMilliseconds + pause, "\(error)", isDead,
        message.sequence)
      if isDead {
        platform.note("queue \(queue.name): a message was given up: \(error)")
        platform.tell(.deadLetter(queue: queue.name))
      }
    }
  }
}
