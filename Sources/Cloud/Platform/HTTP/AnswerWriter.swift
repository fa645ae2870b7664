import World

/// Puts answers into the words of HTTP/1.1.
enum AnswerWriter {
  static func head(
    _ answer: Answer, requestID: String, keepsAlive: Bool, at milliseconds: Int64, bodyCount: Int?
  ) -> [UInt8] {
    var text = "HTTP/1.1 \(answer.status) \(HTTPStatus.reason(of: answer.status))\r\n"
    text += "Date: \(HTTPDate.text(milliseconds))\r\n"
    text += "X-Request-ID: \(requestID)\r\n"
    text += "Access-Control-Expose-Headers: X-Request-ID, ETag, Content-Range, Accept-Ranges, "
    text += "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After\r\n"
    text += "X-Content-Type-Options: nosniff\r\n"
    if case .json = answer.body { text += "Content-Type: application/json\r\n" }
    for (name, value) in answer.headers { text += "\(name): \(value)\r\n" }
    if let bodyCount { text += "Content-Length: \(bodyCount)\r\n" }
    text += keepsAlive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n"
    return [UInt8](text.utf8)
  }

  /// The 101 that ends HTTP on this stream.
  static func switching(accept: String, requestID: String, headers: [(String, String)]) -> [UInt8] {
    var text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    text += "Sec-WebSocket-Accept: \(accept)\r\nX-Request-ID: \(requestID)\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    return [UInt8]((text + "\r\n").utf8)
  }
}

/// Dates as HTTP writes them (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  static func text(_ milliseconds: Int64) -> String {
    let seconds = Int(max(0, milliseconds) / 1000)
    let day = seconds / 86_400
    let second = seconds % 86_400
    let (year, month, date) = civil(day)
    let time = [second / 3600, second / 60 % 60, second % 60].map(twoDigits).joined(separator: ":")
    return "\(days[day % 7]), \(twoDigits(date)) \(months[month - 1]) \(year) \(time) GMT"
  }

  /// Days since 1970 as a date; a year is taken to begin in March, so that leap days come last.
  private static func civil(_ day: Int) -> (year: Int, month: Int, date: Int) {
    let shifted = day + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
