import Scenarios

/// Gives a parameter of a scenario a value.
let settingFlag = Flag(
  "--set", "NAME=VALUE", "Give a parameter another value, or choose one out of a matrix.")

extension Arguments {
  /// What was given to parameters.
  func settings() throws(UsageError) -> [(name: String, value: String)] {
    var settings: [(name: String, value: String)] = []
    for text in texts("--set") {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw UsageError("expected NAME=VALUE after --set, found \"\(text)\"")
      }
      settings.append((String(parts[0]), String(parts[1])))
    }
    return settings
  }
}

/// Reads files and the files of directories; sentences for those that are wrong. In directories,
/// files whose names begin with an underscore are parts of others.
func readScenarios(
  _ paths: [String], settings: [(name: String, value: String)] = []
) throws -> (scenarios: [Scenario], problems: [String]) {
  var scenarios: [Scenario] = []
  var problems: [String] = []
  for path in paths {
    let files = Files.isDirectory(path) ? try stories(below: path) : [path]
    if files.isEmpty { throw UsageError("there is no *.yaml below \(path)") }
    for file in files {
      do {
        scenarios += try ScenarioReader.readAll(
          Files.read(file), file: file, settings: settings, load: { try Files.read($0) })
      } catch let error as ScenarioError {
        problems.append(error.description)
      }
    }
  }
  return (scenarios, problems)
}

private func stories(below directory: String) throws -> [String] {
  try Files.list(directory, ending: ".yaml").filter { path in
    !(path.split(separator: "/").last ?? "").hasPrefix("_")
  }
}
