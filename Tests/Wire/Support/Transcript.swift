// Drives any of Wire's decoders the way its users do, and writes down what it said. Shared with the
// fuzz target by a symbolic link, so it knows nothing of testing.

import Wire

/// What a decoder did when it was shown some unread bytes.
enum Step<Event: Equatable> {
  case needsMore(used: Int)
  case event(Event, used: Int)
  /// A piece of something that comes in pieces; its bytes were added to the body.
  case piece(isLast: Bool, used: Int)
  case broken(String)
}

/// A decoder, dressed up for `transcribe`.
protocol Decoder: ~Copyable {
  associatedtype Event: Equatable
  mutating func step(_ input: Span<UInt8>, _ body: inout [UInt8]) -> Step<Event>
  /// The input is over.
  mutating func finish(_ body: inout [UInt8]) -> Step<Event>
}

extension Decoder where Self: ~Copyable {
  mutating func finish(_ body: inout [UInt8]) -> Step<Event> { .needsMore(used: 0) }
}

/// What a decoder said about an input, without where the pieces were cut.
struct Transcript<Event: Equatable>: Equatable {
  struct Line: Equatable {
    /// Where in the whole input the event ended.
    var end: Int
    /// How much of the body had come by then.
    var bodyCount: Int
    var event: Event
  }

  var lines: [Line] = []
  /// All that came in pieces, one behind the other, and where the last pieces ended.
  var body: [UInt8] = []
  var bodyEnds: [Int] = []
  var usedCount = 0
  var error: String?

  var events: [Event] { lines.map(\.event) }

  /// The same events and the same end. Where an error ended both, one may have shown more of the
  /// body before it came to the error.
  func says(theSameAs other: Transcript) -> Bool {
    guard error != nil else { return self == other }
    return error == other.error && lines == other.lines && bodyEnds == other.bodyEnds
      && (body.starts(with: other.body) || other.body.starts(with: body))
  }

  /// The same as the other until the input was cut.
  func isBeginning(of other: Transcript) -> Bool {
    error == nil && other.lines.starts(with: lines) && other.body.starts(with: body)
      && other.bodyEnds.starts(with: bodyEnds)
  }
}

/// Shows `input` to the decoder in chunks that end at `cuts` (ascending), then all of it.
func transcribe<D: Decoder & ~Copyable>(
  _ decoder: consuming D, _ input: [UInt8], cuts: some Sequence<Int> = [], finishes: Bool = true
) -> Transcript<D.Event> {
  var transcript = Transcript<D.Event>()
  var shown = 0
  for cut in cuts {
    precondition(cut >= shown && cut <= input.count)
    shown = cut
    guard advance(&decoder, input, shown, &transcript) else { return transcript }
  }
  guard advance(&decoder, input, input.count, &transcript), finishes else { return transcript }
  switch decoder.finish(&transcript.body) {
  case .event(let event, _): transcript.note(event, used: 0)
  case .broken(let name): transcript.error = name
  case .needsMore, .piece: break
  }
  return transcript
}

private func advance<D: Decoder & ~Copyable>(
  _ decoder: inout D, _ input: [UInt8], _ shown: Int, _ transcript: inout Transcript<D.Event>
) -> Bool {
  var idleCount = 0
  while true {
    let unread = input.span.extracting(transcript.usedCount..<shown)
    let usedNow: Int
    switch decoder.step(unread, &transcript.body) {
    case .needsMore(let used):
      transcript.usedCount += used
      return true
    case .event(let event, let used):
      transcript.note(event, used: used)
      usedNow = used
    case .piece(let isLast, let used):
      usedNow = used
      if isLast { transcript.bodyEnds.append(transcript.body.count) }
    case .broken(let name):
      transcript.error = name
      return false
    }
    precondition(usedNow >= 0 && usedNow <= unread.count, "used what it was not shown")
    idleCount = usedNow == 0 ? idleCount + 1 : 0
    precondition(idleCount < 4, "does not advance")
    transcript.usedCount += usedNow
  }
}

extension Transcript {
  fileprivate mutating func note(_ event: Event, used: Int) {
    lines.append(Line(end: usedCount + used, bodyCount: body.count, event: event))
  }
}
