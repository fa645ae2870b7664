import HubCore
import Wire
import World

/// A report as a printer sends it while it prints, of about `byteCount` bytes.
private func report(byteCount: Int) -> [UInt8] {
  var trays: [JSON] = []
  while true {
    let body: JSON = [
      "print": [
        "command": "push_status", "sequence_id": "4711", "gcode_state": "RUNNING",
        "mc_percent": 42, "mc_remaining_time": 17, "layer_num": 12, "total_layer_num": 60,
        "nozzle_temper": 219.84375, "bed_temper": 54.9375, "wifi_signal": "-48dBm",
        "subtask_name": "Halter für \"Bohrer\"", "print_error": 0, "hms": [],
        "ams": ["ams": .array(trays)],
      ]
    ]
    let bytes = body.bytes
    guard bytes.count < byteCount else { return bytes }
    trays.append([
      "id": .string(String(trays.count)), "remain": 87, "tray_color": "FFFFFFFF",
      "tray_type": "PLA", "tray_info_idx": "GFA00", "nozzle_temp_max": "230",
      "cols": ["FFFFFFFF"], "is_ready": true, "k": 0.019999999552965164, "note": nil,
    ])
  }
}

func measureJSON() -> [Row] {
  let input = report(byteCount: 20_000)
  let scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256)
  defer { scratch.deallocate() }
  let perSecond = Benchmark.rate {
    var reader = JSONReader(scratch: scratch)
    let span = input.span
    var position = 0
    do {
      while position < span.count { _ = try reader.next(span, at: &position) }
    } catch {
      giveUp("the report is not JSON: \(error)")
    }
  }
  return [
    Row(
      what: "JSON reader, a report of 20 KB", value: perSecond * Double(input.count) / 1e6,
      unit: "MB a second", aim: .none)
  ]
}

/// What the firmware makes of reports, through a window of the size that it has.
func measureReports() -> [Row] {
  let input = report(byteCount: 20_000)
  let window = 2_048
  let scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 192)
  defer { scratch.deallocate() }
  var reader = BambuReportReader(scratch: scratch)
  let perSecond = Benchmark.rate {
    let span = input.span
    reader.begin()
    do {
      for start in stride(from: 0, to: span.count, by: window) {
        try reader.read(span.extracting(start..<min(start + window, span.count)))
      }
      try reader.finish()
    } catch {
      giveUp("the report is not understood: \(error)")
    }
  }
  return [
    Row(
      what: "printers' reports of 20 KB, read by the firmware", value: perSecond,
      unit: "a second", aim: .none)
  ]
}

func measureMQTT() -> [Row] {
  let payload = report(byteCount: 1_000)
  let topic = Array("device/01P00A391800001/report".utf8)
  let packets = encoded(1 << 20) { writer in
    for _ in 0..<200 {
      MQTTWriter.publish(
        topic: topic.span, payload: payload.span, qos: 0, packetID: 0, retain: false, into: &writer)
      MQTTWriter.pingResponse(into: &writer)
    }
  }
  let perSecond = Benchmark.rate {
    var reader = MQTTReader(publishLimit: 65_536)
    let span = packets.span
    var position = 0
    do {
      while position < span.count {
        switch try reader.next(span.extracting(position..<span.count)) {
        case .publish(_, let used), .pingResponse(let used): position += used
        case .payload(_, _, let used): position += used
        default: giveUp("a packet was read as another one than was written")
        }
      }
    } catch {
      giveUp("what was written is not MQTT: \(error)")
    }
  }
  return [
    Row(
      what: "MQTT reader, reports of 1 KB", value: perSecond * Double(packets.count) / 1e6,
      unit: "MB a second", aim: .none)
  ]
}

func measureWebSocket() -> [Row] {
  let payload = report(byteCount: 1_000)
  let frames = encoded(1 << 20) { writer in
    for number in 0..<200 {
      WebSocketWriter.text(payload.span, mask: UInt32(number) &* 0x9E37_79B9, into: &writer)
    }
  }
  let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 4_096)
  defer { memory.deallocate() }
  let perSecond = Benchmark.rate {
    var reader = WebSocketReader(side: .server, messageLimit: 65_536)
    let span = frames.span
    var position = 0
    do {
      while position < span.count {
        let input = span.extracting(position..<span.count)
        switch try reader.next(input) {
        case .message(_, let used): position += used
        case .payload(let range, _, let used):
          var writer = ByteWriter(memory)
          reader.copy(range, of: input, into: &writer)
          position += used
        default: giveUp("a frame was read as another one than was written")
        }
      }
    } catch {
      giveUp("what was written is no WebSocket: \(error)")
    }
  }
  return [
    Row(
      what: "WebSocket reader, masked messages of 1 KB",
      value: perSecond * Double(frames.count) / 1e6, unit: "MB a second", aim: .none)
  ]
}
