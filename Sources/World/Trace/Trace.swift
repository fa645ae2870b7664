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

/// The record of a run, and its rolling hash.
public final class Trace {
  /// Hears each line for people, in order.
  public var sinks: [(TraceEntry) -> Void] = []
  public private(set) var hash: UInt64 = 0x6875_6272_6967_3031
  /// How many things were mixed into the hash.
  public private(set) var eventCount: UInt64 = 0

  public init() {}

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

  /// Mixes in bytes, eight at a time.
  public func mix(bytes: UnsafeRawBufferPointer) {
    var state = hash ^ UInt64(truncatingIfNeeded: bytes.count)
    var offset = 0
    while offset &+ 8 <= bytes.count {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      state = Self.fold(state ^ word, 0xA076_1D64_78BD_642F)
      offset &+= 8
    }
    var tail: UInt64 = 0
    while offset < bytes.count {
      tail = tail << 8 | UInt64(bytes[offset])
      offset &+= 1
    }
    hash = Self.fold(state ^ tail, 0xE703_7ED1_A0B4_28DB)
  }

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
