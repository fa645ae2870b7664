// A connection between a phone and a hub. Everything takes a connection interval of 30 ms each way,
// and comes in the order in which it was sent.

import World

/// A central's connection to a peripheral, and what the peripheral knows of it.
final class VirtualBluetoothLink: BluetoothLink {
  var onEvent: ((BluetoothLinkEvent) -> Void)?
  let payloadLimit: Int
  /// The peripheral's name for it.
  var number: UInt16 = 0

  /// A request of the central's: what the peripheral does with it, and how often the two must speak.
  private struct Request {
    let rounds: (VirtualBluetoothLink) -> Int
    let perform: (VirtualBluetoothLink) -> Void
    /// nil: it was carried out.
    let end: (BluetoothFailure?) -> Void
  }

  private let central: VirtualBluetooth
  private let peripheral: VirtualBluetooth?
  private var isOpenAtCentral = true
  private var isOpenAtPeripheral = false
  private var values: [UInt8: [UInt8]] = [:]
  private var subscriptions: [UInt8] = []
  private var requests: [Request] = []
  private var isAsking = false
  private var notificationCount = 0
  private var reachNumber = 0

  private static let interval: Int64 = 30_000_000
  private static let patience: Int64 = 4_000_000_000
  private static let notificationLimit = 8

  init(central: VirtualBluetooth, peripheral: VirtualBluetooth?) {
    self.central = central
    self.peripheral = peripheral
    payloadLimit = min(max(min(central.payloadLimit, peripheral?.payloadLimit ?? 20), 20), 512)
  }

  func begin() {
    guard let peripheral, central.hears(peripheral) else {
      return central.later(2_000_000_000) { self.endAtCentral(.notFound) }
    }
    let wait = 100 + Int64(central.chance("bluetooth.connect", below: 301))
    central.later(wait * 1_000_000) { self.arrive(at: peripheral) }
  }

  private func arrive(at peripheral: VirtualBluetooth) {
    guard isOpenAtCentral else { return }
    guard central.hears(peripheral) else { return endAtCentral(.notFound) }
    if let failure = peripheral.welcome(self) { return endAtCentral(failure) }
    isOpenAtPeripheral = true
    tell(.connected)
    askNext()
  }

  private var isHeard: Bool {
    guard let peripheral else { return false }
    return isOpenAtCentral && isOpenAtPeripheral && central.hears(peripheral)
  }

  private func tell(_ event: BluetoothLinkEvent) {
    central.mark(4)
    onEvent?(event)
  }

  // MARK: Requests

  func read(
    _ characteristic: UInt8, _ completion: @escaping (Result<[UInt8], BluetoothFailure>) -> Void
  ) {
    var value: [UInt8] = []
    ask(
      Request(
        // What one answer does not hold is asked for piece by piece.
        rounds: { 1 + ($0.values[characteristic] ?? []).count / $0.payloadLimit },
        perform: { value = $0.values[characteristic] ?? [] },
        end: { completion($0.map { .failure($0) } ?? .success(value)) }))
  }

  func write(
    _ bytes: [UInt8], to characteristic: UInt8,
    _ completion: @escaping (Result<Void, BluetoothFailure>) -> Void
  ) {
    guard bytes.count <= payloadLimit else {
      return central.later(0) { completion(.failure(.tooLong)) }
    }
    ask(
      Request(
        rounds: { _ in 1 },
        perform: { link in
          bytes.withUnsafeBytes { link.central.engine.trace.mix(bytes: $0) }
          link.peripheral?.tell(.written(link.number, characteristic: characteristic, bytes))
        },
        end: { completion($0.map { .failure($0) } ?? .success(())) }))
  }

  func subscribe(
    _ isWanted: Bool, to characteristic: UInt8,
    _ completion: @escaping (Result<Void, BluetoothFailure>) -> Void
  ) {
    ask(
      Request(
        rounds: { _ in 1 },
        perform: { link in
          link.subscriptions.removeAll { $0 == characteristic }
          if isWanted { link.subscriptions.append(characteristic) }
          link.peripheral?.tell(
            isWanted
              ? .subscribed(link.number, characteristic: characteristic)
              : .unsubscribed(link.number, characteristic: characteristic))
        },
        end: { completion($0.map { .failure($0) } ?? .success(())) }))
  }

