// When something is reported, and the way that messages take to those who listen.

import World

extension BambuPrinter {
  /// How long until there is something to say again.
  var reportInterval: Interval {
    let machine = theMachine
    if machine.state.isBusy { return .seconds(1) }
    if machine.isWarm { return .seconds(configuration.model.isDelta ? 2 : 5) }
    return configuration.model.isDelta ? .minutes(4) : .seconds(30)
  }

  /// Everything, as somebody has asked for it.
  func reportAll() {
    let machine = machine
    noticeJob(of: machine)
    lastReport = host.now
    send(reporter.full(fields(of: machine), of: machine, options))
    arm()
  }

  /// Somebody listens, after nobody did. He who wants to know how things stand has to ask, unless
  /// the model tells everything all the time.
  func audienceCame() {
    guard configuration.model.isDelta else { return reportAll() }
    noticeJob(of: machine)
    reporter.compare(with: fields(of: machine))
    lastReport = host.now
    arm()
  }

  func report(_ machine: PrinterMachine, atOnce: Bool) {
    guard broker.hasAudience else { return }
    let isDue = lastReport + reportInterval <= host.now
    guard atOnce || isDue || machine.state != timer.counted.0 else { return }
    let fields = fields(of: machine)
    if !configuration.model.isDelta {
      send(reporter.full(fields, of: machine, options))
    } else if let packet = reporter.delta(fields, of: machine, options) {
      send(packet)
    } else if isDue, !machine.isWarm, !machine.state.isBusy {
      send(reporter.heartbeat(fields))
    }
    lastReport = host.now
  }

  /// A new job has a name, and a time at which it was begun.
  func noticeJob(of machine: PrinterMachine) {
    guard machine.jobGeneration != jobReported else { return }
    jobReported = machine.jobGeneration
    let clock = troubles.has(.clockWrong) ? host.now.milliseconds : host.wallMilliseconds
    var shown = machine.order
    if troubles.has(.startsOtherFile) {
      shown?.title = "spare_bracket"
      shown?.path = "/spare_bracket.3mf"
    }
    let seconds = shown == nil ? 0 : clock / 1000
    reporter.setJob(FullReport.jobMembers(of: shown, startedAt: seconds))
  }

  private func fields(of machine: PrinterMachine) -> ReportFields {
    let knowsLayers = machine.layersKnownAt <= machine.now
    return ReportFields(
      state: shown(machine.state), stage: machine.stage, percent: machine.progress,
      remainingMinutes: machine.remainingMinutes, layer: machine.layer,
      totalLayers: knowsLayers ? machine.totalLayers : 0,
      preparePercent: machine.preparePercent,
      nozzle: machine.nozzleReading,
      nozzleTarget: SensorTemperature(degrees: machine.nozzle.target),
      bed: machine.bedReading, bedTarget: SensorTemperature(degrees: machine.bed.target),
      chamber: configuration.model.reportsChamber ? machine.chamberReading : nil,
      fans: machine.fans, speedLevel: machine.speedLevel,
      speedPercent: Int(machine.speedPercent), printError: machine.printError.code,
      messages: machine.messages, lamp: machine.lamp, isHomed: machine.isHomed,
      isDoorOpen: configuration.model.hasDoor && machine.troubles.contains(.doorOpen),
      card: !card.isInserted ? .missing : card.isAbnormal ? .abnormal : .normal,
      cardIsSaidInWords: configuration.model.saysCardInWords,
      signal: troubles.has(.wifiWeak) ? -85 : machine.signal(around: configuration.signal),
      trayNow: machine.trayNow, trayTarget: machine.filamentChange?.target ?? machine.trayNow,
      filamentStatus: machine.filamentStatus, remains: machine.remains,
      skippedCount: machine.skippedObjects.count, jobGeneration: machine.jobGeneration,
      filamentGeneration: machine.filamentGeneration, optionGeneration: options.generation)
  }

  /// What is said of the state, which may be less than there is to it.
  private func shown(_ state: MachineState) -> MachineState {
    guard let word = troubles.word(.stateSkips) else { return state }
    let isHidden = state == .prepare && word != "finish" || state == .finish && word != "prepare"
    return isHidden ? .idle : state
  }

  // MARK: On the way

  func send(_ packet: Reporter.Packet) {
    guard !troubles.isEmpty else { return broker.report(packet.bytes) }
    guard !spoiler.isIdle else { return deliver(packet.bytes) }
    let payload = Array(packet.bytes.suffix(packet.payloadCount))
    for message in spoiler.messages(inPlaceOf: payload) {
      if let packet = reporter.answer(message) { deliver(packet.bytes) }
    }
  }

  /// Answers a request; with some faults late, or never.
  func answer(_ payload: [UInt8]) {
    guard !troubles.has(.acknowledgementLost), !troubles.has(.mqttSilent) else { return }
    guard let delay = troubles.duration(.acknowledgementLate) else { return deliver(payload) }
    host.after(delay) { [weak self] in self?.deliver(payload) }
  }

  private func deliver(_ payload: [UInt8]) {
    guard isOn, let packet = reporter.answer(payload) else { return }
    deliver(packet.bytes)
  }

  /// The last stretch: through the air.
  private func deliver(_ packet: UnsafeRawBufferPointer) {
    guard troubles.has(.wifiWeak) else { return broker.report(packet) }
    guard host.chance("lost in the air", below: 10) > 0 else { return }
    let delay = Interval.milliseconds(Int64(200 + host.chance("late by", below: 800)))
    deliveredUntil = max(deliveredUntil, host.now + delay)
    let bytes = Array(packet)
    host.after(deliveredUntil - host.now) { [weak self] in
      guard let self, isOn else { return }
      bytes.withUnsafeBytes { self.broker.report($0) }
    }
  }
}
