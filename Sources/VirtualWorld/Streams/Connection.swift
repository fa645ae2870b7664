import World

/// Two ends of a stream and what lies between them, for as long as either end is there.
final class Connection {
  let client: VirtualStream
  private(set) var server: VirtualStream?
  let target: VirtualHost
  private let engine: Engine
  /// The router that must remember this stream, if it leaves a farm.
  private let router: VirtualFarm?
  private var lastUse: Int64
  private var isForgotten = false
  /// Its place in the engine's table.
  var place = 0

  init(client: VirtualStream, target: VirtualHost, router: VirtualFarm?, engine: Engine) {
    self.client = client
    self.target = target
    self.router = router
    self.engine = engine
    lastUse = engine.now
  }

  func attach(server: VirtualStream) {
    self.server = server
    server.connection = self
    server.peer = client
    client.peer = server
    server.pathIsOpen = server.path.isOpen
  }

  /// Called for every segment: the router forgets those who are silent for too long.
  @inline(__always)
  func use() {
    guard let router else { return }
    if let limit = router.idleLimit, engine.now - lastUse > limit.nanoseconds, !isForgotten {
      isForgotten = true
      refreshPaths()
    }
    lastUse = engine.now
  }

  func refreshPaths() {
    let clientWasOpen = client.pathIsOpen
    client.pathIsOpen = !isForgotten && client.path.isOpen
    guard let server else { return }
    let serverWasOpen = server.pathIsOpen
    server.pathIsOpen = !isForgotten && server.path.isOpen
    if clientWasOpen, !client.pathIsOpen { client.pathBroke() }
    if serverWasOpen, !server.pathIsOpen { server.pathBroke() }
  }

  /// One end is not there any more.
  func endLeft() {
    guard client.phase == .gone || server?.phase == .gone else { return }
    // A server that has not accepted yet has nobody to tell.
    if let server, server.phase == .accepting { server.phase = .gone }
    for end in [client, server] {
      guard let end, !end.isSpent else { continue }
      return
    }
    client.phase = .gone
    server?.phase = .gone
    retire()
  }

  /// Both ends have heard the other's end: nothing more can happen.
  func bothFinished() {
    for end in [client, server] where end?.phase == .open { end?.phase = .ended }
    retire()
  }

  private func retire() {
    engine.remove(self)
    client.detach()
    server?.detach()
  }

  /// Plans a reset for both ends, for now.
  func breakFromOutside() {
    for end in [client, server] {
      guard let end else { continue }
      engine.plan(.resetArrives, for: end, at: engine.now, VirtualStream.resetFromOutside)
    }
  }

  /// One of the hosts is not where it was: nothing gets through any more, and its end breaks.
  func loses(_ host: VirtualHost) {
    let ends = [client, server].compactMap { $0 }.filter { $0.host === host }
    guard !ends.isEmpty else { return }
    isForgotten = true
    refreshPaths()
    for end in ends {
      engine.plan(.resetArrives, for: end, at: engine.now, VirtualStream.resetFromOutside)
    }
  }

  func dismantle() {
    for end in [client, server] {
      end?.phase = .gone
      end?.handler = nil
      end?.detach()
    }
  }
}

extension Engine {
  func add(_ connection: Connection) {
    connection.place = connections.count
    connections.append(connection)
  }

  func remove(_ connection: Connection) {
    let place = connection.place
    guard place < connections.count, connections[place] === connection else { return }
    let last = connections.removeLast()
    guard last !== connection else { return }
    connections[place] = last
    last.place = place
  }

  /// Some link carries now what it did not carry, or the other way round.
  func pathsChanged() {
    mark(.change, 0, 0)
    for connection in connections { connection.refreshPaths() }
  }

  func streams(of host: VirtualHost) -> [VirtualStream] {
    var streams: [VirtualStream] = []
    for connection in connections {
      if connection.client.host === host { streams.append(connection.client) }
      if let server = connection.server, server.host === host { streams.append(server) }
    }
    return streams
  }
}
