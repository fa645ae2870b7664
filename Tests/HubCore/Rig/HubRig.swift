import CBoard
import HubCore

/// A hub on a fake board, with peers around it, run by hand.
final class HubRig {
  let board: FakeBoard
  let cloud = FakeCloud()
  let fileServer = FakeFileServer()
  var printers: [FakePrinter] = []
  /// Printers that are reached over HTTP.
  var servers: [FakeHTTPPrinter] = []
  private(set) var hub: UnsafeMutableRawPointer?
  private let region: UnsafeMutableRawPointer
  let regionSize: UInt32
  /// When the hub wants to be polled next.
  private(set) var nextPoll: UInt64 = 0
  private(set) var pollCount = 0
  /// Streams of a port open by themselves unless it is in here.
  var closedPorts: Set<UInt16> = []

  /// Peers act once at each moment, not until nothing is left to do.
  var peersActOncePerSettling = false

  init(board: FakeBoard = FakeBoard(), reason: UInt8 = 0) {
    self.board = board
    regionSize = hubSize()
    region = .allocate(byteCount: Int(regionSize), alignment: 16)
    boot(reason)
  }

  private func boot(_ reason: UInt8) {
    // What stands there at power-on is anything but zeros.
    region.initializeMemory(as: UInt8.self, repeating: 0xA5, count: Int(regionSize))
    hub = withUnsafePointer(to: &board.raw) {
      hubBoot(region: region, size: regionSize, board: $0, reason: reason)
    }
  }

  /// Starts the firmware anew on the same board, whose streams are gone. Only power-on makes the
  /// retained memory forget.
  func reboot(_ reason: UInt8 = 1) {
    for stream in board.streams.values { stream.isClosedByHub = true }
    board.streams.removeAll()
    board.restarts.removeAll()
    board.wifiState = 0
    board.now = 1_000
    if reason == 0 { board.retained = [UInt8](repeating: 0xA5, count: board.retained.count) }
    boot(reason)
    nextPoll = 0
  }

  /// Starts the firmware anew and lets it find its cloud.
  func rebootAndConnect(_ reason: UInt8 = 1) {
    reboot(reason)
    run(atMost: 60_000) { view.cloud_connected }
    run(milliseconds: 100)
  }

  deinit { region.deallocate() }

  var view: hub_view {
    var view = hub_view()
    hubLook(hub: hub, view: &view)
    return view
  }

  /// Polls until neither the hub nor its peers have anything to do at this moment.
  func settle() {
    for _ in 0..<10_000 {
      nextPoll = hubPoll(hub: hub)
      pollCount += 1
      let didAct = actOfPeers()
      if !didAct || peersActOncePerSettling, nextPoll > board.now { return }
    }
    preconditionFailure("the hub never comes to rest")
  }

  private func actOfPeers() -> Bool {
    var didAct = false
    for stream in board.opened {
      if stream.state == 0, !closedPorts.contains(stream.port) {
        stream.state = 1
        didAct = true
      }
      guard stream.state == 1 else { continue }
      for peer in peers where peer.answers(stream) {
        if peer.act(on: stream) { didAct = true }
      }
    }
    return didAct
  }

  private var peers: [any FakePeer] { [cloud, fileServer] + printers + servers }

  /// Lets time pass, from one moment at which the hub wants to be polled to the next.
  func run(milliseconds: UInt64) {
    let end = board.now + milliseconds
    settle()
    while board.restarts.isEmpty {
      let next = min(max(nextPoll, board.now + 1), end)
      board.now = next
      settle()
      if next == end { return }
    }
  }

  /// Lets time pass until something is so; answers whether it came to be.
  @discardableResult
  func run(atMost milliseconds: UInt64, until condition: () -> Bool) -> Bool {
    let end = board.now + milliseconds
    settle()
    while !condition(), board.now < end {
      board.now = min(max(nextPoll, board.now + 1), end)
      settle()
    }
    return condition()
  }

  // --------------------------------------------------------------------------- people before it

  /// Somebody presses the button.
  func press() {
    board.radio.isButtonDown = true
    run(milliseconds: 200)
    board.radio.isButtonDown = false
    run(milliseconds: 10)
  }

  /// A phone connects, and its owner presses the button.
  func pairPhone(_ phone: UInt16 = 1) {
    board.radio.connect(phone)
    board.radio.subscribe(phone)
    run(milliseconds: 10)
    press()
  }

  /// The same hub after a loss of power, or another board with its flash.
  func rebooted() -> HubRig {
    let next = FakeBoard(flash: board.flash)
    next.settings = board.settings
    return HubRig(board: next)
  }

  // -------------------------------------------------------------------------- often needed starts

  /// A hub as it comes out of the box: it knows who it is and where the cloud is, and no network.
  static func unboxed() -> HubRig {
    let board = FakeBoard()
    board.settings[.wifiName] = nil
    board.settings[.wifiKey] = nil
    let rig = HubRig(board: board)
    rig.run(milliseconds: 10)
    return rig
  }

  /// A hub that has said hello to its cloud.
  static func connected() -> HubRig {
    let rig = HubRig()
    rig.run(atMost: 60_000) { rig.view.cloud_connected }
    return rig
  }

  /// A hub with one connected printer that says that it is idle.
  static func withPrinter(model: String = "P1S") -> (HubRig, FakePrinter) {
    let rig = HubRig.connected()
    let printer = FakePrinter()
    rig.printers.append(printer)
    rig.cloud.addPrinter(printer.serial, model: model)
    rig.run(atMost: 60_000) { rig.cloud.state(printer.serial) == "idle" }
    return (rig, printer)
  }

  /// A hub whose printer was told to print job "j1" and has not said anything since.
  static func withJobStarting() -> (HubRig, FakePrinter) {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = Array("the file".utf8)
    rig.cloud.start("j1", on: printer.serial, size: 8)
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "starting" }
    return (rig, printer)
  }

  /// A hub whose printer prints job "j1".
  static func withJobPrinting() -> (HubRig, FakePrinter) {
    let (rig, printer) = HubRig.withJobStarting()
    printer.prints("RUNNING", percent: 10)
    rig.run(milliseconds: 100)
    return (rig, printer)
  }

  /// A hub that has just been told of a printer of another kind.
  static func told(
    of server: FakeHTTPPrinter, userName: String? = nil, isSecure: Bool = false
  ) -> HubRig {
    let rig = HubRig.connected()
    rig.servers = [server]
    rig.cloud.addServer(server, userName: userName, isSecure: isSecure)
    return rig
  }

  /// A hub that has seen that a printer of another kind is idle.
  static func with<Server: FakeHTTPPrinter>(
    _ server: Server, userName: String? = nil, isSecure: Bool = false
  ) -> (HubRig, Server) {
    let rig = HubRig.told(of: server, userName: userName, isSecure: isSecure)
    rig.run(atMost: 60_000) { rig.cloud.state(server.serial) == "idle" }
    return (rig, server)
  }

  /// The same, and the printer prints job "j1".
  static func printing<Server: FakeHTTPPrinter>(_ server: Server) -> (HubRig, Server) {
    let (rig, server) = HubRig.with(server)
    rig.fileServer.file = Array("G28\nG1 X10\n".utf8)
    rig.cloud.start("j1", on: server.serial, name: "part.gcode", size: 11)
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "printing" }
    return (rig, server)
  }

  /// The cloud gives a printer of another kind a job with a file of this size.
  func send(_ job: String, to server: FakeHTTPPrinter, name: String = "part.gcode", size: Int) {
    fileServer.file = [UInt8](repeating: 9, count: size)
    cloud.start(job, on: server.serial, name: name, size: size)
  }
}
