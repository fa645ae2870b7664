// What the hub tells of itself: its health once a minute, crashes once, diagnostics when asked; and
// what it refuses when it comes near a bound.

import Wire

/// A restart that the hub was told to do.
struct RestartPlan {
  var at: Uptime
  /// Everything that people and the cloud have set is to be forgotten.
  var forgetsAll: Bool
}

extension Hub {
  /// Looks back at how the last boot ended, before anything else is done.
  // Kept apart, so that its temporaries do not stand on the stack beside the hub's own.
  @inline(never)
  mutating func wakeUp(after reason: Board.BootReason) {
    var level = Text<1>()
    if store.read(.logLevel, into: &level).isFound, level.count == 1,
      let known = Board.LogLevel(rawValue: level.span[0])
    {
      board.note { $0.level = known }
    }
    condition[0].crashes.open(board, &store, reason: reason)
    remember()
    cloud.bootReason = reason.name
    cloud.bootCount = condition[0].crashes.boots
    for index in 0..<condition[0].crashes.count {
      let crash = condition[0].crashes[index]
      var id = Text<4>()
      id.write { $0.put(littleEndian32: crash.id) }
      _ = outbox.add(
        .crash, phase: 0, code: crash.code.rawValue, Span(), id.span, Span(), leaving: 0,
        now: .start)
      board.log(.warning) {
        $0.put("hub: boot ")
        $0.put(decimal: crash.boot)
        $0.put(" ended in a crash: ")
        $0.put(crash.code.text)
      }
    }
  }

  /// Takes up what was under way when the hub stopped.
  @inline(never)
  private mutating func remember() {
    var record = Text<520>()
    if store.read(.commands, into: &record).isFound { commands.restore(record.span) }
    let now = board.now
    for index in 0..<slots.count {
      if slots[index].restore(from: &store, as: index, board, now: now) { collect(index, now) }
    }
  }

  // -------------------------------------------------------------------------------------- bounds

  /// Why no job can be taken up now, or nil. What is known of printers and of jobs under way is
  /// told all the same: new work is what makes way first.
  func shortage(_ now: Uptime) -> CommandOutcome? {
    if !hasRoomForJob { return .outboxNearlyFull }
    if board.notes.isShortOfStreams(at: now) { return .streamsShort }
    return nil
  }

  // ------------------------------------------------------------------------------------- commands

  mutating func restart(forgetsAll: Bool, _ now: Uptime) -> CommandOutcome {
    if !cloud.commands.command.isForced, !forgetsAll {
      for index in 0..<slots.count where slots[index].transfer.isActive {
        return .transferUnderWay
      }
    }
    restartPlan = RestartPlan(at: now + Limits.restartGrace, forgetsAll: forgetsAll)
    return .success
  }

  mutating func setLogLevel() -> CommandOutcome {
    guard let level = Board.LogLevel(name: cloud.commands.command.levelName.span) else {
      return .badLevel
    }
    board.note { $0.level = level }
    var byte = Text<1>()
    byte.write { $0.put(level.rawValue) }
    // Without a store it holds until the next restart, and the health report says what is wrong.
    try? store.write(.logLevel, byte.span)
    return .success
  }

  // -------------------------------------------------------------------------------------- telling

  /// Tells what is due of the hub's own state; answers false when nothing is.
  mutating func speakOfHealth(_ now: Uptime) -> Bool {
    if let command = condition[0].diagnosticsFor {
      var json = cloud.message()
      writeDiagnostics(command, into: &json, now)
      cloud.say(board, json)
      condition[0].diagnosticsFor = nil
      return true
    }
    guard healthDueAt <= now else { return false }
    if !condition[0].crashes.isCountStored, now >= .start + Limits.provenToRun {
      condition[0].crashes.storeCount(in: &store)
    }
    var json = cloud.message()
    writeHealth(into: &json, now)
    cloud.say(board, json)
    healthDueAt = now + Limits.healthInterval
    return true
  }

