import World

/// The web server of a printer: accepts streams and keeps count of them.
final class WebServer {
  /// How it presents itself, and how much it can stand.
  struct Settings {
    var port: UInt16
    var security: ServerSecurity = .plain
    /// A second port, in clear, where everybody is sent to the first one.
    var redirectPort: UInt16?
    /// The `Server` header.
    var name: String
    /// So many connections at once; more are broken off.
    var connectionLimit = 64
    /// A connection on which nothing is asked for so long is closed.
    var idleLimit = Interval.seconds(60)
    /// An upload of which nothing comes for so long is given up.
    var uploadPatience = Interval.minutes(5)
    /// How fast a file is taken; nil: as fast as it comes.
    var uploadBytesPerSecond: Int?
    /// The largest body that is no file.
    var bodyLimit = 1 << 20
  }

  let host: any Host
  var settings: Settings
  let troubles: WebFaults
  weak var site: (any WebSite)?
  private var listener: (any Listener)?
  private var doorstep: (any Listener)?
  private var connections: [Int: WebConnection] = [:]
  private var links: [Int: WebSocketLink] = [:]
  private var lastSerial = 0
  /// How many requests it has heard.
  var requestCount = 0

  init(host: any Host, settings: Settings, troubles: WebFaults) {
    self.host = host
    self.settings = settings
    self.troubles = troubles
  }

  var isOpen: Bool { listener != nil }
  var port: UInt16 { listener?.port ?? settings.port }

  func open() throws(NetworkFailure) {
    guard listener == nil else { return }
    listener = try host.listen(port: settings.port, security: settings.security) {
      [weak self] stream in self?.accept(stream, isRedirected: false)
    }
    guard let port = settings.redirectPort else { return }
    doorstep = try host.listen(port: port, security: .plain) { [weak self] stream in
      self?.accept(stream, isRedirected: true)
    }
  }

  /// Closes the port; who was inside is gone.
  func close() {
    listener?.close()
    listener = nil
    doorstep?.close()
    doorstep = nil
    for serial in connections.keys.sorted() { connections[serial]?.reset() }
    closeSockets()
  }

  /// Breaks off every WebSocket.
  func closeSockets() {
    for serial in links.keys.sorted() { links[serial]?.reset() }
  }

  private func accept(_ stream: any Stream, isRedirected: Bool) {
    let limit = troubles.has(.tooManyConnections) ? 0 : settings.connectionLimit
    guard connections.count + links.count < limit else { return stream.reset() }
    lastSerial += 1
    let connection = WebConnection(
      stream, serial: lastSerial, server: self, isRedirected: isRedirected)
    // It may be over before it is known here.
    if !connection.isOver { connections[connection.serial] = connection }
    connection.begin()
  }

  func forget(_ connection: WebConnection) { connections[connection.serial] = nil }

  /// A connection has become a socket.
  func adopt(_ link: WebSocketLink) {
    lastSerial += 1
    let serial = lastSerial
    links[serial] = link
    link.onGone = { [weak self] in self?.links[serial] = nil }
  }

  /// What a peer did that it must not.
  func note(fault: String) { host.note(.detail, "bad input: \(fault)") }
}
