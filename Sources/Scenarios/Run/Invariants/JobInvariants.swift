/// However often a command is repeated or an answer lost, a job is printed at most once.
public final class StartedOnce: Invariant {
  public static let id = "started-once"
  public static let sentence = "A job is started at most once on a printer."

  private var printerOfJob: [String: String] = [:]
  private var askedJobs: Set<String> = []
  private var allowedStarts: [String: Int] = [:]

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    switch fact {
    case .jobMade(let job, _, let printer, _):
      printerOfJob[job] = printer
    case .startAsked(let job):
      guard let printer = printerOfJob[job], askedJobs.insert(job).inserted else { return nil }
      allowedStarts[printer, default: 0] += 1
    case .printBegan(let printer, _, let number, _):
      let allowed = allowedStarts[printer] ?? 0
      if number > allowed {
        return "\(printer) began print \(number), but only \(allowed) of its jobs were started"
      }
    default: break
    }
    return nil
  }
}

/// What comes out of the nozzle is what the owner uploaded, to the byte.
public final class SameBytes: Invariant {
  public static let id = "same-bytes"
  public static let sentence =
    "A printer is told to print exactly the bytes that were uploaded for its jobs."

  private var digests: [String: Set<UInt64>] = [:]

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    switch fact {
    case .jobMade(_, _, let printer, let digest):
      digests[printer, default: []].insert(digest)
    case .printBegan(let printer, _, _, let digest):
      if !(digests[printer]?.contains(digest) ?? false) {
        return "\(printer) prints bytes that nobody uploaded for it (digest \(hex(digest)))"
      }
    case .printRefused(let printer, let digest):
      if !(digests[printer]?.contains(digest) ?? false) {
        return "\(printer) was told to print what nobody uploaded for it (digest \(hex(digest)))"
      }
    default: break
    }
    return nil
  }

  private func hex(_ digest: UInt64) -> String { String(digest, radix: 16) }
}

/// The cloud's own rule, written down a second time and independently of it.
public final class LegalSteps: Invariant {
  public static let id = "legal-steps"
  public static let sentence = "A job only goes from one status to another that may follow it."

  private static let followers: [String: [String]] = [
    "queued": ["processing", "cancelled", "failed"],
    "processing": ["uploaded", "failed", "cancelled"],
    "uploaded": ["printing", "failed", "cancelled"],
    "printing": ["paused", "completed", "failed", "cancelled"],
    "paused": ["printing", "failed", "cancelled"],
    "completed": [], "failed": [], "cancelled": [],
  ]

  /// Whether a job stays where it is.
  static func isFinal(_ status: String) -> Bool { followers[status]?.isEmpty ?? false }

  private var statuses: [String: String] = [:]

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    guard case .jobStepped(let job, let from, let to) = fact else { return nil }
    let known = statuses.updateValue(to, forKey: job)
    if let known, known != from {
      return "\(job) was \(known) and is now said to go from \(from) to \(to)"
    }
    if !(Self.followers[from]?.contains(to) ?? false) { return "\(job) went from \(from) to \(to)" }
    return nil
  }
}

/// Progress is a promise to the person who looks at it.
public final class NeverBack: Invariant {
  public static let id = "never-back"
  public static let sentence = "The progress of a job, and of a print, never goes back."

  private var ofJob: [String: Int] = [:]
  private var ofPrint: [String: (number: Int, percent: Int)] = [:]

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    switch fact {
    case .jobProgressed(let job, let percent):
      let before = ofJob.updateValue(percent, forKey: job) ?? 0
      if percent < before { return "\(job) went back from \(before) % to \(percent) %" }
    case .printProgressed(let printer, let number, let percent):
      let before = ofPrint.updateValue((number, percent), forKey: printer)
      if let before, before.number == number, percent < before.percent {
        return "\(printer) went back from \(before.percent) % to \(percent) % in one print"
      }
    default: break
    }
    return nil
  }
}

/// A completed job is a part in somebody's hand.
public final class TrulyFinished: Invariant {
  public static let id = "truly-finished"
  public static let sentence = "A job that is on record as completed was finished by its printer."

  private var printerOfJob: [String: String] = [:]
  private var finishedPrints: [String: Int] = [:]
  private var completedJobs: [String: Int] = [:]

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    switch fact {
    case .jobMade(let job, _, let printer, _):
      printerOfJob[job] = printer
    case .printEnded(let printer, true):
      finishedPrints[printer, default: 0] += 1
    case .jobStepped(let job, _, "completed"):
      guard let printer = printerOfJob[job] else { return nil }
      completedJobs[printer, default: 0] += 1
      let finished = finishedPrints[printer] ?? 0
      if completedJobs[printer, default: 0] > finished {
        return "\(job) is completed, but \(printer) has finished only \(finished) prints"
      }
    default: break
    }
    return nil
  }
}
