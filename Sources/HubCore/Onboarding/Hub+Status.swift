// What a phone reads of the hub: one JSON object, of at most 512 bytes.
//
//     {"state": "confirm" | "ready",      the first: press the button, then it is "ready"
//      "pairing_code": "123456",          what the phone shows meanwhile
//      "hub_id": "…", "firmware_version": "…",
//      "wifi": {"state": "off|joining|joined|waiting", "ssid": "…", "signal": -52, "error": "…"},
//      "claim": {"state": "none|waiting|claimed|refused", "error": "…"},
//      "cloud": true, "error": "…",       the last: what was wrong with what the phone wrote last
//      "networks": [{"ssid": "…", "security": "wpa2", "signal": -60}]}    after it has asked
//
// A phone that came second reads {"state": "busy"}, one that waited in vain {"state": "timed-out"}.

import Wire

extension Hub {
  /// Tells the phone how things stand, if that is news.
  mutating func tellStatus(_ now: Uptime) {
    guard bluetooth.value.phone != nil else { return }
    var json = unsafe JSONWriter(
      ByteWriter(UnsafeMutableBufferPointer(rebasing: scratch[..<Limits.bluetoothStatus])))
    json.beginObject()
    json.key("state")
    json.string(bluetooth.value.isPaired ? "ready" : "confirm")
    if bluetooth.value.isAsking {
      json.key("pairing_code")
      let code = bluetooth.value.code
      json.string(code.span)
    }
    json.key("hub_id")
    json.string(settings.hubID.span)
    json.key("firmware_version")
    let version = update.value.runningVersion
    json.string(version.span)
    if bluetooth.value.isPaired { writeProgress(into: &json) }
    json.endObject()
    guard let count = Self.length(of: json) else { return }
    bluetooth.value.tell(
      board, unsafe Span(_unsafeElements: UnsafeBufferPointer(rebasing: scratch[..<count])))
  }

  /// Of what was written; nil when it did not fit.
  private static func length(of json: consuming JSONWriter) -> Int? {
    let writer = json.finish()
    return writer.overflowed ? nil : writer.count
  }

  private func writeProgress(into json: inout JSONWriter) {
    json.key("wifi")
    json.beginObject()
    json.key("state")
    json.string(wifiStateName)
    let isNew = hasCandidate || wifi.state == .off
    let name = isNew ? onboarding.network : settings.wifi.name
    if !name.isEmpty {
      json.key("ssid")
      json.string(name.span)
    }
    if wifi.isJoined {
      json.key("signal")
      // Steps of ten: a signal that trembles is no news.
      json.integer(board.radioSignal / 10 * 10)
    }
    if let trouble = onboarding.trouble {
      json.key("error")
      json.string(trouble.name)
    }
    json.endObject()
    json.key("claim")
    json.beginObject()
    json.key("state")
    json.string(onboarding.claim.name)
    if onboarding.claim == .refused, let refusal = cloud.claimRefusal {
      json.key("error")
      json.string(refusal)
    }
    json.endObject()
    json.key("cloud")
    json.bool(cloud.isOpen)
    let complaint = bluetooth.value.complaint
    if !complaint.isEmpty {
      json.key("error")
      json.string(complaint.span)
    }
    if onboarding.showsNetworks { writeNetworks(into: &json) }
  }

  private var wifiStateName: StaticString {
    switch wifi.state {
    case .off: "off"
    case .joining: "joining"
    case .waiting: "waiting"
    case .joined: "joined"
    }
  }

  /// The strongest, as many as fit; nothing while the radio still looks.
  private func writeNetworks(into json: inout JSONWriter) {
    guard let count = board.foundCount else { return }
    json.key("networks")
    json.beginArray()
    for index in 0..<count {
      guard let network = board.found(index), isUTF8(network.name.span) else { continue }
      // A name may double in size where it is written with escapes.
      guard json.freeCount > network.name.count * 2 + 60 else { break }
      json.beginObject()
      json.key("ssid")
      json.string(network.name.span)
      json.key("security")
      json.string(network.security.name)
      json.key("signal")
      json.integer(network.signal)
      json.endObject()
    }
    json.endArray()
  }
}
