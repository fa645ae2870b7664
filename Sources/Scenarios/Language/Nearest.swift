// "did you mean": the known word that is fewest slips of a finger away.

/// The word of `words` nearest to `text`, or nil when none is near enough to be meant.
public func nearest(to text: String, among words: [String]) -> String? {
  let wanted = Array(text.lowercased().unicodeScalars)
  guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
  var best: (word: String, slips: Int)?
  for word in words {
    let candidate = Array(word.lowercased().unicodeScalars)
    let slips = slipCount(from: wanted, to: candidate)
    guard slips <= max(1, max(wanted.count, candidate.count) / 3) else { continue }
    if best.map({ slips < $0.slips }) ?? true { best = (word, slips) }
  }
  return best?.word
}

/// `; did you mean "…"?`, or which words there are when none is near.
func hint(for text: String, among words: [String]) -> String {
  if let near = nearest(to: text, among: words) { return "; did you mean \"\(near)\"?" }
  guard !words.isEmpty else { return "" }
  return "; known: " + words.joined(separator: ", ")
}

/// Letters to add, drop, replace or swap with their neighbour.
private func slipCount(from a: [Unicode.Scalar], to b: [Unicode.Scalar]) -> Int {
  var older: [Int] = []
  var previous = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    row.reserveCapacity(b.count + 1)
    for j in 0..<b.count {
      var slips = min(previous[j + 1] + 1, row[j] + 1)
      slips = min(slips, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { slips = min(slips, older[j - 1] + 1) }
      row.append(slips)
    }
    older = previous
    previous = row
  }
  return previous[b.count]
}
