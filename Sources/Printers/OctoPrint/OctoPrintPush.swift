// The socket for news. On /sockjs/websocket each message is a text of its own; on
// /sockjs/SERVER/SESSION/websocket SockJS puts frames around them:
//
//     o                opened
//     h                still there
//     a["...", ...]    messages, each as a text
//     c[code, text]    closed

import Wire
import World

/// Those who listen to an OctoPrint.
final class OctoPrintPush {
  private final class Listener {
    let link: WebSocketLink
    let isFramed: Bool
    var isKnown = false
    /// How many beats it wants to be left out between two.
    var throttle = 1
    var beats = 0

    init(_ link: WebSocketLink, isFramed: Bool) {
      self.link = link
      self.isFramed = isFramed
    }

    func send(_ message: JSON) {
      guard isFramed else { return link.send(message) }
      link.send(text: Array("a".utf8) + JSON.array([.string(message.text)]).bytes)
    }
  }

  weak var front: OctoPrintFront?
  private var listeners: [Listener] = []
  private var interval = Interval.milliseconds(500)
  private var host: (any Host)?
  private var timer: (any Timer)?
  private var dropTimer: (any Timer)?
  private var lastState = ""

  func begin(every interval: Interval, on host: any Host) {
    self.interval = interval
    self.host = host
  }

  func end() {
    timer?.cancel()
    timer = nil
    dropTimer?.cancel()
    dropTimer = nil
    listeners = []
  }

  func accept(_ link: WebSocketLink, isFramed: Bool) {
    let listener = Listener(link, isFramed: isFramed)
    listeners.append(listener)
    link.onClosed = { [weak self, weak listener] in
      self?.listeners.removeAll { $0 === listener }
    }
    link.onText = { [weak self, weak listener] text in
      if let listener { self?.hear(text, from: listener) }
    }
    if isFramed { link.send(text: Array("o".utf8)) }
    listener.send([
      "connected": [
        "version": .string(OctoPrintFront.version),
        "display_version": .string(OctoPrintFront.version), "branch": "HEAD",
        "python_version": "3.11.7", "plugin_hash": "51c5cc426714019ec4b81d2736d44047",
        "config_hash": "b690cd59a6ad3bd5319857f4322a6df0", "debug": false, "safe_mode": nil,
        "online": true, "permissions": [],
      ]
    ])
    beatLater()
  }

  private func hear(_ text: [UInt8], from listener: Listener) {
    guard let message = try? JSON.parse(text) else { return }
    // With frames, what clients send is a list of texts.
    for part in message.array ?? [message] {
      let order = part.string.flatMap { try? JSON.parse($0) } ?? part
      if let login = order["auth"]?.string, let front {
        let isRight = login.hasSuffix(":" + front.session)
        guard isRight else {
          listener.send(["reauthRequired": ["reason": "stale"]])
          continue
        }
        listener.isKnown = true
        listener.send(["history": current])
        listener.send(["timelapse": nil])
      }
      if let throttle = order["throttle"]?.int { listener.throttle = max(1, throttle) }
    }
  }

  // MARK: News

  func event(_ type: String, _ payload: JSON?) {
    for listener in listeners where listener.isKnown {
      listener.send(["event": ["type": .string(type), "payload": payload ?? .null]])
    }
  }

  /// The state may be another.
  func changed() {
    guard let front, !listeners.isEmpty else { return }
    let state = front.state
    guard state.rawValue != lastState else { return }
    lastState = state.rawValue
    event(
      "PrinterStateChanged",
      ["state_id": .string(state.identifier), "state_string": .string(state.rawValue)])
    for listener in listeners where listener.isKnown { listener.send(["current": current]) }
  }

  private func beatLater() {
    guard timer == nil, let host, !listeners.isEmpty else { return }
    timer = host.after(interval) { [weak self] in
      guard let self else { return }
      timer = nil
      beat()
      beatLater()
    }
  }

  private func beat() {
    guard let front else { return }
    // An idle printer that is not even connected has nothing new to say.
    guard front.state.isOperational else { return }
    let message: JSON = ["current": current]
    for listener in listeners where listener.isKnown {
      listener.beats += 1
      if listener.beats % listener.throttle == 0 { listener.send(message) }
    }
  }

  private var current: JSON {
    guard let front else { return .null }
    return [
      "state": front.state.json(error: front.errorText), "job": front.jobJSON, "currentZ": nil,
      "progress": front.progressJSON, "offsets": [:],
      "resends": ["count": 0, "transmitted": 8, "ratio": 0],
      "serverTime": .double(Double(front.host.wallMilliseconds) / 1000), "temps": [],
      "busyFiles": [], "markings": [], "logs": [], "messages": [],
    ]
  }

  func dropAll(every interval: Interval) {
    dropTimer?.cancel()
    dropTimer = host?.after(interval) { [weak self] in
      guard let self, let front, front.troubles.has(.socketDropped) else { return }
      for listener in listeners { listener.link.reset() }
      dropAll(every: interval)
    }
  }
}

extension OctoPrintFront {
  func receiveSocket(_ request: WebRequest, _ parts: [String]) -> WebReception {
    guard parts.last == "websocket" else { return .collect }
    guard !troubles.has(.socketRefused) else { return .refuse(WebAnswer(status: 403)) }
    let isFramed = parts.count == 4
    guard isFramed || parts.count == 2 else { return .refuse(WebAnswer(status: 404)) }
    return .socket { [push] link in push.accept(link, isFramed: isFramed) }
  }
}
