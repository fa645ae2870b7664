// The radio as the firmware sees it. A board without a part leaves the calls for it out.

import CBoard
import Wire

extension Board {
  /// Where the radio stands.
  enum RadioState: UInt8 {
    case off = 0
    case joining = 1
    case joined = 2
    case noAccessPoint = 3
    case wrongKey = 4
    case lost = 5
  }

  var radioState: RadioState {
    unsafe RadioState(rawValue: raw.pointee.wifi_state(raw.pointee.context)) ?? .off
  }

  /// In dBm, below zero; 0 when not joined.
  var radioSignal: Int { unsafe Int(raw.pointee.wifi_signal(raw.pointee.context)) }

  func join(_ credentials: borrowing WiFiCredentials) {
    let network = credentials.name
    let key = credentials.key
    let user = credentials.user
    let security = credentials.security.rawValue
    unsafe network.span.withUnsafeBufferPointer { network in
      unsafe key.span.withUnsafeBufferPointer { key in
        unsafe user.span.withUnsafeBufferPointer { user in
          var request = unsafe hub_wifi_request()
          unsafe request.name = network.baseAddress
          unsafe request.name_count = UInt32(truncatingIfNeeded: network.count)
          unsafe request.security = security
          unsafe request.key = key.baseAddress
          unsafe request.key_count = UInt32(truncatingIfNeeded: key.count)
          unsafe request.user = user.baseAddress
          unsafe request.user_count = UInt32(truncatingIfNeeded: user.count)
          unsafe raw.pointee.wifi_join(raw.pointee.context, &request)
        }
      }
    }
  }

  // -------------------------------------------------------------------------------------- scan

  /// Begins to look for networks.
  func scan() { unsafe raw.pointee.wifi_scan?(raw.pointee.context) }

  /// How many networks were found, or nil while the scan goes on.
  var foundCount: Int? {
    guard let count = unsafe raw.pointee.wifi_scan_count?(raw.pointee.context) else { return 0 }
    return count < 0 ? nil : Int(count)
  }

  /// A network that was found, the strongest first.
  func found(_ index: Int) -> FoundNetwork? {
    var network = hub_wifi_network()
    let number = UInt32(truncatingIfNeeded: index)
    guard
      unsafe raw.pointee.wifi_scan_result?(raw.pointee.context, number, &network) ?? false
    else { return nil }
    var found = FoundNetwork()
    found.security = WiFiSecurity(rawValue: network.security) ?? .wpa2
    found.signal = Int(network.signal)
    let count = Int(network.name_count)
    unsafe withUnsafeBytes(of: &network.name) { bytes in
      unsafe found.name.fill { memory in
        for index in 0..<(count < 32 ? count : 32) { unsafe memory[index] = bytes[index] }
        return count
      }
    }
    return found
  }

  // ------------------------------------------------------------------------- a network of its own

  /// Which of the board's networks. Its number is the board's.
  enum Network: UInt8 { case joined = 0, own = 1 }

  /// Opens a network without a key, or closes it when the name is empty.
  func openOwnNetwork(_ name: Span<UInt8>) {
    unsafe name.withUnsafeBufferPointer { name in
      let count = UInt32(truncatingIfNeeded: name.count)
      unsafe raw.pointee.wifi_own_network?(raw.pointee.context, name.baseAddress, count)
    }
  }

  /// The board's address on a network, or nil when it has none.
  func address(on network: Network) -> InlineArray<4, UInt8>? {
    var address = InlineArray<4, UInt8>(repeating: 0)
    var span = address.mutableSpan
    let has = unsafe span.withUnsafeMutableBufferPointer { memory in
      unsafe raw.pointee.local_address?(
        raw.pointee.context, network.rawValue, memory.baseAddress) ?? false
    }
    return has ? address : nil
  }

  // -------------------------------------------------------------------------------------- button

  /// Whether the button is held down now.
  var isButtonDown: Bool { unsafe raw.pointee.button?(raw.pointee.context) ?? false }
}
