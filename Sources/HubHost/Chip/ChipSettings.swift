import Glibc

/// How a hub's firmware is run on an emulated chip.
public struct ChipSettings {
  /// The image that `make firmware` has linked.
  public var image: String
  /// The emulator's path.
  public var emulator: String
  /// How long the chip may say nothing while it is asked for something, in seconds of real time.
  public var patience = 20
  /// Where a debugger is waited for at every power-on; nobody is when this is nil. The port and the
  /// hub's name go to `announceDebugger`.
  public var debuggerPort: Int?
  public var announceDebugger: ((_ hub: String, _ port: Int) -> Void)?

  public init(image: String, emulator: String) {
    self.image = image
    self.emulator = emulator
  }

  private static let emulatorName = "qemu-system-riscv32"
  /// Where `make firmware` leaves the image.
  public static let usualImage = ".build-firmware/riscv32-qemu/hub.elf"

  /// Finds the emulator where the shell would; the failure says what to do when something is missing.
  public static func find(image: String = usualImage) throws(ChipFailure) -> ChipSettings {
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    let places = path.split(separator: ":").map { "\($0)/\(emulatorName)" }
    guard let emulator = places.first(where: { access($0, X_OK) == 0 }) else {
      throw ChipFailure(
        "\(emulatorName) is not installed; on Debian it is in the package qemu-system-misc: "
          + "sudo apt-get install qemu-system-misc")
    }
    guard access(image, R_OK) == 0 else {
      throw ChipFailure(
        "there is no image of the firmware at \(image); \"make firmware\" builds it")
    }
    return ChipSettings(image: image, emulator: emulator)
  }
}

/// What was measured on a chip, over all of its boots.
public struct ChipReport: Equatable, Sendable {
  public var boots = 0
  public var polls = 0
  /// Calls of the board, and those among them that the chip had to wait for.
  public var calls = 0
  public var waits = 0
  public var stackSize = 0
  /// The deepest that the stack ever was.
  public var stackUsed = 0
  /// RAM for variables and buffers, the firmware's region among them.
  public var staticSize = 0

  public init() {}

  public mutating func add(_ other: ChipReport) {
    boots += other.boots
    polls += other.polls
    calls += other.calls
    waits += other.waits
    stackSize = max(stackSize, other.stackSize)
    stackUsed = max(stackUsed, other.stackUsed)
    staticSize = max(staticSize, other.staticSize)
  }
}
