// What a printer's slot needs of the hub around it.

import Wire

/// Lent to a slot for the time of a step.
@safe
struct Surroundings: ~Copyable {
  private let pinned = Pinned()
  /// What the hub calls itself towards a printer.
  let clientID: Text<24>
  /// Where one message is composed; nothing stays there past a call.
  private let scratch: UnsafeMutableBufferPointer<UInt8>

  init(hubID: HubID, scratch: UnsafeMutableBufferPointer<UInt8>) {
    unsafe self.scratch = scratch
    // A broker must take 23 bytes; the end of an id tells hubs apart better than its beginning.
    let id = hubID.span
    let start = id.count > 16 ? id.count - 16 : 0
    var name = Text<24>()
    name.write {
      $0.put("hubrig-")
      $0.put(id.extracting(start..<id.count))
    }
    clientID = name
  }

  func writer() -> ByteWriter { unsafe ByteWriter(scratch) }
}
