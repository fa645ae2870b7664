extension WebFaults {
  /// What somebody before the server says in its stead; nil when the request comes through.
  func answerOfProxy(to request: WebRequest, at address: String) -> WebAnswer? {
    if has(.proxy502) { return .text(Self.page("502 Bad Gateway"), status: 502, type: "text/html") }
    if has(.proxy503) {
      return .text(Self.page("503 Service Temporarily Unavailable"), status: 503, type: "text/html")
    }
    if has(.redirect) {
      var answer = WebAnswer.text(Self.page("302 Found"), status: 302, type: "text/html")
      answer.headers.append(("Location", "https://\(address)\(request.target)"))
      return answer
    }
    return nil
  }

  private static func page(_ title: String) -> String {
    "<html>\r\n<head><title>\(title)</title></head>\r\n<body>\r\n<center><h1>\(title)</h1></center>\r\n"
      + "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
  }
}
