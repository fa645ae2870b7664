// Adding to the log, and throwing its oldest sector away.

import Wire

extension Store {
  var liveBytes: Int {
    var sum = 0
    for page in 0..<pageCount { sum += Int(live[page]) }
    return sum
  }

  func isWorn(_ page: Int) -> Bool { worn & 1 &<< UInt32(truncatingIfNeeded: page) != 0 }
  private func isStuck(_ page: Int) -> Bool { stuck & 1 &<< UInt32(truncatingIfNeeded: page) != 0 }

  private var unusedCount: Int {
    var count = 0
    for page in 0..<pageCount where sequences[page] == 0 && !isWorn(page) { count += 1 }
    return count
  }

  private var room: Int { active < 0 ? 0 : Board.sectorSize - end }

  /// With more alive than this a write is refused; so there is always a sector with enough that is
  /// dead to make room for the longest value.
  var budget: Int {
    let usable = pageCount - worn.nonzeroBitCount - 2
    return (usable < 1 ? 1 : usable) * (Board.sectorSize - StorePageHeader.size) * 3 / 8
  }

  // --------------------------------------------------------------------------------------- entries

  mutating func put(_ key: StoreKey, _ bytes: Span<UInt8>) throws(StoreError) {
    let name = Self.name(of: key)
    let length = bytes.count + (key.isSecret ? StoreEntryHeader.sealSize : 0)
    let size = StoreEntryHeader.wholeSize(ofLength: length)
    var former = 0
    if let row = row(of: name, in: key.namespace.rawValue) {
      former = header(at: index.place(row))?.wholeSize ?? 0
    } else if index.count == StoreIndex.capacity {
      throw .full
    }
    guard liveBytes - former + size <= budget else { throw .full }
    for _ in 0..<pageCount {
      try makeRoom(size)
      if key.isSecret {
        fill(sealing: bytes, Self.label(name, in: key.namespace.rawValue))
      } else {
        scratch.set(bytes, at: 0)
      }
      let header = StoreEntryHeader(
        key.isSecret ? .sealed : .value, namespace: key.namespace.rawValue, name: name,
        length: length, valueSum: CRC32.of(scratch.bytes(0..<length)))
      if append(header) { return }
    }
    throw .worn
  }

  private mutating func fill(sealing bytes: Span<UInt8>, _ label: InlineArray<17, UInt8>) {
    let chance = board.entropyBytes()
    var nonce = InlineArray<12, UInt8>(repeating: 0)
    for position in 0..<12 {
      nonce[position] = chance[position]
      scratch[position] = chance[position]
    }
    scratch.set(bytes, at: 12)
    let board = board
    let tag = scratch.change(12..<12 + bytes.count) {
      board.seal(&$0, nonce: nonce, label: label.span)
    }
    scratch.set(tag.span, at: 12 + bytes.count)
  }

  mutating func remove(
    named name: StoreEntryHeader.Name, in namespace: UInt8
  ) throws(StoreError) {
    guard row(of: name, in: namespace) != nil else { return }
    let header = StoreEntryHeader(
      .removed, namespace: namespace, name: name, length: 0, valueSum: 0)
    for _ in 0..<pageCount {
      try makeRoom(header.wholeSize)
      if append(header) { return }
    }
    throw .worn
  }

  /// Writes an entry, whose value is in `scratch`, behind the last one. There is room for it. False
  /// when the sector cannot be written any more.
  private mutating func append(_ header: StoreEntryHeader) -> Bool {
    let place = StorePlace(page: active, offset: end)
    let at = active * Board.sectorSize + end
    let bytes = header.bytes(seed: seed(page: active, offset: end))
    let mark = InlineArray<1, UInt8>(repeating: 0)
    let markAt = at + StoreEntryHeader.size + header.length
    end += header.wholeSize
    // What is read back is looked at before the entry is made to count: one that is not whole must
    // never stand before the old one.
    guard board.program(.store, at: at, bytes.span),
      holds(bytes.span, at: at),
      header.length == 0
        || board.program(
          .store, at: at + StoreEntryHeader.size, scratch.bytes(0..<header.length)),
      header.length == 0 || holdsValue(header.length, at: at + StoreEntryHeader.size),
      board.program(.store, at: markAt, mark.span), holds(mark.span, at: markAt)
    else {
      noteWorn(active)
      end = Board.sectorSize
      return false
    }
    take(header, place)
    return true
  }

  private func holds(_ bytes: Span<UInt8>, at offset: Int) -> Bool {
    var found = InlineArray<32, UInt8>(repeating: 0)
    var span = found.mutableSpan
    guard board.read(.store, at: offset, into: &span, count: bytes.count) else { return false }
    for position in 0..<bytes.count where found[position] != bytes[position] { return false }
    return true
  }

