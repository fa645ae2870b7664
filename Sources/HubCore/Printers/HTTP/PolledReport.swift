// What a server that is asked over HTTP says of its printer, as far as the hub understands it. Only
// what was there is set, so that answers that tell only what has changed are laid on as they are.

import Wire

/// The fields of one look at a printer that were there and were of use.
struct PolledReport: ~Copyable {
  private let pinned = Pinned()
  /// The server's own word for what the printer does.
  var word = Text<24>()
  /// What a message on a socket is, and which question it answers.
  var method = Text<28>()
  var id: Int?
  /// The message says that something went wrong.
  var hasFailed = false
  var flags = PolledFlags()
  var percent: Int?
  var remainingSeconds: Int?
  var elapsedSeconds: Int?
  var estimatedSeconds: Int?
  var layer: Int?
  var totalLayers: Int?
  var nozzle: Int?
  var nozzleTarget: Int?
  var bed: Int?
  var bedTarget: Int?
  var chamber: Int?
  /// In percent.
  var fan: Int?
  var speedPercent: Int?
  var jobNumber: Int?
  /// Where files are put, where there is a choice; and a digest of where the printer looks for them.
  var storage = StorageChoice()
  var storageShown: UInt32 = 0
  var hasFile = false
  var file = FileName()
  /// The words of an error, or what the server says beside its status.
  var remark = Remark()
  /// How a program below the server is: Klippy.
  var inner = Text<16>()
  var hasFirmware = false
  var firmware = FirmwareVersion()

  init() {}

  mutating func removeAll() {
    word.removeAll()
    method.removeAll()
    id = nil
    hasFailed = false
    flags = PolledFlags()
    percent = nil
    remainingSeconds = nil
    elapsedSeconds = nil
    estimatedSeconds = nil
    layer = nil
    totalLayers = nil
    nozzle = nil
    nozzleTarget = nil
    bed = nil
    bedTarget = nil
    chamber = nil
    fan = nil
    speedPercent = nil
    jobNumber = nil
    storage = StorageChoice()
    storageShown = 0
    hasFile = false
    file.removeAll()
    remark.removeAll()
    inner.removeAll()
    hasFirmware = false
    firmware.removeAll()
  }

  /// Lays what is the same for all kinds over what was known; answers whether anything is different.
  func merge(into status: inout PrinterStatus) -> Bool {
    var isChanged = false
    update(&status.percent, with: percent, &isChanged)
    update(&status.remainingMinutes, with: remainingSeconds.map { ($0 + 59) / 60 }, &isChanged)
    update(&status.layer, with: layer, &isChanged)
    update(&status.totalLayers, with: totalLayers, &isChanged)
    update(&status.nozzle, with: nozzle, &isChanged)
    update(&status.nozzleTarget, with: nozzleTarget, &isChanged)
    update(&status.bed, with: bed, &isChanged)
    update(&status.bedTarget, with: bedTarget, &isChanged)
    if let chamber { update(&status.chamber, with: .some(chamber), &isChanged) }
    // Printers count their fans in fifteen steps.
    if let fan {
      let steps = UInt8(truncatingIfNeeded: (fan * 15 + 50) / 100)
      update(&status.fans.part, with: .some(steps), &isChanged)
    }
    update(
      &status.speedPercent, with: speedPercent.map { UInt16(truncatingIfNeeded: $0) }, &isChanged)
    if hasFile {
      update(&status.file, with: file, &isChanged)
      status.shownName = FileNames.shownName(for: file.span)
    }
    if storage.isKnown {
      update(&status.card, with: storage.path.isEmpty ? .missing : .present, &isChanged)
    }
    if hasFirmware { update(&status.firmware, with: firmware, &isChanged) }
    return isChanged
  }

  /// Sets what the printer does, and why if it is in trouble.
  func set(
    _ state: MachineState, _ error: PrinterError, in status: inout PrinterStatus,
    _ isChanged: inout Bool
  ) {
    update(&status.state, with: state, &isChanged)
    update(&status.error, with: error, &isChanged)
    if error == .inWords, !remark.isEmpty {
      update(&status.remark, with: remark, &isChanged)
    } else if error == .none {
      status.remark.removeAll()
    }
  }

  private func update<Value: Equatable>(
    _ known: inout Value, with new: Value?, _ isChanged: inout Bool
  ) {
    guard let new, new != known else { return }
    known = new
    isChanged = true
  }

  // ----------------------------------------------------------------------- texts, as they come in

  mutating func takeFile(_ text: Span<UInt8>) {
    hasFile = true
    // What is too long is not one of ours; its beginning tells it apart.
    file.setPrintable(text)
  }

  mutating func takeFirmware(_ text: Span<UInt8>) {
    hasFirmware = true
    firmware.setPrintable(text)
  }
}

/// What OctoPrint says of its printer in yes and no.
struct PolledFlags: Equatable {
  var isOperational = false
  var isPrinting = false
  var isPausing = false
  var isPaused = false
  var hasError = false
  var isClosed = false
}
