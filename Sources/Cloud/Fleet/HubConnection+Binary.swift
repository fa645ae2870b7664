// What goes over a hub's socket in binary: pieces of files to the hub, pictures of cameras from it.
//
//     to the hub    kind 1 | stream | tag, 2 bytes | offset, 4 bytes | bytes of the file
//     from the hub  kind 2 | flags: 1 first, 2 last | number, 2 bytes | size, 4 bytes |
//                   in the first: length and text of the serial number | bytes of the picture
//
// Numbers are big-endian. The hub asks for each piece by itself, so it is never sent more than it can
// hold; one without bytes says that there is nothing for it.

import World

/// A picture that comes in several messages.
struct PictureInPieces {
  /// No camera of a printer makes larger ones.
  static let byteLimit = 512 << 10

  private(set) var serial = ""
  private var number = -1
  private var size = 0
  private var bytes: [UInt8] = []

  /// What is wrong with a message, or nil; `whole` gets the picture with its last bytes.
  mutating func take(_ message: [UInt8], whole: (String, [UInt8]) -> Void) -> String? {
    guard message.count >= 8, message[0] == 2 else { return "hub.broken-picture" }
    let flags = message[1]
    let number = Int(message[2]) << 8 | Int(message[3])
    let size = message[4..<8].reduce(0) { $0 << 8 | Int($1) }
    var start = 8
    if flags & 1 != 0 {
      guard size <= Self.byteLimit else { return "hub.picture-too-large" }
      guard message.count > 8, message.count >= 9 + Int(message[8]) else {
        return "hub.broken-picture"
      }
      start = 9 + Int(message[8])
      serial = String(decoding: message[9..<start], as: UTF8.self)
      self.number = number
      self.size = size
      bytes = []
    }
    // The rest of one whose beginning went over an earlier socket is of no use.
    guard number == self.number, size == self.size else { return nil }
    guard bytes.count + message.count - start <= size else {
      forget()
      return "hub.broken-picture"
    }
    bytes += message[start...]
    guard flags & 2 != 0 else { return nil }
    let picture = bytes
    forget()
    guard picture.count == size, picture.starts(with: [0xFF, 0xD8]),
      picture.suffix(2) == [0xFF, 0xD9]
    else { return "camera.broken-picture" }
    whole(serial, picture)
    return nil
  }

  mutating func forget() {
    number = -1
    bytes = []
  }
}

extension HubConnection {
  /// A message in binary has come; answers false for one that nobody knows.
  func take(binary bytes: [UInt8]) -> Bool {
    guard bytes.first == 2 else {
      platform.badInput(from: source, "websocket.binary")
      return false
    }
    let flaw = picture.take(bytes) { serial, picture in
      // A printer that is not this hub's, or is no more, has no pictures.
      guard let claim, let printer = printerID(serial: serial) else { return }
      attempt("keeping a picture") {
        try fleet.pictureCame(picture, of: printer, in: claim.scope)
      }
    }
    if let flaw { platform.badInput(from: source, flaw) }
    return true
  }

  /// Sends the piece of a job's file that the hub has asked for.
  func sendPiece(_ message: HubMessage) throws {
    guard let serial = message.printerID, let job = message.jobID, let offset = message.offset,
      let count = message.count, let stream = message.stream, let tag = message.tag,
      let streamByte = UInt8(exactly: stream), let tag = UInt16(exactly: tag),
      let place = UInt32(exactly: offset)
    else { return platform.badInput(from: source, "hub.incomplete-file-request") }
    var piece: [UInt8] = []
    if let claim, let printer = printerID(serial: serial) {
      piece =
        try fleet.listener?.filePiece(
          job: job, printer: printer, offset: offset, count: count, in: claim.scope) ?? []
    }
    if piece.isEmpty { platform.badInput(from: source, "hub.unknown-piece") }
    let head =
      [1, streamByte, UInt8(tag >> 8), UInt8(tag & 255)]
      + (0..<4).map { UInt8(truncatingIfNeeded: place >> (24 - 8 * $0)) }
    link?.send(binary: head + piece)
  }
}
