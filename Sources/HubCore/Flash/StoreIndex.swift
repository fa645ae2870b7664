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
struct StoreIndex: ~Copyable {
  struct Row {
    var code: UInt32 = 0
    var place = StorePlace(page: 0, offset: 0)
  }

  private var rows: Table<Row>
  private(set) var count = 0

  static let capacity = 96

  /// `memory` has room for ``capacity`` rows.
  init(_ memory: UnsafeMutablePointer<Row>) {
    unsafe memory.initialize(repeating: Row(), count: Self.capacity)
    rows = unsafe Table(memory, count: Self.capacity)
  }

  static func code(_ name: StoreEntryHeader.Name, in namespace: UInt8) -> UInt32 {
    CRC32.update(UInt32(namespace), name.span)
  }

  func place(_ row: Int) -> StorePlace { rows[row].place }

  /// The next row at or after `row` with this code.
  func next(_ code: UInt32, from row: Int) -> Int? {
    var row = row
    while row < count {
      if rows[row].code == code { return row }
      row += 1
    }
    return nil
  }

  mutating func move(_ row: Int, to place: StorePlace) { rows[row].place = place }

  /// False when there is no row left.
  mutating func add(_ code: UInt32, at place: StorePlace) -> Bool {
    guard count < Self.capacity else { return false }
    rows[count] = Row(code: code, place: place)
    count += 1
    return true
  }

  mutating func remove(_ row: Int) {
    count -= 1
    rows[row] = rows[count]
  }
}
