import Printers
import Wire
import World

/// A client of the broker that keeps whatever comes.
final class MQTTTestClient: StreamHandler {
  private let bench: PrinterBench
  private var stream: (any Stream)?
  private var reader = MQTTReader(publishLimit: 1 << 20)
  private var inbox = ByteBuffer()
  private var topic = ""
  private var payload: [UInt8] = []

  private(set) var connectCode: UInt8?
  private(set) var grants: [UInt8] = []
  private(set) var acknowledged: [UInt16] = []
  private(set) var received: [UInt16] = []
  private(set) var completed: [UInt16] = []
  private(set) var unsubscribed: [UInt16] = []
  private(set) var pongCount = 0
  private(set) var messages: [(topic: String, payload: [UInt8], at: Instant)] = []
  private(set) var isOver = false

  init(_ bench: PrinterBench, id: String, user: String, code: String, keepAlive: UInt16) {
    self.bench = bench
    greeting = encoded { writer in
      MQTTWriter.connect(
        clientID: id.utf8.span, userName: user.utf8.span, password: code.utf8.span,
        keepAliveSeconds: keepAlive, into: &writer)
    }
    dial()
    bench.run { connectCode != nil || isOver }
  }

  /// Says nothing by itself.
  init(_ bench: PrinterBench, raw greeting: [UInt8]) {
    self.bench = bench
    self.greeting = greeting
    dial()
    bench.run(.seconds(1)) { isOver }
  }

  private let greeting: [UInt8]

  private func dial() {
    stream = bench.client.connect(
      to: "printer", port: 8883,
      security: .tls(
        trust: .commonName(PrinterBench.serial), serverName: PrinterBench.serial, resuming: nil),
      handler: self)
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened: stream.write(greeting)
    case .readable: read(stream)
    case .writable: break
    case .peerFinished:
      read(stream)
      isOver = true
    case .failed: isOver = true
    }
  }

  private func read(_ stream: any Stream) {
    inbox.take(from: stream)
    var goesOn = true
    while goesOn {
      var used: Int?
      inbox.withPendingSpan { (input: Span<UInt8>) in
        do throws(MQTTError) {
          used = self.hear(try self.reader.next(input), input)
        } catch {
          fatalError("the printer sent bad MQTT: \(error)")
        }
      }
      if let used { inbox.consume(used) }
      goesOn = used != nil
    }
  }

  private func hear(_ event: MQTTEvent, _ input: Span<UInt8>) -> Int? {
    switch event {
    case .needsMore: return nil
    case .connectAcknowledged(let code, _, let used):
      connectCode = code
      return used
    case .subscribeAcknowledged(_, let codes, let used):
      grants += codes.map { input[$0] }
      return used
    case .publish(let head, let used):
      topic = String(decoding: head.topic.map { input[$0] }, as: UTF8.self)
      payload = []
      return used
    case .payload(let range, let isLast, let used):
      payload += range.map { input[$0] }
      if isLast {
        messages.append((topic, payload, bench.world.now))
        if let report = try? JSON.parse(payload) { reports.append(report) }
      }
      return used
    case .publishAcknowledged(let id, let used):
      acknowledged.append(id)
      return used
    case .publishReceived(let id, let used):
      received.append(id)
      return used
    case .publishComplete(let id, let used):
      completed.append(id)
      return used
    case .unsubscribeAcknowledged(let id, let used):
      unsubscribed.append(id)
      return used
    case .pingResponse(let used):
      pongCount += 1
      return used
    default: fatalError("the printer sent \(event)")
    }
  }

  // MARK: Sending

  func send(_ bytes: [UInt8]) { stream?.write(bytes) }

  func subscribe(_ filter: String, qos: UInt8 = 0) {
    send(
      encoded {
        MQTTWriter.subscribe(packetID: 1, filter: filter.utf8.span, qos: qos, into: &$0)
      })
  }

  func publish(_ json: JSON, qos: UInt8 = 0, id: UInt16 = 7, topic: String? = nil) {
    publish(bytes: json.bytes, qos: qos, id: id, topic: topic)
  }

  func publish(bytes: [UInt8], qos: UInt8 = 0, id: UInt16 = 7, topic: String? = nil) {
    let topic = topic ?? "device/\(PrinterBench.serial)/request"
    send(
      encoded(bytes.count + 256) {
        MQTTWriter.publish(
          topic: topic.utf8.span, payload: bytes.span, qos: qos, packetID: id, retain: false,
          into: &$0)
      })
  }

  func close() { stream?.close() }

  // MARK: What came

  private(set) var reports: [JSON] = []

  /// Asks, and waits for the answer with the same `sequence_id`.
  func ask(_ group: String, _ body: JSON) -> JSON? {
    let sequence = body["sequence_id"]
    publish(JSON.object(JSONObject([(group, body)])))
    var answer: JSON?
    var seenCount = reports.count
    bench.run {
      guard reports.count > seenCount else { return false }
      answer = reports[seenCount...].compactMap { $0[group] }.last {
        $0["sequence_id"] == sequence && $0["command"] == body["command"]
      }
      seenCount = reports.count
      return answer != nil
    }
    return answer
  }

  func print(_ command: String, _ more: [(String, JSON)] = []) -> JSON? {
    sequence += 1
    let body = JSONObject(
      [("sequence_id", .string("c\(sequence)")), ("command", .string(command))] + more)
    return ask("print", .object(body))
  }

  private var sequence = 0

  /// Every report laid over the one before, as a client does.
  var merged: JSONObject {
    var state = JSONObject()
    for report in reports where report["print"]?["command"] == "push_status" {
      for (key, value) in report["print"]?.object?.entries ?? [] {
        state[key] = Self.merge(value, over: state[key])
      }
    }
    return state
  }

  /// Members are laid over members, and elements with an `id` over the one with the same.
  static func merge(_ change: JSON, over old: JSON?) -> JSON {
    switch (change, old) {
    case (.object(let members), .object(var merged)):
      for (key, value) in members { merged[key] = merge(value, over: merged[key]) }
      return .object(merged)
    case (.array(let elements), .array(let known)):
      guard !elements.isEmpty, elements.allSatisfy({ $0["id"] != nil }) else { return change }
      var merged = known
      for element in elements {
        let place = merged.firstIndex { $0["id"] == element["id"] }
        if let place {
          merged[place] = merge(element, over: merged[place])
        } else {
          merged.append(element)
        }
      }
      return .array(merged)
    default: return change
    }
  }

  func forget() {
    messages = []
    reports = []
  }
}
