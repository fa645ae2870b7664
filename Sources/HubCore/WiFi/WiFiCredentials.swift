// What it takes to join a WiFi network.

import Wire

/// How a network guards itself. Its number is the board's.
enum WiFiSecurity: UInt8 {
  case open = 0
  case wpa2 = 1
  case wpa3 = 2
  /// WPA2 with a user name and password of one's own.
  case enterprise = 3

  /// As phones are told it and say it.
  var name: StaticString {
    switch self {
    case .open: "open"
    case .wpa2: "wpa2"
    case .wpa3: "wpa3"
    case .enterprise: "enterprise"
    }
  }

  init?(name: Span<UInt8>) {
    if equals(name, "open") {
      self = .open
    } else if equals(name, "wpa2") {
      self = .wpa2
    } else if equals(name, "wpa3") {
      self = .wpa3
    } else if equals(name, "enterprise") {
      self = .enterprise
    } else {
      return nil
    }
  }
}

/// A network's name and what opens it. The key leaves this struct only towards the radio and, sealed,
/// towards the flash.
struct WiFiCredentials: ~Copyable {
  private let pinned = Pinned()
  var security = WiFiSecurity.wpa2
  var name = NetworkName()
  var key = NetworkKey()
  /// For `.enterprise`.
  var user = NetworkUser()

  init() {}

  mutating func set(_ other: borrowing WiFiCredentials) {
    security = other.security
    name = other.name
    key = other.key
    user = other.user
  }

  mutating func removeAll() {
    security = .wpa2
    name.removeAll()
    key.removeAll()
    user.removeAll()
  }

  /// Why no network can be joined with these.
  enum Flaw {
    case noName, shortKey, longKey, noUser

    /// As a person is told it.
    var name: StaticString {
      switch self {
      case .noName: "the network has no name"
      case .shortKey: "the password has at least 8 characters"
      case .longKey: "the password has at most 63 characters"
      case .noUser: "this network wants a user name"
      }
    }
  }

  /// What is wrong with them before anybody has tried.
  var flaw: Flaw? {
    if name.isEmpty { return .noName }
    switch security {
    case .open: return nil
    case .wpa2, .wpa3:
      if key.count < 8 { return .shortKey }
      // The 64 digits of a key that was worked out from a password are good as well.
      return key.count < 64 || isDigits ? nil : .longKey
    case .enterprise:
      if user.isEmpty { return .noUser }
      return key.isEmpty ? .shortKey : nil
    }
  }

  private var isDigits: Bool {
    let bytes = key.span
    for index in bytes.indices {
      switch bytes[index] {
      case 0x30...0x39, 0x41...0x46, 0x61...0x66: continue
      default: return false
      }
    }
    return true
  }
}

/// A network that a scan has found.
struct FoundNetwork: Equatable {
  var name = NetworkName()
  var security = WiFiSecurity.wpa2
  /// In dBm, below zero.
  var signal = 0
}
