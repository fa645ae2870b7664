import Testing

@testable import Printers

@Suite("Forms with files")
struct MultipartReaderTests {
  static let form = Array(
    ("--b0\r\nContent-Disposition: form-data; name=\"select\"\r\n\r\ntrue\r\n"
      + "--b0\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n"
      + "--b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.gcode\"\r\n"
      + "Content-Type: text/plain\r\n\r\nG28\r\n--b\r\nM104\r\n--b0--\r\n").utf8)

  /// What a form says, whatever pieces it comes in.
  static func read(_ pieces: [ArraySlice<UInt8>]) -> String {
    guard var reader = MultipartReader(contentType: "multipart/form-data; boundary=b0") else {
      return "no form"
    }
    var text = ""
    for piece in pieces {
      Array(piece).withUnsafeBytes { reader.append($0) }
      events: while true {
        switch reader.next() {
        case .needsMore: break events
        case .field(let name, let value): text += "\(name)=\(value);"
        case .file(let name, let fileName): text += "\(name)@\(fileName):"
        case .content(let bytes): text += String(decoding: bytes, as: UTF8.self)
        case .fileEnd: text += ";"
        case .end:
          text += "end"
          break events
        case .broken: return "broken"
        }
      }
    }
    return text
  }

  @Test("every cut of a form gives the same fields and the same file", arguments: 0...form.count)
  func cuts(at cut: Int) {
    let expected = "select=true;empty=;file@a.gcode:G28\r\n--b\r\nM104;end"
    #expect(Self.read([Self.form[..<cut], Self.form[cut...]]) == expected)
  }

  @Test("what is no form is refused")
  func broken() {
    #expect(MultipartReader(contentType: "application/json") == nil)
    #expect(MultipartReader(contentType: "multipart/form-data") == nil)
    #expect(Self.read([Array("--b0xx".utf8)[...]]) == "broken")
    #expect(Self.read([Array("--b0\r\nX: y\r\n\r\n".utf8)[...]]) == "broken")
  }
}
