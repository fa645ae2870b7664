import CLinux
import Glibc

/// A QEMU that runs one image, from power-on to power-off.
final class Emulator {
  /// The rig's end of the chip's virtio console.
  let line: ChipLine
  private(set) var process: Int32
  private let console: Int32
  private var consoleBytes: [UInt8] = []

  /// So much of the console is kept.
  private static let consoleLimit = 4_096

  init(_ settings: ChipSettings) throws(ChipFailure) {
    var wire: [Int32] = [-1, -1]
    var console: [Int32] = [-1, -1]
    // Reads are woken every second; how long to wait in all is the line's to say.
    guard hubrig_socket_pair(&wire, 1_000) == 0, hubrig_pipe(&console) == 0 else {
      throw ChipFailure("there are no descriptors left for another chip")
    }
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    // Of the emulator's descriptors, 3 is the line.
    let descriptors = [null, console[1], console[1], wire[1]]
    let words = [settings.emulator] + Self.arguments(settings)
    var arguments = words.map { strdup($0) as UnsafeMutablePointer<CChar>? } + [nil]
    process = hubrig_spawn(settings.emulator, &arguments, descriptors, Int32(descriptors.count))
    for argument in arguments { free(argument) }
    for descriptor in [null, console[1], wire[1]] { close(descriptor) }
    self.console = console[0]
    line = ChipLine(
      descriptor: wire[0], patience: settings.debuggerPort == nil ? settings.patience : .max)
    line.onSilence = { [unowned self] in readConsole() }
    guard process > 0 else { throw ChipFailure("no further process can be started") }
  }

  deinit {
    end()
    close(console)
  }

  private static func arguments(_ settings: ChipSettings) -> [String] {
    var words = [
      "-machine", "virt", "-m", "64M", "-bios", "none", "-kernel", settings.image,
      "-nodefaults", "-display", "none", "-monitor", "none", "-no-reboot", "-serial", "stdio",
      "-global", "virtio-mmio.force-legacy=false", "-chardev", "socket,id=rig,fd=3",
      "-device", "virtio-serial-device,max_ports=1", "-device", "virtconsole,chardev=rig",
    ]
    if let port = settings.debuggerPort { words += ["-gdb", "tcp:127.0.0.1:\(port)", "-S"] }
    return words
  }

  /// Ends it at once; nothing of it remains.
  func end() {
    guard process > 0 else { return }
    kill(process, SIGKILL)
    reap(options: 0)
  }

  /// Adds to a failure what can be known about it, and ends the emulator.
  func explain(_ failure: ChipFailure) -> ChipFailure {
    var text = failure.description
    if let status = waitForExit() {
      text += "; " + Self.describe(status)
    } else {
      end()
    }
    readConsole()
    text += "\nthe last frames:\n" + line.historyText
    let lines = String(decoding: consoleBytes, as: UTF8.self).split(separator: "\n").suffix(16)
    text += "\nthe console's end:"
    if lines.isEmpty { text += " nothing was written" }
    for line in lines { text += "\n  " + line }
    return ChipFailure(text)
  }

  /// What the emulator ended with by itself, if it does so within a moment.
  private func waitForExit() -> Int32? {
    for _ in 0..<50 {
      if let status = reap(options: WNOHANG) { return status }
      usleep(10_000)
    }
    return nil
  }

  @discardableResult
  private func reap(options: Int32) -> Int32? {
    guard process > 0 else { return nil }
    var status: Int32 = 0
    while true {
      let answer = waitpid(process, &status, options)
      if answer == 0 { return nil }
      if answer < 0 && errno == EINTR { continue }
      process = -1
      return hubrig_exit_status(status)
    }
  }

  private static func describe(_ status: Int32) -> String {
    switch status {
    case 97: "the firmware trapped"
    case 98: "the chip did not understand the rig"
    case 99: "the firmware trapped while it told of a trap"
    case 127: "the emulator could not be started"
    case 256...: "the emulator was ended by signal \(status - 256)"
    default: "the emulator ended with status \(status)"
    }
  }

  /// Keeps the end of what was written, and makes room for more.
  func readConsole() {
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = read(console, &chunk, chunk.count)
      guard count > 0 else { break }
      consoleBytes += chunk[..<count]
      if consoleBytes.count > 2 * Self.consoleLimit {
        consoleBytes.removeFirst(consoleBytes.count - Self.consoleLimit)
      }
    }
  }
}
