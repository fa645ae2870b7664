/// Which of a hub's numbered events the cloud has taken, so that none counts twice. A hub numbers them
/// from 1 at each boot, under an epoch of that boot, and tells them in order.
struct EventLog {
  /// What it is called in the storage of the hub's object.
  static let key = "events"

  private let epoch: Int
  private var last = 0

  /// A hub that has told nothing.
  init() { epoch = 0 }

  /// What was stored when the hub was here last; another epoch begins anew.
  init(_ stored: String?, epoch: Int?) {
    self.epoch = epoch ?? 0
    let parts = (stored ?? "").split(separator: " ").compactMap { Int($0) }
    if parts.count == 2, parts[0] == self.epoch { last = parts[1] }
  }

  var stored: String { "\(epoch) \(last)" }

  /// Notes an event; false for one that was taken before.
  mutating func takes(_ sequence: Int) -> Bool {
    guard sequence > last else { return false }
    last = sequence
    return true
  }
}
