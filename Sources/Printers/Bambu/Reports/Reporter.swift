// Makes the messages that go out by themselves: full reports and deltas, each as one whole MQTT
// packet in memory that is used again and again. Between two reports only the numbers are encoded
// anew; what rests is copied.

import Wire
import World

/// Knows what was reported last.
final class Reporter {
  /// The largest report fits many times over.
  private static let capacity = 128 << 10

  var identity: PrinterIdentity { didSet { restingKey = RestingKey() } }
  private let topic: [UInt8]
  private let memory: UnsafeMutableBufferPointer<UInt8>
  /// Where the payload begins: the packet's header is put right before it.
  private let payloadStart: Int

  private var reported: ReportFields?
  private var sequence = 0
  private var resting: [UInt8] = []
  private var restingKey = RestingKey()
  private var job: [UInt8] = []

  /// What the resting part was made of.
  private struct RestingKey: Equatable {
    var filamentGeneration = -1
    var skippedCount = -1
    var trayNow = -1
    var trayTarget = -1
    var remains: [Int] = []
    var optionGeneration = -1
  }

  /// A report, ready to be sent; the memory is good until the next one is made.
  struct Packet {
    let bytes: UnsafeRawBufferPointer
    let payloadCount: Int
  }

  init(identity: PrinterIdentity) {
    self.identity = identity
    topic = Array("device/\(identity.serial)/report".utf8)
    memory = .allocate(capacity: Self.capacity)
    payloadStart = topic.count + 16
  }

  deinit { memory.deallocate() }

  /// The job has changed: `members` of `print` say which it is now.
  func setJob(_ members: [UInt8]) { job = members }

  /// Everything.
  func full(
    _ fields: ReportFields, of machine: PrinterMachine, _ options: PrinterOptions
  ) -> Packet {
    let key = RestingKey(
      filamentGeneration: fields.filamentGeneration, skippedCount: fields.skippedCount,
      trayNow: fields.trayNow, trayTarget: fields.trayTarget, remains: fields.remains,
      optionGeneration: fields.optionGeneration)
    if key != restingKey {
      restingKey = key
      resting = FullReport.restingMembers(of: machine, identity, options, fields)
    }
    reported = fields
    // A span of a class's own array cannot be lent out; a reference to the same bytes can.
    let (job, resting) = (job, resting)
    return packet { json in
      fields.write(into: &json, changedFrom: nil)
      json.raw(job.span)
      json.raw(resting.span)
      json.pair("msg", 0)
    }
  }

  /// From now on deltas tell what is different from this; nil: the next report is the first.
  func compare(with fields: ReportFields?) { reported = fields }

  /// What has changed since the last report, or nil when nothing has.
  func delta(
    _ fields: ReportFields, of machine: PrinterMachine, _ options: PrinterOptions
  ) -> Packet? {
    guard let old = reported else { return full(fields, of: machine, options) }
    guard old != fields else { return nil }
    reported = fields
    let job = job
    return packet { json in
      fields.write(into: &json, changedFrom: old)
      if old.jobGeneration != fields.jobGeneration { json.raw(job.span) }
      if old.filamentGeneration != fields.filamentGeneration {
        json.filamentUnits(machine.units, fields, options, of: self.identity.model)
        json.externalSpool(machine.externalSpool)
      } else if old.trayNow != fields.trayNow || old.trayTarget != fields.trayTarget
        || old.remains != fields.remains
      {
        json.filamentUnits(fields, changedFrom: old)
      }
      if old.optionGeneration != fields.optionGeneration {
        json.camera(self.identity, options)
        json.watches(options)
      }
      if old.skippedCount != fields.skippedCount { json.skippedObjects(machine.skippedObjects) }
      json.pair("msg", 1)
    }
  }

  /// A sign of life when nothing has changed for long.
  func heartbeat(_ fields: ReportFields) -> Packet {
    packet { json in
      json.key("wifi_signal")
      json.quoted(fields.signal, "dBm")
      json.pair("msg", 1)
    }
  }

  /// An answer to somebody's request.
  func answer(_ payload: [UInt8]) -> Packet? {
    packet(payloadCount: payload.count) { $0.put(payload.span) }
  }

  private func packet(_ members: (inout JSONWriter) -> Void) -> Packet {
    sequence += 1
    let packet = packet(payloadCount: nil) { writer in
      writer.json { json in
        json.beginObject()
        json.key("print")
        json.beginObject()
        members(&json)
        json.pair("command", "push_status")
        json.key("sequence_id")
        json.quoted(self.sequence)
        json.endObject()
        json.endObject()
      }
    }
    guard let packet else { preconditionFailure("a report outgrew its memory") }
    return packet
  }

  private func packet(payloadCount: Int?, _ body: (inout ByteWriter) -> Void) -> Packet? {
    var writer = ByteWriter(
      UnsafeMutableBufferPointer(rebasing: memory[payloadStart...]))
    body(&writer)
    guard !writer.overflowed else { return nil }
    let count = writer.count
    let topic = topic
    var headerCount = 0
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: payloadStart) { scratch in
      var header = ByteWriter(scratch)
      MQTTWriter.publishHeader(
        topic: topic.span, payloadCount: count, qos: 0, packetID: 0, retain: false, into: &header)
      headerCount = header.count
      for index in 0..<headerCount {
        memory[payloadStart - headerCount + index] = scratch[index]
      }
    }
    let start = payloadStart - headerCount
    return Packet(
      bytes: UnsafeRawBufferPointer(
        UnsafeMutableBufferPointer(rebasing: memory[start..<(payloadStart + count)])),
      payloadCount: count)
  }
}
