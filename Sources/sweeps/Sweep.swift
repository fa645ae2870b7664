// Cuts the power at every operation of a flow: before it, after every byte of it, and after it.
//
// The flow runs once. Before each of its operations the flash is copied, and each copy gets the part
// of the operation that was done when the power went. From there the device boots with nothing in
// memory, is looked at, and carries on. While it does, the power goes a second time, before, inside
// and after every operation of this recovery: a copy of the copy for each of those moments. Copies
// share what neither has changed.
//
// Many second cuts leave the very same bytes behind, at the same step of the flow. What a device does
// after a boot follows from these alone, so of several such flashes one is looked at.

import HubHost

/// How many steps of a flow are done. Read from inside its writes, so it is no value.
final class Stage {
  var done: Int

  init(_ done: Int = 0) { self.done = done }
}

/// How much is looked at after a cut.
enum Reach {
  /// The recovery: what stands in flash, the step that was cut, and the next one.
  case near
  /// To the very end of the flow.
  case end
}

/// What is swept.
protocol Flow {
  var name: String { get }
  /// The second cut comes after every byte of a program as well, and not only in its middle.
  var isFine: Bool { get }
  /// The recovery goes to the end of the flow in any case.
  var endsWithRecovery: Bool { get }
  /// The flash before the flow begins.
  func start() -> NORFlash
  /// Runs the whole flow, with no cut. `stage` counts what is done. Answers what is wrong even so.
  func run(on board: SweepBoard, stage: Stage) -> String?
  /// Boots after a cut in `stage`, looks, and carries on, counting. Answers what is wrong, if
  /// anything is.
  func recover(on board: SweepBoard, from stage: Stage, reach: Reach) -> String?
}

/// A flow swept, with counts.
final class Sweep {
  let flow: any Flow
  /// Only this one, when a failure is looked at again: one point, or two.
  var wanted: [Point] = []
  /// Which share of the cuts is ours.
  var part = 0
  var partCount = 1
  /// Enough is known after so many failures.
  var failureLimit = 1_000
  private(set) var operations = 0
  private(set) var cuts = 0
  private(set) var secondCuts = 0
  /// Second cuts after which a flash was what another had been that was looked at.
  private(set) var knownCuts = 0
  private(set) var failures: [String] = []
  private var pointNumber = 0
  private var known: Set<UInt64> = []

  init(_ flow: any Flow) { self.flow = flow }

  func run() {
    // What stood before is as it should be, whatever is planted.
    let planted = SweepBoard.planted
    SweepBoard.planted = nil
    let flash = flow.start()
    SweepBoard.planted = planted
    let board = SweepBoard(flash)
    let first = flash.operationCount
    let stage = Stage()
    var fingerprint = Fingerprint(of: flash)
    flash.willOperate = { [unowned self] operation, bytes in
      operations = flash.operationCount - first
      let moment = Moment(flash: flash, operation: operation, bytes: bytes, number: operations)
      moment.cuts(isFine: true, &fingerprint) { point, after in
        cut(moment, point, after, stage: stage.done)
      }
    }
    let trouble = flow.run(on: board, stage: stage)
    flash.willOperate = nil
    if let trouble, part == 0 { fail([], trouble) }
  }

  private func cut(_ moment: Moment, _ point: Point, _ after: Fingerprint, stage: Int) {
    pointNumber += 1
    guard failures.count < failureLimit else { return }
    if let wanted = wanted.first, wanted != point { return }
    let isOurs = !wanted.isEmpty || pointNumber % partCount == part
    known.insert(after.joined(with: stage))
    let branch = moment.branch(at: point)
    let first = branch.operationCount
    let later = Stage(stage)
    var fingerprint = after
    branch.willOperate = { [unowned self] operation, bytes in
      let next = Moment(
        flash: branch, operation: operation, bytes: bytes, number: branch.operationCount - first)
      next.cuts(isFine: flow.isFine, &fingerprint) { second, after in
        cutAgain(next, point, second, after, stage: later.done)
      }
    }
    let trouble = flow.recover(on: SweepBoard(branch), from: later, reach: .near)
    branch.willOperate = nil
    guard isOurs else { return }
    cuts += 1
    if let trouble { return fail([point], trouble) }
    guard !flow.endsWithRecovery else { return }
    let other = moment.branch(at: point)
    if let trouble = flow.recover(on: SweepBoard(other), from: Stage(stage), reach: .end) {
      fail([point], trouble)
    }
  }

  private func cutAgain(
    _ moment: Moment, _ first: Point, _ second: Point, _ after: Fingerprint, stage: Int
  ) {
    guard failures.count < failureLimit else { return }
    let flash = after.joined(with: stage)
    if wanted.isEmpty {
      guard flash % UInt64(partCount) == part else { return }
      secondCuts += 1
      guard known.insert(flash).inserted else {
        knownCuts += 1
        return
      }
    } else {
      guard wanted.count == 1 || wanted[1] == second else { return }
      secondCuts += 1
    }
    let twig = SweepBoard(moment.branch(at: second))
    if let trouble = flow.recover(on: twig, from: Stage(stage), reach: .near) {
      fail([first, second], trouble)
    }
  }

  private func fail(_ points: [Point], _ trouble: String) {
    let id = flow.name + ":" + points.map(\.text).joined(separator: ":")
    failures.append("--replay \(id)  \(trouble)")
  }
}
