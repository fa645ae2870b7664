// The hub's Bluetooth: who may talk to it, and what they say.
//
//     nobody --connects--> asking --button within 60 s--> paired --leaves, or is silent--> nobody
//                             |
//                             '-- too late, or leaves --> nobody
//
// While one phone asks or is paired, another is told that the hub is busy and sent away. Everybody
// may read the status, which shows the code that stands on the phone's screen as well; only who was
// confirmed with the button may write.

import Wire

/// Phones, one at a time.
struct Bluetooth: ~Copyable {
  /// Who talks to the hub.
  enum Pairing: Equatable {
    case nobody
    case asking(phone: UInt16, until: Uptime)
    case paired(phone: UInt16)
  }

  /// What a step brought about.
  enum Event: Equatable {
    case none
    /// A phone may be told how things stand.
    case arrived
    /// `reader.request` is whole and to be carried out.
    case request
  }

  private let pinned = Pinned()
  private(set) var isOn = false
  private(set) var pairing = Pairing.nobody
  /// What the phone that asks shows to its owner.
  private(set) var code = Text<6>()
  var reader: ProvisioningReader
  /// What was wrong with what the phone wrote last.
  private(set) var complaint = Remark()
  private var busyPhone: UInt16?
  private var busyUntil = Uptime.never
  private var mustTellBusy = false
  /// A bare token that was followed by something for another place; it goes with that.
  private var heldToken = ClaimToken()
  private var heardAt = Uptime.start
  /// Where the message under way is written to.
  private var place = Characteristic.wifi
  /// Of the status that was told last.
  private var toldSum: UInt32?
  /// Writes that were no messages, or came from somebody who was not confirmed.
  private(set) var badInputCount: UInt32 = 0

  /// Carves its memory out of `region`.
  init(_ region: inout Region) {
    reader = unsafe ProvisioningReader(scratch: region.bytes(Limits.provisioningScratch))
  }

  /// What `init` carves.
  static let memory = Region.cost(Limits.provisioningScratch)

  /// Builds it where it stays. Apart, so that its temporaries are not on the hub's own frame.
  @inline(never)
  static func build(in region: inout Region) -> Place<Bluetooth> {
    let place = unsafe region.room(for: Bluetooth.self)
    unsafe place.initialize(to: Bluetooth(&region))
    return unsafe Place(place)
  }

  /// The phone whose status is to be told.
  var phone: UInt16? {
    switch pairing {
    case .nobody: nil
    case .asking(let phone, _), .paired(let phone): phone
    }
  }

  var isAsking: Bool { if case .asking = pairing { true } else { false } }
  var isPaired: Bool { if case .paired = pairing { true } else { false } }

  var turn: Turn {
    guard isOn else { return .asleep }
    var next = busyPhone == nil ? Uptime.never : busyUntil
    switch pairing {
    case .nobody: break
    case .asking(_, let until): next = earlier(next, until)
    case .paired:
      next = earlier(next, heardAt + Limits.bluetoothIdle)
      if reader.isPlain || !heldToken.isEmpty {
        next = earlier(next, heardAt + Limits.plainTokenPause)
      }
    }
    return .until(next)
  }

  // ------------------------------------------------------------------------------------ on, off

  /// Lets phones find the hub, and what it runs. Its name ends like its id, as the sticker does.
  mutating func turnOn(_ board: Board, hubID: HubID, firmware: Text<32>) {
    guard !isOn else { return }
    isOn = true
    var data = Text<97>()
    data.write {
      $0.put(hubID.span)
      $0.put(" ")
      $0.put(firmware.span)
    }
    board.advertise(name: deviceName(hubID).span, data: data.span)
    board.log(.information) { $0.put("bluetooth: phones can find the hub") }
  }

  mutating func turnOff(_ board: Board) {
    guard isOn else { return }
    isOn = false
    forgetPhone()
    busyPhone = nil
    board.stopAdvertising()
    board.log(.information) { $0.put("bluetooth: off") }
  }

  /// Somebody has pressed the button: whoever asks may come in. Answers whether anybody did.
  mutating func confirm(_ board: Board, now: Uptime) -> Bool {
    guard case .asking(let phone, _) = pairing else { return false }
    pairing = .paired(phone: phone)
    heardAt = now
    complaint.removeAll()
    board.log(.information) { $0.put("bluetooth: the phone is confirmed") }
    return true
  }

  // --------------------------------------------------------------------------------------- step

  /// Does what can be done, up to the first thing that the hub has to know of.
  mutating func step(
    _ board: Board, scratch: UnsafeMutableBufferPointer<UInt8>, now: Uptime
  ) -> Event {
    guard isOn else { return .none }
    if let event = checkTime(board, now) { return event }
    if mustTellBusy, let busyPhone { mustTellBusy = !tell(board, busyPhone, "busy") }
    while let event = unsafe board.nextBluetoothEvent(into: scratch) {
      switch event {
      case .connected(let phone):
        greet(board, phone, now)
        return .arrived
      case .disconnected(let phone):
        if phone == self.phone { leave(board) }
        if phone == busyPhone { busyPhone = nil }
      case .written(let phone, let place, let count):
        let bytes = unsafe Span(
          _unsafeElements: UnsafeBufferPointer(rebasing: scratch[..<count]))
        if take(board, phone, place, bytes, now) { return .request }
      case .subscribed(let phone):
        // It wants to hear the next value, and may not know the last.
        if phone == self.phone { toldSum = nil }
        if phone == busyPhone { mustTellBusy = !tell(board, phone, "busy") }
      case .unsubscribed: break
      case .strange: badInputCount &+= 1
      }
    }
    return .none
  }

