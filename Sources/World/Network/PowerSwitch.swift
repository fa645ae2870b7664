/// A host whose power can be cut: whatever ran on it is gone without a word to those it talked to.
///
/// The virtual world's hosts have such a switch. Real sockets do not: an operating system ends them
/// in good order.
public protocol PowerSwitch: Host {
  func vanish()
  func comeBack()
}

/// A host that can be given another address, as by a router that forgot the old one.
///
/// Whoever still talks to the old address hears nothing more; the host's own ends of its streams
/// break. Ports that it listens on are found under the new address.
public protocol AddressSwitch: Host {
  func takeNewAddress()
}
