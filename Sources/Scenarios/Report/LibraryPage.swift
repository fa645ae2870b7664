// The library of stories as one page of Markdown: what there is, by folder, with a line each.

/// Writes the index of a library of scenarios.
public enum LibraryPage {
  /// The page; `base` is the folder that it will stand in, and the links are relative to it.
  public static func text(of scenarios: [Scenario], base: String) -> String {
    var files: [(path: String, scenario: Scenario, count: Int)] = []
    for scenario in scenarios {
      let path = relative(bare(scenario.file), to: base)
      if let last = files.last, last.path == path {
        files[files.count - 1].count += 1
      } else {
        files.append((path, scenario, 1))
      }
    }
    var folders: [String] = []
    for file in files where !folders.contains(folder(of: file.path)) {
      folders.append(folder(of: file.path))
    }
    let stories = scenarios.count == files.count ? "" : ", \(scenarios.count) stories"
    var lines = [
      "# The library of stories", "",
      "\(files.count) files\(stories). Written by `hubrig scenario list --page`; "
        + "`hubrig run FILE` runs one, `hubrig run scenarios` all.",
    ]
    for name in folders {
      let rows = files.filter { folder(of: $0.path) == name }
      let hasSources = rows.contains { $0.scenario.source != nil }
      lines += ["", "## \(name)", ""]
      lines.append(hasSources ? "| story | what it shows | seen in |" : "| story | what it shows |")
      lines.append(hasSources ? "| --- | --- | --- |" : "| --- | --- |")
      for row in rows {
        let times = row.count > 1 ? " (\(row.count) ×)" : ""
        var cells = [
          "[\(escaped(row.scenario.title))](\(row.path))\(times)", escaped(row.scenario.why),
        ]
        if hasSources { cells.append(row.scenario.source.map { link($0) } ?? "") }
        lines.append("| " + cells.joined(separator: " | ") + " |")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Without the choice of a matrix.
  private static func bare(_ file: String) -> String {
    file.firstRange(of: " [").map { String(file[..<$0.lowerBound]) } ?? file
  }

  private static func relative(_ file: String, to base: String) -> String {
    let prefix = base.hasSuffix("/") ? base : base + "/"
    return file.hasPrefix(prefix) ? String(file.dropFirst(prefix.count)) : file
  }

  private static func folder(of path: String) -> String {
    let parts = path.split(separator: "/").dropLast()
    return parts.isEmpty ? "." : parts.joined(separator: "/")
  }

  private static func link(_ sources: String) -> String {
    sources.split(separator: " ").map { source in
      let parts = source.split(separator: "/")
      let name = parts.count > 3 ? parts.dropFirst(2).joined(separator: "/") : String(source)
      return "[\(escaped(name))](\(source))"
    }.joined(separator: ", ")
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("|", with: "\\|").split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
