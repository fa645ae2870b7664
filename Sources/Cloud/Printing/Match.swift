/// Whether a printer is fit for a job, and how well.
enum Match {
  /// How many things were known of both and agreed; nil when one of them does not fit. What is not
  /// known of the printer, or does not matter to the job, forbids nothing.
  static func score(_ job: Job, _ file: PrintFile?, on printer: Printer) -> Int? {
    guard printer.kind.prints(job.fileName) else { return nil }
    var score = 0
    let pairs: [(wanted: String?, there: String?)] = [
      (file?.printerModel.map(model), model(printer.model)),
      (job.filamentType == "any" ? nil : plain(job.filamentType), printer.filamentType.map(plain)),
      (file?.bedType.map(plate), printer.buildPlate.map(plate)),
    ]
    for (wanted, there) in pairs {
      guard let wanted, let there else { continue }
      guard wanted == there else { return nil }
      score += 1
    }
    if let wanted = file?.nozzleDiameter, let there = printer.nozzleSize {
      guard abs(wanted - there) < 0.01 else { return nil }
      score += 1
    }
    if let hasColor = hasColor(of: job, printer) {
      guard hasColor else { return nil }
      score += 1
    }
    return score
  }

  /// Whether somebody has to put other filament into the printer before the job can be started.
  static func needsFilament(_ job: Job, on printer: Printer) -> Bool {
    if job.filamentType != "any", let there = printer.filamentType,
      plain(there) != plain(job.filamentType)
    {
      return true
    }
    return hasColor(of: job, printer) == false
  }

  /// Nil when the job takes any, or nobody has said what the printer has.
  private static func hasColor(of job: Job, _ printer: Printer) -> Bool? {
    guard job.color != "any", printer.color != nil || printer.colorHex != nil else { return nil }
    let wanted = plain(job.color)
    return printer.color.map(plain) == wanted || printer.colorHex.map(plain) == wanted
  }

  private static func plain(_ text: String) -> String {
    String(text.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "#" })
  }

  /// "Textured PEI Plate" and "textured_plate" are one.
  private static func plate(_ text: String) -> String {
    var name = plain(text)
    for word in ["bambu", "plate", "pei"] {
      while let range = name.firstRange(of: word) { name.removeSubrange(range) }
    }
    return name
  }

  /// Slicers name the machines of Bambu Lab by codes.
  private static func model(_ text: String) -> String {
    let codes = [
      "n1": "a1mini", "n2s": "a1", "c11": "p1p", "c12": "p1s", "p1p": "p1p",
      "blp001": "x1carbon", "blp002": "x1", "c13": "x1e", "x1": "x1", "x1c": "x1carbon",
    ]
    var name = plain(text)
    if name.hasPrefix("bambulab") { name.removeFirst("bambulab".count) }
    return codes[name] ?? name
  }
}
