/// What a step can do. A step is a map with one verb, its options, and perhaps a time.
public enum Verb: String, VocabularyWord {
  case print, upload, queue, start, pause, resume, cancel, correct
  case add, phone, push, photograph, trust
  case reboot, diagnose
  case releaseFirmware = "release-firmware"
  case rollOut = "roll-out"
  case pauseRollout = "pause-rollout"
  case resumeRollout = "resume-rollout"
  case press, fault, mend, wait, expect, say
  case `repeat`, together
  case inOrder = "in-order"

  public static var title: String { "step" }

  public var meaning: String {
    switch self {
    case .print: "The owner uploads the file if that was not done, makes a job of it and starts it."
    case .upload: "The owner uploads the file to the cloud."
    case .queue: "The owner makes a job of the file and does not start it."
    case .start: "The owner starts a job."
    case .pause: "The owner pauses a job."
    case .resume: "The owner resumes a job."
    case .cancel: "The owner cancels a job."
    case .reboot: "The owner has the cloud tell a hub to restart."
    case .diagnose: "The owner has the cloud tell a hub to examine itself."
    case .releaseFirmware: "The factory publishes a firmware of this version."
    case .rollOut: "The factory gives a published version to hubs: to all when not told."
    case .pauseRollout: "The factory stops to give a version to further hubs."
    case .resumeRollout: "The factory goes on to give a version to hubs."
    case .correct: "The owner takes the printer out and adds it again with the right access code."
    case .add: "The owner adds a printer to his hub, which came without."
    case .photograph: "The owner has a picture taken by the printer's camera."
    case .trust: "The owner accepts whatever certificate the printer shows next."
    case .phone: "Somebody with a phone does something before the farm's hub."
    case .push: "Somebody pushes the hub's button."
    case .press: "Somebody presses a button on the printer's own screen."
    case .fault: "Something breaks."
    case .mend: "A fault that had no `for` ends."
    case .wait: "Nothing is done for so long."
    case .expect: "The story goes on when this is true, and fails when it takes too long."
    case .say: "A line for the reader of the timeline."
    case .repeat: "The `steps` are done so many times, one turn after the other."
    case .together: "All of this begins at once; the story goes on when all of it is done."
    case .inOrder: "These steps one after another; for a row of them within `together`."
    }
  }

  /// What stands right behind the verb.
  public var argument: Form {
    switch self {
    case .print, .upload, .queue: .name(.file)
    case .start, .pause, .resume, .cancel: .name(.job)
    case .correct, .add, .photograph, .trust: .name(.printer)
    case .phone: .name(.phone)
    case .push: .name(.hub)
    case .reboot, .diagnose: .name(.hub)
    case .releaseFirmware, .rollOut, .pauseRollout, .resumeRollout: .text
    case .press: .choice(PrinterButton.vocabulary)
    case .fault, .mend: .choice(FaultWords.vocabulary)
    case .wait: .duration
    case .expect: .condition
    case .say: .text
    case .repeat: .count(1...1_000)
    case .together, .inOrder: .steps
    }
  }

  /// The words that may stand beside the verb, apart from the times.
  public var options: [Word] {
    let refused = Word(
      "refused", .count(400...599), "The cloud must refuse this, with this HTTP status.")
    let printerWord = Word("on", .name(.printer), required: true, "The printer.")
    let patience = Word(
      "retry-for", .duration,
      "While no answer comes the owner asks again every 5s, for so long; any answer will then do.")
    switch self {
    case .print, .queue:
      return [
        printerWord, Word("as", .newName, required: true, "What the job is called in this story."),
        refused, patience,
      ]
    case .upload:
      return [
        Word("in", .name(.farm), "Whose farm; needed when there are several."), refused, patience,
      ]
    case .start, .pause, .resume, .cancel, .reboot, .diagnose, .photograph, .trust:
      return [refused, patience]
    case .correct: return [refused]
    case .add, .wait, .say: return []
    case .releaseFirmware: return FirmwareStep.releaseWords + [refused, patience]
    case .rollOut: return FirmwareStep.rolloutWords + [refused, patience]
    case .pauseRollout, .resumeRollout: return [refused, patience]
    case .phone:
      return [
        Word("does", .choice(PhoneDeed.vocabulary), required: true, "What is done."),
        Word("network", .text, "With a deed that names a network: which; the farm's if not told."),
        Word("password", .text, "With such a deed: what is typed; the right one if not told."),
        Word(
          "token", .choice(TokenWord.vocabulary),
          "With a deed that sends a claim token, or fills in the form: which."),
      ]
    case .push:
      return [Word("for", .duration, "How long it is held down; 200ms when not told.")]
    case .press: return [printerWord]
    case .fault:
      return [
        Word("on", .text, "What breaks: a hub, a printer, a farm; see the fault."),
        Word("for", .duration, "How long it lasts; until mended when not told."),
        Word(
          "at-least", .duration,
          "The run's luck decides how long it lasts: no less than this, no more than `for`."),
        Word("every", .duration, "It comes again and again, each time so long after the last."),
        Word("until", .moment, "From then on it is over, and does not come again."),
        Word("to", .text, "How bad it gets, for faults that have a measure."),
        Word(
          "task", .choice(TaskWord.vocabulary),
          "Which task of the firmware, for faults of one; cloud when not told."),
        Word("in", .choice(FlashThing.vocabulary), "With flipped-bits: what is broken."),
        Word(
          "at-flash-operation", .count(1...1_000_000),
          "With power-cut and brown-out: not now, but in the middle of the n-th program or erase "
            + "of the hub's flash from now on."),
        Word(
          "while-writing", .choice(FlashThing.vocabulary),
          "With power-cut and brown-out: in the middle of the next write of this."),
        Word(
          "while-erasing", .choice(FlashThing.vocabulary),
          "With power-cut and brown-out: in the middle of the next erase there."),
      ]
    case .repeat:
      return [
        Word("steps", .steps, required: true, "What is done in each turn."),
        Word(
          "as", .newName,
          "What the number of the turn is called: \"${name}\" in the steps is 1, 2, 3 and so on."),
        Word("every", .duration, "No turn begins sooner than so long after the one before began."),
        Word("until", .moment, "No further turn begins once this is so."),
      ]
    case .together, .inOrder: return []
    case .mend: return [Word("on", .text, "Where the fault was.")]
    case .expect: return [Word("within", .duration, "How soon; 1m when not told.")]
    }
  }

  /// The words that tell when a step happens; all of them may be combined, in this order.
  public static let times: [Word] = [
    Word("at", .duration, "Not before this time of the run."),
    Word("when", .condition, "As soon as this is true."),
    Word("after", .duration, "So long after the step before, or after `when` came true."),
    Word("if", .condition, "Left out when this is not true then."),
    probability,
  ]

  /// How often something happens that luck decides on.
  static let probability = Word(
    "with-probability", .share,
    "Only in so many of all cases, as the run's luck wants; each time anew with `every`.")
}

/// A button on a printer's screen.
public enum PrinterButton: String, VocabularyWord {
  case pause, resume, stop

  public static var title: String { "button" }

  public var meaning: String {
    switch self {
    case .pause: "Pause the print."
    case .resume: "Go on printing."
    case .stop: "Give the print up."
    }
  }
}
