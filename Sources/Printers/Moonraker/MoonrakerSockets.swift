// Those who are connected by socket: JSON-RPC 2.0 both ways.
//
//     {"jsonrpc": "2.0", "method": "printer.info", "id": 1}
//     {"jsonrpc": "2.0", "result": {...}, "id": 1}
//     {"jsonrpc": "2.0", "method": "notify_status_update", "params": [{...}, 1234.5]}

import Wire
import World

/// Everybody who listens to a Moonraker.
final class MoonrakerSockets {
  final class Member {
    let link: WebSocketLink
    let id: Int
    var isKnown: Bool
    var wanted: [(object: String, fields: [String]?)] = []
    /// What it was told last, object by object.
    var told: JSON = [:]

    init(_ link: WebSocketLink, id: Int, isKnown: Bool) {
      self.link = link
      self.id = id
      self.isKnown = isKnown
    }
  }

  weak var front: MoonrakerFront?
  private var members: [Member] = []
  private var lastID = 0
  private var interval = Interval.milliseconds(250)
  private var host: (any Host)?
  private var timer: (any Timer)?
  private var dropTimer: (any Timer)?

  var count: Int { members.count }

  func begin(every interval: Interval, on host: any Host) {
    self.interval = interval
    self.host = host
  }

  func end() {
    timer?.cancel()
    timer = nil
    dropTimer?.cancel()
    dropTimer = nil
    members = []
  }

  func accept(_ link: WebSocketLink, isKnown: Bool) {
    lastID += 1
    let member = Member(link, id: 1_730_000_000 + lastID, isKnown: isKnown)
    members.append(member)
    link.onClosed = { [weak self, weak member] in self?.members.removeAll { $0 === member } }
    link.onText = { [weak self, weak member] text in
      if let member { self?.hear(text, from: member) }
    }
  }

  // MARK: Methods

  private func hear(_ text: [UInt8], from member: Member) {
    let message: JSON
    do throws(JSONError) {
      message = try JSON.parse(text)
    } catch {
      return member.link.send(
        Self.failure(MoonrakerError(code: -32700, message: "Parse error"), id: nil))
    }
    guard let method = message["method"]?.string else {
      return member.link.send(
        Self.failure(MoonrakerError(code: -32600, message: "Invalid Request"), id: message["id"]))
    }
    let id = message["id"]
    front?.call(method, message["params"] ?? [:], by: member) { [weak member] result in
      guard let id else { return }
      switch result {
      case .success(let value):
        member?.link.send(["jsonrpc": "2.0", "result": value, "id": id])
      case .failure(let error): member?.link.send(Self.failure(error, id: id))
      }
    }
  }

  private static func failure(_ error: MoonrakerError, id: JSON?) -> JSON {
    [
      "jsonrpc": "2.0",
      "error": ["code": .integer(Int64(error.socketCode)), "message": .string(error.message)],
      "id": id ?? .null,
    ]
  }

  // MARK: News

  func notify(_ method: String, _ params: [JSON]) {
    var message: JSON = ["jsonrpc": "2.0", "method": .string(method)]
    if !params.isEmpty { message["params"] = .array(params) }
    for member in members where member.isKnown { member.link.send(message) }
  }

  func subscribe(_ member: Member, _ wanted: [(object: String, fields: [String]?)]) -> JSON {
    member.wanted = wanted
    member.told = front?.query(wanted) ?? [:]
    beatLater()
    return member.told
  }

  func forgetSubscriptions() {
    for member in members { member.wanted = [] }
  }

  private func beatLater() {
    guard timer == nil, let host, members.contains(where: { !$0.wanted.isEmpty }) else { return }
    timer = host.after(interval) { [weak self] in
      guard let self else { return }
      timer = nil
      beat()
      beatLater()
    }
  }

  /// Tells everybody what has changed of what he wants, and nothing else.
  private func beat() {
    guard let front, front.klippy != .disconnected, front.klippy != .startup else { return }
    for member in members where !member.wanted.isEmpty {
      let now = front.query(member.wanted)
      var news: JSON = [:]
      for (object, fields) in now.object ?? JSONObject() {
        for (field, value) in fields.object ?? JSONObject()
        where member.told[object]?[field] != value && !Self.isRestless(field, front) {
          var changed = news[object] ?? [:]
          changed[field] = value
          news[object] = changed
        }
      }
      member.told = now
      guard news.object?.isEmpty == false else { continue }
      member.link.send([
        "jsonrpc": "2.0", "method": "notify_status_update", "params": [news, front.eventTime],
      ])
    }
  }

  /// Clocks of the tool head go on while nothing happens; alone they are no news.
  private static func isRestless(_ field: String, _ front: MoonrakerFront) -> Bool {
    (field == "print_time" || field == "estimated_print_time")
      && !front.printer.machine.state.isBusy
  }

  func dropAll(every interval: Interval) {
    dropTimer?.cancel()
    dropTimer = host?.after(interval) { [weak self] in
      guard let self, let front, front.troubles.has(.socketDropped) else { return }
      for member in members { member.link.reset() }
      dropAll(every: interval)
    }
  }
}
