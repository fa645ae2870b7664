// How the firmware is entered; board.h says what each of these means.

public import CBoard

/// Bytes of memory that `hub_boot` needs for five printers.
@_cdecl("hub_size")
public func hubSize() -> UInt32 {
  UInt32(truncatingIfNeeded: Hub.memory)
}

/// Decides which slot is started now; board.h says more.
@_cdecl("hub_choose_slot")
public func hubChooseSlot(board: UnsafePointer<hub_board>?) -> UInt8 {
  guard let board = unsafe board else { return 0 }
  let slot = unsafe BootChoice.decide(on: Board(board))
  unsafe Board(board).noteStart(of: slot)
  return slot
}

/// Starts the firmware in `region`, or answers nil when that is too small or not aligned.
@_cdecl("hub_boot")
public func hubBoot(
  region: UnsafeMutableRawPointer?, size: UInt32, board: UnsafePointer<hub_board>?, reason: UInt8
) -> UnsafeMutableRawPointer? {
  guard let start = unsafe region, let board = unsafe board, size >= hubSize(),
    UInt(bitPattern: start) % UInt(Region.alignment) == 0
  else { return nil }
  var pieces = unsafe Region(start, size: Int(size))
  let hub = unsafe pieces.room(for: Hub.self)
  let recorder = unsafe pieces.room(for: Recorder.self)
  unsafe recorder.initialize(to: Recorder())
  unsafe hub.initialize(
    to: Hub(
      Board(board, recorder: recorder), &pieces, given: size,
      reason: Board.BootReason(rawValue: reason) ?? .powerOn))
  return UnsafeMutableRawPointer(hub)
}

/// Runs every task that is due and answers the uptime in milliseconds at which to call again.
@_cdecl("hub_poll")
public func hubPoll(hub: UnsafeMutableRawPointer?) -> UInt64 {
  guard let hub = unsafe hub else { return .max }
  return unsafe hub.assumingMemoryBound(to: Hub.self).pointee.poll().milliseconds
}

/// Harms a task of a running hub on purpose.
@_cdecl("hub_harm")
public func hubHarm(hub: UnsafeMutableRawPointer?, kind: UInt8, task: UInt8) {
  guard let hub = unsafe hub else { return }
  unsafe hub.assumingMemoryBound(to: Hub.self).pointee.harm(kind: kind, task: task)
}

/// Tells what can be seen of the hub from outside.
@_cdecl("hub_look")
public func hubLook(hub: UnsafeRawPointer?, view: UnsafeMutablePointer<hub_view>?) {
  guard let hub = unsafe hub, let view = unsafe view else { return }
  unsafe hub.assumingMemoryBound(to: Hub.self).pointee.describe(in: &view.pointee)
}

extension Hub {
  /// Fills what others may see.
  func describe(in view: inout hub_view) {
    view.state = state.number
    view.printer_link = (
      slots[0].linkNumber, slots[1].linkNumber, slots[2].linkNumber, slots[3].linkNumber,
      slots[4].linkNumber
    )
    view.cloud_connected = cloud.isOpen
    view.memory_used = memoryUsed
    view.memory_given = memoryGiven
    view.bad_input_count = badInputCount
    view.cloud_connects = cloud.connectCount
    view.commands_handled = commandsHandled
    view.commands_repeated = commandsRepeated
    view.outbox_used = UInt32(truncatingIfNeeded: outbox.usedCount)
    view.outbox_given = UInt32(truncatingIfNeeded: Limits.outbox)
  }
}
