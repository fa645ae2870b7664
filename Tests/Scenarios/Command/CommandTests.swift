import Foundation
import Testing

/// Runs the real command as people do.
enum Hubrig {
  struct Outcome {
    let code: Int32
    let out: String
    let error: String
  }

  /// The products lie beside the tests.
  static var executable: URL {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
    let tests = bundle?.bundleURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    return tests.deletingLastPathComponent().appendingPathComponent("hubrig")
  }

  static func start(_ arguments: [String], in directory: URL) throws -> (Process, Pipe, Pipe) {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = directory
    let (out, error) = (Pipe(), Pipe())
    process.standardOutput = out
    process.standardError = error
    try process.run()
    return (process, out, error)
  }

  static func run(_ arguments: String..., in directory: URL = Library.root) throws -> Outcome {
    let (process, out, error) = try start(arguments, in: directory)
    let text = out.fileHandleForReading.readDataToEndOfFile()
    let complaint = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, out: String(decoding: text, as: UTF8.self),
      error: String(decoding: complaint, as: UTF8.self))
  }
}

func temporaryDirectory() throws -> URL {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  return url
}

@Suite("The command line")
struct CommandTests {
  @Test(
    "what is not understood gets a suggestion and exit code 2",
    arguments: [
      (["rnu"], "hubrig: unknown command \"rnu\"; did you mean \"run\"?"),
      (["--verison"], "hubrig: unknown flag \"--verison\"; did you mean \"version\"?"),
      (
        ["run", "--sede", "3", "x"], "hubrig run: unknown flag \"--sede\"; did you mean \"--seed\"?"
      ),
      (["run", "--seed"], "hubrig run: expected N after --seed"),
      (
        ["run", "--seed", "x", "scenarios/smoke"],
        "hubrig run: expected a whole number from 0 to 9223372036854775807 after --seed, found \"x\""
      ),
      (["run"], "hubrig run: expected FILE|DIRECTORY..."),
      (["run", "none.yaml"], "hubrig run: cannot read none.yaml: No such file or directory"),
      (["run", "--hash=3", "x"], "hubrig run: --hash takes no value"),
      (["version", "x"], "hubrig version: nothing is expected at \"x\""),
      (["printer", "banbu"], "hubrig printer: unknown command \"banbu\"; did you mean \"bambu\"?"),
      (["printer", "bambu"], "hubrig printer bambu: --code is needed"),
      (
        ["printer", "bambu", "--code", "12345678", "--serial", "S", "--fault", "ftps-stal"],
        "hubrig printer bambu: unknown fault \"ftps-stal\"; did you mean \"ftps-stall\"?"
      ),
      (
        ["printer", "bambu", "--code", "12345678", "--serial", "S", "--fault", "ftps-slow much"],
        "hubrig printer bambu: expected a rate such as 50 KB/s or 4 MB/s after ftps-slow, "
          + "found \"much\""
      ),
      (
        ["up", "--printers", "6"],
        "hubrig up: expected a whole number from 1 to 5 after --printers, found \"6\""
      ),
      (
        ["scenario", "explain", "wifi-dwon"],
        "hubrig scenario explain: unknown word \"wifi-dwon\"; did you mean \"wifi-down\"?"
      ),
    ] as [([String], String)])
  func misunderstood(arguments: [String], message: String) throws {
    let (process, _, error) = try Hubrig.start(arguments, in: Library.root)
    let text = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
    let first = String(decoding: text, as: UTF8.self).split(separator: "\n").first ?? ""
    #expect(first == message)
  }

  @Test(
    "every command has a page of help",
    arguments: [
      [], ["run"], ["scenario"], ["scenario", "check"], ["up"], ["cloud"], ["hub"],
      ["printer", "bambu"], ["file", "make"], ["version"],
    ])
  func help(command: [String]) throws {
    let (process, out, _) = try Hubrig.start(command + ["--help"], in: Library.root)
    let text = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(text.contains("usage: " + (["hubrig"] + command).joined(separator: " ")))
  }