  private mutating func checkTime(_ board: Board, _ now: Uptime) -> Event? {
    if let busyPhone, busyUntil <= now {
      board.disconnectBluetooth(busyPhone)
      self.busyPhone = nil
    }
    switch pairing {
    case .nobody: return nil
    case .asking(let phone, let until):
      guard until <= now else { return nil }
      board.log(.warning) { $0.put("bluetooth: nobody has pressed the button in time") }
      _ = tell(board, phone, "timed-out")
      forgetPhone()
      // It is sent away once it had the time to read that.
      busyPhone = phone
      busyUntil = now + Limits.bluetoothBusy
    case .paired(let phone):
      if heardAt + Limits.bluetoothIdle <= now {
        board.disconnectBluetooth(phone)
        leave(board)
      } else if heardAt + Limits.plainTokenPause <= now {
        if reader.isPlain {
          reader.endPlain()
          return .request
        }
        if !heldToken.isEmpty {
          // What followed it was no message, or is not whole yet.
          reader.reset()
          releaseToken()
          return .request
        }
      }
    }
    return nil
  }

  private mutating func greet(_ board: Board, _ phone: UInt16, _ now: Uptime) {
    guard pairing == .nobody else {
      board.log(.warning) { $0.put("bluetooth: another phone was told that the hub is busy") }
      mustTellBusy = !tell(board, phone, "busy")
      if let busyPhone { board.disconnectBluetooth(busyPhone) }
      busyPhone = phone
      busyUntil = now + Limits.bluetoothBusy
      return
    }
    pairing = .asking(phone: phone, until: now + Limits.pairingConfirm)
    let number = board.entropy % 1_000_000
    code.write { writer in
      var divisor: UInt32 = 100_000
      while divisor > 0 {
        writer.put(0x30 &+ UInt8(truncatingIfNeeded: number / divisor % 10))
        divisor /= 10
      }
    }
    toldSum = nil
    board.log(.information) { $0.put("bluetooth: a phone asks to be confirmed with the button") }
  }

  private mutating func leave(_ board: Board) {
    board.log(.information) { $0.put("bluetooth: the phone has left") }
    forgetPhone()
  }

  private mutating func forgetPhone() {
    pairing = .nobody
    code.removeAll()
    complaint.removeAll()
    reader.reset()
    heldToken.removeAll()
    toldSum = nil
  }

  // ------------------------------------------------------------------------------ what it writes

  /// Reads what a phone wrote; answers whether that made a message whole.
  private mutating func take(
    _ board: Board, _ phone: UInt16, _ place: Characteristic, _ bytes: Span<UInt8>, _ now: Uptime
  ) -> Bool {
    guard phone == self.phone else {
      badInputCount &+= 1
      return false
    }
    guard isPaired else {
      badInputCount &+= 1
      complain("press the button on the hub first")
      return false
    }
    heardAt = now
    guard place != .status else {
      badInputCount &+= 1
      complain("the status cannot be written")
      return false
    }
    // A message goes to one place; what was begun at the other is given up, unless it was a bare
    // token, which has no end of its own.
    if reader.isBusy, place != self.place {
      if reader.isPlain { heldToken = reader.request.claimToken }
      reader.reset()
    }
    self.place = place
    do throws(ProvisioningReader.Failure) {
      guard try reader.read(bytes) else { return false }
      if !reader.request.hasClaimToken { releaseToken() }
      complaint.removeAll()
      return true
    } catch {
      badInputCount &+= 1
      complain(error.name)
      reader.reset()
      return false
    }
  }

  /// Puts the token that was held into the message that is whole.
  private mutating func releaseToken() {
    guard !heldToken.isEmpty else { return }
    reader.request.claimToken = heldToken
    reader.request.hasClaimToken = true
    heldToken.removeAll()
  }

  /// Notes what is wrong with what the phone wrote; it reads it in the status.
  mutating func complain(_ text: StaticString) {
    complaint.write { $0.put(text) }
  }

  /// The same, about one field.
  mutating func complain(about field: StaticString) {
    complaint.write {
      $0.put(field)
      $0.put(" is not usable")
    }
  }

  /// Gives the settings the authority that was in the message; false when it is none.
  mutating func handAuthority(
    to settings: inout Settings, _ board: Board, _ store: inout Store
  ) -> Bool {
    settings.keep(authority: reader.authority, board, &store)
  }

  /// The message was carried out, or refused.
  mutating func requestIsDone() { reader.reset() }

  // ------------------------------------------------------------------------------------- status

  /// Gives the phone its status, if that is news.
  mutating func tell(_ board: Board, _ status: Span<UInt8>) {
    guard let phone else { return }
    let sum = CRC32.of(status)
    guard sum != toldSum else { return }
    if board.setValue(status, of: .status, for: phone, notify: true) { toldSum = sum }
  }

  private func tell(_ board: Board, _ phone: UInt16, _ state: StaticString) -> Bool {
    var status = Text<32>()
    status.write {
      $0.put("{\"state\":\"")
      $0.put(state)
      $0.put("\"}")
    }
    return board.setValue(status.span, of: .status, for: phone, notify: true)
  }
}

/// What the hub is called on the air.
func deviceName(_ hubID: HubID) -> NetworkName {
  let id = hubID.span
  let start = id.count > 4 ? id.count - 4 : 0
  var name = NetworkName()
  name.write {
    $0.put("Hubrig-")
    for index in start..<id.count {
      // Capitals, as on the sticker.
      let byte = id[index]
      $0.put(byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte)
    }
  }
  return name
}
