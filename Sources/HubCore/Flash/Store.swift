// The key store: a log over the sectors of its partition.
//
//     sector 0      sector 1      sector 2      sector 3      sector 4
//     [ older  ]    [ newest  ]   [ unused ]    [ unused ]    [ oldest ]
//                          ^ written here                       ^ next to be thrown away
//
// A value is written behind the last one; the one before it is then dead. When the newest sector is
// full, the next unused one is taken, and what is still alive in the oldest is copied behind it.
// So every sector is erased as often as every other, however unevenly keys are written, and what
// was removed may be forgotten when its note becomes the oldest of all. Two unused sectors are
// kept, so that one that fails at the wrong moment leaves room to go on.
//
// Nothing but copies is ever written while there is no unused sector. So if that is what is found
// after a loss of power, the newest sector can be thrown away without a loss.
//
// StorePage.swift tells how a sector and an entry look; Store+Mounting reads them at boot,
// Store+Writing adds to them.

import Wire

/// Values by name, in flash, each written whole or not at all.
package struct Store: ~Copyable {
  private let pinned = Pinned()
  let board: Board
  package internal(set) var health = StoreHealth()
  var index: StoreIndex
  let pageCount: Int
  /// The number of each sector in the log; 0 for those not in use.
  var sequences = InlineArray<32, UInt32>(repeating: 0)
  /// Bytes of each sector that are not dead.
  var live = InlineArray<32, UInt16>(repeating: 0)
  /// Sectors that failed since the boot, and those of them that could not even be given up.
  var worn: UInt32 = 0
  var stuck: UInt32 = 0
  /// The sector that is written, or -1.
  var active = -1
  /// Where the next entry will stand in it.
  var end = Board.sectorSize
  /// One entry's value, as it stands in flash.
  var scratch: Workspace

  static let scratchSize = Limits.storeValue + StoreEntryHeader.sealSize
  static let memory =
    Region.cost(scratchSize) + Region.cost(of: StoreIndex.Row.self, count: StoreIndex.capacity)

  /// Opens the store on the board's flash, whatever state that is in.
  init(_ board: Board, _ region: inout Region) {
    let rows = unsafe region.room(for: StoreIndex.Row.self, count: StoreIndex.capacity)
    unsafe self.init(board, scratch: Workspace(region.bytes(Self.scratchSize)), index: rows)
  }

  /// `scratch` must hold ``scratchSize`` bytes.
  private init(
    _ board: Board, scratch: consuming Workspace, index rows: UnsafeMutablePointer<StoreIndex.Row>
  ) {
    self.board = board
    self.scratch = scratch
    index = unsafe StoreIndex(rows)
    let sectors = board.size(of: .store) / Board.sectorSize
    pageCount = sectors < 2 ? 0 : sectors > 32 ? 32 : sectors
    mount()
    guard pageCount > 0, has(.reset) else { return }
    board.log(.warning) { $0.put("store: goes on to forget everything") }
    try? eraseAll()
  }

  /// Opens the store in memory of the caller's, which must hold ``scratchBytes`` bytes.
  @unsafe
  package init(_ board: Board, unsafeScratch: UnsafeMutableBufferPointer<UInt8>) {
    guard let base = unsafeScratch.baseAddress else { preconditionFailure("no memory") }
    let rows = unsafe UnsafeMutableRawPointer(base + Self.scratchSize)
      .bindMemory(to: StoreIndex.Row.self, capacity: StoreIndex.capacity)
    unsafe self.init(
      board,
      scratch: Workspace(UnsafeMutableBufferPointer(rebasing: unsafeScratch[..<Self.scratchSize])),
      index: rows)
  }

  package static var scratchBytes: Int {
    scratchSize + MemoryLayout<StoreIndex.Row>.stride * StoreIndex.capacity
  }

  // -------------------------------------------------------------------------------------- reading

  /// Copies a value to the front of `bytes`.
  package mutating func read(_ key: StoreKey, into bytes: inout MutableSpan<UInt8>) -> StoreAnswer {
    let answer = load(key)
    guard case .found(let count) = answer else { return answer }
    guard count <= bytes.count else { return .tooLong }
    for position in 0..<count { bytes[position] = scratch[valueStart + position] }
    return answer
  }

  /// Reads a value as a text.
  mutating func read<let capacity: Int>(
    _ key: StoreKey, into text: inout Text<capacity>
  ) -> StoreAnswer {
    let answer = load(key)
    text.removeAll()
    guard case .found(let count) = answer else { return answer }
    return text.set(scratch.bytes(valueStart..<valueStart + count)) ? answer : .tooLong
  }

  /// Reads a value that is longer than a text that moves about.
  mutating func read(_ key: StoreKey, into text: inout LongText) -> StoreAnswer {
    let answer = load(key)
    text.removeAll()
    guard case .found(let count) = answer else { return answer }
    return text.set(scratch.bytes(valueStart..<valueStart + count)) ? answer : .tooLong
  }

  /// Whether a key has a value, readable or not.
  package mutating func has(_ key: StoreKey) -> Bool {
    row(of: Self.name(of: key), in: key.namespace.rawValue) != nil
  }

  /// Where the value of what was loaded last begins in `scratch`.
  private var valueStart: Int { loadedIsSealed ? 12 : 0 }
  private var loadedIsSealed = false

  /// Brings a value into `scratch`, opened.
  private mutating func load(_ key: StoreKey) -> StoreAnswer {
    let name = Self.name(of: key)
    guard let row = row(of: name, in: key.namespace.rawValue) else { return .missing }
    let place = index.place(row)
    guard let header = header(at: place), fetchValue(of: header, at: place) else {
      note(damage: key)
      return .damaged
    }
    loadedIsSealed = header.kind == .sealed
    guard loadedIsSealed else { return .found(header.length) }
    guard header.length >= StoreEntryHeader.sealSize else { return .damaged }
    let count = header.length - StoreEntryHeader.sealSize
    var nonce = InlineArray<12, UInt8>(repeating: 0)
    for position in 0..<12 { nonce[position] = scratch[position] }
    var tag = InlineArray<16, UInt8>(repeating: 0)
    for position in 0..<16 { tag[position] = scratch[12 + count + position] }
    let label = Self.label(name, in: key.namespace.rawValue)
    let board = board
    let isGood = scratch.change(12..<12 + count) {
      board.unseal(&$0, nonce: nonce.span, tag: tag.span, label: label.span)
    }
    guard isGood else {
      note(damage: key)
      return .damaged
    }
    return .found(count)
  }

  private mutating func note(damage key: StoreKey) {
    health.damage &+= 1
    board.log(.error) {
      $0.put("store: ")
      $0.put(key.name)
      $0.put(" is damaged")
    }
  }

  // -------------------------------------------------------------------------------------- writing

  /// Writes a value; whatever happens, the key then has either its old or its new one. Nothing is
  /// done when it has that value already.
  package mutating func write(_ key: StoreKey, _ bytes: Span<UInt8>) throws(StoreError) {
    do throws(StoreError) {
      guard bytes.count <= Limits.storeValue else { throw .tooLong }
      guard pageCount > 0 else { throw .failed }
      if case .found(let count) = load(key), count == bytes.count,
        equals(scratch.bytes(valueStart..<valueStart + count), bytes)
      {
        return
      }
      try put(key, bytes)
      health.isFull = false
    } catch {
      if error == .full { health.isFull = true }
      health.refusedWrites &+= 1
      board.log(.error) {
        $0.put("store: ")
        $0.put(key.name)
        $0.put(" not written: ")
        $0.put(error.name)
      }
      throw error
    }
  }

  /// Forgets a value; after a loss of power it is there or not.
  package mutating func remove(_ key: StoreKey) throws(StoreError) {
    try remove(named: Self.name(of: key), in: key.namespace.rawValue)
  }

  /// Forgets everything but what belongs to the device itself, and erases what held it. A loss of
  /// power before the first word is written leaves everything as it was; after it, the next boot
  /// carries on, so that nobody gets a hub that half remembers whose it was.
  package mutating func eraseAll() throws(StoreError) {
    // A store that is full forgets all the same, and must not be interrupted.
    let note = InlineArray<1, UInt8>(repeating: 1)
    try? write(.reset, note.span)
    try forgetAll()
    try remove(.reset)
  }

  private mutating func forgetAll() throws(StoreError) {
    var row = 0
    while row < index.count {
      guard let header = header(at: index.place(row)),
        header.namespace != StoreKey.Namespace.device.rawValue
      else {
        row += 1
        continue
      }
      try remove(named: header.name, in: header.namespace)
    }
    // Once around: every sector that held something is given up, and erased to be used again.
    for _ in 0..<pageCount { try turnPage() }
    for page in 0..<pageCount where sequences[page] == 0 {
      if !isBlank(page, from: 0) { _ = board.erase(.store, at: page * Board.sectorSize) }
    }
  }

  // ---------------------------------------------------------------------------------------- names

  static func name(of key: StoreKey) -> StoreEntryHeader.Name {
    var text = Text<16>(key.name)
    precondition(text.count == key.name.utf8CodeUnitCount, "the name of a key is too long")
    var name = StoreEntryHeader.Name(repeating: 0)
    for position in 0..<text.count { name[position] = text.span[position] }
    text.removeAll()
    return name
  }

  /// What a secret is bound to, so that one cannot be put in another's place.
  static func label(_ name: StoreEntryHeader.Name, in namespace: UInt8) -> InlineArray<17, UInt8> {
    var label = InlineArray<17, UInt8>(repeating: namespace)
    for position in 0..<16 { label[position + 1] = name[position] }
    return label
  }

  /// The row of a key in the index.
  func row(of name: StoreEntryHeader.Name, in namespace: UInt8) -> Int? {
    let code = StoreIndex.code(name, in: namespace)
    var from = 0
    while let row = index.next(code, from: from) {
      if let header = header(at: index.place(row)), header.isNamed(name, in: namespace) {
        return row
      }
      from = row + 1
    }
    return nil
  }
}
