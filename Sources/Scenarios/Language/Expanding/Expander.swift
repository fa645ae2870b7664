// What stands in a file before it is a story: parts of other files, parameters, choices of them, and
// steps that are repeated. All of that is done on the tree, so that the reader behind it knows
// nothing of it, and every mistake still points at the line where it was written.

/// Turns the tree of one file into the trees of the stories that it tells.
struct Expander {
  /// One story: its tree, and the values that make it another than its brothers.
  struct Variant {
    let root: YAMLNode
    let choice: [(name: String, value: String)]
    let parameters: [String]
  }

  static let variantLimit = 200
  static let stepLimit = 5_000
  static let includeDepthLimit = 8

  /// Reads a file that another names; the path is the one that stands in messages.
  typealias Loader = (_ path: String) throws -> [UInt8]

  let file: String
  let settings: [(name: String, value: String)]
  let load: Loader?
  private var problems: [Problem] = []
  private var stepCount = 0

  init(file: String, settings: [(name: String, value: String)], load: Loader?) {
    self.file = file
    self.settings = settings
    self.load = load
  }

  mutating func expand(_ root: YAMLNode) throws(ScenarioError) -> [Variant] {
    let whole = included(root, path: file, depth: 0)
    let plain = table("parameters", of: whole)
    let choices = lists("matrix", of: whole)
    for (name, _) in choices where plain.contains(where: { $0.name == name }) {
      complain(whole.mark, "\"\(name)\" is a parameter and stands in the matrix as well")
    }
    let known = plain.map(\.name) + choices.map(\.name)
    for (name, _) in settings where !known.contains(name) {
      complain(
        Mark(line: 1, column: 1),
        "no parameter is called \"\(name)\"" + hint(for: name, among: known))
    }
    let count = choices.reduce(1) { $0 * max(1, min($1.values.count, Self.variantLimit + 1)) }
    if count > Self.variantLimit {
      complain(
        whole.mark, "the matrix makes \(count) stories, more than the \(Self.variantLimit) allowed")
    }
    tellUnused(known, whole)
    try throwProblems()
    let body = whole.without(["include", "parameters", "matrix"])
    var variants: [Variant] = []
    for choice in combinations(choices) {
      var values = Parameters(plain)
      for (name, value) in settings where plain.contains(where: { $0.name == name }) {
        values[name] = value
      }
      for (name, value) in choice { values[name] = value }
      stepCount = 0
      let filled = unrolledSteps(values.filled(body))
      try throwProblems()
      variants.append(Variant(root: filled, choice: choice, parameters: known))
    }
    return variants
  }

  private func throwProblems() throws(ScenarioError) {
    if !problems.isEmpty { throw ScenarioError(problems: problems) }
  }

  private mutating func complain(_ mark: Mark, _ message: String) {
    guard stepCount <= Self.stepLimit || problems.isEmpty else { return }
    problems.append(Problem(file: file, mark: mark, message: message))
  }

  // MARK: Parameters

  private mutating func table(
    _ word: String, of root: YAMLNode
  ) -> [(name: String, value: String)] {
    guard let node = root[word] else { return [] }
    guard case .map(let pairs) = node.content else {
      complain(node.mark, "expected a map of names to values after \"\(word)\", found \(node.kind)")
      return []
    }
    var values: [(name: String, value: String)] = []
    for pair in pairs where isName(pair) {
      if case .text(let text, _) = pair.value.content, !text.isEmpty {
        values.append((pair.key, text))
      } else {
        complain(
          pair.value.mark, "expected a value after \"\(pair.key)\", found \(pair.value.kind)")
      }
    }
    return values
  }

  private mutating func lists(
    _ word: String, of root: YAMLNode
  ) -> [(name: String, values: [String])] {
    guard let node = root[word] else { return [] }
    guard case .map(let pairs) = node.content else {
      complain(
        node.mark,
        "expected a map of names to lists of values after \"\(word)\", found \(node.kind)")
      return []
    }
    var lists: [(name: String, values: [String])] = []
    for pair in pairs where isName(pair) {
      var values: [String] = []
      if case .list(let nodes) = pair.value.content {
        for node in nodes {
          if case .text(let text, _) = node.content, !text.isEmpty { values.append(text) }
        }
        if values.count != nodes.count { values = [] }
      }
      if values.isEmpty {
        complain(
          pair.value.mark,
          "expected a list of values after \"\(pair.key)\", found \(pair.value.kind)")
      }
      lists.append((pair.key, values))
    }
    return lists
  }

