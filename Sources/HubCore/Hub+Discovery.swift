// What becomes of what printers say of themselves on the network.

import Wire

extension Hub {
  /// Listens, asks when it is time to, and follows printers that have moved.
  mutating func discoverPrinters(_ now: Uptime) {
    discovery.listen(board, now: now)
    while let row = discovery.next(now: now) { follow(discovery[row], now) }
    discovery.ask(isMissing: isPrinterMissing, now: now)
  }

  private var isPrinterMissing: Bool {
    for index in 0..<slots.count where slots[index].isTaken && !slots[index].link.isConnected {
      return true
    }
    return false
  }

  /// A printer that we cannot reach, heard from another address, is sought there from now on. One
  /// that is connected is where it is, whatever anybody says.
  private mutating func follow(_ printer: FoundPrinter, _ now: Uptime) {
    for index in 0..<slots.count
    where slots[index].isTaken && !slots[index].link.isConnected
      && slots[index].configuration.serial == printer.serial
    {
      var address = Address()
      address.write { printer.address.write(into: &$0) }
      guard slots[index].moved(board, to: address, now: now) else { continue }
      board.log(.information) {
        $0.put("printer ")
        $0.put(printer.serial.span)
        $0.put(": has moved to ")
        $0.put(address.span)
      }
      wake(slot: index, now)
    }
  }

  /// Tells the cloud what was found, if that is due.
  mutating func speakOfDiscovery(_ now: Uptime) -> Bool {
    guard discovery.reportAt <= now else { return false }
    var json = cloud.message()
    discovery.write(into: &json, now: now)
    cloud.say(board, json)
    discovery.wasReported()
    return true
  }
}
