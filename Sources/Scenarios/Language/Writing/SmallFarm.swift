/// The world of a story that needs no more than one farm with one hub.
public enum SmallFarm {
  /// It as it stands in a file, its list of printers last; they are called p1, p2 and so on.
  public static func text(models: [String] = ["P1S"]) -> String {
    let printers = models.enumerated().map { number, model in
      "\n        - { name: p\(number + 1), model: \(model) }"
    }
    return """
      world:
        farms:
          - name: workshop
            owner: ada
            hub: { name: hub-1 }
            printers:\(printers.joined())
      """
  }
}
