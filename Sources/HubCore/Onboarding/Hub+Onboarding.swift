// How a person gets at a hub: its button, Bluetooth, and its own network with a page.
//
// Phones may find the hub while it has no network to join, or cannot join it, and for a while after
// its button was pressed. Its own network is open in the first two cases, and closes as soon as the
// hub is where it belongs.

import Wire

extension Hub {
  /// Looks after everybody who stands before the hub.
  mutating func stepOnboarding(_ now: Uptime) -> Turn {
    stepButton(now)
    guard state != .boot, state != .initNVS, !settings.hubID.isEmpty else {
      return button.turn(at: now)
    }
    openDoors(now)
    stepBluetooth(now)
    stepPortal(now)
    tellStatus(now)
    return button.turn(at: now).joined(with: bluetooth.value.turn).joined(with: portal.value.turn)
      .joined(with: .until(doorsChangeAt(now)))
  }

  private mutating func stepButton(_ now: Uptime) {
    switch button.step(isDown: board.isButtonDown, now: now) {
    case .none: break
    case .pressed:
      if bluetooth.value.confirm(board, now: now) { return }
      onboarding.bluetoothUntil = now + Limits.bluetoothByButton
      board.log(.information) { $0.put("button: pressed") }
    case .heldLong:
      board.log(.warning) { $0.put("button: held for ten seconds") }
      factoryReset()
    }
  }

  // -------------------------------------------------------------------------------------- doors

  /// Whether the hub cannot get to its network by itself.
  private var needsPerson: Bool {
    switch state {
    case .boot, .initNVS: false
    case .bluetoothPair: true
    case .wifiConnect:
      wifi.failures >= Limits.portalAfterFailures || hasCandidate && settings.wifi.name.isEmpty
    case .cloudConnect, .printersConnect, .running: false
    }
  }

  private var isRunning: Bool {
    switch state {
    case .printersConnect, .running: true
    case .boot, .initNVS, .bluetoothPair, .wifiConnect, .cloudConnect: false
    }
  }

  private mutating func openDoors(_ now: Uptime) {
    if !isRunning {
      onboarding.farewellUntil = nil
    } else if onboarding.farewellUntil == nil {
      onboarding.farewellUntil = now + Limits.bluetoothFarewell
    }
    let isInUse =
      bluetooth.value.phone != nil && (onboarding.farewellUntil.map { now < $0 } ?? true)
    if needsPerson || isInUse || now < onboarding.bluetoothUntil
      || bluetooth.value.isOn && !isRunning
    {
      bluetooth.value.turnOn(
        board, hubID: settings.hubID, firmware: update.value.runningVersion)
    } else {
      bluetooth.value.turnOff(board)
    }
    // On the way to a network that somebody has just named it stays as it is.
    if needsPerson {
      if !portal.value.isOpen { lookForNetworks(now) }
      portal.value.open(board, name: deviceName(settings.hubID))
    } else if state.hasNetwork {
      portal.value.close(board)
    }
  }

  private func doorsChangeAt(_ now: Uptime) -> Uptime {
    guard bluetooth.value.isOn, isRunning else { return .never }
    var next = Uptime.never
    if now < onboarding.bluetoothUntil { next = onboarding.bluetoothUntil }
    if bluetooth.value.phone != nil, let farewell = onboarding.farewellUntil, now < farewell {
      next = earlier(next, farewell)
    }
    return next
  }

  private mutating func lookForNetworks(_ now: Uptime) {
    if let scannedAt = onboarding.scannedAt, now - scannedAt < Limits.scanAgain { return }
    onboarding.scannedAt = now
    board.scan()
  }

  // ---------------------------------------------------------------------------------- Bluetooth

  private mutating func stepBluetooth(_ now: Uptime) {
    for _ in 0..<Limits.roundsPerStep {
      switch unsafe bluetooth.value.step(board, scratch: scratch, now: now) {
      case .none: return
      case .arrived:
        onboarding.showsNetworks = false
        tellStatus(now)
      case .request:
        carryOut(now)
        bluetooth.value.requestIsDone()
        // Each message has its answer, even if the next one is there already.
        tellStatus(now)
      }
    }
    scheduler.wake(.onboarding, at: now)
  }

