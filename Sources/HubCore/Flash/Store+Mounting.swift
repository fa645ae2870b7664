// Reading the log at boot. Nothing is written, unless a sector has to be thrown away that a loss of
// power has left half copied.

import Wire

extension Store {
  mutating func mount() {
    var unused = 0
    for page in 0..<pageCount {
      var repaired = false
      let bytes = pageBytes(page)
      guard let header = StorePageHeader(bytes, repaired: &repaired) else {
        unused += 1
        if isLostPage(bytes) { noteLost(page) }
        continue
      }
      if repaired { health.repairedBits &+= 1 }
      sequences[page] = header.sequence
      if header.erases > health.mostErases { health.mostErases = header.erases }
    }
    guard pageCount > 0 else {
      board.log(.error) { $0.put("store: the board has no flash for it") }
      return
    }
    var last: UInt32 = 0
    while let page = nextPage(after: last) {
      last = sequences[page]
      let isNewest = nextPage(after: last) == nil
      if unused == 0, isNewest, isRedundant(page), retire(page) { break }
      active = page
      readPage(page)
    }
    if active >= 0, !isBlank(active, from: end) { end = Board.sectorSize }
    tellMounted()
  }

  private func tellMounted() {
    board.log(health.damage > 0 || health.cutWrites > 0 ? .warning : .information) {
      $0.put("store: ")
      $0.put(decimal: index.count)
      $0.put(" keys, ")
      $0.put(decimal: liveBytes)
      $0.put(" bytes")
      if health.cutWrites > 0 {
        $0.put(", ")
        $0.put(decimal: health.cutWrites)
        $0.put(" cut")
      }
      if health.repairedBits > 0 {
        $0.put(", ")
        $0.put(decimal: health.repairedBits)
        $0.put(" bits repaired")
      }
      if health.damage > 0 {
        $0.put(", ")
        $0.put(decimal: health.damage)
        $0.put(" damaged")
      }
    }
  }

  /// The sector in use that follows in the log.
  func nextPage(after sequence: UInt32) -> Int? {
    var found: Int?
    for page in 0..<pageCount where sequences[page] > sequence {
      if let other = found, sequences[other] < sequences[page] { continue }
      found = page
    }
    return found
  }

  func pageBytes(_ page: Int) -> InlineArray<16, UInt8> {
    var bytes = InlineArray<16, UInt8>(repeating: 0xFF)
    var span = bytes.mutableSpan
    _ = board.read(.store, at: page * Board.sectorSize, into: &span)
    return bytes
  }

  /// Whether a sector that is not in use looks as if it had been, and was neither given up nor
  /// erased in part.
  private func isLostPage(_ bytes: InlineArray<16, UInt8>) -> Bool {
    for position in 0..<4 where bytes[position] != 0 && bytes[position] != 0xFF {
      // A header that was cut ends in ones.
      return bytes[15] != 0xFF
    }
    return false
  }

  private mutating func noteLost(_ page: Int) {
    health.damage &+= 1
    board.log(.error) {
      $0.put("store: sector ")
      $0.put(decimal: page)
      $0.put(" is damaged")
    }
  }

  // -------------------------------------------------------------------------------------- entries

  func seed(page: Int, offset: Int) -> UInt32 {
    sequences[page] &* 0x9E37_79B1 ^ UInt32(truncatingIfNeeded: offset)
  }

  /// The header of an entry that is known to be there.
  func header(at place: StorePlace) -> StoreEntryHeader? {
    var repaired = false
    guard let bytes = entryBytes(place.page, place.offset) else { return nil }
    return StoreEntryHeader(
      bytes, seed: seed(page: place.page, offset: place.offset), repaired: &repaired)
  }

  private func entryBytes(_ page: Int, _ offset: Int) -> InlineArray<32, UInt8>? {
    var bytes = InlineArray<32, UInt8>(repeating: 0xFF)
    var span = bytes.mutableSpan
    guard board.read(.store, at: page * Board.sectorSize + offset, into: &span) else { return nil }
    return bytes
  }

