// What the head of an answer says about the way to the server, rather than about what was asked: a
// demand for a digest, or another door of the same host. Requests and uploads hear it alike.

import Wire

/// Whether a request must be made again, because its answer has taught us something.
struct DoorAnswer {
  private var demands = 0
  /// The request carried a digest's answer.
  var sentProof = false
  private(set) var mustRepeat = false
  /// The answer has led to another door.
  private(set) var leads = false

  init() {}

  /// Takes one header of an answer with this status.
  mutating func take(
    _ name: Range<Int>, _ value: Range<Int>, of inbox: borrowing ByteQueue, status: UInt16,
    at door: Lodger<PrinterDoor>, of printer: borrowing PrinterConfiguration
  ) {
    if status == 401, PrinterDoor.usesDigest(printer),
      equalsIgnoringCase(inbox.pending.extracting(name), "www-authenticate")
    {
      var digest = door.value.digest
      if demands == 0 { digest.beginAnswer() }
      if digest.take(inbox.pending.extracting(value), isFirst: demands == 0) { demands += 1 }
      door.value.digest = digest
      mustRepeat = digest.isKnown && demands > 0 && (!sentProof || digest.isStale)
    } else if status == 301 || status == 302 || status == 307 || status == 308,
      equalsIgnoringCase(inbox.pending.extracting(name), "location")
    {
      var place = Text<200>()
      place.set(inbox.pending.extracting(value))
      leads = door.value.follow(place.span, printer)
      mustRepeat = leads
    }
  }
}
