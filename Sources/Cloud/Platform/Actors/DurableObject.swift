// Durable Objects: for each name one object, which is alone with its state. Everything runs on one
// thread, so an object is never entered twice at once; what it must not lose is in its storage, and
// its one alarm rings even when the cloud was away in between.
//
//     asked for, or its alarm has come ──> awake ──nobody asked for it for 10 s, or evicted──> asleep
//              ^                                                                                 │
//              └── made anew: storage, and what its sockets keep for it (ActorSockets) ──────────┘

import World

/// An actor with a name, storage and an alarm.
class DurableObject {
  let name: String
  let platform: Platform
  private let className: String
  private var timer: (any Timer)?
  fileprivate private(set) var dueAt: Int64?
  /// When somebody asked for it last.
  fileprivate var usedAt: Int64 = 0
  /// Another object of its name may be there by now.
  private(set) var hasVanished = false

  /// When an alarm that failed rings again.
  private static let retryMilliseconds: Int64 = 1_000

  required init(name: String, className: String, platform: Platform) {
    self.name = name
    self.className = className
    self.platform = platform
  }

  /// The alarm that was set has come.
  func alarm() {}

  // MARK: storage

  private static let valueOf = SystemSQL(
    "SELECT value FROM actor_storage WHERE class = ? AND name = ? AND key = ?")
  private static let setValue = SystemSQL(
    """
    INSERT INTO actor_storage (class, name, key, value) VALUES (?, ?, ?, ?)
    ON CONFLICT (class, name, key) DO UPDATE SET value = excluded.value
    """)
  private static let removeValue = SystemSQL(
    "DELETE FROM actor_storage WHERE class = ? AND name = ? AND key = ?")

  final func stored(_ key: String) throws -> String? {
    try platform.database.first(String.self, Self.valueOf, className, name, key)
  }

  final func store(_ value: String?, as key: String) throws {
    if let value {
      try platform.database.change(Self.setValue, className, name, key, value)
    } else {
      try platform.database.change(Self.removeValue, className, name, key)
    }
  }

  // MARK: the alarm

  private static let setDue = SystemSQL(
    """
    INSERT INTO actor_alarms (class, name, due_at) VALUES (?, ?, ?)
    ON CONFLICT (class, name) DO UPDATE SET due_at = excluded.due_at
    """)
  private static let removeDue = SystemSQL(
    "DELETE FROM actor_alarms WHERE class = ? AND name = ?")

  final var hasAlarm: Bool { dueAt != nil }

  /// Sets the alarm to `time` (ms since 1970) instead of what it was set to; nil unsets it.
  final func setAlarm(at time: Int64?) throws {
    guard time != dueAt else { return }
    if let time {
      try platform.database.change(Self.setDue, className, name, time)
    } else {
      try platform.database.change(Self.removeDue, className, name)
    }
    arm(at: time)
  }

  /// Takes up an alarm that was set before the cloud went down.
  final func arm(at time: Int64?) {
    timer?.cancel()
    timer = nil
    dueAt = time
    guard let time, !hasVanished else { return }
    let delay = Interval.milliseconds(max(0, time - platform.now))
    timer = platform.host.after(delay) { [weak self] in self?.ring() }
  }

  private func ring() {
    timer = nil
    dueAt = nil
    do {
      try platform.database.transaction {
        try platform.database.change(Self.removeDue, className, name)
        alarm()
      }
    } catch {
      // It is still due on record; a database that is busy now may not be so soon.
      platform.host.note(.problem, "\(className) \(name): the alarm failed: \(error)")
      arm(at: platform.now + Self.retryMilliseconds)
    }
  }

  /// Nothing more is heard of it.
  func vanish() {
    hasVanished = true
    timer?.cancel()
    timer = nil
  }
}

/// All the objects of one class.
final class ObjectNamespace<Object: DurableObject> {
  let className: String
  private let platform: Platform
  private let prepare: (Object) -> Void
  private var objects: [String: Object] = [:]
  /// Those in memory, in the order in which they were woken.
  private(set) var awake: [Object] = []
  /// Those that sleep and have an alarm.
  private var asleep: [String: (dueAt: Int64, timer: any Timer)] = [:]
  private var hasVanished = false
  /// Who was not asked for so long need not stay in memory.
  private static var idleMilliseconds: Int64 { 10_000 }

  private struct Alarm: Record {
    let name: String
    let dueAt: Int64
    init(_ row: Row) {
      name = row.text("name")
      dueAt = row.integer("due_at")
    }
  }
  private static var alarms: SystemSQL {
    SystemSQL("SELECT name, due_at FROM actor_alarms WHERE class = ? ORDER BY due_at, name")
  }

  /// `prepare` is called with each object before anybody else gets it.
  init(_ className: String, platform: Platform, prepare: @escaping (Object) -> Void) {
    self.className = className
    self.platform = platform
    self.prepare = prepare
  }

  /// The one object of that name.
  func object(_ name: String) -> Object {
    if let known = objects[name] {
      known.usedAt = platform.now
      return known
    }
    let object = Object(name: name, className: className, platform: platform)
    object.usedAt = platform.now
    guard !hasVanished else {
      object.vanish()
      prepare(object)
      return object
    }
    objects[name] = object
    awake.append(object)
    if let (dueAt, timer) = asleep.removeValue(forKey: name) {
      timer.cancel()
      object.arm(at: dueAt)
    }
    prepare(object)
    return object
  }

  /// The object of that name if it is in memory.
  func awake(_ name: String) -> Object? { objects[name] }

  /// Lets an object that has nothing in memory worth keeping, and no alarm, go until it is asked for.
  func putToSleep(_ name: String) {
    guard let object = objects.removeValue(forKey: name) else { return }
    awake.removeAll { $0 === object }
    object.vanish()
  }

  /// Drops an object from memory, as the platform may at any time. Its alarm still rings; when it is
  /// asked for, it is made anew of what is in its storage and with its sockets.
  func evict(_ name: String) {
    guard let object = objects.removeValue(forKey: name) else { return }
    awake.removeAll { $0 === object }
    sleep(object)
  }

  /// Drops those that nobody has asked for in a while.
  func evictIdle() {
    let limit = platform.now - Self.idleMilliseconds
    let idle = awake.filter { $0.usedAt <= limit }
    guard !idle.isEmpty else { return }
    awake.removeAll { $0.usedAt <= limit }
    for object in idle {
      objects[object.name] = nil
      sleep(object)
    }
  }

  private func sleep(_ object: Object) {
    let dueAt = object.dueAt
    object.vanish()
    guard let dueAt else { return }
    let name = object.name
    let delay = Interval.milliseconds(max(0, dueAt - platform.now))
    let timer = platform.host.after(delay) { [weak self] in
      // Once awake, its own timer is due at once.
      _ = self?.object(name)
    }
    asleep[name] = (dueAt, timer)
  }

  /// Takes up the alarms that were set when the cloud was last here.
  func start() throws {
    hasVanished = false
    for alarm in try platform.database.all(Alarm.self, Self.alarms, className) {
      object(alarm.name).arm(at: alarm.dueAt)
    }
  }

  func vanish() {
    hasVanished = true
    for object in awake { object.vanish() }
    for (_, timer) in asleep.values { timer.cancel() }
    objects = [:]
    awake = []
    asleep = [:]
  }
}
