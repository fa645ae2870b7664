// Cuts the power at every operation of a flow: before it, after every byte of it, and after it.
//
// The flow runs once. Before each of its operations the flash is copied, and each copy gets the part
// of the operation that was done when the power went. From there the device boots with nothing in
// memory, is looked at, and carries on. While it does, the power goes a second time: a copy of the
// copy for each of those moments. Copies share what neither has changed.

import HubHost

/// How many steps of a flow are done. Read from inside its writes, so it is no value.
final class Stage {
  var done: Int

  init(_ done: Int = 0) { self.done = done }
}

/// How much is looked at after a cut.
enum Reach {
  /// What stands in flash, and the next steps.
  case near
  /// To the very end of the flow.
  case end
}

/// What is swept.
protocol Flow {
  var name: String { get }
  /// The second cut comes after every byte as well, and follows every first cut. Otherwise it comes
  /// before, halfway through and after an operation, and follows first cuts of that kind.
  var isDeep: Bool { get }
  /// Operations of the recovery in which a second cut comes; those after them are the same as in
  /// the first round.
  var recoveryLength: Int { get }
  /// The flash before the flow begins.
  func start() -> NORFlash
  /// Runs the whole flow; with the power gone inside, to nothing. `stage` counts what is done.
  func run(on board: SweepBoard, stage: Stage)
  /// Boots after a cut in `stage`, looks, and carries on, counting. Answers what is wrong, if
  /// anything is.
  func recover(on board: SweepBoard, from stage: Stage, reach: Reach) -> String?
}

/// A flow swept, with counts.
struct Sweep {
  /// Where the power went: operation, byte, and whether an erase was patchy or came from the back.
  struct Point: Equatable {
    var operation: Int
    var byte: Int
    var isPatchy = false
    var isFromBack = false

    var text: String { "\(operation).\(byte)\(isPatchy ? "p" : isFromBack ? "b" : "")" }

    init(operation: Int, byte: Int, isPatchy: Bool = false, isFromBack: Bool = false) {
      self.operation = operation
      self.byte = byte
      self.isPatchy = isPatchy
      self.isFromBack = isFromBack
    }

    init?(_ text: Substring) {
      let parts = text.split(separator: ".")
      guard parts.count == 2, let operation = Int(parts[0]),
        let byte = Int(parts[1].filter { $0 != "p" && $0 != "b" })
      else { return nil }
      self.init(
        operation: operation, byte: byte, isPatchy: parts[1].hasSuffix("p"),
        isFromBack: parts[1].hasSuffix("b"))
    }
  }

  let flow: any Flow
  /// Only this one, when a failure is looked at again: one point, or two.
  var wanted: [Point] = []
  /// Which share of the first cuts is ours.
  var part = 0
  var partCount = 1
  /// Enough is known after so many failures.
  var failureLimit = 1_000
  private(set) var operations = 0
  private(set) var cuts = 0
  private(set) var secondCuts = 0
  private(set) var failures: [String] = []
  private var pointNumber = 0

  init(_ flow: any Flow) { self.flow = flow }

  mutating func run() {
    // What stood before is as it should be, whatever is planted.
    let planted = SweepBoard.planted
    SweepBoard.planted = nil
    let flash = flow.start()
    SweepBoard.planted = planted
    let board = SweepBoard(flash)
    let first = flash.operationCount
    let stage = Stage()
    var sweep = self
    flash.willOperate = { operation, bytes in
      let number = flash.operationCount - first
      sweep.operations = number
      for point in Self.points(operation, number, isFine: true) {
        sweep.cut(flash, operation, bytes, point, stage: stage.done)
      }
    }
    withExtendedLifetime(board) { flow.run(on: board, stage: stage) }
    flash.willOperate = nil
    self = sweep
  }

  /// Before, inside and after.
  private static func points(
    _ operation: NORFlash.Operation, _ number: Int, isFine: Bool
  ) -> [Point] {
    if operation.isErase {
      return [0, 1, 16, 2_048, 4_095, 4_096].map { Point(operation: number, byte: $0) } + [
        Point(operation: number, byte: 1, isPatchy: true),
        Point(operation: number, byte: 2_048, isFromBack: true),
        Point(operation: number, byte: 4_000, isFromBack: true),
      ]
    }
    if isFine { return (0...operation.count).map { Point(operation: number, byte: $0) } }
    var bytes = [0, operation.count / 2, operation.count]
    if operation.count < 2 { bytes = [0, operation.count] }
    return bytes.map { Point(operation: number, byte: $0) }
  }

  private mutating func cut(
    _ flash: NORFlash, _ operation: NORFlash.Operation, _ bytes: UnsafeBufferPointer<UInt8>,
    _ point: Point, stage: Int
  ) {
    pointNumber += 1
    guard failures.count < failureLimit else { return }
    if let wanted = wanted.first {
      if wanted != point { return }
    } else if pointNumber % partCount != part {
      return
    }
    let isEdge =
      operation.isErase || point.byte == 0 || point.byte == operation.count
      || point.byte == operation.count / 2
    let branch = flash.branch()
    branch.apply(
      operation, bytes, upTo: point.byte, isPatchy: point.isPatchy, isFromBack: point.isFromBack)
    cuts += 1
    let board = SweepBoard(branch)
    guard isEdge || flow.isDeep || !wanted.isEmpty else {
      if let trouble = flow.recover(on: board, from: Stage(stage), reach: .near) {
        fail([point], trouble)
      }
      return
    }
    // The second cut, in what the recovery does.
    let first = branch.operationCount
    let later = Stage(stage)
    var sweep = self
    branch.willOperate = { operation, bytes in
      let number = branch.operationCount - first
      guard number <= sweep.flow.recoveryLength else { return }
      for second in Self.points(operation, number, isFine: sweep.flow.isDeep) {
        if sweep.wanted.count > 1, sweep.wanted[1] != second { continue }
        let twig = branch.branch()
        twig.apply(
          operation, bytes, upTo: second.byte, isPatchy: second.isPatchy,
          isFromBack: second.isFromBack)
        sweep.secondCuts += 1
        if let trouble = sweep.flow.recover(
          on: SweepBoard(twig), from: Stage(later.done), reach: .near)
        {
          sweep.fail([point, second], trouble)
        }
      }
    }
    let trouble = flow.recover(on: board, from: later, reach: isEdge ? .end : .near)
    branch.willOperate = nil
    self = sweep
    if let trouble { fail([point], trouble) }
  }

  private mutating func fail(_ points: [Point], _ trouble: String) {
    let id = flow.name + ":" + points.map(\.text).joined(separator: ":")
    failures.append("--replay \(id)  \(trouble)")
  }
}