  func writeCrash(
    _ event: Outbox.Event, into json: inout JSONWriter, withTrace: Bool, _ now: Uptime
  ) {
    let id = outbox.text(1, of: event).littleEndian32(at: 0)
    var found = Crash()
    for index in 0..<condition[0].crashes.count where condition[0].crashes[index].id == id {
      found = condition[0].crashes[index]
    }
    json.beginObject()
    json.key("type")
    json.string("crash_report")
    outbox.writeSequence(event, into: &json, now: now)
    json.key("crash_id")
    var name = Text<10>()
    name.write { $0.put(decimal: id) }
    json.string(name.span)
    json.key("error_code")
    json.integer(Int(found.code.rawValue))
    json.key("reason")
    json.string(found.code.text)
    if found.task > 0 {
      let task = TaskName(number: Int(found.task) - 1)
      var text = Text<16>()
      text.write { task.write(into: &$0) }
      json.key("task")
      json.string(text.span)
    }
    json.key("uptime_seconds")
    json.unsigned(UInt64(widening: found.uptime))
    json.key("boot_count")
    json.unsigned(UInt64(widening: found.boot))
    json.key("firmware_version")
    json.string(version(of: found).span)
    if withTrace, found.boot &+ 1 == condition[0].crashes.boots {
      json.key("trace")
      json.beginArray()
      for line in 0..<Retained.lines { condition[0].crashes.writeLine(line, into: &json, board) }
      json.endArray()
    }
    json.endObject()
  }

  /// Which version crashed: it may be another than the one that tells of it.
  // Kept apart, so that a header does not stand on the stack beside the message.
  @inline(never)
  private func version(of crash: Crash) -> Text<32> {
    guard let slot = crash.slot, slot != update.value.slot,
      let header = board.imageHeader(in: slot)
    else { return update.value.runningVersion }
    return header.version
  }

  private func writeHealth(into json: inout JSONWriter, _ now: Uptime) {
    let notes = board.notes
    json.beginObject()
    json.key("type")
    json.string("hub_health")
    json.key("uptime_seconds")
    json.unsigned(UInt64(widening: now.seconds))
    json.key("boot_count")
    json.unsigned(UInt64(widening: condition[0].crashes.boots))
    json.key("boot_reason")
    json.string(cloud.bootReason)
    json.key("wifi_signal")
    json.integer(board.radioSignal)
    // What is used depends on how wide the machine's addresses are; what is left does not.
    json.key("memory_free")
    json.unsigned(UInt64(widening: memoryGiven - memoryUsed))
    json.key("loop_latency_ms")
    json.beginObject()
    json.key("max")
    json.unsigned(UInt64(widening: condition[0].vitals.worstLatency))
    json.key("mean")
    json.unsigned(UInt64(widening: condition[0].vitals.meanLatency))
    json.endObject()
    let slowest = condition[0].vitals.slowest
    json.key("longest_step")
    json.beginObject()
    json.key("task")
    var task = Text<16>()
    task.write { slowest.task.write(into: &$0) }
    json.string(task.span)
    json.key("ms")
    json.unsigned(UInt64(widening: slowest.milliseconds))
    json.endObject()
    json.key("bad_input")
    json.unsigned(UInt64(widening: badInputCount))
    json.key("outbox")
    json.beginObject()
    json.key("events")
    json.integer(outbox.count)
    json.key("bytes")
    json.integer(outbox.usedCount)
    json.key("most_bytes")
    json.integer(outbox.highWater)
    json.key("capacity")
    json.integer(Limits.outbox)
    json.endObject()
    json.key("store")
    json.beginObject()
    json.key("keys")
    json.unsigned(UInt64(widening: store.health.keyCount))
    json.key("bytes")
    json.unsigned(UInt64(widening: store.health.liveBytes))
    json.key("worn_sectors")
    json.unsigned(UInt64(widening: store.health.wornSectors))
    json.key("repaired_bits")
    json.unsigned(UInt64(widening: store.health.repairedBits))
    json.key("damaged")
    json.unsigned(UInt64(widening: store.health.damage))
    json.key("cut_writes")
    json.unsigned(UInt64(widening: store.health.cutWrites))
    json.key("refused_writes")
    json.unsigned(UInt64(widening: store.health.refusedWrites))
    json.key("most_erases")
    json.unsigned(UInt64(widening: store.health.mostErases))
    json.endObject()
    json.key("warnings")
    json.unsigned(UInt64(widening: notes.warningCount))
    json.key("errors")
    json.unsigned(UInt64(widening: notes.errorCount))
    json.key("refused_jobs")
    json.unsigned(UInt64(widening: condition[0].vitals.refusedJobs))
    json.key("stream_shortages")
    json.unsigned(UInt64(widening: notes.streamShortages))
    json.key("log_level")
    json.string(notes.level.name)
    json.key("troubles")
    json.beginArray()
    if let code = storeTrouble { json.integer(Int(code.rawValue)) }
    if let code = radioTrouble { json.integer(Int(code.rawValue)) }
    if !hasRoomForJob { json.integer(Int(ErrorCode.outboxNearlyFull.rawValue)) }
    if notes.isShortOfStreams(at: now) { json.integer(Int(ErrorCode.streamsShort.rawValue)) }
    for index in 0..<slots.count {
      if let code = slots[index].trouble { json.integer(Int(code.rawValue)) }
    }
    json.endArray()
    json.endObject()
  }

