// Switching faults on and off. Most are looked up where they matter; here is what has to be done
// at the moment itself.

import World

extension BambuPrinter {
  /// Something goes wrong from now on; `amount` says how badly, where that can be said.
  public func begin(_ fault: BambuFault, _ amount: BambuFault.Amount? = nil) {
    let amount = amount ?? fault.measure?.ordinary
    if fault.isMomentary { return happen(fault, amount) }
    troubles.begin(fault, amount)
    switch fault {
    case .mqttDown:
      doors.mqtt?.close()
      doors.mqtt = nil
      broker.closeAll()
    case .cameraOff: closeCamera()
    case .mqttFlap, .mqttSameID: broker.patienceChanged()
    case .wrongCode: broker.sendAway()
    default: applyBoth(fault, isThere: true)
    }
  }

  /// It is put right again; what was not there is left alone.
  public func end(_ fault: BambuFault) {
    guard troubles.has(fault) else { return }
    troubles.end(fault)
    if fault == .mqttDown || fault == .cameraOff { reopen() }
    applyBoth(fault, isThere: false)
  }

  /// What has to be done at either end of a fault.
  private func applyBoth(_ fault: BambuFault, isThere: Bool) {
    switch fault {
    case .certificateExpired, .certificateOther, .certificateRenewed, .certificateSelfSigned:
      moveDoors()
    case .cardMissing: card.isInserted = !isThere
    case .cardFull: card.isFull = isThere
    case .cardAbnormal: card.isAbnormal = isThere
    case .stuckAt100:
      machine.lingering = isThere ? troubles.duration(.stuckAt100) ?? .zero : .zero
    case .finishLingers: machine.keepsResult = isThere || troubles.has(.failedLingers)
    case .failedLingers:
      machine.keepsResult = isThere || troubles.has(.finishLingers)
      if isThere { machine.recallFailure() }
    case .startsOtherFile, .clockWrong: jobReported = -1
    case .ftpsStall, .ftpsSlow, .ftps426Cut, .ftps552, .ftpsControlDrop:
      fileServer.troublesChanged()
    default:
      guard let trouble = MachineTrouble(fault) else { return }
      if isThere { machine.begin(trouble) } else { machine.end(trouble) }
    }
    machineChanged()
  }

  private func reopen() {
    guard isOn else { return }
    do throws(NetworkFailure) {
      try openDoors()
    } catch {
      host.note(.problem, "cannot listen any more: \(error.name)")
    }
  }

  // MARK: What happens in a moment

  private func happen(_ fault: BambuFault, _ amount: BambuFault.Amount?) {
    switch (fault, amount) {
    case (.codeChanged, _): changeCode()
    case (.touchScreen, .word(let button)): press(button)
    case (.powerLoss, .duration(let length)): stayAway(length) { $0.recovers = true }
    case (.rebootAfterUpdate, .duration(let length)):
      stayAway(length)
      demandsSignatures = true
      reporter.identity.demandsSignatures = true
    case (.addressChanged, _):
      (host as? any AddressSwitch)?.takeNewAddress()
      reporter.identity.address = host.address
      moveDoors()
      makeKnown()
    default: break
    }
  }

  private func changeCode() {
    let digits = (0..<8).map { _ in String(host.chance("access code", below: 10)) }
    accessCode = digits.joined()
    broker.settings.accessCode = accessCode
    fileServer.settings.accessCode = accessCode
    camera.accessCode = accessCode
    broker.sendAway()
    host.note(.printer, "has a new access code")
  }

  /// No power for a while; `change` is done to the machine before.
  private func stayAway(_ length: Interval, _ change: (PrinterMachine) -> Void) {
    guard isOn else { return }
    let recovered = machine.recovers
    change(machine)
    stayAway(length)
    machine.recovers = recovered
  }
}

extension MachineTrouble {
  /// The trouble that a fault is, when it is one of the machine's own.
  fileprivate init?(_ fault: BambuFault) {
    switch fault {
    case .filamentRunOut: self = .filamentRunOut
    case .filamentJam: self = .filamentJam
    case .doorOpen: self = .doorOpen
    case .nozzleClog: self = .nozzleClog
    case .bedAdhesion: self = .bedAdhesion
    case .plateMismatch: self = .plateMismatch
    case .heaterFault: self = .heaterFault
    default: return nil
    }
  }
}
