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
  /// Payloads, each once: many messages say the same.
  private var payloads: [String] = []
  private var placeOfPayload: [String: Int] = [:]
  private var plots: [(lane: Int, name: String, points: [JSON], value: Int)] = []
  private var groups: [String] = []
  /// Who is at the other end of a printer's local line.
  private let hubOfPrinter: [String: String]
  private let farms: [String]
  private var measuredAt: Instant?
  private var last = Instant.start

  public init(_ scenario: Scenario, seed: UInt64) {
    self.scenario = scenario
    self.seed = seed
    var hubs: [String: String] = [:]
    for farm in scenario.world.farms {
      for printer in farm.printers { hubs[printer.name] = farm.hub.name }
    }
    hubOfPrinter = hubs
    farms = scenario.world.farms.map(\.name)
    add("story", "story")
    for farm in scenario.world.farms {
      if !lanes.contains(farm.owner) { add(farm.owner, "user") }
      for phone in farm.phones { add(phone, "user") }
    }
    add("cloud", "cloud")
    for farm in scenario.world.farms {
      add(farm.hub.name, "hub")
      for printer in farm.printers { add(printer.name, "printer") }
    }
    for farm in scenario.world.farms { add(farm.name, "network") }
  }

  private func add(_ lane: String, _ group: String) {
    lanes.append(lane)
    groups.append(group)
  }

  /// Takes down everything that can be seen of a run; to be called before it begins.
  public func follow(_ run: ScenarioRun) {
    run.onEntry { [self, unowned run] entry in
      hear(entry)
      measure(run.gauges, at: entry.at)
    }
    run.onMessage { [self, unowned run] message in
      hear(message)
      measure(run.gauges, at: message.at)
    }
    run.onFact = { [self, unowned run] in hear($0, at: run.world.now) }
  }

  /// Draws how many of the branches from each moment on fail as the run does.
  public func draw(_ moments: [Inevitability.Moment]) {
    let points = moments.map { moment -> JSON in
      [time(.start + moment.at), .integer(Int64((moment.share * 100).rounded()))]
    }
    plots.append((lane("story"), "% that fail with other luck", points, 0))
  }

  /// Hears a message between two who take part.
  public func hear(_ message: TraceMessage) {
    last = max(last, message.at)
    guard arrows.count < Self.arrowLimit else { return }
    let from = message.from.isEmpty ? hubOfPrinter[message.to] : message.from
    let to = message.to.isEmpty ? hubOfPrinter[message.from] : message.to
    guard let from, let to, let start = lanes.firstIndex(of: from),
      let end = lanes.firstIndex(of: to)
    else { return }
    let whole = String(decoding: message.payload, as: UTF8.self)
    let text = whole.count > Self.payloadLimit ? whole.prefix(Self.payloadLimit) + " …" : whole
    let place = placeOfPayload[text] ?? payloads.count
    if place == payloads.count {
      placeOfPayload[text] = place
      payloads.append(text)
    }
    let kind = (try? JSON.parse(whole))?["type"]?.string ?? ""
    arrows.append([
      "t": time(message.at), "a": .integer(Int64(start)), "b": .integer(Int64(end)),
      "w": .string(kind.isEmpty ? message.what : kind), "p": .integer(Int64(place)),
    ])
  }

  /// Takes down what changes without a word, at most twice a second.
  public func measure(_ gauges: [(actor: String, name: String, value: Int)], at now: Instant) {
    if let measuredAt, now - measuredAt < .milliseconds(500) { return }
    measuredAt = now
    for (actor, name, value) in gauges {
      let lane = lane(actor)
      let place = plots.firstIndex { $0.lane == lane && $0.name == name }
      guard let place else {
        plots.append((lane, name, [[time(now), .integer(Int64(value))]], value))
        continue
      }
      guard plots[place].value != value else { continue }
      plots[place].points.append([time(now), .integer(Int64(value))])
      plots[place].value = value
    }
  }

  private static let arrowLimit = 20_000
  private static let payloadLimit = 700

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
    add(name, "network")
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
      "lanes": .array(lanes.map { .string($0) }), "groups": .array(groups.map { .string($0) }),
      "payloads": .array(payloads.map { .string($0) }),
      "plots": .array(
        plots.map { plot in
          [
            "l": .integer(Int64(plot.lane)), "x": .string(plot.name), "p": .array(plot.points),
          ]
        }),
      "events": .integer(Int64(result.eventCount)), "entries": .array(entries),
      "bands": .array(bands), "tracks": .array(tracks), "arrows": .array(arrows),
    ]
    // Inside of a script nothing may look like its end.
    let text = String(decoding: data.bytes, as: UTF8.self).replacing("<", with: "\\u003c")
    return Array((PageTemplate.beforeData + text + PageTemplate.afterData).utf8)
  }
}