  /// The next entry of a sector, whole or cut; moves `offset` to where it begins, or to where
  /// nothing was written yet. Looks for the next one when a header cannot be read.
  mutating func nextEntry(_ page: Int, _ offset: inout Int) -> StoreEntryHeader? {
    var isSearching = false
    while offset + StoreEntryHeader.size < Board.sectorSize {
      guard let bytes = entryBytes(page, offset), !bytes.isBlank else { return nil }
      var repaired = false
      if let header = StoreEntryHeader(
        bytes, seed: seed(page: page, offset: offset), repaired: &repaired),
        offset + header.wholeSize <= Board.sectorSize
      {
        if repaired { health.repairedBits &+= 1 }
        return header
      }
      if !isSearching {
        isSearching = true
        // One that was cut ends in ones; whatever else cannot be read was whole once.
        if bytes[31] == 0xFF { health.cutWrites &+= 1 } else { health.damage &+= 1 }
      }
      offset += 4
    }
    offset = Board.sectorSize
    return nil
  }

  /// Whether the byte behind the value was cleared.
  func isWhole(_ header: StoreEntryHeader, _ page: Int, _ offset: Int) -> Bool {
    var mark = InlineArray<1, UInt8>(repeating: 0xFF)
    var span = mark.mutableSpan
    let at = page * Board.sectorSize + offset + StoreEntryHeader.size + header.length
    return board.read(.store, at: at, into: &span) && mark[0] != 0xFF
  }

  private mutating func readPage(_ page: Int) {
    var offset = StorePageHeader.size
    while let header = nextEntry(page, &offset) {
      if isWhole(header, page, offset) {
        take(header, StorePlace(page: page, offset: offset))
      } else {
        health.cutWrites &+= 1
      }
      offset += header.wholeSize
    }
    end = offset
  }

  /// Notes an entry in the index, in place of the one before it.
  mutating func take(_ header: StoreEntryHeader, _ place: StorePlace) {
    if let row = row(of: header.name, in: header.namespace) {
      let old = index.place(row)
      if let former = self.header(at: old) {
        live[old.page] &-= UInt16(truncatingIfNeeded: former.wholeSize)
      }
      if header.kind == .removed {
        index.remove(row)
      } else {
        index.move(row, to: place)
        live[place.page] &+= UInt16(truncatingIfNeeded: header.wholeSize)
      }
    } else if header.kind != .removed {
      let code = StoreIndex.code(header.name, in: header.namespace)
      if index.add(code, at: place) {
        live[place.page] &+= UInt16(truncatingIfNeeded: header.wholeSize)
      } else {
        health.damage &+= 1
      }
    }
    health.keyCount = UInt32(truncatingIfNeeded: index.count)
    health.liveBytes = UInt32(truncatingIfNeeded: liveBytes)
  }

  /// Whether a sector holds nothing but copies of what the index knows without it.
  private mutating func isRedundant(_ page: Int) -> Bool {
    var offset = StorePageHeader.size
    while let copy = nextEntry(page, &offset) {
      if isWhole(copy, page, offset) {
        let row = row(of: copy.name, in: copy.namespace)
        if copy.kind == .removed {
          guard row == nil else { return false }
        } else {
          guard let row, let original = header(at: index.place(row)), original.kind == copy.kind,
            original.length == copy.length, original.valueSum == copy.valueSum
          else { return false }
        }
      }
      offset += copy.wholeSize
    }
    return true
  }

  // --------------------------------------------------------------------------------------- values

  /// Brings the value of an entry into `scratch`; false when it cannot be read.
  mutating func fetchValue(of header: StoreEntryHeader, at place: StorePlace) -> Bool {
    guard header.length <= scratch.capacity else { return false }
    let at = place.page * Board.sectorSize + place.offset + StoreEntryHeader.size
    let board = board
    guard scratch.change(0..<header.length, { board.read(.store, at: at, into: &$0) }) else {
      return false
    }
    let found = CRC32.of(scratch.bytes(0..<header.length))
    if found == header.valueSum { return true }
    guard
      let bit = CRC32.flippedBit(
        wanted: header.valueSum, found: found, byteCount: header.length)
    else { return false }
    scratch[bit &>> 3] ^= 1 &<< UInt8(bit & 7)
    health.repairedBits &+= 1
    return true
  }

  /// Whether a sector is erased from `offset` to its end.
  mutating func isBlank(_ page: Int, from offset: Int) -> Bool {
    let board = board
    var offset = offset
    while offset < Board.sectorSize {
      let at = page * Board.sectorSize + offset
      let rest = Board.sectorSize - offset
      let count = rest < scratch.capacity ? rest : scratch.capacity
      guard scratch.change(0..<count, { board.read(.store, at: at, into: &$0) }) else {
        return false
      }
      guard Wire.isBlank(scratch.bytes(0..<count)) else { return false }
      offset += count
    }
    return true
  }
}
