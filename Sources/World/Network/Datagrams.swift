/// A socket for datagrams: single messages that may get lost, come twice or overtake each other.
///
/// What is sent to 255.255.255.255 or to a multicast group reaches the hosts of the same network
/// only. A socket does not hear itself, but others on the same machine do.
public protocol Datagrams: AnyObject {
  /// The most bytes that one datagram holds.
  static var sizeLimit: Int { get }

  var port: UInt16 { get }
  /// Hears of each datagram that comes, never from inside a call to the socket.
  var handler: ((_ from: DatagramAddress, _ bytes: [UInt8]) -> Void)? { get set }

  /// Also hears what is sent to a multicast group from now on; false if that is no group.
  @discardableResult
  func join(group: String) -> Bool
  /// Sends one datagram to an address, 255.255.255.255 or a group. Answers false when it did not
  /// leave; true says nothing about its arrival.
  @discardableResult
  func send(_ bytes: [UInt8], to address: String, port: UInt16) -> Bool
  func close()
}

extension Datagrams {
  public static var sizeLimit: Int { 65_507 }
}

/// Where a datagram comes from.
public struct DatagramAddress: Hashable, Sendable {
  public var address: String
  public var port: UInt16

  public init(address: String, port: UInt16) {
    self.address = address
    self.port = port
  }
}

/// Which of a machine's networks is meant: the one that it has joined, or the one that it opens.
public enum HostNetwork: Sendable {
  case joined, own
}
