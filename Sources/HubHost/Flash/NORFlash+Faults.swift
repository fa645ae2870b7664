// What goes wrong with flash.

/// Power goes in the middle of an operation.
public struct FlashCut: Equatable, Sendable {
  /// The number of the operation, counted from the first that the flash ever did, which is 1.
  public var operation: Int
  /// So many bytes of it are done.
  public var byteCount: Int
  /// For an erase: bits are erased here and there, instead of from the front.
  public var isPatchy: Bool
  /// For an erase: from the end of the sector, so that what stands first stays for longest.
  public var isFromBack: Bool

  public init(
    operation: Int, byteCount: Int, isPatchy: Bool = false, isFromBack: Bool = false
  ) {
    self.isFromBack = isFromBack
    self.operation = operation
    self.byteCount = byteCount
    self.isPatchy = isPatchy
  }
}

/// How a sector is at the end of its life.
public struct SectorWear: Equatable, Sendable {
  public var refusesErase = false
  public var refusesProgram = false
  /// Nothing is done, and yet success is reported.
  public var failsSilently = false
  /// Bits that stay clear whatever is done: the byte in the sector, and the bits.
  public var stuckBits: [Stuck] = []

  public struct Stuck: Equatable, Sendable {
    public var byte: Int
    public var mask: UInt8

    public init(byte: Int, mask: UInt8) {
      self.byte = byte
      self.mask = mask
    }
  }

  public init() {}

  /// A sector that can be read, and that is all.
  public static var dead: SectorWear {
    var wear = SectorWear()
    wear.refusesErase = true
    wear.refusesProgram = true
    return wear
  }

  /// A sector that says that all is well.
  public static var lying: SectorWear {
    var wear = SectorWear.dead
    wear.failsSilently = true
    return wear
  }
}

extension NORFlash {
  /// Cuts the power inside an operation still to come.
  public func cutPower(at cut: FlashCut?) { self.cut = cut }

  public func wearOut(_ sector: SectorName, _ wear: SectorWear) {
    self.wear[sector] = wear
    apply(wear, Int(sector.partition.rawValue), sector.sector)
  }

  /// Turns one bit over.
  public func flipBit(_ partition: FlashPartition, byte: Int, bit: Int) {
    let (sector, start) = byte.quotientAndRemainder(dividingBy: Self.sectorSize)
    touch(partition.rawValue, sector)
    sectors[Int(partition.rawValue)][sector][start] ^= 1 << UInt8(bit)
  }

  func apply(_ wear: SectorWear, _ partition: Int, _ sector: Int) {
    guard !wear.stuckBits.isEmpty else { return }
    touch(UInt8(partition), sector)
    for stuck in wear.stuckBits { sectors[partition][sector][stuck.byte] &= ~stuck.mask }
  }

  /// Writes what stands in a partition without being an operation: the factory, or a copy.
  public func load(_ bytes: [UInt8], into partition: FlashPartition) {
    precondition(bytes.count <= layout[partition], "more bytes than the partition has")
    let number = Int(partition.rawValue)
    for sector in sectors[number].indices {
      let start = sector * Self.sectorSize
      let part = bytes[min(start, bytes.count)..<min(start + Self.sectorSize, bytes.count)]
      sectors[number][sector] =
        part.allSatisfy { $0 == 0xFF }
        ? [] : Array(part) + [UInt8](repeating: 0xFF, count: Self.sectorSize - part.count)
    }
    onWritten?(partition, 0..<layout[partition])
  }

  /// Everything that stands in a partition.
  public func contents(of partition: FlashPartition) -> [UInt8] {
    sectors[Int(partition.rawValue)].flatMap {
      $0.isEmpty ? [UInt8](repeating: 0xFF, count: Self.sectorSize) : $0
    }
  }
}

extension NORFlash {
  /// Does the first bytes of an operation, as if the power had gone then; it is back already.
  public func apply(
    _ operation: Operation, _ bytes: UnsafeBufferPointer<UInt8>, upTo count: Int, isPatchy: Bool,
    isFromBack: Bool = false
  ) {
    cutPower(
      at: FlashCut(
        operation: operationCount + 1, byteCount: count, isPatchy: isPatchy,
        isFromBack: isFromBack))
    if operation.isErase {
      _ = erase(operation.partition.rawValue, at: operation.offset)
    } else {
      _ = program(operation.partition.rawValue, at: operation.offset, bytes)
    }
    powerReturns()
  }
}
