import CLinux
import Glibc
import LiveWorld
import Scenarios
import World

/// What every command that lives on real sockets has: a world, a timeline, and an end by signal.
final class LiveSession {
  let world: LiveWorld
  private var isEnding = false
  private var exitCode = Exit.success

  /// Nobody waits longer than this for a clean end.
  private static let endLimit = Interval.seconds(10)

  /// `certificates` is where they are kept.
  init(certificates: String, clients library: ClientLibrary = .openSSL) throws {
    do {
      world = try LiveWorld(certificates: certificates, clients: library)
    } catch {
      throw UsageError(Self.sentence(error))
    }
    let timeline = Timeline(paint: Paint(isOn: Console.wantsColour), write: Console.out)
    world.trace.sinks.append(timeline.show)
  }

  private static func sentence(_ error: LiveWorldError) -> String {
    switch error {
    case .noDescriptors: "the system gives no more open files: see \"ulimit -n\""
    case .noEntropy: "the system gives no random numbers"
    case .certificates(.file(let path, let reason)):
      "certificates cannot be kept in \(path): \(reason); try --state"
    case .certificates(.openSSL(let words)): "a certificate cannot be made: \(words)"
    }
  }

  /// By what a hub on this machine speaks TLS.
  static let libraryFlag = Flag(
    "--tls", "LIBRARY", "openssl (quick, when not told) or mbedtls (as on the chip).")

  static func library(_ arguments: Arguments) throws -> ClientLibrary {
    guard let word = arguments.text("--tls") else { return .openSSL }
    guard let library = ClientLibrary(rawValue: word) else {
      throw UsageError("expected openssl or mbedtls after --tls, found \"\(word)\"")
    }
    return library
  }

  /// Runs until a signal comes and `close` has called back. A second signal ends at once.
  func run(close: @escaping (@escaping () -> Void) -> Void) -> Int32 {
    world.onSignal([SIGINT, SIGTERM]) { [self] signal in
      guard !isEnding else { exit(128 + signal) }
      end(close)
    }
    world.run()
    return exitCode
  }

  /// Lets people break printers by what they type.
  func listen(to console: PrinterConsole) {
    world.onLine { line in
      let answer = console.hear(line)
      if !answer.isEmpty { Console.out(answer) }
    }
  }

  private func end(_ close: @escaping (@escaping () -> Void) -> Void) {
    isEnding = true
    Console.out("")
    let clock = world.addHost("ending", address: nil, on: .internet)
    clock.after(Self.endLimit) { [self] in
      Console.error("something did not end within \(Quantity.describe(Self.endLimit))")
      exitCode = Exit.failure
      world.stop()
    }
    close { [self] in world.stop() }
  }

  /// Ends with a sentence, from inside of the loop.
  func fail(_ sentence: String) {
    Console.error(sentence)
    exitCode = Exit.failure
    world.stop()
  }
}

/// Runs `body`; a port that cannot be had becomes a sentence that says what to do.
func opening(_ what: String, hint: String, _ body: () throws -> Void) throws {
  do {
    try body()
  } catch let error as OpeningFailure {
    throw sentence(error.what, error.failure, hint)
  } catch let failure as NetworkFailure {
    throw sentence(what, failure, hint)
  }
}

private func sentence(_ what: String, _ failure: NetworkFailure, _ hint: String) -> UsageError {
  switch failure {
  case .notPermitted: UsageError("\(what): this user may not have such a port; \(hint)")
  case .addressInUse: UsageError("\(what): somebody has such a port already; \(hint)")
  case .unreachable, .nameUnknown:
    UsageError("\(what): this machine has no such address to listen on; \(hint)")
  default: UsageError("\(what): \(failure.name)")
  }
}

/// A file of a state directory that only its owner may read, made by `make` when it is missing.
func kept(_ path: String, _ make: () -> [UInt8]) throws -> [UInt8] {
  if Files.exists(path) { return try Files.read(path) }
  let bytes = make()
  try Files.write(bytes, to: path, mode: 0o600)
  return bytes
}
