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
    let isStandardPort = port == (isSecure ? 443 : 80)
    let address = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    var all = [("Host", isStandardPort ? address : "\(address):\(port)")]
    all.append(("Connection", "close"))
    if bodyCount > 0 || ["POST", "PUT", "PATCH"].contains(method) {
      all.append(("Content-Length", "\(bodyCount)"))
    }
    all.removeAll { own in firstHeader(own.0, in: headers) != nil }
    var head = "\(method) \(target) HTTP/1.1\r\n"
    for (name, value) in all + headers { head += "\(name): \(value)\r\n" }
    return Array((head + "\r\n").utf8)
  }
}
