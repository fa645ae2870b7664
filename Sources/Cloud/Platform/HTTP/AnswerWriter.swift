import Wire
import World

/// Puts answers into the words of HTTP/1.1.
enum AnswerWriter {
  static func head(
    _ answer: Answer, requestID: String, keepsAlive: Bool, at milliseconds: Int64, bodyCount: Int?
  ) -> [UInt8] {
    encoded(1_024) { writer in
      writer.put("HTTP/1.1 ")
      writer.put(decimal: answer.status)
      writer.put(" ")
      writer.put(text: HTTPStatus.reason(of: answer.status))
      writer.put("\r\nDate: ")
      HTTPDate.put(milliseconds, into: &writer)
      writer.put("\r\nX-Request-ID: ")
      writer.put(text: requestID)
      writer.put("\r\nAccess-Control-Expose-Headers: X-Request-ID, ETag, Content-Range, ")
      writer.put("Accept-Ranges, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, ")
      writer.put("Retry-After\r\nX-Content-Type-Options: nosniff\r\n")
      if case .json = answer.body { writer.put("Content-Type: application/json\r\n") }
      for (name, value) in answer.headers { writer.put(field: name, value) }
      if let bodyCount {
        writer.put("Content-Length: ")
        writer.put(decimal: bodyCount)
        writer.put("\r\n")
      }
      writer.put(
        keepsAlive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n")
    }
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
  private static let days: [StaticString] = [
    "Thu, ", "Fri, ", "Sat, ", "Sun, ", "Mon, ", "Tue, ", "Wed, ",
  ]
  private static let months: [StaticString] = [
    " Jan ", " Feb ", " Mar ", " Apr ", " May ", " Jun ", " Jul ", " Aug ", " Sep ", " Oct ",
    " Nov ", " Dec ",
  ]

  static func text(_ milliseconds: Int64) -> String {
    String(decoding: encoded(32) { put(milliseconds, into: &$0) }, as: UTF8.self)
  }

  static func put(_ milliseconds: Int64, into writer: inout ByteWriter) {
    let seconds = Int(max(0, milliseconds) / 1000)
    let day = seconds / 86_400
    let second = seconds % 86_400
    let (year, month, date) = civil(day)
    writer.put(days[day % 7])
    put(twoDigits: date, into: &writer)
    writer.put(months[month - 1])
    writer.put(decimal: year)
    writer.put(" ")
    put(twoDigits: second / 3600, into: &writer)
    writer.put(":")
    put(twoDigits: second / 60 % 60, into: &writer)
    writer.put(":")
    put(twoDigits: second % 60, into: &writer)
    writer.put(" GMT")
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

  private static func put(twoDigits number: Int, into writer: inout ByteWriter) {
    if number < 10 { writer.put("0") }
    writer.put(decimal: number)
  }
}
