import Wire

/// Where a URL leads, and how a request to there begins.
struct HTTPDestination {
  let host: String
  let port: UInt16
  private let isSecure: Bool
  private let target: String

  /// Nil for a text that is no URL.
  init?(_ url: String) {
    let text = Array(url.utf8)
    guard let parts = URLParts(text.span) else { return nil }
    host = String(decoding: text[parts.host], as: UTF8.self)
    port = parts.port
    isSecure = parts.isSecure
    let target = String(decoding: text[parts.target], as: UTF8.self)
    self.target = target.hasPrefix("/") ? target : "/" + target
  }

  func security(_ trust: Trust) -> ClientSecurity {
    isSecure ? .tls(trust: trust, serverName: host, resuming: nil) : .plain
  }

  /// The head of a request; header names of `headers` replace those that it has by itself.
  func head(_ method: String, _ headers: [(String, String)], bodyCount: Int = 0) -> [UInt8] {
    let hasBody = bodyCount > 0 || ["POST", "PUT", "PATCH"].contains(method)
    return encoded(512) { writer in
      writer.put(text: method)
      writer.put(" ")
      writer.put(text: target)
      writer.put(" HTTP/1.1\r\n")
      if firstHeader("Host", in: headers) == nil { putHost(into: &writer) }
      if firstHeader("Connection", in: headers) == nil { writer.put("Connection: close\r\n") }
      if hasBody, firstHeader("Content-Length", in: headers) == nil {
        writer.put("Content-Length: ")
        writer.put(decimal: bodyCount)
        writer.put("\r\n")
      }
      for (name, value) in headers { writer.put(field: name, value) }
      writer.put("\r\n")
    }
  }

  private func putHost(into writer: inout ByteWriter) {
    let needsBrackets = host.utf8.contains(UInt8(ascii: ":"))
    writer.put(needsBrackets ? "Host: [" : "Host: ")
    writer.put(text: host)
    if needsBrackets { writer.put("]") }
    if port != (isSecure ? 443 : 80) {
      writer.put(":")
      writer.put(decimal: Int(port))
    }
    writer.put("\r\n")
  }
}
