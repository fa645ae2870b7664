// NOR flash as it is: a program only clears bits, an erase sets a whole sector to ones, both wear it
// out, and either may be cut short when the power goes.

import World

/// The flash of a simulated board. Sectors that were never touched take no memory.
public final class NORFlash {
  public static let sectorSize = Int(4096)

  public let layout: PartitionLayout
  /// One array for each sector of each partition; an empty one is blank.
  var sectors: [[[UInt8]]]
  public private(set) var eraseCounts: [[Int]]
  /// Programs and erases so far, failed ones included.
  public private(set) var operationCount = 0
  /// The same for the store alone, which wears out first.
  public private(set) var storeOperationCount = 0
  /// The power has gone in the middle of an operation: nothing works until it is back.
  public private(set) var isWithoutPower = false
  /// Called when that happens.
  public var onPowerLoss: (() -> Void)?
  /// Called before an operation, with the bytes that are to be programmed.
  public var willOperate: ((Operation, UnsafeBufferPointer<UInt8>) -> Void)?

  /// Called when bytes of a partition have changed.
  public var onWritten: ((FlashPartition, Range<Int>) -> Void)?
  /// Looks at each operation, and may cut the power inside it.
  public var trap: FlashTrap?

  var cut: FlashCut?
  var wear: [SectorName: SectorWear] = [:]

  /// One sector of one partition.
  public struct SectorName: Hashable, Sendable {
    public var partition: FlashPartition
    public var sector: Int

    public init(_ partition: FlashPartition, _ sector: Int) {
      self.partition = partition
      self.sector = sector
    }
  }

  /// A program or an erase.
  public struct Operation: Equatable, Sendable {
    public var partition: FlashPartition
    public var offset: Int
    /// Bytes that are programmed, or those of the sector.
    public var count: Int
    public var isErase: Bool
  }

  public init(layout: PartitionLayout = .product) {
    self.layout = layout
    sectors = layout.sizes.map { [[UInt8]](repeating: [], count: $0 / Self.sectorSize) }
    eraseCounts = layout.sizes.map { [Int](repeating: 0, count: $0 / Self.sectorSize) }
  }

  /// A second flash that holds the same and goes its own way from here; its faults are its own.
  public func branch() -> NORFlash {
    NORFlash(copying: self)
  }

  private init(copying other: NORFlash) {
    layout = other.layout
    sectors = other.sectors
    eraseCounts = other.eraseCounts
    operationCount = other.operationCount
    wear = other.wear
  }

  // MARK: What the board does

  public func size(of partition: UInt8) -> Int {
    FlashPartition(rawValue: partition).map { layout[$0] } ?? 0
  }

  public func read(
    _ partition: UInt8, at offset: Int, into bytes: UnsafeMutableBufferPointer<UInt8>
  ) -> Bool {
    guard isInside(partition, offset, bytes.count), !isWithoutPower else { return false }
    copy(partition, at: offset, into: bytes)
    return true
  }

  /// Looks at bytes that are there, with or without power.
  public func look(
    _ partition: FlashPartition, at offset: Int, into bytes: UnsafeMutableBufferPointer<UInt8>
  ) {
    precondition(isInside(partition.rawValue, offset, bytes.count), "outside of the flash")
    copy(partition.rawValue, at: offset, into: bytes)
  }

