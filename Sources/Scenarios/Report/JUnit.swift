import World

/// Results in the form that CI systems read.
public enum JUnit {
  /// One test case for each run, with its real time in seconds.
  public static func report(_ runs: [(result: RunResult, realSeconds: Double)]) -> String {
    let failures = runs.count { !$0.result.isPass }
    let total = runs.reduce(0) { $0 + $1.realSeconds }
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<testsuite name=\"scenarios\" tests=\"\(runs.count)\" failures=\"\(failures)\" "
        + "time=\"\(Quantity.fixed(total, digits: 3))\">",
    ]
    for (result, seconds) in runs {
      lines.append(
        "  <testcase classname=\"\(escaped(result.scenario.file))\" "
          + "name=\"\(escaped(result.scenario.title))\" "
          + "time=\"\(Quantity.fixed(seconds, digits: 3))\">")
      lines.append(
        "    <properties><property name=\"seed\" value=\"\(result.seed)\"/>"
          + "<property name=\"trace\" value=\"\(result.hashText)\"/></properties>")
      for expectation in result.expectations where !expectation.isMet {
        let message = "\(expectation.expectation.text): \(expectation.found)"
        lines.append("    <failure type=\"expectation\" message=\"\(escaped(message))\"/>")
      }
      for breach in result.breaches {
        let message = "\(breach.text) at \(Quantity.clock(breach.at))"
        lines.append(
          "    <failure type=\"\(escaped(breach.rule))\" message=\"\(escaped(message))\"/>")
      }
      lines.append("  </testcase>")
    }
    lines.append("</testsuite>")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      default:
        // XML 1.0 has no place for other control characters, not even escaped.
        result.unicodeScalars.append(scalar.value < 0x20 ? "\u{FFFD}" : scalar)
      }
    }
    return result
  }
}