  private mutating func isName(_ pair: YAMLNode.Pair) -> Bool {
    if Checker.isName(pair.key) { return true }
    complain(
      pair.keyMark, "expected a name of letters, digits, dots and dashes, found \"\(pair.key)\"")
    return false
  }

  /// All choices, the last list running fastest; what was set by hand is no choice any more.
  private func combinations(
    _ lists: [(name: String, values: [String])]
  ) -> [[(name: String, value: String)]] {
    var rows: [[(name: String, value: String)]] = [[]]
    for (name, values) in lists {
      let chosen = settings.last { $0.name == name }.map { [$0.value] } ?? values
      rows = rows.flatMap { row in chosen.map { row + [(name, $0)] } }
    }
    return rows
  }

  private mutating func tellUnused(_ names: [String], _ root: YAMLNode) {
    guard !names.isEmpty else { return }
    var used: Set<String> = []
    root.without(["parameters", "matrix"]).eachText { used.formUnion(Parameters.names(in: $0)) }
    for word in ["parameters", "matrix"] {
      guard case .map(let pairs)? = root[word]?.content else { continue }
      for pair in pairs where !used.contains(pair.key) {
        complain(pair.keyMark, "\"${\(pair.key)}\" stands nowhere; the value would change nothing")
      }
    }
  }

  // MARK: Includes

  /// The file with what it includes: of single words its own counts, lists come after the others'.
  private mutating func included(_ root: YAMLNode, path: String, depth: Int) -> YAMLNode {
    guard case .map(let own) = root.content, let word = root["include"] else { return root }
    guard case .list(let nodes) = word.content else {
      complain(word.mark, "expected a list after \"include\", found \(word.kind)")
      return root
    }
    var pairs: [YAMLNode.Pair] = []
    for node in nodes {
      guard case .text(let name, _) = node.content, !name.isEmpty else {
        complain(node.mark, "expected the name of a file, found \(node.kind)")
        continue
      }
      guard let part = part(name, node.mark, from: path, depth: depth) else { continue }
      pairs = Self.merged(pairs, part)
    }
    return YAMLNode(mark: root.mark, content: .map(Self.merged(pairs, own)))
  }

  private mutating func part(
    _ name: String, _ mark: Mark, from path: String, depth: Int
  ) -> [YAMLNode.Pair]? {
    guard let load else {
      complain(mark, "\"include\" has no place in a story that is not in a file")
      return nil
    }
    guard depth < Self.includeDepthLimit else {
      complain(mark, "files include each other, more than \(Self.includeDepthLimit) deep")
      return nil
    }
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let target = name.hasPrefix("/") ? name : (folder + [name[...]]).joined(separator: "/")
    do {
      let tree = try YAMLReader.read(try load(target), file: target).located(in: target)
      guard case .map(let pairs) = included(tree, path: target, depth: depth + 1).content else {
        complain(mark, "\(target) is no part of a scenario; expected a map")
        return nil
      }
      return pairs.filter { $0.key != "include" }
    } catch let problem as Problem {
      problems.append(problem)
    } catch {
      complain(mark, "\(target) cannot be read")
    }
    return nil
  }

  private static func merged(_ base: [YAMLNode.Pair], _ own: [YAMLNode.Pair]) -> [YAMLNode.Pair] {
    var pairs = base
    for pair in own {
      guard let place = pairs.firstIndex(where: { $0.key == pair.key }) else {
        pairs.append(pair)
        continue
      }
      pairs[place] = YAMLNode.Pair(
        key: pair.key, keyMark: pair.keyMark, value: merged(pairs[place].value, pair))
    }
    return pairs
  }

