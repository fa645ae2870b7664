// Answers of printers' servers, read as the hub reads them: the head line by line, the body as it
// comes, each value into a report, the report over what is known of the printer.

import Wire

@testable import HubCore

/// Whatever an answer says and however it is cut, each kind makes the same of it, and nothing of it
/// is out of bounds.
func fuzzAnswer<Talk: PrinterTalk & ~Copyable>(
  _ input: [UInt8], _ luck: inout Luck, _ questions: [Talk.Question], _ make: () -> Talk
) {
  for question in questions {
    let whole = AnswerTrial(make(), question).outcome(of: input, cuts: [])
    let cut = AnswerTrial(make(), question).outcome(of: input, cuts: luck.cuts(upTo: input.count))
    // Where the answer breaks, one may have read more of it before than the other.
    precondition(whole.isBroken == cut.isBroken, "cut in pieces it breaks elsewhere")
    precondition(whole.isBroken || whole.lines == cut.lines, "cut in pieces it says something else")
  }
}

/// A demand for a digest, and what is answered to it.
func fuzzDigest(_ input: [UInt8]) {
  var digest = HTTPDigest()
  guard digest.take(input.span, isFirst: true) else { return precondition(!digest.isKnown) }
  let (user, password, target) = (Array("maker".utf8), Array("secret".utf8), Array("/api".utf8))
  let proof = written(2048) {
    digest.write(
      method: "GET", target: target.span, user: user.span, password: password.span, chance: 7,
      into: &$0)
  }
  precondition(proof.count < 700 && proof.starts(with: Array("Digest username=\"maker\"".utf8)))
}

/// One answer to one question.
private struct AnswerTrial<Talk: PrinterTalk & ~Copyable>: ~Copyable {
  struct Outcome: Equatable {
    var isBroken = false
    var lines: [String] = []
  }

  private var talk: Talk
  private let question: Talk.Question
  private var report = PolledReport()
  private var status = PrinterStatus()
  private var reader = HTTPReader(.response, lineLimit: 1_024, headerLimit: 64, bodyLimit: 65_536)
  private var json: PathReader
  private var answer: UInt16 = 0
  private let scratch: UnsafeMutableBufferPointer<UInt8>
  private var isGood = true
  /// What follows is no part of this answer, so nobody reads it.
  private var isOver = false

  init(_ talk: consuming Talk, _ question: Talk.Question) {
    self.talk = talk
    self.question = question
    scratch = .allocate(capacity: Limits.reportScratch)
    json = PathReader(scratch: scratch)
    _ = self.talk.begin(isGreeting: true)
    json.begin()
  }

  deinit { scratch.deallocate() }

  consuming func outcome(of input: [UInt8], cuts: [Int]) -> Outcome {
    var used = 0
    for end in cuts + [input.count] {
      guard read(input, &used, upTo: end) else { return Outcome(isBroken: true) }
    }
    do throws(JSONError) { try json.finish() } catch { isGood = false }
    var lines = [word(talk.answered(question, status: answer, &report, now: .start))]
    if isGood, Talk.self == MoonrakerTalk.self {
      lines.append(word(talk.heard(report, now: .start)))
    }
    for _ in 0..<2 {
      lines.append("\(talk.lay(report, over: &status))")
      lines += described()
    }
    return Outcome(lines: lines)
  }

  /// False when the bytes are no HTTP.
  private mutating func read(_ input: [UInt8], _ used: inout Int, upTo end: Int) -> Bool {
    while !isOver {
      let unread = input.span.extracting(used..<max(used, end))
      let event: HTTPEvent
      do throws(HTTPError) { event = try reader.next(unread) } catch { return false }
      switch event {
      case .needsMore: return true
      case .request: return false
      case .response(let status, _, _, let count):
        answer = status
        used += count
      case .body(let range, let count):
        take(unread.extracting(range))
        used += count
        if count == 0 { return true }
      case .end: isOver = true
      case .header(_, _, let count), .headEnd(_, let count): used += count
      }
    }
    return true
  }

  private mutating func take(_ bytes: Span<UInt8>) {
    guard isGood else { return }
    var position = 0
    do throws(JSONError) {
      while let token = try json.next(bytes, at: &position) {
        talk.take(token, json, into: &report)
      }
      precondition(position == bytes.count, "left something behind")
    } catch {
      isGood = false
    }
  }

  private func word(_ verdict: Verdict<Talk.Question>) -> String {
    switch verdict {
    case .ask(let next): "ask \(next)"
    case .whole: "whole"
    case .away(let absence): "away \(absence)"
    case .wrongKey: "wrong key"
    case .missed: "missed"
    }
  }

  private func word(_ hearing: Hearing) -> String { "\(hearing)" }

  private func described() -> [String] {
    precondition((0...100).contains(status.percent), "more than all of it")
    precondition((-2_731...20_000).contains(status.nozzle) && status.bed <= 20_000)
    precondition(status.remainingMinutes >= 0 && status.layer >= 0)
    let (file, shown, remark) = (status.file, status.shownName, status.remark)
    let path = report.storage.path
    precondition(String(validating: array(file.span), as: UTF8.self) != nil, "half a character")
    precondition(String(validating: array(remark.span), as: UTF8.self) != nil, "half a character")
    return [
      "\(status.state) \(status.percent) \(status.remainingMinutes) \(status.error.code)",
      "\(status.layer) \(status.totalLayers) \(status.nozzle) \(status.bed) \(status.card)",
      "\(array(file.span)) \(array(shown.span)) \(array(remark.span)) \(array(path.span))",
    ]
  }
}
