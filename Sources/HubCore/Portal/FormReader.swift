// What a browser sends when a form is submitted: application/x-www-form-urlencoded.
//
//     ssid=Farm&password=with+blanks+and+%26&claim_token=…
//
// Read as it arrives. Fields that are not on the page are passed over; one that is too long, or is
// not coded right, spoils the form.

import Wire

/// The fields of the hub's page.
struct FormReader: ~Copyable {
  private enum Part { case name, value }
  private enum Escape: Equatable { case none, first, second(UInt8) }

  private let pinned = Pinned()
  private var part = Part.name
  private var escape = Escape.none
  private var name = Text<16>()
  private var value = ClaimToken()
  private var isNameLong = false
  private var isValueLong = false
  private var wifi = WiFiCredentials()
  /// A network that is not on the list.
  private(set) var otherName = NetworkName()
  private(set) var claimToken = ClaimToken()
  /// The first field that is not usable.
  private(set) var badField: StaticString?

  init() {}

  /// Is ready for another form.
  mutating func removeAll() {
    part = .name
    escape = .none
    name.removeAll()
    value.removeAll()
    isNameLong = false
    isValueLong = false
    wifi.removeAll()
    otherName.removeAll()
    claimToken.removeAll()
    badField = nil
  }

  func give(wifi other: inout WiFiCredentials) { other.set(wifi) }

  mutating func read(_ bytes: Span<UInt8>) {
    for index in bytes.indices { take(bytes[index]) }
  }

  /// The form is over.
  mutating func finish() {
    endField()
    if !otherName.isEmpty { wifi.name = otherName }
  }

  private mutating func take(_ byte: UInt8) {
    switch (escape, byte) {
    case (.none, UInt8(ascii: "&")): endField()
    case (.none, UInt8(ascii: "=")) where part == .name: part = .value
    case (.none, UInt8(ascii: "%")): escape = .first
    case (.none, UInt8(ascii: "+")): put(0x20)
    case (.none, _): put(byte)
    case (.first, _):
      guard let digit = Self.digit(byte) else { return spoil() }
      escape = .second(digit)
    case (.second(let high), _):
      guard let digit = Self.digit(byte) else { return spoil() }
      escape = .none
      put(high << 4 | digit)
    }
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  private mutating func spoil() {
    escape = .none
    if badField == nil { badField = "form" }
  }

  private mutating func put(_ byte: UInt8) {
    switch part {
    case .name: if !name.append(byte) { isNameLong = true }
    case .value: if !value.append(byte) { isValueLong = true }
    }
  }

  private mutating func endField() {
    if escape != .none { spoil() }
    if !isNameLong { keep() }
    part = .name
    name.removeAll()
    value.removeAll()
    isNameLong = false
    isValueLong = false
  }

  private mutating func keep() {
    if name.equals("ssid") {
      note("network", wifi.name.set(value.span))
    } else if name.equals("other") {
      note("network", otherName.set(value.span))
    } else if name.equals("password") {
      note("password", wifi.key.set(value.span))
    } else if name.equals("user") {
      note("user", wifi.user.set(value.span))
    } else if name.equals("claim_token") {
      note("claim token", claimToken.set(value.span))
    }
  }

  private mutating func note(_ field: StaticString, _ fits: Bool) {
    if !fits || isValueLong, badField == nil { badField = field }
  }
}
