import Printers

/// How large the invented worlds are, and how much goes wrong in them.
public struct ExplorationSize: Equatable, Sendable {
  /// Farms of different owners, side by side in one cloud.
  public var farms = 1
  public var printers: ClosedRange<Int>
  public var jobs: ClosedRange<Int>
  /// How many faults at least and at most.
  public var faultLeast = 0
  public var faultLimit: Int
  /// Which makes of printers there are.
  public var kinds: [PrinterKind] = [.bambu]
  /// Whether hubs get new firmware, good and bad, in the middle of it all.
  public var updates = false
  /// Whether faults are aimed at what happens: such a story is told once without them first.
  public var aims = true

  public init(printers: ClosedRange<Int>, jobs: ClosedRange<Int>, faultLimit: Int) {
    self.printers = printers
    self.jobs = jobs
    self.faultLimit = faultLimit
  }

  /// One tenant, one hub, two printers, one job.
  public static let standard = ExplorationSize(printers: 2...2, jobs: 1...1, faultLimit: 8)
  /// Two tenants, each with a hub, up to three printers and two jobs.
  public static let neighbours: ExplorationSize = {
    var size = ExplorationSize(printers: 1...3, jobs: 1...2, faultLimit: 8)
    size.farms = 2
    return size
  }()
  /// Up to five printers and as many jobs.
  public static let large = ExplorationSize(printers: 1...5, jobs: 1...5, faultLimit: 20)
  /// Printers of every make, one hub.
  public static let makes: ExplorationSize = {
    var size = ExplorationSize(printers: 1...3, jobs: 1...3, faultLimit: 6)
    size.kinds = PrinterKind.allCases
    return size
  }()
  /// New firmware comes while a job is under way.
  public static let updates: ExplorationSize = {
    var size = ExplorationSize(printers: 1...1, jobs: 1...1, faultLimit: 5)
    size.updates = true
    return size
  }()

  /// By the names that a command line knows.
  public static let named: [(name: String, size: ExplorationSize)] = [
    ("standard", .standard), ("neighbours", .neighbours), ("large", .large), ("makes", .makes),
    ("updates", .updates),
  ]
}
