import Glibc
import HubHost
import Scenarios

/// What the command line says about emulated chips.
enum ChipChoice {
  /// Where `make firmware` leaves the image.
  static let image = ".build-firmware/riscv32-qemu/hub.elf"
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
    var settings = try settings(image: arguments.text("--image") ?? image)
    if arguments.has("--gdb") {
      settings.debuggerPort = debuggerPort
      let image = settings.image
      settings.announceDebugger = { hub, port in
        Console.error(
          """
          \(hub) waits for a debugger. In another terminal:
            gdb-multiarch \(image)
            (gdb) target remote localhost:\(port)
            (gdb) break Hub.poll
            (gdb) continue
          """)
      }
    }
    return Chips(settings: settings, isForAll: isForAll)
  }

  static func settings(image: String) throws(UsageError) -> ChipSettings {
    guard let emulator = find(ChipSettings.emulatorName) else {
      throw UsageError(
        "\(ChipSettings.emulatorName) is not installed; on Debian it is in the package "
          + "qemu-system-misc: sudo apt-get install qemu-system-misc")
    }
    guard access(image, R_OK) == 0 else {
      throw UsageError("there is no image of the firmware at \(image); \"make firmware\" builds it")
    }
    return ChipSettings(image: image, emulator: emulator)
  }

  /// Looks where the shell would.
  private static func find(_ program: String) -> String? {
    let directories = (Console.environment("PATH") ?? "").split(separator: ":")
    return directories.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
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
