// What a person can tell a hub that has no network, or that he stands before.

import Wire

/// Everything that one message of a phone may hold; used up before the next one is read.
struct Provisioning: ~Copyable {
  /// What is to become of a printer.
  enum PrinterAction { case add, remove }

  private let pinned = Pinned()
  var wantsScan = false
  var hasWiFi = false
  var wifi = WiFiCredentials()
  /// Whether it was said how the network guards itself.
  var hasSecurity = false
  var hasClaimToken = false
  var claimToken = ClaimToken()
  var hasCloudURL = false
  var cloudURL = CloudURL()
  /// The certificate itself is still where it was read.
  var hasAuthority = false
  var hasPrinter = false
  var printerAction = PrinterAction.add
  var printer = PrinterConfiguration()
  /// The first field that was longer than the hub can hold, or not what it should be.
  var badField: StaticString?

  init() {}

  mutating func removeAll() {
    wantsScan = false
    hasWiFi = false
    wifi.removeAll()
    hasSecurity = false
    hasClaimToken = false
    claimToken.removeAll()
    hasCloudURL = false
    cloudURL.removeAll()
    hasAuthority = false
    hasPrinter = false
    printerAction = .add
    printer.removeAll()
    badField = nil
  }

  func give(wifi other: inout WiFiCredentials) { other.set(wifi) }

  func give(printer other: inout PrinterConfiguration) { other.set(printer) }

  /// Whether it says nothing at all.
  var isEmpty: Bool {
    !wantsScan && !hasWiFi && !hasClaimToken && !hasCloudURL && !hasAuthority && !hasPrinter
  }
}
