import World

/// A file on its way into a printer's storage: out of sight until it is whole.
final class CardUpload {
  private let card: PrinterCard
  private let host: any Host
  private let path: String
  private(set) var count = 0
  private var isOpen = true

  /// Begins a file; `number` tells uploads at one time apart.
  init(_ card: PrinterCard, host: any Host, number: Int) throws(CardFailure) {
    self.card = card
    self.host = host
    path = "/.upload-\(number)"
    try card.create(path, at: host.wallMilliseconds)
  }

  deinit { discard() }

  func append(_ bytes: UnsafeRawBufferPointer) throws(CardFailure) {
    try card.append(bytes, to: path)
    count += bytes.count
  }

  /// What has come so far.
  var content: CardContent? { card.content(of: path) }

  /// It is whole: gives it its name. What had that name before is gone.
  func commit(to target: String) throws(CardFailure) {
    isOpen = false
    card.finishWriting(path, at: host.wallMilliseconds)
    do throws(CardFailure) {
      try card.rename(path, to: target)
    } catch {
      do throws(CardFailure) { try card.remove(path) } catch {}
      throw error
    }
  }

  func discard() {
    guard isOpen else { return }
    isOpen = false
    card.finishWriting(path, at: host.wallMilliseconds)
    do throws(CardFailure) {
      try card.remove(path)
    } catch {
      host.note(.detail, "what came of an upload cannot be removed")
    }
  }
}
