import World

/// Whoever was told that it is done need not do it again.
public final class NothingLost: Invariant {
  public static let id = "nothing-lost"
  public static let sentence = "What the cloud has acknowledged it still has, and has once."

  private var acknowledged: [(farm: String, what: String, id: String)] = []

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    switch fact {
    case .acknowledged(let farm, let what, let id):
      if !acknowledged.contains(where: { $0.farm == farm && $0.what == what && $0.id == id }) {
        acknowledged.append((farm, what, id))
      }
    case .listed(let farm, let what, let ids):
      let mine = acknowledged.filter { $0.farm == farm && $0.what == what }
      if let lost = mine.first(where: { !ids.contains($0.id) }) {
        return "the \(what) of \(farm) lack \(lost.id), which was acknowledged"
      }
      if let twice = ids.first(where: { id in ids.count { $0 == id } > 1 }) {
        return "the \(what) of \(farm) hold \(twice) more than once"
      }
    default: break
    }
    return nil
  }
}

/// Nobody waits for ever for the word of a hub.
public final class AnsweredInTime: Invariant {
  public static let id = "answered-in-time"
  public static let sentence = "Every command is answered within 30 s, or given up."
  /// A second for the clock's coarseness; a cloud that was away needs its own time first.
  private static let patience = Interval.seconds(31)
  /// While these last the cloud cannot keep what it has decided, so nothing is over for it.
  private static let blocking = Set(
    [FaultKind.diskFull, .diskSlow, .databaseBusy].map(\.rawValue))

  private var open: [(id: String, what: String, due: Instant)] = []
  private var blocks: Set<String> = []

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    switch fact {
    case .commandSent(let id, let what, let at):
      if !open.contains(where: { $0.id == id }) { open.append((id, what, at + Self.patience)) }
    case .commandOver(let id, let at):
      guard let index = open.firstIndex(where: { $0.id == id }) else { return nil }
      let command = open.remove(at: index)
      if at > command.due, blocks.isEmpty {
        return Self.sentence(of: command.what, since: command.due, at)
      }
    case .cloudIsUp(let at): beginAnew(at)
    case .faultBegan(let kind, _): if Self.blocking.contains(kind) { blocks.insert(kind) }
    case .faultEnded(let kind, _, let at): if blocks.remove(kind) != nil { beginAnew(at) }
    case .storyEnded(let at):
      guard blocks.isEmpty, let late = open.first(where: { $0.due < at }) else { return nil }
      return Self.sentence(of: late.what, since: late.due, at)
    default: break
    }
    return nil
  }

  /// What is open has its whole time again.
  private func beginAnew(_ now: Instant) {
    for index in open.indices { open[index].due = max(open[index].due, now + Self.patience) }
  }

  private static func sentence(of what: String, since due: Instant, _ at: Instant) -> String {
    "\"\(what)\" was open for \(Quantity.describe(at - due + patience))"
  }
}

/// What is over is over, on record and on the plate.
public final class TrulyOver: Invariant {
  public static let id = "truly-over"
  public static let sentence =
    "A job that is on record as failed or cancelled is not finished by its printer."

  private struct Job {
    let name: String
    let printer: String
    let digest: UInt64
    var hasFailed = false
  }

  private var jobs: [Job] = []
  private var digests: [String: UInt64] = [:]
  private var finished: [String: [UInt64: Int]] = [:]

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    switch fact {
    case .jobMade(let name, _, let printer, let digest):
      jobs.append(Job(name: name, printer: printer, digest: digest))
    case .jobStepped(let name, _, "failed"), .jobStepped(let name, _, "cancelled"):
      guard let index = jobs.firstIndex(where: { $0.name == name }) else { return nil }
      jobs[index].hasFailed = true
      return check(jobs[index].printer, jobs[index].digest)
    case .printBegan(let printer, _, _, let digest): digests[printer] = digest
    // A printer that was switched off shows nothing of what it did; what nobody saw nobody can know.
    case .faultBegan("printer-off", let printer): finished[printer] = nil
    case .printEnded(let printer, true):
      guard let digest = digests[printer] else { return nil }
      finished[printer, default: [:]][digest, default: 0] += 1
      return check(printer, digest)
    default: break
    }
    return nil
  }

  private func check(_ printer: String, _ digest: UInt64) -> String? {
    let meant = jobs.filter { $0.printer == printer && $0.digest == digest }
    let count = finished[printer]?[digest] ?? 0
    guard count > meant.count(where: { !$0.hasFailed }), let failed = meant.last(where: \.hasFailed)
    else { return nil }
    return
      "\(printer) finished the print of \(failed.name), which did not come to its end on record"
  }
}

/// A stop that was confirmed is believed.
public final class StopObeyed: Invariant {
  public static let id = "stop-obeyed"
  public static let sentence = "No print begins after the hub has confirmed its stop."

  private var stopped: Set<String> = []
  private var printerOfJob: [String: String] = [:]

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    switch fact {
    case .jobMade(let job, _, let printer, _): printerOfJob[job] = printer
    case .startAsked(let job): if let printer = printerOfJob[job] { stopped.remove(printer) }
    case .stopConfirmed(let printer): stopped.insert(printer)
    case .printBegan(let printer, _, _, _):
      if stopped.contains(printer) { return "\(printer) began a print whose stop was confirmed" }
    default: break
    }
    return nil
  }
}

/// When the dust has settled, the page shows what is.
public final class SameTruth: Invariant {
  public static let id = "same-truth"
  public static let sentence =
    "A minute after nothing is broken any more the cloud shows what the printers do."

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    switch fact {
    case .shownAs(let printer, let shown, let truth):
      shown == truth ? nil : "\(printer) is \(truth), and is shown as \(shown)"
    case .printsUnknown(let printer): "\(printer) prints, and no job of it is under way"
    default: nil
    }
  }
}

/// Each understands what the other says, whatever happens in between.
public final class Understood: Invariant {
  public static let id = "understood"
  public static let sentence = "The cloud can make sense of everything that a hub says."

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    guard case .misunderstood(let source, let reason) = fact else { return nil }
    return "\(source) was not understood: \(reason)"
  }
}
