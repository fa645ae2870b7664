// A socket for datagrams, owned: letting go of the value closes it.

import CBoard

/// An IPv4 address and a port.
struct DatagramAddress: Equatable {
  var first: UInt8 = 0
  var second: UInt8 = 0
  var third: UInt8 = 0
  var fourth: UInt8 = 0
  var port: UInt16 = 0

  /// Everybody on the network.
  static func broadcast(port: UInt16) -> DatagramAddress {
    DatagramAddress(first: 255, second: 255, third: 255, fourth: 255, port: port)
  }
}

/// Sends and receives datagrams on one of the board's networks.
struct Datagrams: ~Copyable {
  private let board: Board
  private let number: Int32

  private init(board: Board, number: Int32) {
    self.board = board
    self.number = number
  }

  /// Nil when the board cannot. With a `port` of 0 any free one will do.
  static func open(on board: Board, _ network: Board.Network, port: UInt16) -> Datagrams? {
    guard let open = unsafe board.raw.pointee.datagram_open else { return nil }
    let number = unsafe open(board.raw.pointee.context, network.rawValue, port)
    return number < 0 ? nil : Datagrams(board: board, number: number)
  }

  deinit {
    unsafe board.raw.pointee.datagram_close?(board.raw.pointee.context, number)
  }

  /// Also hear what is sent to a multicast group.
  func join(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) -> Bool {
    var group = InlineArray<4, UInt8>(repeating: 0)
    group[0] = first
    group[1] = second
    group[2] = third
    group[3] = fourth
    let span = group.span
    return unsafe span.withUnsafeBufferPointer { group in
      unsafe board.raw.pointee.datagram_join?(
        board.raw.pointee.context, number, group.baseAddress) ?? false
    }
  }

  /// Answers false when it could not be sent; nobody says whether it arrives.
  @discardableResult
  func send(_ bytes: Span<UInt8>, to address: DatagramAddress) -> Bool {
    var to = hub_address()
    to.bytes = (address.first, address.second, address.third, address.fourth)
    to.port = address.port
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe board.raw.pointee.datagram_send?(
        board.raw.pointee.context, number, &to, bytes.baseAddress,
        UInt32(truncatingIfNeeded: bytes.count)) ?? false
    }
  }

  /// Takes the oldest datagram; what does not fit is cut. Nil when there is none.
  func receive(
    into memory: UnsafeMutableBufferPointer<UInt8>
  ) -> (count: Int, from: DatagramAddress)? {
    var from = hub_address()
    guard let receive = unsafe board.raw.pointee.datagram_receive else { return nil }
    let count = unsafe receive(
      board.raw.pointee.context, number, &from, memory.baseAddress,
      UInt32(truncatingIfNeeded: memory.count))
    guard count > 0 else { return nil }
    let address = DatagramAddress(
      first: from.bytes.0, second: from.bytes.1, third: from.bytes.2, fourth: from.bytes.3,
      port: from.port)
    return (min(Int(count), memory.count), address)
  }
}
