import Scenarios

/// A story on a small farm, in which a print takes two minutes. `extra` stands before its steps;
/// `farm` goes on about the farm behind its printers.
func storyText(
  _ steps: String, expect: String = "  []", extra: String = "", hub: String = "{ name: hub-1 }",
  models: [String] = ["P1S"], farm: String = ""
) -> String {
  """
  scenario: A test
  why: To see what comes of it
  rest: 5s
  \(SmallFarm.text(models: models).replacing("{ name: hub-1 }", with: hub))\(farm)
  files:
    - { name: part.3mf, layers: 10, print-time: 2m, size: 50 KB }
  \(extra.isEmpty ? "" : extra + "\n")steps:
  \(steps)
  expect:
  \(expect)
  """
}

/// The same, read.
func story(
  _ steps: String, expect: String = "  []", extra: String = "", hub: String = "{ name: hub-1 }",
  models: [String] = ["P1S"], farm: String = ""
) throws -> Scenario {
  try story(
    text: storyText(
      steps, expect: expect, extra: extra, hub: hub, models: models, farm: farm))
}

func story(text: String) throws -> Scenario {
  try ScenarioReader.read(Array(text.utf8), file: "test.yaml")
}

/// What is said of a story that cannot be read; empty for one that can.
func complaint(_ read: () throws -> Scenario) -> String {
  do {
    _ = try read()
    return ""
  } catch {
    return "\(error)"
  }
}
