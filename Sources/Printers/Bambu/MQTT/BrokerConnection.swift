// One client of the printer's broker.
//
//     stranger --CONNECT, right code--> client --DISCONNECT, silence, nonsense--> gone
//        |                                                                         ^
//        '------ anything else, wrong code, too many, 10 s of silence -------------'

import Wire
import World

/// One stream to the broker.
final class BrokerConnection: StreamHandler {
  private static let connectLimit = Interval.seconds(10)
  /// Large enough for pages of g-code in one request.
  private static let payloadLimit = 256 << 10
  private static let subscriptionLimit = 32
  /// What a slow client may leave unread before it misses reports.
  private static let queueLimit = 256 << 10

  /// Set once the client is admitted.
  private(set) var clientID: [UInt8]?
  private(set) var hearsReports = false

  private let broker: Broker
  private let stream: any Stream
  private let writer: StreamWriter
  private var reader = MQTTReader(publishLimit: BrokerConnection.payloadLimit)
  private var inbox = ByteBuffer()
  private var subscriptions: [(filter: [UInt8], qos: UInt8)] = []
  private var topic: [UInt8] = []
  private var payload: [UInt8] = []
  /// A publication whose payload is still coming, and one that is there as a whole.
  private var publication: MQTTPublish?
  private var arrival: MQTTPublish?
  /// Publications of quality 2 that were taken and not released.
  private var unreleased: [UInt16] = []
  private var lastPacketID: UInt16 = 0
  private var lastHeard: Instant
  private var keepAlive: Interval?
  private var timer: (any Timer)?
  private var stay: (any Timer)?
  private var isOver = false

  init(broker: Broker, stream: any Stream) {
    self.broker = broker
    self.stream = stream
    writer = StreamWriter(stream, limit: Self.queueLimit)
    lastHeard = broker.host.now
  }

