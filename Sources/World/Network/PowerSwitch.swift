/// A host whose power can be cut: whatever ran on it is gone without a word to those it talked to.
///
/// The virtual world's hosts have such a switch. Real sockets do not: an operating system ends them
/// in good order.
public protocol PowerSwitch: Host {
  func vanish()
  func comeBack()
}
