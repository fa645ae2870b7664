/// The header fields of a message, in order; names are compared without regard to case.
struct HeaderFields {
  private(set) var all: [(name: String, value: String)] = []

  init(_ all: [(name: String, value: String)] = []) { self.all = all }

  /// The value of the first field of that name, which must be given in lower case.
  subscript(_ name: String) -> String? {
    all.first { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name }?.value
  }

  mutating func add(_ name: String, _ value: String) { all.append((name, value)) }
}
