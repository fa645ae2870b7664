// What a phone writes, in pieces cut anywhere:
//
//     {"scan": true}
//     {"ssid": "…", "password": "…", "security": "wpa2", "user": "…"}      the last two if need be
//     {"claim_token": "…"}                     or the token alone, without any quotes
//     {"printer": {"action": "add", "serial_number": "…", "ip_address": "…", "access_code": "…"}}
//     {"printer": {"action": "remove", "serial_number": "…"}}
//     {"cloud": {"url": "wss://…"}}
//     {"authority": "-----BEGIN CERTIFICATE-----…"}                         in a message of its own
//
// A message ends where its outermost brace closes, and the write ends there too. A bare token ends
// with a line feed, or when nothing has followed for half a second.

import Wire

/// Reads one message of a phone, in chunks.
struct ProvisioningReader: ~Copyable {
  fileprivate enum Field {
    case unknown
    case scan, ssid, password, security, user, claimToken, printer, cloud, authority
    case url
    case action, serialNumber, ipAddress, accessCode, name, model, mqttPort, ftpsPort
  }

  /// Why a message is none.
  enum Failure: Error, Equatable {
    case json(JSONError)
    /// Something follows the end of the message.
    case trailing
    case tokenTooLong

    /// As the phone is told it.
    var name: StaticString {
      switch self {
      case .json(let error): error.name
      case .trailing: "something follows the message"
      case .tokenTooLong: "claim_token is too long"
      }
    }
  }

  private enum Mode { case nothing, json, plain }

  private let pinned = Pinned()
  private var reader: JSONReader
  private var mode = Mode.nothing
  private var field = Field.unknown
  /// The object inside the message that is being read.
  private var group = Field.unknown
  var request = Provisioning()

  init(scratch: UnsafeMutableBufferPointer<UInt8>) {
    reader = unsafe JSONReader(scratch: scratch)
  }

  /// Whether a message has begun and is not over.
  var isBusy: Bool { mode != .nothing }
  /// Whether what has come is a token that may be over.
  var isPlain: Bool { mode == .plain }

  /// The certificate of an authority, if the message that was just read holds one.
  var authority: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { reader.text }
  }

  /// Forgets what it has read.
  mutating func reset() {
    mode = .nothing
    reader.reset()
    field = .unknown
    group = .unknown
    request.removeAll()
  }

  /// Reads a chunk; answers whether the message is whole. After an error it must be reset.
  mutating func read(_ chunk: Span<UInt8>) throws(Failure) -> Bool {
    var start = 0
    if mode == .nothing {
      while start < chunk.count, isBlank(chunk[start]) { start += 1 }
      guard start < chunk.count else { return false }
      reset()
      mode = chunk[start] == UInt8(ascii: "{") ? .json : .plain
    }
    let rest = chunk.extracting(start..<chunk.count)
    return mode == .plain ? try readPlain(rest) : try readJSON(rest)
  }

  private func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  /// Nothing has followed a bare token: it is whole.
  mutating func endPlain() {
    request.hasClaimToken = true
    mode = .nothing
  }

  private mutating func readPlain(_ chunk: Span<UInt8>) throws(Failure) -> Bool {
    for index in chunk.indices {
      if isBlank(chunk[index]) {
        for rest in index..<chunk.count where !isBlank(chunk[rest]) { throw .trailing }
        endPlain()
        return true
      }
      guard request.claimToken.append(chunk[index]) else { throw .tokenTooLong }
    }
    return false
  }

  private mutating func readJSON(_ chunk: Span<UInt8>) throws(Failure) -> Bool {
    var position = 0
    while true {
      let token: JSONToken
      do throws(JSONError) { token = try reader.next(chunk, at: &position) } catch {
        throw .json(error)
      }
      if token == .needsMore { return false }
      if token == .end {
        mode = .nothing
        return true
      }
      take(token)
    }
  }

  private mutating func take(_ token: JSONToken) {
    switch token {
    case .key:
      // An authority stays in the reader's own memory; nothing may come after it.
      if request.hasAuthority, request.badField == nil { request.badField = "authority" }
      field = group == .unknown ? topField() : groupField()
    case .beginObject:
      if reader.depth == 1 { return }
      if group == .unknown, field == .printer || field == .cloud {
        group = field
        if field == .printer { request.hasPrinter = true }
      } else {
        reader.skip()
      }
    case .endObject:
      group = .unknown
    case .string, .number:
      fill()
    case .bool(let value):
      if field == .scan { request.wantsScan = value }
    case .beginArray:
      reader.skip()
    case .null, .endArray, .needsMore, .end:
      break
    }
  }

  private func topField() -> Field {
    if reader.textEquals("scan") { return .scan }
    if reader.textEquals("ssid") { return .ssid }
    if reader.textEquals("password") { return .password }
    if reader.textEquals("security") { return .security }
    if reader.textEquals("user") { return .user }
    if reader.textEquals("claim_token") { return .claimToken }
    if reader.textEquals("printer") { return .printer }
    if reader.textEquals("cloud") { return .cloud }
    if reader.textEquals("authority") { return .authority }
    return .unknown
  }

  private func groupField() -> Field {
    if group == .cloud { return reader.textEquals("url") ? .url : .unknown }
    if reader.textEquals("action") { return .action }
    if reader.textEquals("serial_number") { return .serialNumber }
    if reader.textEquals("ip_address") { return .ipAddress }
    if reader.textEquals("access_code") { return .accessCode }
    if reader.textEquals("name") { return .name }
    if reader.textEquals("model") { return .model }
    if reader.textEquals("mqtt_port") { return .mqttPort }
    if reader.textEquals("ftps_port") { return .ftpsPort }
    return .unknown
  }

  private mutating func fill() {
    guard reader.depth == (group == .unknown ? 1 : 2) else { return }
    request.take(field, from: reader)
  }
}

