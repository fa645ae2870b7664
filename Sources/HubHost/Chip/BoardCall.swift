import CBoard

/// One call of board.h as a chip makes it over its line: how to take its arguments off a frame, make
/// it, and put what it answers into another.
struct BoardCall {
  /// The board's context, as its functions get it.
  typealias Context = UnsafeMutableRawPointer?

  let name: String
  /// Its place among the calls of `hub_board`.
  let number: Int
  let serve:
    (UnsafePointer<hub_board>, inout ChipReader, inout ChipWriter) throws(ChipFailure) -> Void

  /// `body` gets the board's function of that name.
  init<Function>(
    _ name: String, _ path: KeyPath<hub_board, Function?>,
    _ body:
      @escaping (Function, Context, inout ChipReader, inout ChipWriter) throws(ChipFailure) -> Void
  ) {
    let offset = MemoryLayout<hub_board>.offset(of: path) ?? -1
    self.name = name
    number = offset / MemoryLayout<UnsafeRawPointer>.stride - 1
    serve = { (board, reader, writer) throws(ChipFailure) in
      let function = UnsafeRawPointer(board).load(fromByteOffset: offset, as: Function?.self)
      guard let function else { throw ChipFailure("the rig's board has no \(name)") }
      try body(function, board.pointee.context, &reader, &writer)
    }
  }
}

/// All calls of board.h.
enum BoardCalls {
  /// How many there are.
  static let count = MemoryLayout<hub_board>.size / MemoryLayout<UnsafeRawPointer>.stride - 1

  /// In the order of board.h.
  static let all: [BoardCall] =
    clockAndChance + radio + bluetooth + streams + datagrams + memories
    + crypto + body

  /// By their numbers.
  private static let table: [BoardCall?] = {
    var table = [BoardCall?](repeating: nil, count: count)
    for call in all where table.indices.contains(call.number) { table[call.number] = call }
    return table
  }()

  static subscript(number: UInt32) -> BoardCall? {
    number < UInt32(table.count) ? table[Int(number)] : nil
  }

  static func name(of number: UInt32) -> String { self[number]?.name ?? "call \(number)" }

  /// The checksum of all names in their order, which a chip's image must agree on.
  static let namesChecksum: UInt32 = {
    let names = Array(table.map { ($0?.name ?? "") + "," }.joined().utf8)
    return names.withUnsafeBytes { checksum($0) }
  }()
}
