/// What can be switched on and off and is only remembered and told.
struct PrinterOptions {
  /// Goes up whenever something of it changes.
  private(set) var generation = 0
  private(set) var records = true
  private(set) var makesTimelapse = false
  /// The modules of the camera that look at the print, by the names that commands use.
  private(set) var watches: [(name: String, isOn: Bool)] = [
    ("allow_skip_parts", true), ("buildplate_marker_detector", true),
    ("first_layer_inspector", true), ("printing_monitor", true), ("spaghetti_detector", true),
  ]
  private(set) var readsSpoolsAtStart = true
  private(set) var readsSpoolsWhenInserted = true

  mutating func setRecord(_ isOn: Bool) { change { $0.records = isOn } }
  mutating func setTimelapse(_ isOn: Bool) { change { $0.makesTimelapse = isOn } }

  /// False when there is no such module.
  mutating func setWatch(_ name: String, _ isOn: Bool) -> Bool {
    guard let index = watches.firstIndex(where: { $0.name == name }) else { return false }
    change { $0.watches[index].isOn = isOn }
    return true
  }

  mutating func setReading(atStart: Bool, whenInserted: Bool) {
    change {
      $0.readsSpoolsAtStart = atStart
      $0.readsSpoolsWhenInserted = whenInserted
    }
  }

  private mutating func change(_ body: (inout PrinterOptions) -> Void) {
    body(&self)
    generation += 1
  }
}
