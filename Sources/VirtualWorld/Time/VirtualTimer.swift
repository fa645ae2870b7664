import World

/// Something planned on a host, or by the world itself. It dies with the host's process.
final class VirtualTimer: EventTarget, Timer {
  private let engine: Engine
  private let host: VirtualHost?
  private let process: UInt32
  private var action: (() -> Void)?

  init(engine: Engine, host: VirtualHost?, action: @escaping () -> Void) {
    self.engine = engine
    self.host = host
    self.action = action
    process = host?.process ?? 0
  }

  func cancel() {
    guard action != nil else { return }
    action = nil
    engine.forgetLater()
  }

  override var isForgettable: Bool {
    guard action != nil else { return true }
    guard let host else { return false }
    return host.process != process
  }

  override func happen(_ kind: EventKind, _ number: UInt32) -> Bool {
    guard let action, !isForgettable else { return false }
    self.action = nil
    engine.mark(.timer, host?.identity ?? 0, 0)
    action()
    return true
  }
}
