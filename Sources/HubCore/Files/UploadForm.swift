// What goes around a file that is sent over HTTP, for each kind of server.

import Wire

/// The fixed parts of an upload, whose length must be known before the file is.
enum UploadForm {
  private static let boundary: StaticString = "hubrig-end-of-part-7d1c"

  static func write(
    target: inout Text<224>, _ kind: PrinterKind, _ name: Span<UInt8>, in storage: Text<32>
  ) {
    target.write { writer in
      switch kind {
      case .bambu, .octoPrint: writer.put("/api/files/local")
      case .moonraker: writer.put("/server/files/upload")
      case .prusaLink: writePath(of: name, in: storage, into: &writer)
      }
    }
  }

  /// Where a file stands at a PrusaLink: on its stick, if nothing else is known.
  static func writePath(
    of name: Span<UInt8>, in storage: Text<32>, into writer: inout ByteWriter
  ) {
    writer.put("/api/v1/files/")
    if storage.isEmpty {
      writer.put("usb")
    } else {
      PercentCoding.encode(storage.span, into: &writer)
    }
    writer.put("/")
    PercentCoding.encode(name, into: &writer)
  }

  static func writeHeaders(_ kind: PrinterKind, into writer: inout ByteWriter) {
    guard kind != .prusaLink else {
      // What slicers say. The program for the Raspberry Pi trips over the more general word.
      writer.put("Content-Type: text/x.gcode\r\n")
      writer.put("Print-After-Upload: ?0\r\nOverwrite: ?1\r\n")
      return
    }
    writer.put("Content-Type: multipart/form-data; boundary=")
    writer.put(boundary)
    writer.put("\r\n")
  }

  /// How many bytes go before and behind the file.
  static func cost(_ kind: PrinterKind, _ name: Span<UInt8>, _ checksum: Span<UInt8>) -> Int {
    var room = Text<720>()
    room.write {
      writeBeginning(kind, name, checksum, into: &$0)
      writeEnd(kind, into: &$0)
    }
    return room.count
  }

  static func writeBeginning(
    _ kind: PrinterKind, _ name: Span<UInt8>, _ checksum: Span<UInt8>, into writer: inout ByteWriter
  ) {
    switch kind {
    case .prusaLink: return
    case .moonraker:
      write(field: "root", into: &writer) { $0.put("gcodes") }
      write(field: "print", into: &writer) { $0.put("false") }
      if !checksum.isEmpty { write(field: "checksum", into: &writer) { $0.put(checksum) } }
    case .octoPrint, .bambu:
      write(field: "select", into: &writer) { $0.put("false") }
      write(field: "print", into: &writer) { $0.put("false") }
    }
    begin("file", into: &writer)
    writer.put("; filename=\"")
    writer.put(name)
    writer.put("\"\r\nContent-Type: application/octet-stream\r\n\r\n")
  }

  static func writeEnd(_ kind: PrinterKind, into writer: inout ByteWriter) {
    guard kind != .prusaLink else { return }
    writer.put("\r\n--")
    writer.put(boundary)
    writer.put("--\r\n")
  }

  private static func begin(_ field: StaticString, into writer: inout ByteWriter) {
    writer.put("--")
    writer.put(boundary)
    writer.put("\r\nContent-Disposition: form-data; name=\"")
    writer.put(field)
    writer.put("\"")
  }

  private static func write(
    field: StaticString, into writer: inout ByteWriter, _ value: (inout ByteWriter) -> Void
  ) {
    begin(field, into: &writer)
    writer.put("\r\n\r\n")
    value(&writer)
    writer.put("\r\n")
  }
}
