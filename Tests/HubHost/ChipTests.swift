import CBoard
import CLinux
import Foundation
import Testing
import VirtualWorld
import World

@testable import HubHost

@Suite("A hub's firmware on an emulated chip")
struct ChipTests {
  // MARK: Every call is carried

  @Test("every call of board.h is carried, in the order of board.h")
  func allCalls() {
    #expect(BoardCalls.all.map(\.number).sorted() == Array(0..<BoardCalls.count))
  }

  @Test("the chip's image carries the calls of the same names in the same order")
  func sameNames() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("hardware/ports/riscv32-qemu/board.c")
    let text = try String(contentsOf: file, encoding: .utf8)
    let names = text.components(separatedBy: "\n").compactMap { line -> String? in
      guard line.hasPrefix("  CALL(") else { return nil }
      return line.dropFirst(7).split(separator: ",").first.map { String($0) }
    }
    #expect(names == BoardCalls.all.sorted { $0.number < $1.number }.map(\.name))
  }

  @Test("what a call carries can be anything without harm to the rig")
  func strangeArguments() throws {
    let bench = try Bench()
    var board = bench.hub.makeBoard()
    var luck: UInt64 = 1
    for call in BoardCalls.all {
      for round in 0..<60 {
        var bytes: [UInt8] = []
        for _ in 0..<(round % 30) {
          luck = luck &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          // Small numbers are likely to be sizes that fit.
          bytes += [UInt8(truncatingIfNeeded: luck >> 60), 0, 0, luck >> 40 & 15 == 0 ? 1 : 0]
        }
        bytes.withUnsafeBytes { raw in
          var reader = ChipReader(raw)
          var writer = ChipWriter()
          writer.begin(.answer, number: 0)
          do throws(ChipFailure) {
            try call.serve(&board, &reader, &writer)
          } catch {
            #expect(!error.description.isEmpty)
          }
        }
      }
    }
  }

  // MARK: The line

  @Test("a whole frame is read, also when it comes in pieces")
  func wholeFrame() throws {
    let pair = try Pair()
    let frame = Pair.frame(.hello, number: 0, [1, 2, 3])
    pair.feed(Array(frame.prefix(5)))
    pair.feed(Array(frame.dropFirst(5)))
    let (kind, payload) = try pair.line.next()
    #expect(kind == .hello)
    #expect(Array(payload) == [1, 2, 3])
    #expect(pair.line.historyText == "  ← hello, 15 bytes")
  }

  @Test(
    "every changed bit of a frame is found out",
    arguments: 0..<(8 * 15))
  func changedBit(bit: Int) throws {
    let pair = try Pair()
    var frame = Pair.frame(.done, number: 0, [1, 2, 3])
    frame[bit / 8] ^= 1 << UInt8(bit % 8)
    pair.feed(frame)
    pair.hangUp()
    #expect(throws: ChipFailure.self) { _ = try pair.line.next() }
  }

  @Test("a lost frame is found out by its number")
  func lostFrame() throws {
    let pair = try Pair()
    pair.feed(Pair.frame(.post, number: 0, [0, 0, 0, 0]))
    pair.feed(Pair.frame(.post, number: 2, [0, 0, 0, 0]))
    _ = try pair.line.next()
    #expect(throws: ChipFailure("a frame from the chip is missing")) { _ = try pair.line.next() }
  }

  @Test("a frame that ends too early is found out")
  func shortFrame() throws {
    let pair = try Pair()
    pair.feed(Pair.frame(.hello, number: 0, [1, 2, 3]).dropLast())
    pair.hangUp()
    #expect(throws: ChipFailure("the chip ended within a frame")) { _ = try pair.line.next() }
  }

  @Test("a chip that says nothing is given up")
  func silence() throws {
    let pair = try Pair(patience: 1)
    #expect(throws: ChipFailure("the chip has said nothing for 1 seconds")) {
      _ = try pair.line.next()
    }
  }

  // MARK: The emulator

  @Test(
    "an emulator that ends at once, hangs or talks nonsense leaves a hub that is off, and says why")
  func brokenEmulators() throws {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("chip-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let stories: [(script: String, says: String, shows: String)] = [
      ("echo no such machine; exit 7", "the emulator ended with status 7", "no such"),
      ("kill -9 $$", "the emulator was ended by signal 9", "nothing was written"),
      ("exec sleep 60", "the chip has said nothing for 1 seconds", "nothing was written"),
      ("echo hello hello hello >&3; exec sleep 60", "what the chip sent is no frame", "frames"),
      ("exec ./no-such-program", "the emulator", "no-such-program"),
    ]
    for (index, story) in stories.enumerated() {
      let program = directory.appendingPathComponent("emulator-\(index)")
      try Data("#!/bin/sh\n\(story.script)\n".utf8).write(to: program)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: program.path)
      let bench = try Bench()
      var settings = ChipSettings(image: "image.elf", emulator: program.path)
      settings.patience = 1
      bench.hub.chip = settings
      var failures: [ChipFailure] = []
      bench.hub.onFailure = { failures.append($0) }
      bench.hub.powerOn()
      let text = try #require(failures.first).description
      #expect(failures.count == 1)
      #expect(text.contains(story.says) && text.contains(story.shows), "\(text)")
      #expect(!bench.hub.isOn && !bench.hub.view.isRunning)
      // Time goes on without it.
      bench.world.run(for: .minutes(5))
    }
  }

  @Test("of an emulator that was ended nothing is left, not even as a zombie")
  func reaped() throws {
    let settings = ChipSettings(image: "3", emulator: "/bin/cat")
    let emulator = try Emulator(settings)
    let process = emulator.process
    #expect(process > 0)
    emulator.end()
    #expect(kill(process, 0) == -1 && errno == ESRCH)
    emulator.end()
  }
}

/// A line with a test at its far end.
private final class Pair {
  let line: ChipLine
  private var far: Int32

  init(patience: Int = 5) throws {
    var ends: [Int32] = [-1, -1]
    try #require(hubrig_socket_pair(&ends, 1_000) == 0)
    line = ChipLine(descriptor: ends[0], patience: patience)
    far = ends[1]
  }

  deinit { hangUp() }

  func feed(_ bytes: [UInt8]) { #expect(send(far, bytes, bytes.count, 0) == bytes.count) }

  func hangUp() {
    if far >= 0 { close(far) }
    far = -1
  }

  static func frame(_ kind: ChipFrameKind, number: UInt8, _ payload: [UInt8]) -> [UInt8] {
    var writer = ChipWriter()
    writer.begin(kind, number: number)
    payload.withUnsafeBytes { writer.put(raw: $0) }
    writer.end()
    return Array(writer.bytes)
  }
}
