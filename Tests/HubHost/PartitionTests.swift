import Foundation
import Testing

@testable import HubHost

@Suite("The layout of the flash")
struct PartitionTests {
  @Test("the rig's flash is laid out by hardware/partitions.csv, which fills 4 MiB without overlap")
  func sizes() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../hardware/partitions.csv")
    let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
    func number(_ text: String) -> Int { Int(text.dropFirst(2), radix: 16) ?? 0 }
    for partition in FlashPartition.allCases {
      let row = try #require(rows.first { $0[0] == partition.name })
      #expect(number(row[4]) == PartitionLayout.product[partition])
    }
    #expect(rows.count == FlashPartition.allCases.count)
    var end = 0x9000
    for row in rows {
      #expect(number(row[3]) >= end)
      end = number(row[3]) + number(row[4])
    }
    #expect(end == 4 << 20)
  }
}
