// The trace is the run's memory and its fingerprint. Everything that happens is mixed into one
// rolling 64-bit hash, in order, with its time: two runs are the same if and only if (but for luck
// of 1 in 2^64) their hashes are. Lines for people go to sinks as well.

/// What a line on the timeline is about.
public enum TraceKind: UInt8, CaseIterable, Sendable {
  case step, user, cloud, hub, printer, network, fault, expectation, problem
  /// Only for those who ask: single messages, polls, retries.
  case detail

  public var name: String { "\(self)" }
}

/// One line on the timeline.
public struct TraceEntry: Sendable {
  public let at: Instant
  public let actor: String
  public let kind: TraceKind
  public let text: String

  public init(at: Instant, actor: String, kind: TraceKind, text: String) {
    self.at = at
    self.actor = actor
    self.kind = kind
    self.text = text
  }
}

/// A message on its way, for those who draw a run.
public struct TraceMessage: Sendable {
  public let at: Instant
  /// A host's name or a machine's id; empty for whoever is at the other end of a local line.
  public let from: String
  public let to: String
  /// What it is, in a word or two.
  public let what: String
  public let payload: [UInt8]

  public init(at: Instant, from: String, to: String, what: String, payload: [UInt8]) {
    self.at = at
    self.from = from
    self.to = to
    self.what = what
    self.payload = payload
  }
}

/// The record of a run, and its rolling hash.
public final class Trace {
  /// Hears each line for people, in order.
  public var sinks: [(TraceEntry) -> Void] = []
  public private(set) var hash: UInt64 = 0x6875_6272_6967_3031
  /// How many things were mixed into the hash.
  public private(set) var eventCount: UInt64 = 0

  /// Hears each message between those who take part. What they carry is no part of the hash.
  public var messageSinks: [(TraceMessage) -> Void] = []

  public init() {}

  /// Tells of a message to whoever draws the run; costs nothing when nobody does.
  public func tell(
    at now: Instant, from: String, to: String, what: @autoclosure () -> String = "",
    payload: @autoclosure () -> [UInt8]
  ) {
    guard !messageSinks.isEmpty else { return }
    let message = TraceMessage(at: now, from: from, to: to, what: what(), payload: payload())
    for sink in messageSinks { sink(message) }
  }

  /// Leaves a line for people and mixes it into the hash.
  public func note(at now: Instant, by actor: String, _ kind: TraceKind, _ text: String) {
    mix(UInt64(bitPattern: now.nanoseconds), UInt64(kind.rawValue))
    mix(text: actor)
    mix(text: text)
    guard !sinks.isEmpty else { return }
    let entry = TraceEntry(at: now, actor: actor, kind: kind, text: text)
    for sink in sinks { sink(entry) }
  }

  /// Mixes a machine event into the hash: cheap enough for every packet.
  @inline(__always)
  public func mix(_ a: UInt64, _ b: UInt64) {
    eventCount &+= 1
    hash = Self.fold(hash ^ a, 0x9E37_79B9_7F4A_7C15 ^ b)
  }

  /// Mixes in bytes. Long runs go through four lanes side by side, since one fold must wait for the
  /// one before it and the machine can do several at once.
  public func mix(bytes: UnsafeRawBufferPointer) {
    let count = bytes.count
    var state = hash ^ UInt64(truncatingIfNeeded: count)
    var offset = 0
    if count >= 64 {
      var second = state &+ 0x9E37_79B9_7F4A_7C15
      var third = state &+ 0xA076_1D64_78BD_642F
      var fourth = state &+ 0xE703_7ED1_A0B4_28DB
      while offset &+ 64 <= count {
        state = Self.fold(state ^ bytes.word(at: offset), Self.salt ^ bytes.word(at: offset &+ 8))
        second = Self.fold(
          second ^ bytes.word(at: offset &+ 16), Self.salt ^ bytes.word(at: offset &+ 24))
        third = Self.fold(
          third ^ bytes.word(at: offset &+ 32), Self.salt ^ bytes.word(at: offset &+ 40))
        fourth = Self.fold(
          fourth ^ bytes.word(at: offset &+ 48), Self.salt ^ bytes.word(at: offset &+ 56))
        offset &+= 64
      }
      state = Self.fold(Self.fold(state, second ^ Self.salt), Self.fold(third, fourth ^ Self.salt))
    }
    while offset &+ 8 <= count {
      state = Self.fold(state ^ bytes.word(at: offset), Self.salt)
      offset &+= 8
    }
    var tail: UInt64 = 0
    while offset < count {
      tail = tail << 8 | UInt64(bytes[offset])
      offset &+= 1
    }
    hash = Self.fold(state ^ tail, 0xE703_7ED1_A0B4_28DB)
  }

  private static let salt: UInt64 = 0xA076_1D64_78BD_642F

  private func mix(text: String) {
    var text = text
    text.withUTF8 { mix(bytes: UnsafeRawBufferPointer($0)) }
  }

  @inline(__always)
  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low ^ a &+ b
  }
}

extension UnsafeRawBufferPointer {
  /// Eight bytes as a number, the same on every machine.
  @inline(__always)
  fileprivate func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
