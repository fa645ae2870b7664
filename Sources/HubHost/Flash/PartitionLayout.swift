import CBoard

/// Parts of a hub's flash, by their numbers on the board.
public enum FlashPartition: UInt8, CaseIterable, Sendable {
  case factory = 0
  case store = 1
  case choice = 2
  case slotA = 3
  case slotB = 4

  /// The name in `hardware/partitions.csv`.
  public var name: String {
    switch self {
    case .factory: "factory"
    case .store: "store"
    case .choice: "choice"
    case .slotA: "slot_a"
    case .slotB: "slot_b"
    }
  }
}

/// How many bytes each part of the flash has; `hardware/partitions.csv` says the same.
public struct PartitionLayout: Equatable, Sendable {
  public var sizes: [Int]

  /// Sizes in the order of ``FlashPartition``, each a number of whole sectors.
  public init(sizes: [Int]) {
    precondition(sizes.count == FlashPartition.allCases.count, "a size for each partition")
    precondition(sizes.allSatisfy { $0 % NORFlash.sectorSize == 0 }, "whole sectors only")
    self.sizes = sizes
  }

  public subscript(partition: FlashPartition) -> Int { sizes[Int(partition.rawValue)] }

  /// The product's: 4 MiB in all.
  public static let product = PartitionLayout(
    sizes: [0x1000, 0x14000, 0x2000, 0x1F_0000, 0x1F_0000])
}
