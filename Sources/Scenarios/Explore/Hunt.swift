import World

/// What came of looking for one planted bug.
public struct Catch: Sendable {
  public var bug: String
  public var place: String
  /// What broke, or nil when nothing did within the limit.
  public var rule: String?
  public var text = ""
  /// How many stories were told until it did.
  public var stories: Int
  public var faultsBefore = 0
  public var faultsAfter = 0
  public var shrinkingRuns = 0
  /// The small story, as a file.
  public var script = ""
  /// Without the bug the small story does not break that rule.
  public var isInnocentWithout = true

  public init(bug: String, place: String, rule: String? = nil, stories: Int) {
    self.bug = bug
    self.place = place
    self.rule = rule
    self.stories = stories
  }

  /// Found, the small story has few faults, and blames the bug and nothing else.
  public var isGood: Bool { rule != nil && faultsAfter <= Hunt.faultLimit && isInnocentWithout }
}

/// Looks for planted bugs by exploring.
public enum Hunt {
  /// A story with more faults than these is not small.
  public static let faultLimit = 3

  /// Explores with the bug planted until something breaks, and makes that story small. Whatever was
  /// planted before is gone afterwards.
  public static func hunt(_ bug: PlantedBug, stories limit: Int) -> Catch {
    defer { PlantedBug.plant(nil) }
    PlantedBug.plant(bug)
    var inventor = Inventor(bug.size)
    for number in 1...max(1, limit) {
      let story = inventor.story(of: UInt64(number))
      guard let failure = Exploration.run(story).failure, isItsFault(bug, story, failure.rule)
      else { continue }
      var found = Catch(
        bug: bug.name, place: bug.placeName, rule: failure.rule, stories: number)
      var shrinker = Shrinker(rule: failure.rule)
      var small = shrinker.shrink(story)
      found.shrinkingRuns = shrinker.runCount
      found.faultsBefore = story.faults.count
      found.faultsAfter = small.faults.count
      found.text = Exploration.run(small).failure?.text ?? failure.text
      small.title = "\(bug.name), found by seed \(number)"
      small.why = bug.sentence
      found.script = ScenarioWriter.text(
        of: small,
        remarks: ["Fails when this bug is planted: hubrig explore --plant \(bug.name)"])
      PlantedBug.plant(nil)
      // What is left may lack a second try that it does not need with the bug; the rule must hold.
      found.isInnocentWithout = Exploration.run(small).failure?.rule != found.rule
      return found
    }
    return Catch(bug: bug.name, place: bug.placeName, stories: limit)
  }

  /// Whether the story is well without the bug.
  private static func isItsFault(_ bug: PlantedBug, _ story: Scenario, _ rule: String) -> Bool {
    PlantedBug.plant(nil)
    defer { PlantedBug.plant(bug) }
    return Exploration.run(story).failure?.rule != rule
  }
}
