// The hub's printers in the key store, so that it finds them again before the cloud has said a word.

import Wire

extension Hub {
  /// Puts the printers that the hub knows into their slots.
  mutating func recallPrinters(_ now: Uptime) {
    for index in 0..<slots.count {
      var record = SettingRecord()
      guard store.read(.printer(index), into: &record).isFound else { continue }
      var printer = PrinterConfiguration()
      guard printer.take(record) else {
        board.log(.warning) {
          $0.put("settings: the printer in slot ")
          $0.put(decimal: index)
          $0.put(" cannot be read")
        }
        continue
      }
      slots[index].configure(board, printer, hasNetwork: false, now: now)
      if record.span[0] != PrinterConfiguration.version { keepPrinter(index) }
    }
  }

  /// A slot has got a configuration.
  mutating func printerIsSet(_ index: Int, _ now: Uptime) {
    keepPrinter(index)
    wake(slot: index, now)
  }

  @inline(never)
  mutating func keepPrinter(_ index: Int) {
    var record = SettingRecord()
    record.write { slots[index].configuration.write(into: &$0) }
    Settings.keep(.printer(index), record.span, board, &store)
  }

  mutating func removePrinter(_ serial: Serial, _ now: Uptime) {
    guard let index = slot(of: serial) else { return }
    slots[index].remove(board, now: now)
    Settings.forget(.printer(index), board, &store)
    collect(index, now)
    wake(slot: index, now)
  }
}
