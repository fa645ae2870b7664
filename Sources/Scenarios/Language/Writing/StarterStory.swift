/// The scenario that somebody begins with who writes a new one.
public enum StarterStory {
  /// A story that runs as it is; `title` is what it will be about.
  public static func text(title: String) -> String {
    """
    scenario: \(title)
    why: >-
      One or two sentences: what goes wrong here, and what a good hub or cloud makes of it.
    \(SmallFarm.text())
    files:
      - { name: clip.3mf, layers: 20, print-time: 10m, size: 400 KB }
    steps:
      - print: clip.3mf
        on: p1
        as: job-1
      # "hubrig scenario explain faults" lists everything that can break.
      - when: p1 progress >= 20%
        fault: wifi-down
        on: hub-1
        for: 45s
    expect:
      - that: job-1 is completed
        within: 1h
      - finally: p1 prints-started = 1 and p1 prints-finished = 1

    """
  }
}
