// An update for whoever looks after one from outside of a hub: everything that it does, from the
// offer to the proof or the way back, is the hub's own code.

import Wire

/// A hub's updates on a bench, without the hub.
@safe
package struct UpdateBench: ~Copyable {
  /// Bytes that it needs, all of which may hold anything.
  package static var memory: Int {
    Region.cost(of: Update.self) + Update.memory + Region.cost(Limits.fileURL)
      + Region.cost(of: OrderDetails.self) + Region.cost(messageSize)
  }

  private static let messageSize = 512

  private let board: Board
  private var update: Place<Update>
  private let url: UnsafeMutableBufferPointer<UInt8>
  private let order: UnsafeMutablePointer<OrderDetails>
  private let message: UnsafeMutableBufferPointer<UInt8>

  /// Boots, in memory of the caller's that must be aligned and hold ``memory`` bytes. What has come
  /// is noted after every `sectorsPerNote` sectors.
  @unsafe
  package init(
    _ board: Board, unsafeMemory: UnsafeMutableRawPointer, sectorsPerNote: Int,
    _ store: inout Store
  ) {
    var region = unsafe Region(unsafeMemory, size: Self.memory)
    self.board = board
    update = Update.build(board, &region, &store)
    unsafe url = region.bytes(Limits.fileURL)
    unsafe order = region.room(for: OrderDetails.self)
    unsafe message = region.bytes(Self.messageSize)
    update.value.sectorsPerNote = sectorsPerNote
  }

  package var isPending: Bool { update.value.choice.isPending }
  package var wantsRestart: Bool { update.value.wantsRestart }
  package var slot: UInt8 { update.value.slot }

  /// Whether nothing is under way and nothing is left to tell.
  package var isAtRest: Bool { !update.value.isActive && !update.value.hasReport }

  /// The cloud says hello.
  package mutating func greet(_ store: inout Store) { update.value.cloudGreeted(board, &store) }

  /// The cloud offers a version; answers whether it is taken up, or is what runs.
  package mutating func offer(
    _ version: Span<UInt8>, from address: Span<UInt8>, checksum: Span<UInt8>, milliseconds: UInt64
  ) -> Bool {
    unsafe order.initialize(to: OrderDetails())
    var command = unsafe Command(fileURL: url, order: Table(order, count: 1))
    command.version.set(version)
    command.fileURL.set(address)
    command.checksum.set(checksum)
    return update.value.take(
      board, command, isQuiet: true, now: Uptime(milliseconds: milliseconds)
    ).isSuccess
  }

  /// Does what the hub does in each of its rounds; answers when to come again.
  package mutating func step(
    _ store: inout Store, isHeard: Bool, milliseconds: UInt64
  ) -> UInt64 {
    update.value.step(
      board, &store, isQuiet: true, isHeard: isHeard, now: Uptime(milliseconds: milliseconds)
    ).milliseconds
  }

  /// Tells the cloud what there is to tell; answers what that was.
  package mutating func tell(_ store: inout Store) -> StaticString? {
    if let report = update.value.outcome {
      let version = update.value.outcomeVersion
      update.value.outcome = nil
      update.value.outcomeIsKnown(of: version.span, &store)
      return report.word.name
    }
    guard let report = update.value.progress else { return nil }
    var json = unsafe JSONWriter(ByteWriter(message))
    update.value.writeProgress(into: &json)
    return report.word.name
  }
}
