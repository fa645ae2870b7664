// Explores on all cores: one process for each, since a world is one thread. They are this program
// again, and tell what they find line by line.

import Glibc
import World

/// Child processes that write lines.
final class WorkerPool {
  private struct Worker {
    var number: Int
    var process: pid_t
    var output: Int32
    var buffer: [UInt8] = []
    var lineCount = 0
  }

  /// How a worker ended that did not end well.
  struct Death {
    /// The place of its arguments in the list.
    var worker: Int
    /// How many lines it had written.
    var lineCount: Int
    var reason: String
  }

  private var workers: [Worker] = []
  /// Those that ended before their work was done, the last one last.
  private(set) var deaths: [Death] = []

  /// Starts this program with each of these lists of arguments.
  init(arguments: [[String]]) throws {
    for (number, list) in arguments.enumerated() {
      do {
        try add(number, list)
      } catch {
        stop()
        throw error
      }
    }
  }

  /// Starts one more.
  func add(_ number: Int, _ arguments: [String]) throws {
    workers.append(try Self.start(number, arguments))
  }

  deinit { stop() }

  var isRunning: Bool { !workers.isEmpty }

  /// Waits up to `milliseconds` and hands over each line that has come.
  func wait(milliseconds: Int32, _ hear: ([UInt8]) -> Void) {
    var descriptors = workers.map { pollfd(fd: $0.output, events: Int16(POLLIN), revents: 0) }
    guard poll(&descriptors, nfds_t(descriptors.count), milliseconds) > 0 else { return }
    for index in workers.indices.reversed() where descriptors[index].revents != 0 {
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = read(workers[index].output, &chunk, chunk.count)
      if count > 0 {
        workers[index].buffer += chunk[..<count]
        takeLines(of: index, hear)
      } else if count == 0 || errno != EINTR {
        close(workers[index].output)
        var status: Int32 = 0
        waitpid(workers[index].process, &status, 0)
        let gone = workers.remove(at: index)
        guard status != 0 else { continue }
        let signal = status & 0x7F
        let reason = signal != 0 ? "signal \(signal)" : "exit code \(status >> 8 & 0xFF)"
        deaths.append(Death(worker: gone.number, lineCount: gone.lineCount, reason: reason))
      }
    }
  }

  /// Asks all of them to end, and waits until they have.
  func stop() {
    for worker in workers { kill(worker.process, SIGTERM) }
    for worker in workers {
      close(worker.output)
      var status: Int32 = 0
      waitpid(worker.process, &status, 0)
    }
    workers.removeAll()
  }

  private func takeLines(of index: Int, _ hear: ([UInt8]) -> Void) {
    var start = 0
    let buffer = workers[index].buffer
    while let end = buffer[start...].firstIndex(of: 0x0A) {
      workers[index].lineCount += 1
      hear(Array(buffer[start..<end]))
      start = end + 1
    }
    workers[index].buffer.removeFirst(start)
  }

  /// Worlds come and go by the thousand: their memory is not given back in between.
  private static let settings = [
    "MALLOC_MMAP_THRESHOLD_=67108864", "MALLOC_TRIM_THRESHOLD_=268435456",
  ]

  private static func start(_ number: Int, _ arguments: [String]) throws -> Worker {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw ToolError("no pipe for a worker: \(String(cString: strerror(errno)))")
    }
    // No worker holds an end of another's.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    var words: [UnsafeMutablePointer<CChar>?] = (["hubrig"] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var surroundings: [UnsafeMutablePointer<CChar>?] = []
    var place = environ
    while let variable = place.pointee {
      surroundings.append(variable)
      place += 1
    }
    let own = settings.map { strdup($0) }
    surroundings += own + [nil]
    defer { for variable in own { free(variable) } }
    var process = pid_t()
    let failure = posix_spawn(&process, "/proc/self/exe", &actions, nil, words, surroundings)
    close(ends[1])
    guard failure == 0 else {
      close(ends[0])
      throw ToolError("no worker could be started: \(String(cString: strerror(failure)))")
    }
    return Worker(number: number, process: process, output: ends[0])
  }
}

/// Something outside of the command line went wrong; exit code 1.
struct ToolError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