extension Provisioning {
  /// Takes the text or number that was read last as the value of a field.
  fileprivate mutating func take(
    _ field: ProvisioningReader.Field, from reader: borrowing JSONReader
  ) {
    let text = reader.text
    let isWhole = !reader.isTextCut
    switch field {
    case .unknown, .scan, .printer, .cloud: break
    case .ssid:
      hasWiFi = true
      note("ssid", isWhole && wifi.name.set(text))
    case .password: note("password", isWhole && wifi.key.set(text))
    case .user: note("user", isWhole && wifi.user.set(text))
    case .security:
      guard let security = WiFiSecurity(name: text) else { return note("security", false) }
      wifi.security = security
      hasSecurity = true
    case .claimToken:
      hasClaimToken = true
      note("claim_token", isWhole && claimToken.set(text))
    case .authority:
      hasAuthority = true
      note("authority", isWhole && text.count <= Limits.authority)
    case .url:
      hasCloudURL = true
      note("url", isWhole && cloudURL.set(text))
    case .action:
      if equals(text, "add") {
        printerAction = .add
      } else if equals(text, "remove") {
        printerAction = .remove
      } else {
        note("action", false)
      }
    case .serialNumber: note("serial_number", isWhole && printer.serial.set(text))
    case .ipAddress: note("ip_address", isWhole && printer.address.set(text))
    case .accessCode: note("access_code", isWhole && printer.accessCode.set(text))
    case .name: printer.name.setBeginning(of: text)
    case .model: printer.model.setBeginning(of: text)
    case .mqttPort: note("mqtt_port", Self.set(&printer.mqttPort, from: reader))
    case .ftpsPort: note("ftps_port", Self.set(&printer.ftpsPort, from: reader))
    }
  }

  private mutating func note(_ name: StaticString, _ isGood: Bool) {
    if !isGood, badField == nil { badField = name }
  }

  private static func set(_ port: inout UInt16, from reader: borrowing JSONReader) -> Bool {
    guard let number = reader.integer, number > 0, number <= 65_535 else { return false }
    port = UInt16(truncatingIfNeeded: number)
    return true
  }
}
