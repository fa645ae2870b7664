import World

/// A socket in a test that keeps what comes.
public final class Mailbox {
  public let socket: any Datagrams
  public private(set) var heard: [[UInt8]] = []
  public private(set) var senders: [DatagramAddress] = []
  public private(set) var times: [Instant] = []
  public var onDatagram: ((DatagramAddress, [UInt8]) -> Void)?

  public init(on host: any Host, port: UInt16) throws {
    socket = try host.openDatagrams(port: port, network: .joined)
    socket.handler = { [unowned self] from, bytes in
      heard.append(bytes)
      senders.append(from)
      times.append(host.now)
      onDatagram?(from, bytes)
    }
  }
}
