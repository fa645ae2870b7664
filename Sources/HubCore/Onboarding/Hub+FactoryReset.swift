// Back to how the hub left the factory.

import Wire

extension Hub {
  /// Forgets everything that people and the cloud have told the hub, and starts anew. Who it is stays,
  /// for that stands in the factory partition.
  mutating func factoryReset() {
    board.log(.warning) { $0.put("hub: forgets everything and restarts") }
    do throws(StoreError) { try store.eraseAll() } catch {
      board.log(.error) {
        $0.put("hub: could not forget everything: ")
        $0.put(error.name)
      }
    }
    restart(.restart)
  }
}
