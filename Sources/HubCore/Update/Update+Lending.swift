// Downloads of an address that stands elsewhere, and images fed from a download. See
// Memory/ByteQueue+Readers.swift for why the owners are lent, and not their bytes.

import Wire

extension Download {
  mutating func begin(
    _ board: Board, _ url: borrowing LongText, from start: Int, now: Uptime
  ) throws(Connection.Failure) {
    try begin(board, url.span, from: start, now: now)
  }

  mutating func step(_ url: borrowing LongText, now: Uptime) -> Event { step(url.span, now: now) }
}

extension ImageWriter {
  mutating func write(_ count: Int, of download: borrowing Download) throws(Trouble) {
    try write(download.bytes.extracting(first: count))
  }
}
