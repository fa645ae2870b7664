import Foundation
import HubCore
import Testing

/// Chance that repeats.
private struct Dice {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(below(256)) } }
}

@Suite("Storms")
struct StormTests {
  @Test("whatever bytes any peer sends, the hub stays well and comes back", arguments: 1...60)
  func garbage(seed: Int) {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = [UInt8](repeating: 7, count: 30_000)
    var dice = Dice(state: UInt64(seed))
    for round in 0..<40 {
      if round % 8 == 0 {
        rig.cloud.start("j\(round)", on: printer.serial, size: 30_000)
        rig.run(milliseconds: UInt64(dice.below(3)))
      }
      let streams = rig.board.streams.values.sorted { $0.number < $1.number }
      if !streams.isEmpty {
        let stream = streams[dice.below(streams.count)]
        switch dice.below(4) {
        case 0: stream.toHub += dice.bytes(1 + dice.below(3_000))
        case 1:
          // A damaged byte in what was under way.
          if !stream.toHub.isEmpty {
            stream.toHub[dice.below(stream.toHub.count)] ^= UInt8(1 << dice.below(8))
          } else {
            stream.toHub += [UInt8(dice.below(256))]
          }
        case 2: stream.toHub = Array(stream.toHub.prefix(dice.below(stream.toHub.count + 1)))
        default: stream.isFinishedByPeer = true
        }
      }
      rig.run(milliseconds: UInt64(dice.below(10_000)))
    }
    #expect(rig.board.restarts.isEmpty)
    // A session that was poisoned in silence is found out by its pings or its silence.
    #expect(rig.run(atMost: 900_000) { rig.view.cloud_connected && rig.view.printer_link.0 == 3 })
    let before = rig.view.commands_handled
    for _ in 0..<60 where rig.view.commands_handled == before {
      rig.cloud.command("dance", printer.serial)
      rig.run(milliseconds: 5_000)
    }
    #expect(rig.view.commands_handled > before)
  }

  /// What may follow a phase of a job, as the cloud sees it.
  private static let ways: [String: Set<String>] = [
    "downloading": ["uploaded", "starting", "printing", "failed", "cancelled"],
    "uploaded": ["starting", "printing", "paused", "failed", "cancelled", "completed"],
    "starting": ["uploaded", "printing", "paused", "completed", "failed", "cancelled"],
    "printing": ["paused", "completed", "failed", "cancelled"],
    "paused": ["printing", "completed", "failed", "cancelled"],
    "completed": [], "failed": [], "cancelled": [],
  ]

  @Test(
    "through any weather no job starts twice, ends twice, or prints other bytes", arguments: 1...30)
  func weather(seed: Int) {
    let (rig, printer) = HubRig.withPrinter(model: seed % 2 == 0 ? "P1S" : "X1C")
    var dice = Dice(state: UInt64(seed) &* 7_919)
    var jobs = 0
    for _ in 0..<60 {
      switch dice.below(12) {
      case 0: rig.board.streams.values.sorted { $0.number < $1.number }.first?.fail(-5)
      case 1: printer.broker?.fail(-4)
      case 2: for stream in rig.board.opened where stream.port == 990 { stream.fail(-5) }
      case 3:
        rig.board.wifiState = 5
        rig.board.wifiAnswer = dice.below(2) == 0 ? 2 : 5
      case 4: rig.cloud.close(1001)
      case 5: rig.cloud.command("stop", printer.serial)
      case 6: printer.files.bytesPerTurn = [nil, 0, 100][dice.below(3)]
      case 7: printer.answersPushAll.toggle()
      case 8: rig.board.now += UInt64(dice.below(400_000))
      case 9:
        rig.fileServer.breaks = dice.below(2)
        rig.fileServer.breaksAfter = 1_000
      default:
        jobs += 1
        rig.fileServer.file = dice.bytes(5_000 + jobs)
        rig.cloud.start(
          "j\(jobs)", on: printer.serial, name: "f\(jobs).3mf", size: rig.fileServer.file.count)
      }
      rig.run(milliseconds: UInt64(dice.below(20_000)))
      rig.board.wifiAnswer = 2
      print(on: printer, &dice)
      rig.run(milliseconds: UInt64(dice.below(2_000)))
    }
    #expect(rig.board.restarts.isEmpty)
    #expect(rig.view.bad_input_count == 0)
    for job in 1...max(1, jobs) {
      let starts = printer.commands("project_file").filter {
        $0["subtask_name"] as? String == "f\(job)"
      }
      #expect(starts.count <= 1)
      let phases = rig.cloud.phases(of: "j\(job)")
      for (one, next) in zip(phases, phases.dropFirst()) {
        #expect(Self.ways[one]?.contains(next) == true, "\(one) -> \(next) of job \(job)")
      }
    }
  }

  /// The printer goes on with what it was told last, or stays as it is.
  private func print(on printer: FakePrinter, _ dice: inout Dice) {
    guard let last = printer.commands("project_file").last,
      let name = last["subtask_name"] as? String
    else { return }
    // What it prints is whole.
    #expect(printer.files.card[name + ".3mf"] != nil)
    let state = ["IDLE", "PREPARE", "RUNNING", "PAUSE", "FINISH", "FAILED"][dice.below(6)]
    printer.whole["gcode_state"] = state
    printer.whole["subtask_name"] = name
    printer.prints(state, percent: dice.below(101), name: name)
  }
}