  /// Does what the phone has asked for, or says what is wrong with it.
  private mutating func carryOut(_ now: Uptime) {
    if let field = bluetooth.value.reader.request.badField {
      return bluetooth.value.complain(about: field)
    }
    if bluetooth.value.reader.request.isEmpty {
      return bluetooth.value.complain("the hub knows nothing of this")
    }
    if bluetooth.value.reader.request.wantsScan {
      onboarding.scannedAt = nil
      onboarding.showsNetworks = true
      lookForNetworks(now)
    }
    if bluetooth.value.reader.request.hasCloudURL || bluetooth.value.reader.request.hasAuthority {
      takeCloud(now)
    }
    if bluetooth.value.reader.request.hasPrinter { takePrinter(now) }
    if bluetooth.value.reader.request.hasClaimToken {
      take(claimToken: bluetooth.value.reader.request.claimToken, now)
    }
    if bluetooth.value.reader.request.hasWiFi {
      if hasCandidate { hasCandidate = false }
      var wanted = WiFiCredentials()
      bluetooth.value.reader.request.give(wifi: &wanted)
      candidate.set(wanted)
      if !bluetooth.value.reader.request.hasSecurity { candidate.security = likelySecurity }
      if let flaw = candidate.flaw {
        bluetooth.value.complain(flaw.name)
      } else {
        tryCandidate(now)
      }
    }
  }

  /// How the candidate guards itself: what the radio has heard, else what fits to what was given.
  private var likelySecurity: WiFiSecurity {
    for index in 0..<(board.foundCount ?? 0) {
      if let found = board.found(index), found.name == candidate.name { return found.security }
    }
    if !candidate.user.isEmpty { return .enterprise }
    return candidate.key.isEmpty ? .open : .wpa2
  }

  /// Takes what makes the hub somebody's; the cloud sees it with the next hello.
  mutating func take(claimToken: ClaimToken, _ now: Uptime) {
    guard !claimToken.isEmpty else { return bluetooth.value.complain(about: "claim_token") }
    settings.keep(claimToken: claimToken, board, &store)
    onboarding.claim = .waiting
    board.log(.information) { $0.put("hub: has a claim token") }
    cloud.callAgain(board, now: now)
    scheduler.wake(.cloud, at: now)
  }

  private mutating func takeCloud(_ now: Uptime) {
    if bluetooth.value.reader.request.hasCloudURL {
      let url = bluetooth.value.reader.request.cloudURL
      guard settings.keep(cloudURL: url, board, &store) else {
        return bluetooth.value.complain(about: "url")
      }
    }
    if bluetooth.value.reader.request.hasAuthority {
      let isKept = bluetooth.value.handAuthority(to: &settings, board, &store)
      guard isKept else { return bluetooth.value.complain(about: "authority") }
    }
    cloud.callAgain(board, now: now)
    scheduler.wake(.cloud, at: now)
  }

  private mutating func takePrinter(_ now: Uptime) {
    switch bluetooth.value.reader.request.printerAction {
    case .add:
      if let field = bluetooth.value.reader.request.printer.missingField {
        return bluetooth.value.complain(about: field)
      }
      guard let index = place(for: bluetooth.value.reader.request.printer.serial) else {
        return bluetooth.value.complain("the hub has five printers already")
      }
      var printer = PrinterConfiguration()
      bluetooth.value.reader.request.give(printer: &printer)
      slots[index].configure(board, printer, hasNetwork: state.hasNetwork, now: now)
      printerIsSet(index, now)
    case .remove:
      removePrinter(bluetooth.value.reader.request.printer.serial, now)
    }
  }

  // ------------------------------------------------------------------------------------- portal

  private mutating func stepPortal(_ now: Uptime) {
    guard portal.value.isOpen else { return }
    unsafe portal.value.answerNames(scratch: scratch)
    for _ in 0..<Limits.roundsPerStep {
      // There is no cloud while the portal is open: its queues are free.
      switch portal.value.step(board, &cloud.inbox, &cloud.outbox, now: now) {
      case .none: return
      case .page(let isHead):
        lookForNetworks(now)
        portal.value.showPage(
          board, portalFacts, complaint: nil, isHead: isHead, &cloud.outbox)
      case .submitted:
        let complaint = takeForm(now)
        portal.value.showPage(board, portalFacts, complaint: complaint, &cloud.outbox)
      }
    }
    scheduler.wake(.onboarding, at: now)
  }

  private var portalFacts: PortalFacts {
    var facts = PortalFacts()
    facts.trouble = onboarding.trouble?.name
    facts.network = onboarding.network
    facts.isTrying = hasCandidate
    return facts
  }

  /// Takes what was filled into the page; answers what is wrong with it.
  private mutating func takeForm(_ now: Uptime) -> StaticString? {
    guard portal.value.form.badField == nil else { return "One of the fields is too long." }
    var wanted = WiFiCredentials()
    portal.value.form.give(wifi: &wanted)
    candidate.set(wanted)
    candidate.security = likelySecurity
    if let flaw = candidate.flaw { return flaw.name }
    if !portal.value.form.claimToken.isEmpty { take(claimToken: portal.value.form.claimToken, now) }
    tryCandidate(now)
    return nil
  }
}