  private func holdsValue(_ count: Int, at offset: Int) -> Bool {
    var position = 0
    while position < count {
      let next = count - position < 32 ? count : position + 32
      guard holds(scratch.bytes(position..<next), at: offset + position) else { return false }
      position = next
    }
    return true
  }

  private mutating func noteWorn(_ page: Int) {
    guard !isWorn(page) else { return }
    worn |= 1 &<< UInt32(truncatingIfNeeded: page)
    health.wornSectors &+= 1
    board.log(.error) {
      $0.put("store: sector ")
      $0.put(decimal: page)
      $0.put(" is worn out")
    }
  }

  // --------------------------------------------------------------------------------------- sectors

  /// Sees to it that `size` bytes fit behind the last entry, and that there is an unused sector.
  private mutating func makeRoom(_ size: Int) throws(StoreError) {
    if unusedCount == 0 { try reclaim() }
    for _ in 0..<pageCount {
      if room >= size {
        guard unusedCount > 0 else { throw .worn }
        return
      }
      try turnPage()
    }
    throw .full
  }

  /// Takes a new sector into use, and throws old ones away for it.
  mutating func turnPage() throws(StoreError) {
    try openNext()
    try reclaim()
  }

  /// Takes the next unused sector into use.
  private mutating func openNext() throws(StoreError) {
    var last: UInt32 = 0
    for page in 0..<pageCount where sequences[page] > last { last = sequences[page] }
    let former = active
    for step in 1...pageCount {
      let page = (former + step) % pageCount
      guard sequences[page] == 0, !isWorn(page) else { continue }
      if prepare(page, sequence: last &+ 1) {
        sequences[page] = last &+ 1
        live[page] = 0
        active = page
        end = StorePageHeader.size
        return
      }
      noteWorn(page)
    }
    throw worn == 0 ? .full : .worn
  }

  private mutating func prepare(_ page: Int, sequence: UInt32) -> Bool {
    let at = page * Board.sectorSize
    var erases = health.mostErases
    if isBlank(page, from: 0) {
      // Fresh from the factory, or nobody knows any more.
    } else {
      erases = (StorePageHeader.erases(ofRetired: pageBytes(page)) ?? erases) &+ 1
      guard board.erase(.store, at: at), isBlank(page, from: 0) else { return false }
      if erases > health.mostErases { health.mostErases = erases }
    }
    let bytes = StorePageHeader(sequence: sequence, erases: erases).bytes
    return board.program(.store, at: at, bytes.span) && holds(bytes.span, at: at)
  }

  /// Gives a sector up: whatever becomes of it from now on, it is never read again. False when it
  /// cannot be written any more.
  mutating func retire(_ page: Int) -> Bool {
    let zeros = InlineArray<4, UInt8>(repeating: 0)
    let at = page * Board.sectorSize
    guard board.program(.store, at: at, zeros.span), holds(zeros.span, at: at) else {
      noteWorn(page)
      stuck |= 1 &<< UInt32(truncatingIfNeeded: page)
      return false
    }
    sequences[page] = 0
    live[page] = 0
    return true
  }

  /// Copies what is alive in the oldest sectors behind the last entry, and gives them up, until two
  /// sectors are unused.
  private mutating func reclaim() throws(StoreError) {
    for _ in 0..<pageCount {
      guard unusedCount < 2, let oldest = oldestPage else { return }
      if Int(live[oldest]) > room {
        // One unused sector is enough to go on with; with none the newest one is empty.
        if unusedCount > 0 { return }
        throw .full
      }
      try collect(oldest)
    }
  }

  private var oldestPage: Int? {
    var found: Int?
    for page in 0..<pageCount where sequences[page] != 0 && page != active && !isStuck(page) {
      if let other = found, sequences[other] < sequences[page] { continue }
      found = page
    }
    return found
  }

  private mutating func collect(_ page: Int) throws(StoreError) {
    // A note that something was removed is needed as long as an older sector may still hold it.
    var keepsNotes = false
    for other in 0..<pageCount where sequences[other] != 0 && sequences[other] < sequences[page] {
      keepsNotes = true
    }
    var offset = StorePageHeader.size
    while let header = nextEntry(page, &offset) {
      let place = StorePlace(page: page, offset: offset)
      offset += header.wholeSize
      guard isWhole(header, page, place.offset) else { continue }
      let row = row(of: header.name, in: header.namespace)
      if header.kind == .removed {
        guard keepsNotes, row == nil else { continue }
      } else {
        guard let row, index.place(row) == place else { continue }
      }
      try copy(header, place)
    }
    _ = retire(page)
  }

  private mutating func copy(
    _ header: StoreEntryHeader, _ place: StorePlace
  ) throws(StoreError) {
    for _ in 0..<pageCount {
      if room < header.wholeSize { try openNext() }
      // What is damaged stays damaged: the one before it must not come back in its place.
      _ = fetchValue(of: header, at: place)
      if append(header) { return }
    }
    throw .worn
  }
}
