// The hub's one button: a short press, or held down for ten seconds.

/// Makes presses out of a contact that is open or closed.
struct Button {
  /// What a person has done.
  enum Event: Equatable {
    case none
    /// Pressed and let go.
    case pressed
    /// Held down so long that it can only be meant.
    case heldLong
  }

  /// Since when it is down; nil while it is up.
  private var downSince: Uptime?
  private var isSpent = false

  init() {}

  /// It is held down long enough that a person must be told what will happen.
  func isHeld(at now: Uptime) -> Bool {
    guard let downSince, !isSpent else { return false }
    return now - downSince >= Limits.buttonHold
  }

  /// When something will change if nobody lets go.
  func turn(at now: Uptime) -> Turn {
    guard let downSince, !isSpent else { return .asleep }
    let warning = downSince + Limits.buttonHold
    return .until(now < warning ? warning : downSince + Limits.buttonReset)
  }

  /// Looks at the contact.
  mutating func step(isDown: Bool, now: Uptime) -> Event {
    guard isDown else {
      defer { downSince = nil }
      guard let downSince, !isSpent else { return .none }
      let length = now - downSince
      // Contacts bounce; and whoever held it and thought better of it meant nothing.
      return length >= Limits.buttonBounce && length < Limits.buttonHold ? .pressed : .none
    }
    guard let downSince else {
      downSince = now
      isSpent = false
      return .none
    }
    guard !isSpent, now - downSince >= Limits.buttonReset else { return .none }
    isSpent = true
    return .heldLong
  }
}