  @Test("one scenario is told as a story, with its hash; two processes agree on it")
  func run() throws {
    let file = "scenarios/smoke/one-print.yaml"
    let story = try Hubrig.run("run", file)
    #expect(story.code == 0)
    #expect(story.out.hasPrefix("One print, from upload to finished\n"))
    #expect(story.out.contains("✓ job-1 is completed within 1 h"))
    let hash = try Hubrig.run("run", "--hash", file)
    let digits = hash.out.prefix(16)
    #expect(hash.out == "\(digits)  \(file)\n")
    #expect(story.out.contains("PASS  virtual"))
    #expect(story.out.contains("trace \(digits)"))
    #expect(try Hubrig.run("run", "--hash", "--seed", "2", file).out.prefix(16) != digits)
  }

  @Test("a failed expectation is exit code 1, a scenario that cannot be read 2, with its place")
  func failures() throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let good = try String(
      contentsOf: Library.root.appendingPathComponent("scenarios/smoke/one-print.yaml"),
      encoding: .utf8)
    try good.replacingOccurrences(of: "within: 1h", with: "within: 5m")
      .write(to: directory.appendingPathComponent("late.yaml"), atomically: true, encoding: .utf8)
    let late = try Hubrig.run("run", "--quiet", "late.yaml", in: directory)
    #expect(late.code == 1)
    #expect(late.out.contains("✗ job-1 is completed within 5 m"))
    try good.replacingOccurrences(of: "model: P1S", with: "model: P1Z")
      .write(to: directory.appendingPathComponent("bad.yaml"), atomically: true, encoding: .utf8)
    let bad = try Hubrig.run("run", ".", in: directory)
    #expect(bad.code == 2)
    #expect(bad.error.contains("./bad.yaml:9:30: unknown model \"P1Z\"; did you mean \"P1P\"?"))
    #expect(bad.out.isEmpty)
  }

  @Test("results go to a file as JUnit XML, the timeline as JSON lines")
  func files() throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let junit = directory.appendingPathComponent("junit.xml")
    let trace = directory.appendingPathComponent("trace.jsonl")
    let outcome = try Hubrig.run(
      "run", "--junit", junit.path, "--trace", trace.path, "scenarios/people")
    #expect(outcome.code == 0)
    #expect(try String(contentsOf: junit, encoding: .utf8).contains("failures=\"0\""))
    let lines = try String(contentsOf: trace, encoding: .utf8).split(separator: "\n")
    #expect(lines.count > 50)
    for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
  }

  @Test("a sliced file is made to measure")
  func file() throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let outcome = try Hubrig.run(
      "file", "make", "a.3mf", "--layers", "7", "--print-time", "5m", "--size", "120 KB",
      in: directory)
    #expect(outcome.out == "a.3mf: 120,000 bytes\n")
    let bytes = try Data(contentsOf: directory.appendingPathComponent("a.3mf"))
    #expect(bytes.count == 120_000)
  }

  /// Starts a desk, waits for its guide, and answers what it has printed and how it ended.
  private func bringUp(_ directory: URL) throws -> Hubrig.Outcome {
    let ports = try (0..<3).map { _ in String(try freePort()) }
    let (process, out, error) = try Hubrig.start(
      [
        "up", "--state", "state", "--printers", "1", "--cloud-port", ports[0], "--mqtt-port",
        ports[1], "--ftps-port", ports[2],
      ], in: directory)
    // Whatever goes wrong, the test ends.
    DispatchQueue.global().asyncAfter(deadline: .now() + 60) {
      kill(process.processIdentifier, SIGKILL)
    }
    var text = ""
    while !text.contains("Send a job") {
      let more = out.fileHandleForReading.availableData
      guard !more.isEmpty else { break }
      text += String(decoding: more, as: UTF8.self)
    }
    process.interrupt()
    text += String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaint = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Hubrig.Outcome(
      code: process.terminationStatus, out: text,
      error: String(decoding: complaint, as: UTF8.self))
  }

  private func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        try #require(bind(descriptor, $0, length) == 0)
        try #require(getsockname(descriptor, $0, &length) == 0)
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
  }

  @Test("a desk comes up, ends cleanly by Ctrl-C, and is the same desk the next time")
  func up() throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let first = try bringUp(directory)
    #expect(first.code == 0)
    #expect(first.error == "")
    #expect(first.out.contains("the cloud is down"))
    let hubLine = try #require(first.out.split(separator: "\n").first { $0.contains("claim code") })
    let second = try bringUp(directory)
    #expect(second.code == 0)
    #expect(second.out.contains(hubLine))
  }
}
