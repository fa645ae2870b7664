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

/// How many bytes each part of the flash has.
public struct PartitionLayout: Equatable, Sendable {
  public var sizes: [Int]

  /// Sizes in the order of ``FlashPartition``, each a number of whole sectors.
  public init(sizes: [Int]) {
    precondition(sizes.count == FlashPartition.allCases.count, "a size for each partition")
    precondition(sizes.allSatisfy { $0 % NORFlash.sectorSize == 0 }, "whole sectors only")
    self.sizes = sizes
  }

  public subscript(partition: FlashPartition) -> Int { sizes[Int(partition.rawValue)] }

  /// The product's: `hardware/partitions.csv` itself, which the chip's own tools read as well.
  public static let product = PartitionLayout(
    table: String(decoding: PackageResources.partitions_csv, as: UTF8.self))

  /// Takes the sizes from a table in ESP-IDF's format: name, type, subtype, offset, size.
  init(table: String) {
    var sizes = FlashPartition.allCases.map { _ in 0 }
    for line in table.split(separator: "\n") where !line.hasPrefix("#") {
      let cells = line.split(separator: ",").map { $0.filter { $0 != " " } }
      guard cells.count == 5, cells[4].hasPrefix("0x"),
        let size = Int(cells[4].dropFirst(2), radix: 16),
        let partition = FlashPartition.allCases.first(where: { $0.name == cells[0] })
      else { preconditionFailure("no row of a table of partitions: \(line)") }
      sizes[Int(partition.rawValue)] = size
    }
    self.init(sizes: sizes)
  }
}
