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
  /// By which announcements are known again that say just this, so that they need not be read again.
  /// Printers say it in two ways, to everybody and to the group; the newer stands first.
  private(set) var marks: (UInt32, UInt32) = (0, 0)

  func says(_ mark: UInt32) -> Bool { marks.0 == mark || marks.1 == mark }

  /// It was read in an announcement with this mark; one with the other mark says the same.
  mutating func note(_ mark: UInt32, beside other: UInt32) { marks = (mark, other) }

  /// Whether all is the same but when it was heard.
  func isSame(as other: FoundPrinter) -> Bool {
    serial == other.serial && address == other.address && model == other.model
      && name == other.name && firmware == other.firmware && signal == other.signal
      && isBound == other.isBound
  }

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
    readOwnHeaders(datagram)
    seenAt = now
  }

  init() {}

  /// Reads the headers that are the maker's own.
  private mutating func readOwnHeaders(_ datagram: Span<UInt8>) {
    var (model, name, version): (Range<Int>?, Range<Int>?, Range<Int>?)
    var (signal, binding): (Range<Int>?, Range<Int>?)
    var headers = SSDPHeaders(datagram)
    while let header = headers.next(datagram) {
      header.keep("devmodel.bambu.com", in: &model, datagram)
      header.keep("devname.bambu.com", in: &name, datagram)
      header.keep("devversion.bambu.com", in: &version, datagram)
      header.keep("devsignal.bambu.com", in: &signal, datagram)
      header.keep("devbind.bambu.com", in: &binding, datagram)
    }
    if let model { self.model.setPrintable(datagram.extracting(model)) }
    if let name { self.name.setPrintable(datagram.extracting(name)) }
    if let version { firmware.setPrintable(datagram.extracting(version)) }
    if let signal, let strength = leadingInteger(datagram.extracting(signal)), strength < 0,
      strength > -128
    {
      self.signal = Int8(truncatingIfNeeded: strength)
    }
    if let binding { isBound = equalsIgnoringCase(datagram.extracting(binding), "occupied") }
  }
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
