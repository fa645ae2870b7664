// Switching faults on and off. Most are looked up where they matter; here is what has to be done at
// the moment itself, and what is the same for every kind.

import World

extension WebPrinter {
  public func begin(_ fault: FieldFault, _ amount: FaultAmount?) {
    guard case .web(let fault) = fault, fault.kinds.contains(kind) else { return }
    let amount = amount ?? fault.measure?.ordinary
    if fault.isMomentary {
      happen(fault, amount)
    } else {
      troubles.begin(fault, amount)
      apply(fault, isThere: true)
      troubleChanged(fault, isThere: true, amount: amount)
    }
    machineChanged()
  }

  public func end(_ fault: FieldFault) {
    guard case .web(let fault) = fault, troubles.has(fault) else { return }
    troubles.end(fault)
    apply(fault, isThere: false)
    troubleChanged(fault, isThere: false, amount: nil)
    machineChanged()
  }

  public func has(_ fault: FieldFault) -> Bool {
    if case .web(let fault) = fault { troubles.has(fault) } else { false }
  }

  /// What has to be done at either end of a fault.
  private func apply(_ fault: WebFault, isThere: Bool) {
    switch fault {
    case .storageFull: card.isFull = isThere
    case .storageGone: card.isInserted = !isThere
    case .socketRefused, .keyRevoked: if isThere { server.closeSockets() }
    default:
      guard let trouble = MachineTrouble(fault) else { return }
      if isThere { machine.begin(trouble) } else { machine.end(trouble) }
    }
  }

  // MARK: What happens in a moment

  private func happen(_ fault: WebFault, _ amount: FaultAmount?) {
    switch (fault, amount) {
    case (.powerLoss, .duration(let length)): stayAway(length)
    case (.restart, .duration(let length)):
      // A board that talks for itself takes the print with it; a server beside it does not, unless
      // it is the one that sends the lines.
      if kind == .prusalink { stayAway(length) } else { restartServer(for: length) }
    case (.touchScreen, .word(let button)): press(button)
    case (.otherPrint, _): startOther()
    case (.fileRenamed, _): renameCurrent()
    case (.addressChanged, _):
      (host as? any AddressSwitch)?.takeNewAddress()
      server.close()
      if isOn { reopen() }
    default: troubleChanged(fault, isThere: true, amount: amount)
    }
  }

  /// Somebody prints a file of his own, whatever was under way.
  private func startOther() {
    let path = "/calibration.gcode"
    if card.entry(path) == nil {
      do throws(CardFailure) {
        try card.put(
          path, PlainGCode.make(name: "calibration", layers: 20, seconds: 600, byteCount: 20_000),
          at: host.wallMilliseconds)
      } catch {
        return host.note(.problem, "there is no room for another file")
      }
    }
    if machine.state.isBusy { _ = cancel() }
    _ = print(path, isForeign: true)
  }

  private func renameCurrent() {
    let path = machine.currentFile
    guard !path.isEmpty else { return }
    do throws(CardFailure) {
      try card.rename(path, to: CardPath.parent(of: path) == "/" ? "/renamed.gcode" : path + ".1")
      host.note(.printer, "somebody renames \(CardPath.name(of: path))")
    } catch {
      host.note(.detail, "there is nothing to rename")
    }
  }
}

extension MachineTrouble {
  /// The trouble that a fault is, when it is one of the machine's own.
  fileprivate init?(_ fault: WebFault) {
    switch fault {
    case .filamentRunOut: self = .filamentRunOut
    case .nozzleClog: self = .nozzleClog
    case .doorOpen: self = .doorOpen
    case .heaterFault: self = .heaterFault
    default: return nil
    }
  }
}
