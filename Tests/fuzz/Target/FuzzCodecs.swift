import Wire

/// Beside the cuts: a small scratch changes nothing but how much of a text is kept, and what was
/// read can be written and read again.
func fuzzJSON(_ input: [UInt8], _ luck: inout Luck) {
  let room = luck.below(20)
  let whole = check(input, &luck) { JSONDecoder(scratchCount: 4096) }
  let cut = check(input, &luck) { JSONDecoder(scratchCount: room) }
  precondition(cut.error == whole.error && cut.lines.count == whole.lines.count)
  for (part, all) in zip(cut.events, whole.events) {
    precondition(part.token == all.token && part.depth == all.depth)
    precondition(all.text.starts(with: part.text))
    precondition(part.isCut == (all.text.count > room))
    precondition(part.token == .number || String(validating: part.text, as: UTF8.self) != nil)
  }
  guard whole.error == nil, !whole.events.contains(where: \.isCut) else { return }
  let again = written(input.count * 6 + 16) { $0.json { write(whole.events, &$0) } }
  let reread = transcribe(JSONDecoder(scratchCount: 4096), again)
  precondition(reread.error == nil && reread.events == whole.events, "written, it reads otherwise")
}

private func write(_ pieces: [JSONPiece], _ writer: inout JSONWriter) {
  for piece in pieces {
    switch piece.token {
    case .beginObject: writer.beginObject()
    case .endObject: writer.endObject()
    case .beginArray: writer.beginArray()
    case .endArray: writer.endArray()
    case .key: writer.key(piece.text.span)
    case .string: writer.string(piece.text.span)
    case .number: writer.raw(piece.text.span)
    case .bool(let value): writer.bool(value)
    case .null: writer.null()
    case .needsMore, .end: break
    }
  }
}

/// Beside the cuts: the filters of a packet can be walked through.
func fuzzMQTT(_ input: [UInt8], _ luck: inout Luck) {
  let whole = check(input, &luck) { MQTTDecoder(publishLimit: 3000) }
  for line in whole.lines {
    switch line.event {
    case .subscribe(_, let filters, let used):
      precondition(countFilters(input, line.end - used, filters, hasQoS: true) > 0)
    case .unsubscribe(_, let filters, let used):
      precondition(countFilters(input, line.end - used, filters, hasQoS: false) > 0)
    default: break
    }
  }
}

private func countFilters(
  _ input: [UInt8], _ start: Int, _ range: Range<Int>, hasQoS: Bool
) -> Int {
  let packet = Array(input[start...])
  var filters = MQTTFilters(range, hasQoS: hasQoS)
  var count = 0
  while let (filter, qos) = filters.next(in: packet.span) {
    precondition(range.contains(filter.lowerBound) && !filter.isEmpty && qos < 3)
    // Read as a topic, a filter matches itself.
    let text = packet.span.extracting(filter)
    precondition(mqttTopicMatches(filter: text, topic: text))
    count += 1
  }
  return count
}

/// Whatever is asked, the answer repeats the question and is one itself.
func fuzzDNS(_ input: [UInt8]) {
  guard let question = try? DNS.question(input.span) else { return }
  let address: [UInt8] = [192, 168, 4, 1]
  let answer = written(512) {
    DNS.answer(question, of: input.span, address: address.span, secondsToLive: 60, into: &$0)
  }
  let end = question.name.upperBound + 4
  precondition(Array(answer[12..<end]) == Array(input[12..<end]) && answer[2] & 0x80 != 0)
  precondition(answer.count == end + (question.wantsAddress ? 16 : 0))
  precondition((try? DNS.question(answer.span)) == nil, "an answer reads as a question")
  let text = written(512) { DNS.text(question.name, of: input.span, into: &$0) }
  precondition(text.count < question.name.count)
}

/// The small codecs over texts, each against itself or the standard library.
func fuzzText(_ input: [UInt8], _ luck: inout Luck) {
  let span = input.span
  if let parts = URLParts(span) {
    precondition(!parts.host.isEmpty && parts.host.upperBound <= parts.target.lowerBound)
    precondition(parts.target.upperBound <= input.count && parts.port > 0)
  }
  checkBase64(input)
  checkPercent(input)

  let isValid = String(validating: input, as: UTF8.self) != nil
  precondition(isUTF8(span) == isValid)
  var checker = UTF8Checker()
  var start = 0
  var isGood = true
  for cut in luck.cuts(upTo: input.count) + [input.count] {
    isGood = checker.accept(span.extracting(start..<cut))
    start = cut
  }
  precondition((isGood && checker.isComplete) == isValid)

  if let number = decimalInteger(span) {
    precondition(Int(String(decoding: input, as: UTF8.self)) == number)
  }
  _ = FTPReply.passiveAddress(in: span)
  _ = FTPReply.extendedPassivePort(in: span)

  let middle = luck.below(input.count + 1)
  let filter = Array(input[..<middle])
  let topic = Array(input[middle...])
  let matches = mqttTopicMatches(filter: filter.span, topic: topic.span)
  if isFilterText(filter), !topic.isEmpty, !topic.contains(0x2B), !topic.contains(0x23) {
    precondition(matches == levelsMatch(filter, topic), "the filter matches otherwise")
  }

  var first = SHA1()
  first.update(span)
  var second = SHA1()
  second.update(span.extracting(0..<middle))
  second.update(span.extracting(middle..<input.count))
  let (one, other) = (first.finish(), second.finish())
  for index in 0..<20 { precondition(one[index] == other[index]) }
  let half = CRC32.update(0, span.extracting(0..<middle))
  precondition(CRC32.update(half, span.extracting(middle..<input.count)) == CRC32.of(span))
}

private func checkBase64(_ input: [UInt8]) {
  let coded = written(input.count * 2 + 4) { Base64.encode(input.span, into: &$0) }
  var isGood = false
  precondition(written(input.count) { isGood = Base64.decode(coded.span, into: &$0) } == input)
  precondition(isGood)
  let plain = written(input.count) { isGood = Base64.decode(input.span, into: &$0) }
  guard isGood else { return }
  precondition(written(input.count) { Base64.encode(plain.span, into: &$0) } == input)
}

private func checkPercent(_ input: [UInt8]) {
  let coded = written(input.count * 3) { PercentCoding.encode(input.span, into: &$0) }
  var isGood = false
  precondition(
    written(input.count) { isGood = PercentCoding.decode(coded.span, into: &$0) } == input)
  precondition(isGood)
  _ = written(input.count) { isGood = PercentCoding.decode(input.span, into: &$0) }
}

/// The rules of filters, level by level.
private func levelsMatch(_ filter: [UInt8], _ topic: [UInt8]) -> Bool {
  func levels(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
    text.split(separator: 0x2F, omittingEmptySubsequences: false)
  }
  let (filters, topics) = (levels(filter), levels(topic))
  if topic.first == 0x24, filters[0] == [0x2B] || filters[0] == [0x23] { return false }
  for (index, level) in filters.enumerated() {
    if level == [0x23] { return index <= topics.count }
    guard index < topics.count, level == [0x2B] || level == topics[index] else { return false }
  }
  return filters.count == topics.count
}

private func isFilterText(_ filter: [UInt8]) -> Bool {
  guard !filter.isEmpty else { return false }
  let levels = filter.split(separator: 0x2F, omittingEmptySubsequences: false)
  for (index, level) in levels.enumerated() {
    if level.contains(0x23), level != [0x23] || index != levels.count - 1 { return false }
    if level.contains(0x2B), level != [0x2B] { return false }
  }
  return true
}
