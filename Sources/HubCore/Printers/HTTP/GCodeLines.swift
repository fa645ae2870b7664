// G-code as OctoPrint takes it, and those who took over its interface: one request, all lines.

import Wire

/// Lines of g-code in one text.
enum GCodeLines {
  /// Shows each line that is not empty.
  static func each(of text: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
    var start = 0
    for index in 0...text.count
    where index == text.count || text[index] == UInt8(ascii: "\n")
      || text[index] == UInt8(ascii: "\r")
    {
      if index > start { body(text.extracting(start..<index)) }
      start = index + 1
    }
  }
}

extension HTTPRequest {
  /// Begins `POST /api/printer/command` with all lines.
  mutating func begin(gcode lines: Span<UInt8>) {
    begin("POST", "/api/printer/command")
    carry { json in
      json.key("commands")
      json.beginArray()
      GCodeLines.each(of: lines) { json.string($0) }
      json.endArray()
    }
  }
}
