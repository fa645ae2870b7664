// The SD card of a printer: directories, files, a size.
//
// A file that is being written has its name from the first byte on, grows in place, and when the
// transfer breaks what came so far stays: so do the real printers, which run an old vsftpd on a FAT
// card. Nothing tells a cut file from a whole one but its size and its content.

/// Why the card refuses.
public enum CardFailure: Error, Equatable, Sendable {
  case notInserted
  case notFound
  case isDirectory
  case isNotDirectory
  case exists
  case notEmpty
  case badName
  case full
  case broken
}

/// A card in a printer. It survives the printer's being switched off.
public final class PrinterCard {
  /// One line of a directory.
  public struct Entry: Equatable, Sendable {
    public var path: String
    public var isDirectory: Bool
    public var byteCount: Int
    /// Milliseconds since 1970.
    public var modified: Int64
  }

  private struct File {
    var content: CardContent
    var modified: Int64
    var isBeingWritten: Bool
  }

  public let capacity: Int
  public private(set) var usedCount = 0
  /// Whether it is in its slot; what is on it stays on it.
  public var isInserted = true
  /// Whether something that is none of ours fills the rest of it.
  public var isFull = false
  /// Whether it fails to read and to write.
  public var isAbnormal = false

  // Both are looked up by path; whatever is listed is sorted first.
  private var files: [String: File] = [:]
  private var directories: [String: Int64] = ["/": 0]

  public init(capacity: Int, directories names: [String] = []) {
    self.capacity = capacity
    for name in names { directories["/" + name] = 0 }
  }

  public var freeCount: Int { isFull ? 0 : max(0, capacity - usedCount) }

  /// All files, by path.
  public var allFiles: [Entry] { files.keys.sorted().compactMap { entry($0) } }

  /// The files that are on their way onto the card now, with what has arrived.
  public var receiving: [Entry] {
    files.keys.sorted().filter { files[$0]?.isBeingWritten == true }.compactMap { entry($0) }
  }

  public func content(of path: String) -> CardContent? {
    isInserted && !isAbnormal ? files[path]?.content : nil
  }

  public func bytes(of path: String) -> [UInt8]? { content(of: path)?.bytes }

  public func isBeingWritten(_ path: String) -> Bool { files[path]?.isBeingWritten ?? false }

  public func entry(_ path: String) -> Entry? {
    if let file = files[path] {
      return Entry(
        path: path, isDirectory: false, byteCount: file.content.count, modified: file.modified)
    }
    return directories[path].map {
      Entry(path: path, isDirectory: true, byteCount: 0, modified: $0)
    }
  }

  /// What stands in a directory, by name.
  public func list(_ directory: String) throws(CardFailure) -> [Entry] {
    try demandCard()
    guard directories[directory] != nil else { throw .notFound }
    return (Array(files.keys) + Array(directories.keys))
      .filter { $0 != "/" && CardPath.parent(of: $0) == directory }
      .sorted().compactMap { entry($0) }
  }

  /// Puts a whole file on the card, as a person with a card reader would.
  public func put(_ path: String, _ bytes: [UInt8], at modified: Int64 = 0) throws(CardFailure) {
    try create(path, at: modified)
    var failure: CardFailure?
    bytes.withUnsafeBytes { bytes in
      do throws(CardFailure) { try append(bytes, to: path) } catch { failure = error }
    }
    finishWriting(path, at: modified)
    if let failure { throw failure }
  }

  /// Begins a file, or empties the one that is there.
  public func create(_ path: String, at modified: Int64) throws(CardFailure) {
    try demandCard()
    guard path != "/", directories[path] == nil else { throw .isDirectory }
    guard directories[CardPath.parent(of: path)] != nil else { throw .notFound }
    guard Self.isAllowed(CardPath.name(of: path)) else { throw .badName }
    usedCount -= files[path]?.content.count ?? 0
    files[path] = File(content: CardContent(), modified: modified, isBeingWritten: true)
  }

  /// Adds bytes to a file; when they do not all fit, none are added.
  public func append(_ bytes: UnsafeRawBufferPointer, to path: String) throws(CardFailure) {
    try demandCard()
    guard let place = files.index(forKey: path) else { throw .notFound }
    guard !isAbnormal else { throw .broken }
    guard bytes.count <= freeCount else { throw .full }
    files.values[place].content.append(bytes)
    usedCount += bytes.count
  }

  /// Takes the last bytes off a file, as many as there are.
  func cutOff(_ path: String, by count: Int) {
    guard let content = files[path]?.content else { return }
    let kept = CardContent(Array(content.bytes.dropLast(count)))
    usedCount -= content.count - kept.count
    files[path]?.content = kept
  }

  /// No more comes, whether it is all or not.
  public func finishWriting(_ path: String, at modified: Int64) {
    files[path]?.isBeingWritten = false
    files[path]?.modified = modified
  }

  public func remove(_ path: String) throws(CardFailure) {
    try demandCard()
    guard directories[path] == nil else { throw .isDirectory }
    guard let file = files.removeValue(forKey: path) else { throw .notFound }
    usedCount -= file.content.count
  }

  public func makeDirectory(_ path: String, at modified: Int64) throws(CardFailure) {
    try demandCard()
    guard entry(path) == nil else { throw .exists }
    guard directories[CardPath.parent(of: path)] != nil else { throw .notFound }
    guard Self.isAllowed(CardPath.name(of: path)) else { throw .badName }
    directories[path] = modified
  }

  public func removeDirectory(_ path: String) throws(CardFailure) {
    guard path != "/" else { throw .notEmpty }
    guard files[path] == nil else { throw .isNotDirectory }
    guard try list(path).isEmpty else { throw .notEmpty }
    directories[path] = nil
  }

  /// Renames a file; one that had the new name is replaced.
  public func rename(_ path: String, to target: String) throws(CardFailure) {
    try demandCard()
    guard let file = files[path] else { throw directories[path] == nil ? .notFound : .isDirectory }
    guard directories[target] == nil else { throw .isDirectory }
    guard directories[CardPath.parent(of: target)] != nil else { throw .notFound }
    guard Self.isAllowed(CardPath.name(of: target)) else { throw .badName }
    guard path != target else { return }
    usedCount -= files[target]?.content.count ?? 0
    files[path] = nil
    files[target] = file
  }

  private func demandCard() throws(CardFailure) { if !isInserted { throw .notInserted } }

  private static func isAllowed(_ name: String) -> Bool {
    !name.isEmpty && !name.contains { "<>:\"\\|?*".contains($0) }
  }
}
