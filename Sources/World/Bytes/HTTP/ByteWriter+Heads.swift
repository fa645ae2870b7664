import Wire

extension ByteWriter {
  /// Puts a text in UTF-8.
  public mutating func put(text: String) { put(text.utf8.span) }

  /// Puts a line of an HTTP head.
  public mutating func put(field name: String, _ value: String) {
    put(text: name)
    put(": ")
    put(text: value)
    put("\r\n")
  }
}
