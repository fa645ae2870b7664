// The words that stand behind "is" in a condition, and the measures that can be compared.

/// Where a job stands, as the cloud has it on record.
public enum JobWord: String, VocabularyWord {
  case queued, processing, uploaded, printing, paused, completed, failed, cancelled, over

  public static var title: String { "job state" }

  public var meaning: String {
    switch self {
    case .queued: "It was made and not started."
    case .processing: "The hub has it and moves the file to the printer."
    case .uploaded: "The file is on the printer, which has not begun."
    case .printing: "The printer prints it."
    case .paused: "The print is paused."
    case .completed: "The part is finished."
    case .failed: "It ended without a part."
    case .cancelled: "Somebody gave it up."
    case .over: "Completed, failed or cancelled."
    }
  }
}

/// What a printer does, as one sees who stands before it.
public enum PrinterWord: String, VocabularyWord {
  case on, off, idle, preparing, printing, paused, finished, failed, receiving

  public static var title: String { "printer state" }

  public var meaning: String {
    switch self {
    case .on: "It has power."
    case .off: "It has no power."
    case .idle: "It has nothing to do."
    case .preparing: "It unpacks, heats, levels."
    case .printing: "It lays down plastic."
    case .paused: "It waits for somebody to resume."
    case .finished: "The last print is done and lies on the plate."
    case .failed: "The last print was given up."
    case .receiving: "A file is on its way onto its card."
    }
  }
}

/// Where a hub stands.
public enum HubWord: String, VocabularyWord {
  case online, offline, on, off, ready, unset, blue, red, blinking
  case onTheAir = "on-the-air"
  case ailing

  public static var title: String { "hub state" }

  public var meaning: String {
    switch self {
    case .online: "The cloud hears it."
    case .offline: "The cloud does not hear it."
    case .on: "It has power."
    case .off: "It has no power."
    case .unset: "It knows no network that it could join, and waits for somebody to tell it one."
    case .blue: "Its blue light shines steadily: the cloud is connected."
    case .red: "One of its lights blinks red: somebody has to do something."
    case .blinking: "Its power light blinks: it is being updated, or waits for its button."
    case .onTheAir: "Its own network is open, with the page for people who have no Bluetooth."
    case .ailing: "The last it said of its health tells of trouble with its flash."
    case .ready:
      "It runs and the cloud hears it; it has met its printers, or waited long enough for them."
    }
  }
}

/// Whether the cloud is there.
public enum CloudWord: String, VocabularyWord {
  case up, down

  public static var title: String { "cloud state" }

  public var meaning: String {
    switch self {
    case .up: "It takes requests."
    case .down: "Nobody answers."
    }
  }
}

/// What can be compared with a value.
public enum Measure: String, VocabularyWord {
  case progress, sent, layer, received, nozzle, bed
  case printsStarted = "prints-started"
  case printsFinished = "prints-finished"
  case memory
  case cloudConnects = "cloud-connects"
  case badInput = "bad-input"
  case printersConnected = "printers-connected"
  case boots
  case crashesReported = "crashes-reported"
  case hubsOnline = "hubs-online"
  case updateProgress = "update-progress"
  case updated, paused
  case rolledBack = "rolled-back"
  case wornSectors = "worn-sectors"
  case repairedBits = "repaired-bits"
  case damagedValues = "damaged-values"
  case refusedWrites = "refused-writes"
  case pictures, news
  case arriving
  case minutes

  public static var title: String { "measure" }

  public var meaning: String {
    switch self {
    case .progress: "How far the print is: of a job as the cloud knows it, of a printer in truth."
    case .sent: "How much of the job's file the hub has said it has sent."
    case .layer: "The layer that is being printed."
    case .received: "How many bytes of the file on its way have arrived on the card."
    case .nozzle: "Temperature of the nozzle in whole degrees."
    case .bed: "Temperature of the bed in whole degrees."
    case .printsStarted: "How many prints the machine has begun."
    case .printsFinished: "How many prints the machine has finished."
    case .memory: "Bytes of memory that the firmware uses."
    case .cloudConnects: "How often the cloud has said hello to it since its firmware was started."
    case .badInput: "How many connections it has closed because of what the far end sent."
    case .printersConnected: "How many printers it has a connection to."
    case .boots: "How often its firmware was started, restarts included."
    case .crashesReported: "Of how many of its crashes the cloud has heard."
    case .wornSectors: "How many sectors of its flash it has told the cloud are worn out."
    case .repairedBits: "How many flipped bits it has told the cloud it has put right."
    case .damagedValues: "How many kept values it has told the cloud it could not read."
    case .refusedWrites: "How many writes it has told the cloud its store refused."
    case .arriving: "How many files are on their way onto its card at once."
    case .minutes: "How long the print took as the cloud has booked it; 0 before its end."
    case .pictures: "How many whole pictures of its camera the cloud has got."
    case .news: "How many things the person's dashboard has shown."
    case .hubsOnline: "How many hubs the cloud hears."
    case .updateProgress: "How much of a new firmware the hub has, as the cloud has heard."
    case .updated: "How many hubs have told the cloud that an update succeeded."
    case .rolledBack: "How many hubs have told the cloud that they went back to what they had."
    case .paused: "How many rollouts are paused, by whomever."
    }
  }

  /// Of whom it can be asked.
  public var subjects: [Subject] {
    switch self {
    case .progress: [.job, .printer]
    case .sent, .minutes: [.job]
    case .layer, .arriving, .received, .nozzle, .bed, .printsStarted, .printsFinished, .pictures:
      [.printer]
    case .memory, .cloudConnects, .badInput, .printersConnected, .boots, .crashesReported,
      .updateProgress, .wornSectors, .repairedBits, .damagedValues, .refusedWrites:
      [.hub]
    case .hubsOnline, .updated, .rolledBack, .paused: [.cloud]
    case .news: [.person]
    }
  }

  /// The form of the value to compare with.
  public var form: Form {
    switch self {
    case .progress, .sent, .updateProgress: .share
    case .memory, .received: .size
    case .layer, .arriving, .minutes, .nozzle, .bed, .printsStarted, .printsFinished,
      .cloudConnects, .badInput, .printersConnected, .boots, .crashesReported, .hubsOnline,
      .updated, .rolledBack, .paused, .wornSectors, .repairedBits, .damagedValues, .refusedWrites,
      .pictures, .news:
      .count(0...Int.max)
    }
  }
}
