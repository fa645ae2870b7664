extension WebFaults {
  /// What somebody before the server says in its stead; nil when the request comes through.
  func answerOfProxy(to request: WebRequest, at address: String) -> WebAnswer? {
    if has(.proxy502) { return .text(Self.page("502 Bad Gateway"), status: 502, type: "text/html") }
    if has(.proxy503) {
      return .text(Self.page("503 Service Temporarily Unavailable"), status: 503, type: "text/html")
    }
    if has(.redirect) {
      return .redirect(302, to: "https://\(address)\(request.target)")
    }
    return nil
  }

  fileprivate static func page(_ title: String) -> String {
    "<html>\r\n<head><title>\(title)</title></head>\r\n<body>\r\n<center><h1>\(title)</h1></center>\r\n"
      + "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
  }
}

extension WebAnswer {
  /// Sends a client elsewhere, as a proxy does.
  static func redirect(_ status: Int, to place: String) -> WebAnswer {
    let title = status == 301 ? "301 Moved Permanently" : "302 Found"
    var answer = WebAnswer.text(WebFaults.page(title), status: status, type: "text/html")
    answer.headers.append(("Location", place))
    return answer
  }
}
