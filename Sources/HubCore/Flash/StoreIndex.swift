// Which keys there are, and where.

import Wire

/// Where an entry stands in the store.
struct StorePlace: Equatable {
  private var packed: UInt32

  init(page: Int, offset: Int) {
    packed = UInt32(truncatingIfNeeded: page) &<< 16 | UInt32(truncatingIfNeeded: offset)
  }

  var page: Int { Int(packed &>> 16) }
  var offset: Int { Int(packed & 0xFFFF) }
}

/// For each key a short code of its name and its place. Two names may share a code: whoever finds
/// one must look at the name in flash.
struct StoreIndex {
  private var codes = InlineArray<96, UInt32>(repeating: 0)
  private var places = InlineArray<96, StorePlace>(repeating: StorePlace(page: 0, offset: 0))
  private(set) var count = 0

  static let capacity = 96

  static func code(_ name: StoreEntryHeader.Name, in namespace: UInt8) -> UInt32 {
    CRC32.update(UInt32(namespace), name.span)
  }

  func place(_ row: Int) -> StorePlace { places[row] }

  /// The next row at or after `row` with this code.
  func next(_ code: UInt32, from row: Int) -> Int? {
    var row = row
    while row < count {
      if codes[row] == code { return row }
      row += 1
    }
    return nil
  }

  mutating func move(_ row: Int, to place: StorePlace) { places[row] = place }

  /// False when there is no row left.
  mutating func add(_ code: UInt32, at place: StorePlace) -> Bool {
    guard count < Self.capacity else { return false }
    codes[count] = code
    places[count] = place
    count += 1
    return true
  }

  mutating func remove(_ row: Int) {
    count -= 1
    codes[row] = codes[count]
    places[row] = places[count]
  }
}
