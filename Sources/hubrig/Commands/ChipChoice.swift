import HubHost
import Scenarios

/// What the command line says about emulated chips.
enum ChipChoice {
  private static let debuggerPort = 1234

  /// The chips for these scenarios; nil when all hubs run in this process.
  static func read(_ arguments: Arguments, for scenarios: [Scenario]) throws(UsageError) -> Chips? {
    let choice = arguments.text("--hub") ?? "host"
    guard ["host", "qemu"].contains(choice) else {
      throw UsageError("expected \"host\" or \"qemu\" after --hub, found \"\(choice)\"")
    }
    let isForAll = choice == "qemu"
    let isForSome = scenarios.contains { $0.world.farms.contains { $0.hub.runsOnChip } }
    guard isForAll || isForSome else {
      for flag in ["--gdb", "--image"] where arguments.has(flag) {
        throw UsageError("\(flag) needs a hub on a chip; add --hub qemu")
      }
      return nil
    }
    var settings = try settings(image: arguments.text("--image") ?? ChipSettings.usualImage)
    if arguments.has("--gdb") {
      settings.debuggerPort = debuggerPort
      let image = settings.image
      settings.announceDebugger = { hub, port in
        Console.error(
          """
          \(hub) waits for a debugger. In another terminal:
            gdb-multiarch -ex 'target remote localhost:\(port)' \(image)
            (gdb) break Hub.swift:80
            (gdb) continue
          """)
      }
    }
    return Chips(settings: settings, isForAll: isForAll)
  }

  private static func settings(image: String) throws(UsageError) -> ChipSettings {
    do throws(ChipFailure) {
      return try ChipSettings.find(image: image)
    } catch {
      throw UsageError(error.description)
    }
  }

  /// One line for people.
  static func describe(_ report: ChipReport) -> String {
    func grouped(_ number: Int) -> String { Quantity.grouped(number) }
    return "chip: stack \(grouped(report.stackUsed)) of \(grouped(report.stackSize)) bytes, "
      + "variables \(grouped(report.staticSize)) bytes; \(grouped(report.boots)) boots, "
      + "\(grouped(report.polls)) polls, \(grouped(report.calls)) board calls, "
      + "\(grouped(report.waits)) of them waited for"
  }
}
