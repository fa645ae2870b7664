// Waits for a moment in the life of a flash, and lets the power go in the middle of it.

/// A cut that is planned by what is done, not by counting.
public final class FlashTrap {
  /// When it snaps.
  public enum Moment {
    /// In the n-th operation from now on.
    case operation(Int)
    /// In the program of a value of the store whose key is wanted.
    case value((String) -> Bool)
    /// In a program somewhere in these partitions.
    case program([FlashPartition])
    /// In an erase there.
    case erase([FlashPartition])
  }

  private unowned let flash: NORFlash
  private let moment: Moment
  private var seen = 0
  /// A value of this key follows behind the header that was just written.
  private var isNext = false

  public init(_ flash: NORFlash, _ moment: Moment) {
    self.flash = flash
    self.moment = moment
  }

  /// Looks at an operation before it is done.
  func look(_ operation: NORFlash.Operation, _ bytes: UnsafeBufferPointer<UInt8>) {
    seen += 1
    guard isThis(operation, bytes) else { return }
    flash.trap = nil
    flash.cutPower(
      at: FlashCut(
        operation: flash.operationCount, byteCount: operation.count / 2,
        isPatchy: operation.isErase))
  }

  private func isThis(
    _ operation: NORFlash.Operation, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    switch moment {
    case .operation(let number): return seen == number
    case .program(let partitions):
      return !operation.isErase && partitions.contains(operation.partition)
    case .erase(let partitions):
      return operation.isErase && partitions.contains(operation.partition)
    case .value(let isWanted):
      if isNext { return true }
      guard operation.partition == .store, !operation.isErase,
        let name = StoreSight.name(inHeader: bytes), isWanted(name)
      else { return false }
      isNext = true
      return false
    }
  }
}