  private func ask(_ request: Request) {
    guard isOpenAtCentral else { return central.later(0) { request.end(.closed) } }
    requests.append(request)
    askNext()
  }

  private func askNext() {
    guard !isAsking, isOpenAtPeripheral, let request = requests.first else { return }
    isAsking = true
    central.later(Self.interval) { self.reach(request) }
  }

  /// The request comes to the peripheral, or nobody hears it and the connection's end answers it.
  private func reach(_ request: Request) {
    guard isHeard else { return }
    request.perform(self)
    let rounds = Int64(2 * request.rounds(self) - 1)
    central.later(rounds * Self.interval) { self.answer(request) }
  }

  private func answer(_ request: Request) {
    guard isOpenAtCentral, isAsking else { return }
    isAsking = false
    requests.removeFirst()
    central.mark(5)
    request.end(nil)
    askNext()
  }

  // MARK: The peripheral's side

  func setValue(_ bytes: [UInt8], of characteristic: UInt8, notify: Bool) -> Bool {
    guard isOpenAtPeripheral, bytes.count <= VirtualBluetooth.valueLimit else { return false }
    let mustTell = notify && subscriptions.contains(characteristic)
    guard !mustTell || notificationCount < Self.notificationLimit else { return false }
    values[characteristic] = bytes
    guard mustTell else { return true }
    notificationCount += 1
    central.later(Self.interval) {
      self.notificationCount -= 1
      guard self.isHeard else { return }
      bytes.withUnsafeBytes { self.central.engine.trace.mix(bytes: $0) }
      self.tell(
        .notified(characteristic: characteristic, Array(bytes.prefix(self.payloadLimit))))
    }
    return true
  }

  // MARK: Ending

  func disconnect() {
    guard isOpenAtCentral else { return }
    isOpenAtCentral = false
    onEvent = nil
    failRequests(.closed)
    central.remove(self)
    central.later(Self.interval) { self.endAtPeripheral() }
  }

  func endByPeripheral() {
    guard isOpenAtPeripheral else { return }
    endAtPeripheral()
    central.later(Self.interval) {
      guard let peripheral = self.peripheral, self.central.hears(peripheral) else {
        return self.reachChanged()
      }
      self.endAtCentral(.ended)
    }
  }

  /// The ends do not hear each other, or do again.
  func reachChanged() {
    reachNumber += 1
    let number = reachNumber
    central.later(Self.patience) {
      guard number == self.reachNumber, let peripheral = self.peripheral,
        !self.central.hears(peripheral)
      else { return }
      self.endAtPeripheral()
      self.endAtCentral(.outOfReach)
    }
  }

  /// The peripheral's host has lost its power.
  func peripheralFallsSilent() {
    isOpenAtPeripheral = false
    central.later(Self.patience) { self.endAtCentral(.outOfReach) }
  }

  /// The central's host has lost its power.
  func centralFallsSilent() {
    isOpenAtCentral = false
    onEvent = nil
    requests = []
    central.later(Self.patience) { self.endAtPeripheral() }
  }

  private func endAtPeripheral() {
    guard isOpenAtPeripheral else { return }
    isOpenAtPeripheral = false
    peripheral?.remove(self)
    peripheral?.tell(.disconnected(number))
  }

  private func endAtCentral(_ failure: BluetoothFailure) {
    guard isOpenAtCentral else { return }
    isOpenAtCentral = false
    central.remove(self)
    failRequests(failure)
    let listener = onEvent
    onEvent = nil
    central.mark(6)
    listener?(.disconnected(failure))
  }

  private func failRequests(_ failure: BluetoothFailure) {
    let failing = requests
    requests = []
    isAsking = false
    for request in failing { central.later(0) { request.end(failure) } }
  }
}
