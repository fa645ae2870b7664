import CBoard
import Testing
import VirtualWorld
import World

@testable import HubHost

@Suite("The board's datagrams")
struct BoardDatagramTests {
  let bench: Bench
  let board: BoardHand
  let printer: VirtualHost

  init() throws {
    bench = try Bench()
    board = BoardHand(bench.hub)
    printer = bench.world.addVirtualHost("printer", on: .farm("north"))
    board.join("workshop", "wifi-key")
    bench.world.run(for: .seconds(3))
  }

  @Test("they go out and come in by the number of their socket, with whom they are from")
  func exchange() throws {
    let socket = board.openDatagrams(2_021)
    #expect(socket >= 0)
    let far = try printer.openDatagrams(port: 2_021)
    far.handler = { from, bytes in far.send(bytes + [9], to: from.address, port: from.port) }
    #expect(board.send(socket, [1, 2], to: "255.255.255.255", port: 2_021))
    #expect(board.receive(socket).bytes == [])
    bench.world.run(for: .seconds(1))
    #expect(board.receive(socket) == ("\(printer.address):2021", [1, 2, 9]))
    #expect(board.receive(socket).bytes == [])
  }

  @Test("groups are heard once they are joined; what does not fit is cut")
  func groups() throws {
    let socket = board.openDatagrams(1_900)
    #expect(board.join(socket, group: [239, 255, 255, 250]))
    #expect(!board.join(socket, group: [10, 0, 0, 1]))
    let far = try printer.openDatagrams(port: 0)
    far.send([1, 2, 3, 4], to: "239.255.255.250", port: 1_900)
    bench.world.run(for: .seconds(1))
    #expect(board.receive(socket, upTo: 3).bytes == [1, 2, 3])
    #expect(board.receive(socket).bytes == [])
  }

  @Test("sixteen wait; when more come the oldest are dropped")
  func queue() throws {
    let socket = board.openDatagrams(7)
    let far = try printer.openDatagrams(port: 0)
    for number in 0..<20 { far.send([UInt8(number)], to: bench.host.address, port: 7) }
    bench.world.run(for: .seconds(1))
    #expect((0..<17).map { _ in board.receive(socket).bytes } == (4..<20).map { [$0] } + [[]])
  }

  @Test("there are eight sockets, each port once; a closed one makes room")
  func bounds() {
    let sockets = (1...8).map { board.openDatagrams(UInt16($0)) }
    #expect(Set(sockets).count == 8)
    #expect(board.openDatagrams(9) == HUB_ERROR_TOO_MANY_STREAMS.rawValue)
    board.close(socket: sockets[3])
    #expect(board.openDatagrams(1) == HUB_ERROR_ADDRESS_IN_USE.rawValue)
    #expect(board.openDatagrams(4) == sockets[3])
    #expect(board.openDatagrams(1, on: HUB_NETWORK_OWN) < 0)
  }

  @Test("numbers that mean no socket are harmless")
  func wrongNumbers() {
    for socket in [-1, 0, 7, 8, 1_000] as [hub_socket] {
      #expect(!board.join(socket, group: [239, 255, 255, 250]))
      #expect(!board.send(socket, [1], to: printer.address, port: 1))
      #expect(board.receive(socket).bytes == [])
      board.close(socket: socket)
    }
  }
}
