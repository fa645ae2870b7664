// The one page of the hub's own network, and what else its server answers.
//
// A phone that joins a network asks an address of its maker whether the internet is there. Every name
// leads here, so the question is answered with the way to this page, and the phone shows it.

import Wire

/// How things stand, as far as the page tells.
struct PortalFacts {
  /// Why the last attempt to join failed.
  var trouble: StaticString?
  /// The network that is tried now, or was tried last.
  var network = NetworkName()
  var isTrying = false
}

/// Writes answers of the hub's web server.
enum PortalPage {
  static let address: StaticString = "192.168.4.1"

  /// The page with the form.
  static func write(
    _ board: Board, _ facts: PortalFacts, complaint: StaticString?, isHead: Bool,
    into writer: inout ByteWriter
  ) {
    head("200 OK", into: &writer)
    guard !isHead else { return }
    start(refreshSeconds: facts.isTrying ? 3 : 0, into: &writer)
    if let complaint { note(complaint, into: &writer) }
    if facts.isTrying {
      writer.put("<p>The hub now joins <b>")
      text(facts.network.span, into: &writer)
      writer.put("</b>. When its blue light shines steadily, all is well and this network is gone.")
    } else if let trouble = facts.trouble {
      note(trouble, into: &writer)
    }
    writer.put("<form method=post action=/join><p><select name=ssid>")
    networks(board, into: &writer)
    writer.put("</select><p><input name=other maxlength=32 placeholder=\"another network\">")
    writer.put("<p><input name=password type=password maxlength=64 placeholder=Password>")
    writer.put("<p><input name=user maxlength=64 placeholder=\"user name, if it wants one\">")
    writer.put(
      "<p><input name=claim_token maxlength=128 placeholder=\"claim token, if you have one\">")
    writer.put("<p><button>Join</button></form>")
  }

  /// The way to the page.
  static func redirect(into writer: inout ByteWriter) {
    writer.put("HTTP/1.1 302 Found\r\nLocation: http://")
    writer.put(address)
    writer.put("/\r\nContent-Length: 0\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n")
  }

  static func refuse(_ status: StaticString, into writer: inout ByteWriter) {
    writer.put("HTTP/1.1 ")
    writer.put(status)
    writer.put("\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
  }

  private static func head(_ status: StaticString, into writer: inout ByteWriter) {
    writer.put("HTTP/1.1 ")
    writer.put(status)
    writer.put("\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n")
    writer.put("Connection: close\r\n\r\n")
  }

  private static func start(refreshSeconds: Int, into writer: inout ByteWriter) {
    writer.put("<!doctype html><meta charset=utf-8><meta name=viewport content=width=device-width>")
    if refreshSeconds > 0 {
      writer.put("<meta http-equiv=refresh content=\"")
      writer.put(decimal: refreshSeconds)
      writer.put(";url=/\">")
    }
    writer.put("<title>Hubrig</title><style>body{font:1.1em sans-serif;margin:2em;max-width:24em}")
    writer.put("input,select,button{width:100%;padding:.6em;font:inherit;box-sizing:border-box}")
    writer.put("</style><h1>Your hub</h1>")
  }

  private static func note(_ text: StaticString, into writer: inout ByteWriter) {
    writer.put("<p role=alert><b>")
    writer.put(text)
    writer.put("</b>")
  }

  private static func networks(_ board: Board, into writer: inout ByteWriter) {
    let count = board.foundCount ?? 0
    for index in 0..<min(count, Limits.shownNetworks) {
      guard let network = board.found(index), isUTF8(network.name.span) else { continue }
      // What is left is for the rest of the page.
      guard writer.freeCount > 900 else { return }
      writer.put("<option value=\"")
      text(network.name.span, into: &writer)
      writer.put("\">")
      text(network.name.span, into: &writer)
      if network.security == .open { writer.put(" (open)") }
      if network.security == .enterprise { writer.put(" (with user name)") }
    }
  }

  /// A text that somebody else has chosen, so that it is text and nothing more.
  private static func text(_ bytes: Span<UInt8>, into writer: inout ByteWriter) {
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: "&"): writer.put("&amp;")
      case UInt8(ascii: "<"): writer.put("&lt;")
      case UInt8(ascii: ">"): writer.put("&gt;")
      case UInt8(ascii: "\""): writer.put("&quot;")
      case 0..<0x20, 0x7F: writer.put(UInt8(ascii: "?"))
      default: writer.put(bytes[index])
      }
    }
  }
}
