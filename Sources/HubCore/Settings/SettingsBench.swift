// Settings for whoever looks after a store from outside of a hub: the code that reads and keeps them
// is the hub's own.

import Wire

/// A hub's settings on a bench, without the hub.
package struct SettingsBench: ~Copyable {
  private let board: Board
  private var settings = Settings()

  package init(_ board: Board) { self.board = board }

  /// Reads everything, as at boot; false when something is missing without which no hub can work.
  package mutating func read(_ store: inout Store) -> Bool {
    settings.read(from: board, &store) == nil
  }

  package mutating func keep(
    network name: Span<UInt8>, key: Span<UInt8>, _ store: inout Store
  ) {
    var wifi = WiFiCredentials()
    wifi.name.set(name)
    wifi.key.set(key)
    settings.keep(wifi: wifi, board, &store)
  }

  package mutating func keep(cloudURL url: Span<UInt8>, _ store: inout Store) -> Bool {
    var text = CloudURL()
    text.set(url)
    return settings.keep(cloudURL: text, board, &store)
  }

  package mutating func keep(claimToken token: Span<UInt8>, _ store: inout Store) {
    var text = ClaimToken()
    text.set(token)
    settings.keep(claimToken: text, board, &store)
  }

  package mutating func forgetClaimToken(_ store: inout Store) {
    settings.forgetClaimToken(board, &store)
  }

  package mutating func keep(printer slot: Int, serial: Span<UInt8>, _ store: inout Store) {
    var printer = PrinterConfiguration()
    printer.serial.set(serial)
    printer.address.set(serial)
    printer.accessCode.set(serial)
    var record = SettingRecord()
    record.write { printer.write(into: &$0) }
    Settings.keep(.printer(slot), record.span, board, &store)
  }

  package mutating func forget(printer slot: Int, _ store: inout Store) {
    Settings.forget(.printer(slot), board, &store)
  }

  package func isNetwork(_ name: Span<UInt8>) -> Bool { settings.wifi.name.equals(name) }
  package func isToken(_ token: Span<UInt8>) -> Bool { settings.claimToken.equals(token) }
}
