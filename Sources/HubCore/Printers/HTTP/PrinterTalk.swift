// How a kind of printer that is reached by HTTP is spoken to. A kind says what to ask, how to write
// it, what the values of an answer mean and what follows; connections, keys, time limits, retries,
// the queue of orders and sockets are the link's.

import Wire

/// The language of one kind.
protocol PrinterTalk: ~Copyable {
  /// What it can ask for in a look at the printer.
  associatedtype Question: Equatable

  init()

  /// The first question of a look at the printer; the first look of a connection is greeted.
  mutating func begin(isGreeting: Bool) -> Question
  /// Writes a question; `report` has what the look has brought so far.
  func write(
    _ question: Question, _ report: borrowing PolledReport, into request: inout HTTPRequest)
  /// Takes the value that the reader has come to.
  func take(_ token: JSONToken, _ json: borrowing PathReader, into report: inout PolledReport)
  /// What follows from an answer.
  mutating func answered(
    _ question: Question, status: UInt16, _ report: inout PolledReport, now: Uptime
  ) -> Verdict<Question>
  /// Lays a whole look over what is known; answers whether anything is different.
  mutating func lay(_ report: borrowing PolledReport, over status: inout PrinterStatus) -> Bool

  // Orders.

  /// What of an order this kind cannot do, or nil.
  func unsupported(_ order: ControlOrder) -> Unsupported?
  /// Writes an order, or answers false when there is nothing that it could be given for.
  func write(
    _ order: PlainOrder, lines: Span<UInt8>, into request: inout HTTPRequest
  ) -> Bool
  /// `storage` is where files were put; empty where there is nothing to choose from.
  func writeStart(
    of file: Span<UInt8>, in storage: Text<32>, into request: inout HTTPRequest)
  /// Whether a resume must wait, and all that was ordered after it but a stop.
  var holdsResume: Bool { get }
  /// Until when a start would be refused though the printer is free.
  var startsAt: Uptime { get }
  /// Whether a file may be unknown to the printer for a while after it was taken.
  static var findsFilesLate: Bool { get }
  /// What an answer that is no success means for an order; nil for a plain refusal.
  func refusal(of order: PlainOrder, status: UInt16) -> CommandOutcome?

  // Sockets on which changes are followed; only for kinds that have them.

  /// Whether the printer was reached so far that a socket is worth asking for.
  var wantsSocket: Bool { get }
  func writeUpgrade(into request: inout HTTPRequest)
  func writeQuestion(
    _ question: SocketQuestion, _ key: Span<UInt8>, _ report: borrowing PolledReport,
    into json: inout JSONWriter)
  /// Writes an order, or with nil the start of a print.
  func writeSocketOrder(
    _ order: PlainOrder?, id: Int, lines: Span<UInt8>, file: Span<UInt8>,
    into json: inout JSONWriter)
  /// What follows from a message.
  mutating func heard(_ report: borrowing PolledReport, now: Uptime) -> Hearing
  /// Whether something is to be asked about the file that is printed; true once for each.
  mutating func takeFileQuestion() -> Bool
}

/// What a socket is asked.
enum SocketQuestion: Equatable { case greeting, everything, file }

/// What follows from an answer.
enum Verdict<Question: Equatable> {
  case ask(Question)
  /// The look is whole.
  case whole
  /// The server is there, its printer is not.
  case away(Absence)
  case wrongKey
  /// The answer is none that the kind gives; something between us has answered.
  case missed
}

/// What follows from a message on a socket.
enum Hearing: Equatable {
  case nothing
  /// Something to lay on.
  case news
  /// Everything that was asked for, something to lay on, too.
  case all
  case answer(sequence: Int)
  /// What is followed was forgotten; it is to be asked for again.
  case followAgain
  /// The server is to be asked over HTTP how it is.
  case askAround
}

extension PrinterTalk where Self: ~Copyable {
  func unsupported(_ order: ControlOrder) -> Unsupported? { Unsupported(order) }
  func refusal(of order: PlainOrder, status: UInt16) -> CommandOutcome? { nil }
  var holdsResume: Bool { false }
  var startsAt: Uptime { .start }
  static var findsFilesLate: Bool { false }
  var wantsSocket: Bool { false }
  func writeUpgrade(into request: inout HTTPRequest) {}
  func writeQuestion(
    _ question: SocketQuestion, _ key: Span<UInt8>, _ report: borrowing PolledReport,
    into json: inout JSONWriter
  ) {}
  func writeSocketOrder(
    _ order: PlainOrder?, id: Int, lines: Span<UInt8>, file: Span<UInt8>,
    into json: inout JSONWriter
  ) {}
  mutating func heard(_ report: borrowing PolledReport, now: Uptime) -> Hearing { .nothing }
  mutating func takeFileQuestion() -> Bool { false }
}
