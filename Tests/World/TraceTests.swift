import Testing
import World

@Suite("The trace")
struct TraceTests {
  private func hash(_ body: (Trace) -> Void) -> UInt64 {
    let trace = Trace()
    body(trace)
    return trace.hash
  }

  private func note(
    _ trace: Trace, at nanoseconds: Int64 = 5, by actor: String = "hub",
    _ kind: TraceKind = .hub, _ text: String = "booted"
  ) {
    trace.note(at: Instant(nanoseconds: nanoseconds), by: actor, kind, text)
  }

  @Test("the same events give the same hash, in every run and build")
  func repeatable() {
    let first = hash {
      note($0)
      $0.mix(1, 2)
    }
    let second = hash {
      note($0)
      $0.mix(1, 2)
    }
    #expect(first == second)
    // Written down: a change of the hash changes what every saved run replays to.
    #expect(first == 7_042_457_154_179_176_332)
  }

  @Test("time, actor, kind, text and order each change the hash")
  func sensitive() {
    let hashes = [
      hash { note($0) }, hash { note($0, at: 6) }, hash { note($0, by: "hub2") },
      hash { note($0, .cloud) }, hash { note($0, .hub, "booted!") }, hash { _ in },
      hash { note($0, by: "hu", .hub, "bbooted") },
      hash {
        $0.mix(1, 2)
        $0.mix(3, 4)
      },
      hash {
        $0.mix(3, 4)
        $0.mix(1, 2)
      },
      hash { $0.mix(2, 1) },
    ]
    #expect(Set(hashes).count == hashes.count)
  }

  @Test("bytes of any length are mixed in, zeros too")
  func bytes() {
    let hashes = (0..<40).map { count in
      hash { trace in
        [UInt8](repeating: 0, count: count).withUnsafeBytes { trace.mix(bytes: $0) }
      }
    }
    #expect(Set(hashes).count == hashes.count)
    for place in 0..<20 {
      var input = [UInt8](repeating: 7, count: 20)
      let before = hash { trace in input.withUnsafeBytes { trace.mix(bytes: $0) } }
      input[place] = 8
      let after = hash { trace in input.withUnsafeBytes { trace.mix(bytes: $0) } }
      #expect(before != after)
    }
  }

  @Test("every sink hears each line in order, and listening does not change the hash")
  func sinks() {
    let trace = Trace()
    var first: [String] = []
    var second: [TraceKind] = []
    trace.sinks.append { first.append("\($0.actor): \($0.text)") }
    trace.sinks.append { second.append($0.kind) }
    note(trace)
    note(trace, by: "cloud", .cloud, "up")
    #expect(first == ["hub: booted", "cloud: up"])
    #expect(second == [.hub, .cloud])
    let silent = hash {
      note($0)
      note($0, by: "cloud", .cloud, "up")
    }
    #expect(trace.hash == silent)
  }

  @Test("events are counted")
  func count() {
    let trace = Trace()
    trace.mix(1, 2)
    trace.mix(1, 2)
    note(trace)
    #expect(trace.eventCount == 3)
  }
}
