import HubHost

/// What the planted errors do to programs, erases and reads.
extension SweepBoard {
  func program(_ partition: UInt8, _ offset: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let mutation else { return flash.program(partition, at: offset, bytes) }
    switch (FlashPartition(rawValue: partition), mutation) {
    case (.choice, .newerRecordOverwritten):
      return flash.program(partition, at: swapped(offset), bytes)
    case (.choice, .attemptsNotCounted) where (16..<24).contains(offset % sectorSize):
      return true
    case (.choice, .confirmedTooEarly) where offset % sectorSize == 16:
      return flash.program(partition, at: offset, bytes)
        && flash.program(partition, at: offset + 8, bytes)
    case (.store, .markBeforeValue):
      guard flash.program(partition, at: offset, bytes) else { return false }
      guard StoreSight.name(inHeader: bytes) != nil else { return true }
      let length = Int(bytes[2]) | Int(bytes[3]) << 8
      let mark: [UInt8] = [0]
      return mark.withUnsafeBufferPointer {
        flash.program(partition, at: offset + 32 + length, $0)
      }
    case (.store, .sectorNotGivenUp)
    where offset % sectorSize == 0 && bytes.count == 4 && bytes.allSatisfy { $0 == 0 }:
      givenUp.insert(offset / sectorSize)
      return true
    default: return flash.program(partition, at: offset, bytes)
    }
  }

  func erase(_ partition: UInt8, _ offset: Int) -> Bool {
    switch (FlashPartition(rawValue: partition), mutation) {
    case (.choice, .newerRecordOverwritten?):
      isSwapped.toggle()
      return flash.erase(partition, at: swapped(offset))
    case (.store, .sectorNotGivenUp?):
      givenUp.remove(offset / sectorSize)
      return flash.erase(partition, at: offset)
    default: return flash.erase(partition, at: offset)
    }
  }

  func read(_ partition: UInt8, _ offset: Int, _ bytes: UnsafeMutableBufferPointer<UInt8>) -> Bool {
    guard let mutation else { return flash.read(partition, at: offset, into: bytes) }
    switch (FlashPartition(rawValue: partition), mutation) {
    case (.choice, .newerRecordOverwritten):
      return flash.read(partition, at: swapped(offset), into: bytes)
    case (.store, .sectorNotGivenUp):
      guard flash.read(partition, at: offset, into: bytes) else { return false }
      if offset % sectorSize == 0, givenUp.contains(offset / sectorSize) {
        for index in 0..<min(4, bytes.count) { bytes[index] = 0 }
      }
      return true
    default: return flash.read(partition, at: offset, into: bytes)
    }
  }

  private var sectorSize: Int { NORFlash.sectorSize }

  private func swapped(_ offset: Int) -> Int {
    isSwapped ? (offset + sectorSize) % (2 * sectorSize) : offset
  }
}
