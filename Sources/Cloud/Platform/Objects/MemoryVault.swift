/// Objects in memory, for the virtual world.
final class MemoryVault: Vault {
  private var contents: [String: Content] = [:]

  /// Bytes that never change once they are kept.
  private final class Content: VaultReader {
    let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(from offset: Int, count: Int) throws(ObjectError) -> [UInt8] {
      let start = min(max(offset, 0), bytes.count)
      return [UInt8](bytes[start..<min(start + count, bytes.count)])
    }
  }

  private final class Draft: VaultDraft {
    private let vault: MemoryVault
    private var bytes: [UInt8] = []

    init(_ vault: MemoryVault) { self.vault = vault }
    func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
    func keep(at path: String) { vault.contents[path] = Content(bytes) }
    func abandon() { bytes = [] }
  }

  func draft() -> any VaultDraft { Draft(self) }

  func open(_ path: String) throws(ObjectError) -> any VaultReader {
    guard let content = contents[path] else { throw .missing }
    return content
  }

  func holds(_ path: String) -> Bool { contents[path] != nil }

  func move(_ path: String, to place: String) {
    if let content = contents.removeValue(forKey: path) { contents[place] = content }
  }

  func remove(_ path: String) { contents[path] = nil }
}
