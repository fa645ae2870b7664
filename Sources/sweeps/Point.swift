// Where in an operation the power goes, and what then stands in flash.

import HubHost

/// Where the power went: operation, byte, and whether an erase was patchy or came from the back.
struct Point: Equatable {
  var operation: Int
  var byte: Int
  var isPatchy = false
  var isFromBack = false

  var text: String { "\(operation).\(byte)\(isPatchy ? "p" : isFromBack ? "b" : "")" }

  init(operation: Int, byte: Int, isPatchy: Bool = false, isFromBack: Bool = false) {
    self.operation = operation
    self.byte = byte
    self.isPatchy = isPatchy
    self.isFromBack = isFromBack
  }

  init?(_ text: Substring) {
    let parts = text.split(separator: ".")
    guard parts.count == 2, let operation = Int(parts[0]),
      let byte = Int(parts[1].filter { $0 != "p" && $0 != "b" })
    else { return nil }
    self.init(
      operation: operation, byte: byte, isPatchy: parts[1].hasSuffix("p"),
      isFromBack: parts[1].hasSuffix("b"))
  }
}

/// One operation that a flash is about to do.
struct Moment {
  let flash: NORFlash
  let operation: NORFlash.Operation
  let bytes: UnsafeBufferPointer<UInt8>
  /// The how-manieth it is since the boot.
  let number: Int

  private static let sector = NORFlash.sectorSize
  private static let erasedFromFront = [0, 1, 16, 2_048, 4_095, 4_096]
  private static let erasedFromBack = [2_048, 4_000]

  /// Calls `body` for the power going before the operation, inside it and after it, with what then
  /// stands in flash; inside means after every byte of a program, or with `isFine` false in its
  /// middle, and at several points of an erase. Brings `fingerprint` to the end of the operation.
  func cuts(
    isFine: Bool, _ fingerprint: inout Fingerprint, _ body: (Point, Fingerprint) -> Void
  ) {
    if operation.isErase {
      eraseCuts(&fingerprint, body)
    } else {
      programCuts(isFine: isFine, &fingerprint, body)
    }
  }

  private func programCuts(
    isFine: Bool, _ fingerprint: inout Fingerprint, _ body: (Point, Fingerprint) -> Void
  ) {
    let old = contents(operation.offset, operation.count)
    for byte in 0...operation.count {
      if isFine || byte == 0 || byte == operation.count / 2 || byte == operation.count {
        body(Point(operation: number, byte: byte), fingerprint)
      }
      guard byte < operation.count else { break }
      let now = old[byte] & bytes[byte]
      guard now != old[byte] else { continue }
      let offset = operation.offset + byte
      fingerprint.remove(Fingerprint.weight(old[byte], at: offset, in: operation.partition))
      fingerprint.add(Fingerprint.weight(now, at: offset, in: operation.partition))
    }
  }

  private func eraseCuts(
    _ fingerprint: inout Fingerprint, _ body: (Point, Fingerprint) -> Void
  ) {
    let sums = sumsOfSector(contents(operation.offset, Self.sector))
    let whole = sums[Self.sector]
    for byte in Self.erasedFromFront {
      var after = fingerprint
      after.remove(sums[byte])
      body(Point(operation: number, byte: byte), after)
    }
    for byte in Self.erasedFromBack {
      var after = fingerprint
      after.remove(whole &- sums[Self.sector - byte])
      body(Point(operation: number, byte: byte, isFromBack: true), after)
    }
    let patchy = Point(operation: number, byte: 1, isPatchy: true)
    let moment = Moment(flash: branch(at: patchy), operation: operation, bytes: bytes, number: 0)
    var after = fingerprint
    after.remove(whole)
    after.add(moment.sumsOfSector(moment.contents(operation.offset, Self.sector))[Self.sector])
    body(patchy, after)
    fingerprint.remove(whole)
  }

  /// The weights of a sector's bytes, added up: of none, of the first, of the first two ...
  private func sumsOfSector(_ bytes: [UInt8]) -> [UInt64] {
    var sum: UInt64 = 0
    var sums = [UInt64](repeating: 0, count: Self.sector + 1)
    for index in 0..<Self.sector {
      sum &+= Fingerprint.weight(
        bytes[index], at: operation.offset + index, in: operation.partition)
      sums[index + 1] = sum
    }
    return sums
  }

  private func contents(_ offset: Int, _ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { memory, filled in
      flash.look(
        operation.partition, at: offset,
        into: UnsafeMutableBufferPointer(rebasing: memory[..<count]))
      filled = count
    }
  }

  /// A copy of the flash in which the power has gone there; it is back already.
  func branch(at point: Point) -> NORFlash {
    let branch = flash.branch()
    branch.apply(
      operation, bytes, upTo: point.byte, isPatchy: point.isPatchy, isFromBack: point.isFromBack)
    return branch
  }
}
