// How settings stand in the key store. The first byte is the version of the form; what an older
// firmware wrote is read and written anew, what a newer one wrote is left alone and not used.
//
//     WiFi 2      security | name | key | user       each text with its length before it
//     WiFi 1      name | key                         before networks with accounts were known
//     printer 2   kind | port | 1 in TLS + 2 maker's | port of MQTT | port of FTPS | serial | address | code | name
//                 | model | user | the two pins
//     printer 1   port of MQTT | port of FTPS | serial | address | code | name | model    a Bambu
//     texts 1     the text alone

import Wire

/// One setting as it stands in the store.
typealias SettingRecord = Text<320>

/// Takes a record apart, from its beginning to its end.
struct SettingReader {
  private var position = 1
  private(set) var isGood = true

  init() {}

  mutating func byte(_ record: borrowing SettingRecord) -> UInt8 {
    guard position < record.count else {
      isGood = false
      return 0
    }
    defer { position += 1 }
    return record.span[position]
  }

  mutating func port(_ record: borrowing SettingRecord) -> UInt16 {
    let high = byte(record)
    return UInt16(high) << 8 | UInt16(byte(record))
  }

  mutating func text<let capacity: Int>(
    _ record: borrowing SettingRecord, into text: inout Text<capacity>
  ) {
    let count = Int(byte(record))
    guard isGood, count <= record.count - position,
      text.set(record.span.extracting(position..<position + count))
    else {
      isGood = false
      return
    }
    position += count
  }

  /// Whether all was read, and nothing is left.
  func isWhole(_ record: borrowing SettingRecord) -> Bool {
    guard isGood else { return false }
    return position == record.count
  }
}

extension WiFiCredentials {
  static let version: UInt8 = 2

  /// Takes what a record says; false, and unchanged or empty, when it is no record of a network.
  mutating func take(_ record: borrowing SettingRecord) -> Bool {
    guard !record.isEmpty else { return false }
    var reader = SettingReader()
    switch record.span[0] {
    case 1:
      reader.text(record, into: &name)
      reader.text(record, into: &key)
      user.removeAll()
      security = key.isEmpty ? .open : .wpa2
    case Self.version:
      guard let kind = WiFiSecurity(rawValue: reader.byte(record)) else { return false }
      security = kind
      reader.text(record, into: &name)
      reader.text(record, into: &key)
      reader.text(record, into: &user)
    default:
      return false
    }
    if reader.isWhole(record), flaw == nil { return true }
    removeAll()
    return false
  }

  func write(into writer: inout ByteWriter) {
    writer.put(Self.version)
    writer.put(security.rawValue)
    writer.put(counted: name.span)
    writer.put(counted: key.span)
    writer.put(counted: user.span)
  }
}

extension PrinterConfiguration {
  static let version: UInt8 = 2

  /// Takes what a record says; false when it is no record of a printer.
  mutating func take(_ record: borrowing SettingRecord) -> Bool {
    guard !record.isEmpty else { return false }
    var reader = SettingReader()
    switch record.span[0] {
    case 1:
      kind = .bambu
    case Self.version:
      guard let known = PrinterKind(rawValue: reader.byte(record)) else { return false }
      kind = known
      givenPort = reader.port(record)
      let flags = reader.byte(record)
      isSecure = flags & 1 == 1
      certificate = flags & 2 == 2 ? .maker : .firstUse
    default:
      return false
    }
    mqttPort = reader.port(record)
    ftpsPort = reader.port(record)
    reader.text(record, into: &serial)
    reader.text(record, into: &address)
    reader.text(record, into: &accessCode)
    reader.text(record, into: &name)
    reader.text(record, into: &model)
    if record.span[0] > 1 {
      reader.text(record, into: &userName)
      reader.text(record, into: &pin)
      reader.text(record, into: &filesPin)
    }
    return reader.isWhole(record) && missingField == nil
  }

  func write(into writer: inout ByteWriter) {
    writer.put(Self.version)
    writer.put(kind.rawValue)
    writer.put(bigEndian16: givenPort)
    writer.put((isSecure ? 1 : 0) | (certificate == .maker ? 2 : 0))
    writer.put(bigEndian16: mqttPort)
    writer.put(bigEndian16: ftpsPort)
    writer.put(counted: serial.span)
    writer.put(counted: address.span)
    writer.put(counted: accessCode.span)
    writer.put(counted: name.span)
    writer.put(counted: model.span)
    writer.put(counted: userName.span)
    writer.put(counted: pin.span)
    writer.put(counted: filesPin.span)
  }
}

extension ByteWriter {
  /// Puts a text of at most 255 bytes with its length before it.
  fileprivate mutating func put(counted text: Span<UInt8>) {
    put(UInt8(truncatingIfNeeded: text.count))
    put(text)
  }
}
