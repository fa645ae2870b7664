/// Where a job stands.
///
///     queued ──> processing ──> uploaded ──> printing <──> paused
///                                               │
///                                               └──> completed
///     each of them but the last may also end as failed or cancelled
public enum JobStatus: String, CaseIterable, Sendable {
  case queued, processing, uploaded, printing, paused, completed, failed, cancelled

  /// Nothing more happens to it.
  public var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }

  /// A hub has taken it on.
  public var isUnderWay: Bool { !isFinal && self != .queued }

  /// The one place that says which steps are legal.
  public func canBecome(_ next: JobStatus) -> Bool {
    switch (self, next) {
    case (.queued, .processing), (.processing, .uploaded), (.uploaded, .printing),
      (.printing, .paused), (.paused, .printing), (.printing, .completed):
      true
    case (.queued, .failed), (.processing, .failed), (.uploaded, .failed), (.printing, .failed),
      (.paused, .failed):
      true
    case (.queued, .cancelled), (.processing, .cancelled), (.uploaded, .cancelled),
      (.printing, .cancelled), (.paused, .cancelled):
      true
    default:
      false
    }
  }

  /// The legal steps from here to `goal`, the shortest way: what a job went through while nobody
  /// heard of it. Empty when it is there, nil when there is no way.
  public func steps(to goal: JobStatus) -> [JobStatus]? {
    var ways: [[JobStatus]] = [[]]
    var seen = [self]
    while !ways.isEmpty {
      let way = ways.removeFirst()
      let last = way.last ?? self
      if last == goal { return way }
      for next in JobStatus.allCases where last.canBecome(next) && !seen.contains(next) {
        seen.append(next)
        ways.append(way + [next])
      }
    }
    return nil
  }

  /// What a hub's word for a phase means.
  init?(phase: String) {
    switch phase {
    case "downloading": self = .processing
    case "uploaded", "starting": self = .uploaded
    case "printing": self = .printing
    case "paused": self = .paused
    case "completed": self = .completed
    case "failed": self = .failed
    case "cancelled": self = .cancelled
    default: return nil
    }
  }
}
