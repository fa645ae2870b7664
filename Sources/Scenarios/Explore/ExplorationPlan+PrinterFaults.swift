// What goes wrong with the printers of an invented story, beside what goes wrong around them. Their
// connection for reports, their files and their reports fail one without the other, as no network
// does: a start is taken and nobody hears of it, while a file comes through.

import Printers
import World

extension ExplorationPlan {
  /// A fault that one of these printers can have; nil when none of its kind is enabled.
  func faultOfPrinter(_ farms: [FarmPlan], _ enabled: Set<FieldFault>) -> PrinterFault? {
    let printers = farms.flatMap(\.printers)
    let printer = printers[below("printer", printers.count)]
    let own = FieldFault.explored(of: printer.kind).filter { enabled.contains($0) }
    guard !own.isEmpty else { return nil }
    let fault = own[below("printer's fault", own.count)]
    return PrinterFault(fault, printer: printer.name, amount: amount(fault))
  }

  private func amount(_ fault: FieldFault) -> FaultAmount? {
    switch fault.measure {
    case .duration?: .duration(.seconds(Int64(pick("so long", 2...40))))
    case .size?: .size(pick("so much", 1...100) * 1_000)
    case .rate?: .rate(pick("so fast", 5...50) * 1_000)
    case .word(let words)?: .word(words[below("way", words.count)])
    case nil: nil
    }
  }
}

extension FieldFault {
  /// What a printer of a kind can have without breaking a promise by itself: it is still the machine
  /// that says whether it prints, and nobody has to come and type a code.
  static func explored(of kind: PrinterKind) -> [FieldFault] {
    all(of: kind).filter { fault in
      switch fault {
      case .bambu(let fault): explored.contains(fault)
      case .web(let fault): exploredOfWeb.contains(fault)
      }
    }
  }

  private static let explored: Set<BambuFault> = [
    .mqttSilent, .mqttDead, .mqttDown, .mqttFlap, .mqttTooManyClients, .mqttSameID,
    .reportTruncated, .reportGarbage, .reportHuge, .reportDuplicate, .reportOddTypes,
    .numbersAsStrings, .layersLate, .clockWrong, .stuckAt100,
    .acknowledgementLost, .acknowledgementLate,
    .filamentRunOut, .filamentJam, .doorOpen, .nozzleClog, .bedAdhesion, .plateMismatch,
    .heaterFault, .wifiWeak,
    .ftps530, .ftps421, .ftps550, .ftps553, .ftps552, .ftpsNoReuse, .ftps426ButWhole, .ftps426Cut,
    .ftpsShort226, .ftpsNo226, .ftpsLate226, .ftpsStall, .ftpsSlow, .ftpsControlDrop,
    .ftpsNoCloseNotify, .cardMissing, .cardFull, .cardAbnormal,
  ]

  /// Without `progress-unknown`: an OctoPrint that is done shows it by its progress alone.
  private static let exploredOfWeb: Set<WebFault> = [
    .keyRevoked, .digestStale, .tokenExpired, .tooManyConnections, .slow, .proxy502, .proxy503,
    .redirect, .busy503, .socketRefused, .socketDropped, .socketSilent, .slowPause,
    .timeLeftUnknown, .progressReset, .jobGap, .uploadReset, .uploadStall,
    .uploadSlow, .upload408, .upload413, .checksumWrong, .fileBusy, .fileFoundLate, .storageFull,
    .storageGone, .filamentRunOut, .nozzleClog, .doorOpen, .heaterFault,
  ]
}