  private static func merged(_ base: YAMLNode, _ own: YAMLNode.Pair) -> YAMLNode {
    switch (base.content, own.value.content) {
    case (.list(let first), .list(let second)) where own.key != "include":
      YAMLNode(mark: own.value.mark, content: .list(first + second))
    case (.map(let first), .map(let second)) where ["parameters", "matrix"].contains(own.key):
      YAMLNode(mark: own.value.mark, content: .map(merged(first, second)))
    default: own.value
    }
  }

  // MARK: Repeated steps

  private mutating func unrolledSteps(_ root: YAMLNode) -> YAMLNode {
    guard case .map(let pairs) = root.content else { return root }
    var changed = pairs
    for (index, pair) in pairs.enumerated() where pair.key == "steps" {
      changed[index] = YAMLNode.Pair(
        key: pair.key, keyMark: pair.keyMark, value: unrolled(list: pair.value))
    }
    return YAMLNode(mark: root.mark, content: .map(changed))
  }

  private mutating func unrolled(list node: YAMLNode) -> YAMLNode {
    guard case .list(let steps) = node.content else { return node }
    var unrolled: [YAMLNode] = []
    for step in steps {
      stepCount += 1
      guard stepCount <= Self.stepLimit else {
        complain(step.mark, "with all repetitions there are more than \(Self.stepLimit) steps")
        return YAMLNode(mark: node.mark, content: .list([]))
      }
      unrolled.append(self.unrolled(step: step))
    }
    return YAMLNode(mark: node.mark, content: .list(unrolled))
  }

  /// A step with its turns in it: behind `repeat` the `steps` become a list of lists.
  private mutating func unrolled(step: YAMLNode) -> YAMLNode {
    guard case .map(let pairs) = step.content else { return step }
    var changed = pairs
    for (index, pair) in pairs.enumerated() {
      let value: YAMLNode
      switch pair.key {
      case Verb.together.rawValue, Verb.inOrder.rawValue: value = unrolled(list: pair.value)
      case "steps": value = turns(of: pair.value, in: step)
      default: continue
      }
      changed[index] = YAMLNode.Pair(key: pair.key, keyMark: pair.keyMark, value: value)
    }
    return YAMLNode(mark: step.mark, content: .map(changed))
  }

  private mutating func turns(of steps: YAMLNode, in step: YAMLNode) -> YAMLNode {
    // Whatever is wrong here is told by the reader, who knows what each word wants.
    guard case .text(let text, _)? = step[Verb.repeat.rawValue]?.content,
      let count = Quantity.count(text), (1...1_000).contains(count), case .list = steps.content
    else { return YAMLNode(mark: steps.mark, content: .list([steps])) }
    var turns: [YAMLNode] = []
    for number in 1...count {
      var values = Parameters()
      if case .text(let name, _)? = step["as"]?.content { values[name] = "\(number)" }
      turns.append(unrolled(list: values.filled(steps)))
      if !problems.isEmpty { break }
    }
    return YAMLNode(mark: steps.mark, content: .list(turns))
  }
}

extension YAMLNode {
  /// The value of a word of a map.
  subscript(word: String) -> YAMLNode? {
    guard case .map(let pairs) = content else { return nil }
    return pairs.first { $0.key == word }?.value
  }

  /// The map without some of its words.
  func without(_ words: [String]) -> YAMLNode {
    guard case .map(let pairs) = content else { return self }
    return YAMLNode(mark: mark, content: .map(pairs.filter { !words.contains($0.key) }))
  }

  /// The same, knowing that it comes from this file.
  func located(in file: String) -> YAMLNode {
    var place = mark
    place.file = file
    switch content {
    case .text: return YAMLNode(mark: place, content: content)
    case .list(let nodes):
      return YAMLNode(mark: place, content: .list(nodes.map { $0.located(in: file) }))
    case .map(let pairs):
      let located = pairs.map { pair in
        var keyMark = pair.keyMark
        keyMark.file = file
        return Pair(key: pair.key, keyMark: keyMark, value: pair.value.located(in: file))
      }
      return YAMLNode(mark: place, content: .map(located))
    }
  }

  func eachText(_ body: (String) -> Void) {
    switch content {
    case .text(let text, _): body(text)
    case .list(let nodes): for node in nodes { node.eachText(body) }
    case .map(let pairs): for pair in pairs { pair.value.eachText(body) }
    }
  }
}