  func begin() {
    timer = broker.host.after(Self.connectLimit) { [weak self] in
      self?.fail("mqtt.no-connect")
    }
    stream.handler = self
    read()
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened: break
    case .readable: read()
    case .writable: writer.flush()
    case .peerFinished:
      read()
      close()
    case .failed: end()
    }
  }

  // MARK: Sending

  /// Sends a packet; one that finds no room is lost, as quality 0 allows.
  func send(_ packet: UnsafeRawBufferPointer) {
    if !writer.write(packet) { broker.note(fault: "mqtt.slow-client") }
  }

  func publish(topic: [UInt8], payload: [UInt8], qos: UInt8) {
    if qos > 0 { lastPacketID = lastPacketID == .max ? 1 : lastPacketID + 1 }
    send(payload.count + topic.count + 16) {
      MQTTWriter.publish(
        topic: topic.span, payload: payload.span, qos: qos, packetID: self.lastPacketID,
        retain: false, into: &$0)
    }
  }

  private func send(_ capacity: Int = 16, _ body: (inout ByteWriter) -> Void) {
    encoded(capacity, body).withUnsafeBytes { send($0) }
  }

  /// The quality at which this client wants publications on a topic, or nil.
  func granted(for topic: [UInt8]) -> UInt8? {
    guard clientID != nil else { return nil }
    var best: UInt8?
    for subscription in subscriptions
    where mqttTopicMatches(filter: subscription.filter.span, topic: topic.span) {
      best = max(best ?? 0, subscription.qos)
    }
    return best
  }

  // MARK: Reading

  private func read() {
    while !isOver {
      let count = inbox.take(from: stream, limit: 64 << 10)
      var goesOn = true
      while goesOn && !isOver { goesOn = readEvent() }
      guard count > 0 else { return }
    }
  }

  /// Takes one event off the inbox; false when there is none, or nobody to hear it.
  private func readEvent() -> Bool {
    var failure: MQTTError?
    var used: Int?
    inbox.withPendingSpan { (input: Span<UInt8>) in
      do throws(MQTTError) {
        used = self.handle(try self.reader.next(input), input)
      } catch {
        failure = error
      }
    }
    if let failure {
      if failure == .unsupportedVersion { acknowledgeConnect(code: 1) }
      fail("\(failure.name)")
    }
    guard let used, !isOver else { return false }
    inbox.consume(used)
    lastHeard = broker.host.now
    if let arrived = arrival {
      arrival = nil
      finish(arrived)
    }
    return true
  }

  /// Answers how many bytes were used, or nil when there is nothing to go on with.
  private func handle(_ event: MQTTEvent, _ input: Span<UInt8>) -> Int? {
    switch event {
    case .needsMore: return nil
    case .connect(let connect, let used):
      connected(connect, input)
      return used
    case .publish(let head, let used):
      guard isClient() else { return nil }
      publication = head
      topic = Self.bytes(head.topic, of: input)
      payload.removeAll(keepingCapacity: true)
      return used
    case .payload(let range, let isLast, let used):
      payload += Self.bytes(range, of: input)
      // It is handled once the inbox is free again.
      if isLast { arrival = publication.take() }
      return used
    case .subscribe(let packetID, let filters, let used):
      guard isClient() else { return nil }
      subscribe(packetID, filters, input)
      return used
    case .unsubscribe(let packetID, let filters, let used):
      guard isClient() else { return nil }
      unsubscribe(packetID, filters, input)
      return used
    case .pingRequest(let used):
      guard isClient() else { return nil }
      send { MQTTWriter.pingResponse(into: &$0) }
      return used
    case .publishRelease(let packetID, let used):
      guard isClient() else { return nil }
      unreleased.removeAll { $0 == packetID }
      send { MQTTWriter.publishComplete(packetID: packetID, into: &$0) }
      return used
    case .publishAcknowledged(_, let used), .publishReceived(_, let used),
      .publishComplete(_, let used):
      // What was published is not sent again, so it does not matter what arrived.
      return isClient() ? used : nil
    case .disconnect:
      close()
      return nil
    case .connectAcknowledged, .subscribeAcknowledged, .unsubscribeAcknowledged, .pingResponse:
      fail("mqtt.server-packet")
      return nil
    }
  }

  /// Only CONNECT may come from a stranger.
  private func isClient() -> Bool {
    if clientID == nil { fail("mqtt.not-connected") }
    return clientID != nil
  }

  private func connected(_ connect: MQTTConnect, _ input: Span<UInt8>) {
    guard clientID == nil else { return fail("mqtt.second-connect") }
    func field(_ range: Range<Int>?) -> [UInt8] { range.map { Self.bytes($0, of: input) } ?? [] }
    var name = field(connect.clientID)
    if name.isEmpty {
      guard connect.cleanSession else {
        acknowledgeConnect(code: 2)
        return fail("mqtt.no-client-id")
      }
      name = Array("auto-".utf8) + Array(hexString(broker.host.randomBytes(8)).utf8)
    }
    let code = broker.admit(
      clientID: name, user: field(connect.userName), password: field(connect.password))
    if let code { acknowledgeConnect(code: code) }
    guard code == 0 else { return close() }
    clientID = name
    timer?.cancel()
    timer = nil
    limitStay()
    guard connect.keepAliveSeconds > 0 else { return }
    // Half as long again as was agreed, section 3.1.2.10.
    keepAlive = .milliseconds(Int64(connect.keepAliveSeconds) * 1_500)
    watchSilence()
  }

  /// Goes after a while, when a fault wants it.
  func limitStay() {
    guard stay == nil, let patience = broker.patience else { return }
    stay = broker.host.after(patience) { [weak self] in
      guard let self else { return }
      stay = nil
      if broker.patience != nil { fail("mqtt.thrown-out") }
    }
  }

  private func acknowledgeConnect(code: UInt8) {
    send { MQTTWriter.connectAcknowledge(code: code, sessionPresent: false, into: &$0) }
  }

  private func watchSilence() {
    guard let keepAlive, !isOver else { return }
    let left = lastHeard + keepAlive - broker.host.now
    guard left > .zero else { return fail("mqtt.silent") }
    timer = broker.host.after(left) { [weak self] in self?.watchSilence() }
  }

  private func subscribe(_ packetID: UInt16, _ filters: Range<Int>, _ input: Span<UInt8>) {
    let heardReports = hearsReports
    var codes: [UInt8] = []
    var list = MQTTFilters(filters, hasQoS: true)
    while let (range, asked) = list.next(in: input) {
      let filter = Self.bytes(range, of: input)
      let qos = min(asked, 1)
      subscriptions.removeAll { $0.filter == filter }
      guard subscriptions.count < Self.subscriptionLimit else {
        codes.append(0x80)
        continue
      }
      subscriptions.append((filter, qos))
      codes.append(qos)
    }
    send(codes.count + 16) {
      MQTTWriter.subscribeAcknowledge(packetID: packetID, codes: codes.span, into: &$0)
    }
    if broker.refusesListenersOfRequests, granted(for: broker.requestTopic) != nil {
      return fail("mqtt.listener-of-requests")
    }
    hearsReports = granted(for: broker.reportTopic) != nil
    if hearsReports && !heardReports { broker.audienceChanged(for: self) }
  }

  private func unsubscribe(_ packetID: UInt16, _ filters: Range<Int>, _ input: Span<UInt8>) {
    var list = MQTTFilters(filters, hasQoS: false)
    while let (range, _) = list.next(in: input) {
      let filter = Self.bytes(range, of: input)
      subscriptions.removeAll { $0.filter == filter }
    }
    hearsReports = granted(for: broker.reportTopic) != nil
    send { MQTTWriter.unsubscribeAcknowledge(packetID: packetID, into: &$0) }
  }

  private func finish(_ head: MQTTPublish) {
    switch head.qos {
    case 1: send { MQTTWriter.publishAcknowledge(packetID: head.packetID, into: &$0) }
    case 2:
      send { MQTTWriter.publishReceived(packetID: head.packetID, into: &$0) }
      guard !unreleased.contains(head.packetID) else { return }
      guard unreleased.count < 64 else { return fail("mqtt.too-many-unreleased") }
      unreleased.append(head.packetID)
    default: break
    }
    broker.publish(topic: topic, payload: payload, qos: head.qos)
  }

  private static func bytes(_ range: Range<Int>, of input: Span<UInt8>) -> [UInt8] {
    let part = input.extracting(range)
    return [UInt8](unsafeUninitializedCapacity: part.count) { memory, count in
      for index in 0..<part.count { memory[index] = part[index] }
      count = part.count
    }
  }

  // MARK: Ends

  /// The client's fault: its connection goes, and nothing else.
  private func fail(_ fault: String) {
    guard !isOver else { return }
    broker.note(fault: fault)
    close()
  }

  func close() {
    guard !isOver else { return }
    end()
    stream.close()
  }

  func reset() {
    guard !isOver else { return }
    end()
    stream.reset()
  }

  private func end() {
    isOver = true
    hearsReports = false
    clientID = nil
    timer?.cancel()
    timer = nil
    stay?.cancel()
    stay = nil
    broker.remove(self)
  }
}