  private func copy(
    _ partition: UInt8, at offset: Int, into bytes: UnsafeMutableBufferPointer<UInt8>
  ) {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let (sector, start) = (offset + done).quotientAndRemainder(dividingBy: Self.sectorSize)
      let count = min(bytes.count - done, Self.sectorSize - start)
      let content = sectors[Int(partition)][sector]
      if content.isEmpty {
        (base + done).update(repeating: 0xFF, count: count)
      } else {
        content.withUnsafeBufferPointer {
          (base + done).update(from: $0.baseAddress! + start, count: count)
        }
      }
      done += count
    }
  }

  public func program(
    _ partition: UInt8, at offset: Int, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard isInside(partition, offset, bytes.count), !isWithoutPower,
      let part = FlashPartition(rawValue: partition)
    else { return false }
    guard !bytes.isEmpty else { return true }
    let cut = begin(
      Operation(partition: part, offset: offset, count: bytes.count, isErase: false), bytes)
    var isGood = true
    let count = min(cut?.byteCount ?? bytes.count, bytes.count)
    var done = 0
    while done < count {
      let (sector, start) = (offset + done).quotientAndRemainder(dividingBy: Self.sectorSize)
      let length = min(count - done, Self.sectorSize - start)
      touch(partition, sector)
      let wear = wear.isEmpty ? nil : wear[SectorName(part, sector)]
      if wear?.refusesProgram == true {
        isGood = wear?.failsSilently == true
      } else {
        sectors[Int(partition)][sector].withUnsafeMutableBufferPointer { content in
          for index in 0..<length { content[start + index] &= bytes[done + index] }
        }
        if let wear { apply(wear, Int(partition), sector) }
      }
      done += length
    }
    if count > 0 { onWritten?(part, offset..<offset + count) }
    if cut != nil { losePower() }
    return isGood && cut == nil
  }

  public func erase(_ partition: UInt8, at offset: Int) -> Bool {
    guard isInside(partition, offset, Self.sectorSize), offset % Self.sectorSize == 0,
      !isWithoutPower, let part = FlashPartition(rawValue: partition)
    else { return false }
    let cut = begin(
      Operation(partition: part, offset: offset, count: Self.sectorSize, isErase: true),
      UnsafeBufferPointer(start: nil, count: 0))
    let sector = offset / Self.sectorSize
    let wear = wear.isEmpty ? nil : wear[SectorName(part, sector)]
    var isGood = true
    if cut?.byteCount != 0 || cut?.isPatchy == true {
      eraseCounts[Int(partition)][sector] += 1
      if wear?.refusesErase == true {
        isGood = wear?.failsSilently == true
      } else if let cut, cut.byteCount < Self.sectorSize || cut.isPatchy {
        erasePart(Int(partition), sector, cut)
      } else {
        sectors[Int(partition)][sector] = []
        if let wear { apply(wear, Int(partition), sector) }
      }
    }
    onWritten?(part, offset..<offset + Self.sectorSize)
    if cut != nil { losePower() }
    return isGood && cut == nil
  }

  private func erasePart(_ partition: Int, _ sector: Int, _ cut: FlashCut) {
    touch(UInt8(partition), sector)
    var noise = UInt32(truncatingIfNeeded: cut.operation &* 2_654_435_761) | 1
    sectors[partition][sector].withUnsafeMutableBufferPointer { content in
      if cut.isPatchy {
        // Some bits are erased already, here and there.
        for index in content.indices {
          noise = noise &* 1_664_525 &+ 1_013_904_223
          content[index] |= UInt8(truncatingIfNeeded: noise >> 16)
        }
      } else if cut.isFromBack {
        for index in (content.count - cut.byteCount)..<content.count { content[index] = 0xFF }
      } else {
        for index in 0..<cut.byteCount { content[index] = 0xFF }
      }
    }
  }

  // MARK: Inside

  private func isInside(_ partition: UInt8, _ offset: Int, _ count: Int) -> Bool {
    offset >= 0 && count >= 0 && offset + count <= size(of: partition)
  }

  func touch(_ partition: UInt8, _ sector: Int) {
    if sectors[Int(partition)][sector].isEmpty {
      sectors[Int(partition)][sector] = [UInt8](repeating: 0xFF, count: Self.sectorSize)
    }
  }

  /// Counts an operation; answers the cut that is to happen inside it.
  private func begin(
    _ operation: Operation, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> FlashCut? {
    operationCount += 1
    if operation.partition == .store { storeOperationCount += 1 }
    willOperate?(operation, bytes)
    trap?.look(operation, bytes)
    guard let cut, cut.operation == operationCount else { return nil }
    self.cut = nil
    return cut
  }

  private func losePower() {
    isWithoutPower = true
    onPowerLoss?()
  }

  /// Calls `hit` for each word that stands somewhere in what was written, for those who look for
  /// secrets.
  public func search(_ words: WordSearch, _ hit: (Int) -> Void) {
    for partition in sectors {
      for sector in partition where !sector.isEmpty {
        sector.withUnsafeBytes { words.search($0, hit) }
      }
    }
  }

  public func powerReturns() { isWithoutPower = false }
}
