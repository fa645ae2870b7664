// A port that accepts streams, owned: letting go of the value closes it.

import CBoard

/// Accepts streams on one of the board's networks.
struct Listener: ~Copyable {
  private let board: Board
  private let number: Int32

  private init(board: Board, number: Int32) {
    self.board = board
    self.number = number
  }

  /// Nil when the board cannot.
  static func open(on board: Board, _ network: Board.Network, port: UInt16) -> Listener? {
    guard let listen = unsafe board.raw.pointee.listen else { return nil }
    let number = unsafe listen(board.raw.pointee.context, network.rawValue, port)
    return number < 0 ? nil : Listener(board: board, number: number)
  }

  deinit {
    unsafe board.raw.pointee.listener_close?(board.raw.pointee.context, number)
  }

  /// The next stream that came in, already open.
  func accept() -> Connection? {
    guard let accept = unsafe board.raw.pointee.accept else { return nil }
    let stream = unsafe accept(board.raw.pointee.context, number)
    return stream < 0 ? nil : Connection(board: board, number: stream)
  }
}
