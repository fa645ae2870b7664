import World

extension Observer {
  func person(_ name: String) -> Person? {
    stage.farms.lazy.flatMap(\.people).first { $0.name == name }
  }

  func isPerson(_ name: String, _ word: PersonWord) -> Bool {
    guard let person = person(name) else { return false }
    switch word {
    case .watching: return person.isWatching
    case .away: return !person.isWatching
    case .sentAway: return !person.isWatching && person.farewell.map { $0 >= 4000 } == true
    case .viewer, .operator, .admin, .owner: return person.shownRole == word.rawValue
    }
  }

  /// Whether a dashboard has shown something of another farm.
  func look(at news: JSON, shownTo person: Person) {
    for other in stage.farms where other.name != person.farm {
      let hubs = stage.farms.map(\.hub).filter { $0.owningFarm == other.name }.map(\.id)
      let ids = hubs + other.owner.knownIDs
      for key in ["printer_id", "job_id", "hub_id"] {
        guard let id = news[key]?.string, ids.contains(id) else { continue }
        let what = news["type"]?.string ?? "something"
        tell(.shown(farm: other.name, ownerOf: person.farm, what: "news (\(what))"))
      }
    }
  }
}
