import World

/// Puts the names of a story where the machines speak of serial numbers and ids.
final class StoryNames {
  private var known: [(machine: String, person: String)] = [(Names.cloud, "cloud")]

  init(stage: Stage) {
    for farm in stage.farms {
      add(farm.hub.id, farm.hub.name)
      for site in farm.printers { add(site.printer.serial, site.name) }
    }
  }

  func add(_ machine: String, _ person: String) { known.append((machine, person)) }

  /// The story's name of a machine or host.
  func readable(_ name: String) -> String {
    known.first { $0.machine == name }?.person ?? name
  }

  func readable(_ entry: TraceEntry) -> TraceEntry {
    let isForeign = entry.actor == Names.cloud || known.contains { entry.text.contains($0.machine) }
    guard isForeign else { return entry }
    var text = entry.text
    for (machine, person) in known { text = text.replacing(machine, with: person) }
    let actor = entry.actor == Names.cloud ? "cloud" : entry.actor
    return TraceEntry(at: entry.at, actor: actor, kind: entry.kind, text: text)
  }
}
