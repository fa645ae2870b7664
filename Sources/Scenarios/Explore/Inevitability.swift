// When did it become inevitable? The failing run is told again and again up to a moment, and from
// there on with other luck: chance decides anew, faults that have not come yet come at other times,
// packets take a little longer or not. Where all branches still fail, it was too late.

import VirtualWorld
import World

/// Branches a failing story at many moments.
public struct Inevitability {
  /// How many of the branches at a moment still failed.
  public struct Moment: Equatable, Sendable {
    public var at: Interval
    public var failed: Int
    public var branches: Int

    public var share: Double { branches == 0 ? 0 : Double(failed) / Double(branches) }
  }

  /// What breaks in the story as it is; nil when nothing does.
  public let rule: String?
  /// When it breaks.
  public let end: Interval
  private let scenario: Scenario

  public init(_ scenario: Scenario) {
    self.scenario = scenario
    let result = ScenarioRun(scenario).run()
    rule = Exploration.failure(of: result)?.rule
    let breach = result.breaches.map(\.at).min()
    let missed = result.expectations.filter { !$0.isMet }.compactMap(\.at).min()
    end = (breach ?? missed ?? .start + result.virtualTime) - .start
  }

  /// The shares at `count` moments, evenly spread up to the end, each of `branches` branches.
  public func moments(
    _ count: Int = 16, branches: Int = 16, onMoment: (Moment) -> Void = { _ in }
  ) -> [Moment] {
    guard rule != nil else { return [] }
    return (0..<count).map { index in
      let at = Interval(nanoseconds: end.nanoseconds / Int64(count) * Int64(index))
      var moment = Moment(at: at, failed: 0, branches: branches)
      for branch in 0..<branches where fails(at: at, UInt64(index * branches + branch + 1)) {
        moment.failed += 1
      }
      onMoment(moment)
      return moment
    }
  }

  /// From when on every branch failed; nil when even the last moment left a way out.
  public static func pointOfNoReturn(_ moments: [Moment]) -> Interval? {
    guard let saved = moments.lastIndex(where: { $0.failed < $0.branches }) else {
      return moments.first?.at
    }
    return saved + 1 < moments.count ? moments[saved + 1].at : nil
  }

  private func fails(at moment: Interval, _ number: UInt64) -> Bool {
    let luck = VirtualWorld(seed: number).addHost("other luck", address: nil, on: .internet)
    let run = ScenarioRun(branch(at: moment, luck))
    run.open()
    if run.advance(to: .start + moment) {
      run.world.chooser = { choice in
        Luck.isOfIdentity(choice) ? nil : luck.chance("other", below: choice.bound)
      }
      run.disturb(by: .milliseconds(Int64(luck.chance("jitter", below: 30))))
      run.advance(to: .never)
    }
    return Exploration.failure(of: run.finish())?.rule == rule
  }

  /// The same story, in which what has not broken by then breaks at another time.
  private func branch(at moment: Interval, _ luck: any Host) -> Scenario {
    var branch = scenario
    let rest = max(1_000, (end - moment).milliseconds)
    for index in branch.faults.indices where branch.faults[index].at >= moment {
      let delay = Int64(luck.chance("fault", below: UInt64(rest)))
      branch.faults[index].at = moment + .milliseconds(delay)
    }
    branch.faults.sort { $0.at < $1.at }
    return branch
  }
}
