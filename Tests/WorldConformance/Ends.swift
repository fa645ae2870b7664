import World

/// One end of a stream in a test: remembers what it heard and when, and reads as it is told.
public final class End: StreamHandler {
  public private(set) var stream: (any Stream)?
  private let host: any Host
  public private(set) var events: [StreamEvent] = []
  public private(set) var times: [Instant] = []
  public private(set) var received: [UInt8] = []
  /// How many bytes came at each `.readable`.
  public private(set) var arrivals: [Int] = []
  public var readsAtOnce = true
  public var onEvent: ((StreamEvent) -> Void)?

  public init(on host: any Host) { self.host = host }

  public func take(_ stream: any Stream) {
    self.stream = stream
    stream.handler = self
  }

  public func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    events.append(event)
    times.append(host.now)
    if event == .readable, readsAtOnce { read() }
    onEvent?(event)
  }

  public func read(atMost limit: Int = .max) {
    stream?.read { bytes in
      let count = min(bytes.count, limit)
      received += bytes[..<count]
      arrivals.append(count)
      return count
    }
  }

  public func time(of event: StreamEvent) -> Instant? {
    events.firstIndex(of: event).map { times[$0] }
  }

  public var failure: NetworkFailure? {
    for case .failed(let failure) in events { return failure }
    return nil
  }
}

/// Writes a long text as fast as the stream takes it, then finishes if asked to.
public final class Pump {
  private let end: End
  private let bytes: [UInt8]
  private var offset = 0
  private let finishes: Bool

  public init(_ bytes: [UInt8], through end: End, finishes: Bool = false) {
    self.bytes = bytes
    self.end = end
    self.finishes = finishes
    // The end keeps the pump until it is done.
    end.onEvent = { [self] event in
      if event == .opened || event == .writable { go() }
    }
  }

  public func go() {
    while offset < bytes.count {
      let taken = bytes[offset...].withUnsafeBytes { end.stream?.write($0) ?? 0 }
      offset += taken
      if taken == 0 { return }
    }
    if finishes { end.stream?.finish() }
    end.onEvent = nil
  }

  public var isDone: Bool { offset == bytes.count }
}

/// Bytes that show where they belong: a changed order or a gap is seen.
public func pattern(_ count: Int) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
    var index = 0
    while index < count {
      buffer[index] = UInt8(truncatingIfNeeded: index &* 31 &+ index >> 8)
      index += 1
    }
    initializedCount = count
  }
}

extension End {
  /// Whether exactly these bytes came. A comparison inside `#expect` would list the difference of
  /// two long texts for minutes.
  public func hasReceived(_ bytes: [UInt8]) -> Bool { received == bytes }
}
