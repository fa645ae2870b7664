// A person with a phone before a hub, after the specification: finds it over Bluetooth, waits for
// the button, gives it a network and a claim token; or joins the hub's own network and fills in its
// page. It knows nothing that a phone could not know.

import World

/// A phone in a story.
final class Phone {
  /// What the phone shows of its connection to the hub.
  enum Pairing: Equatable { case away, connecting, connected, over(BluetoothFailure) }

  /// The characteristics of the hub's service.
  enum Place { static let wifi: UInt8 = 1, claim: UInt8 = 2, status: UInt8 = 3 }

  let name: String
  let farm: String
  let host: any Host
  /// Called when something has changed that can be seen on the screen.
  var onChange: (() -> Void)?
  private(set) var pairing = Pairing.away { didSet { if pairing != oldValue { onChange?() } } }
  /// The hub's status as it was read last; kept when the connection ends.
  private(set) var status: JSON?
  /// The hub's page as it was shown last.
  var page: String? { didSet { if page != oldValue { onChange?() } } }
  private var link: (any BluetoothLink)?
  private var isReading = false
  private var mustReadAgain = false

  init(name: String, farm: String, host: any Host) {
    self.name = name
    self.farm = farm
    self.host = host
  }

  private static let scanTime = Interval.seconds(3)

  /// What the status says under these names.
  func told(_ keys: String...) -> JSON? {
    var json = status
    for key in keys { json = json?[key] }
    return json
  }

  // MARK: Bluetooth

  /// Looks for the hub of this id and connects to it; `completion` gets a sentence if it cannot.
  func pair(with hubID: String, completion: @escaping (String?) -> Void) {
    guard let bluetooth = host.bluetooth else { return completion("\(name) has no Bluetooth") }
    link?.disconnect()
    status = nil
    pairing = .connecting
    bluetooth.scan(for: Self.scanTime) { [weak self] found in
      guard let self else { return }
      let mine = found.first {
        String(decoding: $0.advertisement.data, as: UTF8.self).hasPrefix(hubID)
      }
      guard let mine else {
        pairing = .away
        return completion("\(name) finds no such hub")
      }
      host.note(.user, "found \(mine.advertisement.name)")
      connect(to: mine.address)
      completion(nil)
    }
  }

  private func connect(to address: String) {
    guard let link = host.bluetooth?.connect(to: address) else { return }
    self.link = link
    link.onEvent = { [weak self, weak link] event in
      guard let self, let link, link === self.link else { return }
      switch event {
      case .connected:
        pairing = .connected
        link.subscribe(true, to: Place.status) { _ in }
        readStatus()
      case .notified(_, let bytes):
        // One that is cut says only that there is something new.
        if let json = try? JSON.parse(bytes) { take(json) } else { readStatus() }
      case .disconnected(let failure):
        host.note(.user, "the hub is gone from the phone: \(failure.name)")
        self.link = nil
        isReading = false
        pairing = .over(failure)
      }
    }
  }

  private func readStatus() {
    guard let link, !isReading else {
      mustReadAgain = true
      return
    }
    isReading = true
    mustReadAgain = false
    link.read(Place.status) { [weak self] answer in
      guard let self else { return }
      isReading = false
      if case .success(let bytes) = answer, let json = try? JSON.parse(bytes) { take(json) }
      if mustReadAgain, self.link != nil { readStatus() }
    }
  }

  private func take(_ json: JSON) {
    let before = status?["state"]?.string
    status = json
    if let state = json["state"]?.string, state != before {
      host.note(.user, "the phone shows: \(state)")
    }
    onChange?()
  }

  /// Writes a text, in as many pieces as it takes.
  func write(_ text: String, to place: UInt8, completion: @escaping (String?) -> Void) {
    guard link != nil else { return completion("\(name) is not connected to the hub") }
    writePieces(Array(text.utf8)[...], to: place, completion)
  }

  private func writePieces(
    _ bytes: ArraySlice<UInt8>, to place: UInt8, _ completion: @escaping (String?) -> Void
  ) {
    guard !bytes.isEmpty else { return completion(nil) }
    // The link may end while pieces are on their way; that is the story's matter, not a mistake.
    guard let link else { return completion(nil) }
    link.write(Array(bytes.prefix(link.payloadLimit)), to: place) { [weak self] _ in
      self?.writePieces(bytes.dropFirst(link.payloadLimit), to: place, completion)
    }
  }

  /// Writes the beginning of a text and goes away in the middle of it.
  func writeHalf(_ text: String, to place: UInt8, completion: @escaping (String?) -> Void) {
    let bytes = Array(text.utf8)
    writePieces(bytes.prefix(bytes.count / 2), to: place) { [weak self] failure in
      self?.leave()
      completion(failure)
    }
  }

  func leave() {
    link?.disconnect()
    link = nil
    isReading = false
    pairing = .away
  }
}
