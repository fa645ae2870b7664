// A printer that has made itself known on the network.

import Wire

/// What is known of it from its announcements.
struct FoundPrinter {
  var serial = Serial()
  var address = IPv4Address()
  var model = ModelName()
  var name = Text<32>()
  var firmware = FirmwareVersion()
  /// In dBm; 0 when it does not say.
  var signal: Int8 = 0
  var isBound = false
  var seenAt = Uptime.start

  /// Reads an announcement or answer of a printer that came from `sender`; nil for anybody else's.
  init?(_ datagram: Span<UInt8>, from sender: DatagramAddress, now: Uptime) {
    guard let message = SSDPMessage(datagram), message.kind != .question, !message.isGoodbye,
      let target = message.target, let name = message.name,
      equalsIgnoringCase(datagram.extracting(target), Discovery.target)
    else { return nil }
    guard !name.isEmpty, serial.set(datagram.extracting(name)), serial.isPlain else { return nil }
    address = IPv4Address(sender)
    // Some networks rewrite the sender; the printer knows its own address.
    if let location = message.location,
      let told = IPv4Address(datagram.extracting(location))
    {
      address = told
    }
    if let value = SSDP.header("devmodel.bambu.com", in: datagram) {
      model.setPrintable(datagram.extracting(value))
    }
    if let value = SSDP.header("devname.bambu.com", in: datagram) {
      self.name.setPrintable(datagram.extracting(value))
    }
    if let value = SSDP.header("devversion.bambu.com", in: datagram) {
      firmware.setPrintable(datagram.extracting(value))
    }
    if let value = SSDP.header("devsignal.bambu.com", in: datagram),
      let signal = leadingInteger(datagram.extracting(value)), signal < 0, signal > -128
    {
      self.signal = Int8(truncatingIfNeeded: signal)
    }
    if let value = SSDP.header("devbind.bambu.com", in: datagram) {
      isBound = equalsIgnoringCase(datagram.extracting(value), "occupied")
    }
    seenAt = now
  }

  init() {}
}

/// An IPv4 address as its four numbers.
struct IPv4Address: Equatable {
  var first: UInt8 = 0
  var second: UInt8 = 0
  var third: UInt8 = 0
  var fourth: UInt8 = 0

  init() {}

  init(_ address: DatagramAddress) {
    (first, second, third, fourth) = (
      address.first, address.second, address.third, address.fourth
    )
  }

  init(_ numbers: InlineArray<4, UInt8>) {
    (first, second, third, fourth) = (numbers[0], numbers[1], numbers[2], numbers[3])
  }

  /// Reads "192.168.1.20"; nil for anything else.
  init?(_ text: Span<UInt8>) {
    var parts = InlineArray<4, UInt8>(repeating: 0)
    var (part, value, digits) = (0, 0, 0)
    for index in text.indices {
      let byte = text[index]
      if byte == UInt8(ascii: ".") {
        guard digits > 0, part < 3 else { return nil }
        parts[part] = UInt8(truncatingIfNeeded: value)
        (part, value, digits) = (part + 1, 0, 0)
      } else {
        guard byte &- UInt8(ascii: "0") < 10 else { return nil }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
        digits += 1
        guard value <= 255, digits <= 3 else { return nil }
      }
    }
    guard part == 3, digits > 0 else { return nil }
    parts[3] = UInt8(truncatingIfNeeded: value)
    (first, second, third, fourth) = (parts[0], parts[1], parts[2], parts[3])
  }

  func write(into writer: inout ByteWriter) {
    writer.put(decimal: Int(first))
    writer.put(".")
    writer.put(decimal: Int(second))
    writer.put(".")
    writer.put(decimal: Int(third))
    writer.put(".")
    writer.put(decimal: Int(fourth))
  }
}

extension Text {
  /// Letters, digits and dashes alone, as in a serial number.
  fileprivate var isPlain: Bool {
    let bytes = span
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"):
        continue
      default: return false
      }
    }
    return true
  }
}