  private func writeDiagnostics(
    _ command: Identifier, into json: inout JSONWriter, _ now: Uptime
  ) {
    json.beginObject()
    json.key("type")
    json.string("diagnostics")
    json.key("command_id")
    json.string(command.span)
    json.key("checks")
    json.beginArray()
    write(check: "store", storeTrouble, into: &json)
    write(check: "radio", radioTrouble, into: &json)
    write(check: "cloud", cloud.badInputCount > 0 ? .cloudBadInput : nil, into: &json)
    write(check: "memory", hasRoomForJob ? nil : .outboxNearlyFull, into: &json)
    write(
      check: "streams", board.notes.isShortOfStreams(at: now) ? .streamsShort : nil, into: &json)
    for index in 0..<slots.count where slots[index].isTaken {
      let serial = slots[index].configuration.serial
      var name = Text<56>()
      name.write {
        $0.put("printer ")
        $0.put(serial.span)
      }
      write(check: name.span, slots[index].trouble, into: &json)
    }
    json.endArray()
    json.endObject()
  }

  private func write(check: StaticString, _ code: ErrorCode?, into json: inout JSONWriter) {
    var name = Text<16>()
    name.write { $0.put(check) }
    write(check: name.span, code, into: &json)
  }

  private func write(check: Span<UInt8>, _ code: ErrorCode?, into json: inout JSONWriter) {
    json.beginObject()
    json.key("check")
    json.string(check)
    json.key("is_good")
    json.bool(code == nil)
    if let code {
      json.key("error_code")
      json.integer(Int(code.rawValue))
      json.key("text")
      json.string(code.text)
    }
    json.endObject()
  }

  private var storeTrouble: ErrorCode? {
    if store.pageCount == 0 { return .storeMissing }
    if store.health.wornSectors > 0 { return .storeWorn }
    if store.health.isFull { return .storeFull }
    if store.health.refusedWrites > 0 { return .storeFailed }
    if store.health.damage > 0 { return .storeDamaged }
    return settings.factoryIsRepaired ? .factoryRepaired : nil
  }

  private var radioTrouble: ErrorCode? {
    guard state.hasNetwork else { return .radioNotJoined }
    let signal = board.radioSignal
    return signal < Limits.weakSignal ? .radioWeak : nil
  }
}

extension PrinterSlot {
  /// What is wrong between the hub and the printer, or nil.
  var trouble: ErrorCode? {
    guard isTaken else { return nil }
    if link.isCodeWrong { return .printerWrongCode }
    return link.isConnected ? nil : .printerAway
  }
}

extension TaskName {
  /// As in "printer 0": the kind and, where there are several, whose it is.
  func write(into writer: inout ByteWriter) {
    writer.put(kind)
    guard number >= 2, number < 2 + 2 * Limits.printers else { return }
    writer.put(" ")
    writer.put(decimal: (number - 2) % Limits.printers)
  }
}

extension Board.LogLevel {
  /// Stable, for the cloud.
  var name: StaticString {
    switch self {
    case .debug: "debug"
    case .information: "information"
    case .warning: "warning"
    case .error: "error"
    }
  }

  init?(name: Span<UInt8>) {
    if equals(name, "debug") {
      self = .debug
    } else if equals(name, "information") {
      self = .information
    } else if equals(name, "warning") {
      self = .warning
    } else if equals(name, "error") {
      self = .error
    } else {
      return nil
    }
  }
}
