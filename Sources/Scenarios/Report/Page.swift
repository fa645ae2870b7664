// A run as one page: lanes for people, cloud, hubs and printers along the time, faults as bands,
// commands as arrows, what each was at as a track. It needs nothing but itself.

import World

/// Collects a run and writes it as a page.
public final class Page {
  private let scenario: Scenario
  private let seed: UInt64
  private var lanes: [String] = []
  private var entries: [JSON] = []
  private var bands: [JSON] = []
  private var openBands: [(lane: String, text: String, from: Instant)] = []
  private var tracks: [JSON] = []
  private var openTracks: [(lane: String, text: String, from: Instant)] = []
  private var arrows: [JSON] = []
  private var last = Instant.start

  public init(_ scenario: Scenario, seed: UInt64) {
    self.scenario = scenario
    self.seed = seed
    lanes =
      ["story"]
      + scenario.world.farms.map(\.owner).reduce(into: []) { names, name in
        if !names.contains(name) { names.append(name) }
      }
    lanes.append("cloud")
    for farm in scenario.world.farms {
      lanes.append(farm.hub.name)
      lanes += farm.printers.map(\.name)
    }
  }

  /// Hears one line of the timeline.
  public func hear(_ entry: TraceEntry) {
    last = max(last, entry.at)
    let lane = lane(entry.actor)
    if entry.kind == .fault { return hearFault(entry, lane) }
    guard entries.count < Self.entryLimit else { return }
    entries.append([
      "t": time(entry.at), "l": .integer(Int64(lane)), "k": .string(entry.kind.name),
      "x": .string(entry.text),
    ])
  }

  /// A page with more of them is slow to open; the first ones tell what went wrong.
  private static let entryLimit = 20_000

  private func hearFault(_ entry: TraceEntry, _ lane: Int) {
    let ending = " is over"
    guard entry.text.hasSuffix(ending) else {
      openBands.append((entry.actor, entry.text, entry.at))
      return
    }
    let name = String(entry.text.dropLast(ending.count))
    guard
      let index = openBands.firstIndex(where: {
        $0.lane == entry.actor && ($0.text == name || $0.text.hasPrefix(name + " "))
      })
    else { return }
    let band = openBands.remove(at: index)
    bands.append(span(lane, band.text, band.from, entry.at))
  }

  /// Hears a fact, which is what tracks and arrows are made of.
  public func hear(_ fact: Fact, at now: Instant) {
    last = max(last, now)
    switch fact {
    case .hubStepped(let hub, _, let to): enter(hub, to, now)
    case .printBegan(let printer, _, _, _): enter(printer, "printing", now)
    case .printEnded(let printer, let isFinished):
      enter(printer, isFinished ? "finished" : "broken off", now)
    case .jobStepped(let job, _, let to):
      entries.append([
        "t": time(now), "l": .integer(Int64(lane("cloud"))), "k": .string("job"),
        "x": .string("\(job) is \(to)"),
      ])
    case .commanded(let hub, _, _):
      arrows.append([
        "t": time(now), "a": .integer(Int64(lane("cloud"))), "b": .integer(Int64(lane(hub))),
      ])
    default: break
    }
  }

  private func enter(_ name: String, _ state: String, _ now: Instant) {
    close(name, now)
    if state != "off" { openTracks.append((name, state, now)) }
  }

  private func close(_ name: String, _ now: Instant) {
    guard let index = openTracks.firstIndex(where: { $0.lane == name }) else { return }
    let track = openTracks.remove(at: index)
    tracks.append(span(lane(name), track.text, track.from, now))
  }

  private func lane(_ name: String) -> Int {
    if let known = lanes.firstIndex(of: name) { return known }
    lanes.append(name)
    return lanes.count - 1
  }

  private func time(_ instant: Instant) -> JSON { .integer((instant - .start).milliseconds) }

  private func span(_ lane: Int, _ text: String, _ from: Instant, _ to: Instant) -> JSON {
    ["l": .integer(Int64(lane)), "x": .string(text), "a": time(from), "b": time(to)]
  }

  /// The whole page.
  public func html(_ result: RunResult) -> [UInt8] {
    last = max(last, .start + result.virtualTime)
    for band in openBands { bands.append(span(lane(band.lane), band.text, band.from, last)) }
    openBands = []
    for track in openTracks { tracks.append(span(lane(track.lane), track.text, track.from, last)) }
    openTracks = []
    let verdicts =
      result.expectations.map { expectation in
        JSON.string((expectation.isMet ? "✓ " : "✗ ") + expectation.expectation.text)
      } + result.breaches.map { JSON.string("✗ \($0.rule): \($0.text)") }
    let data: JSON = [
      "title": .string(scenario.title), "why": .string(scenario.why),
      "file": .string("\(scenario.file), seed \(seed), trace \(result.hashText)"),
      "passed": .bool(result.isPass), "end": time(last), "verdicts": .array(verdicts),
      "lanes": .array(lanes.map { .string($0) }), "entries": .array(entries),
      "bands": .array(bands), "tracks": .array(tracks), "arrows": .array(arrows),
    ]
    // Inside of a script nothing may look like its end.
    let text = String(decoding: data.bytes, as: UTF8.self).replacing("<", with: "\\u003c")
    return Array((PageTemplate.beforeData + text + PageTemplate.afterData).utf8)
  }
}
