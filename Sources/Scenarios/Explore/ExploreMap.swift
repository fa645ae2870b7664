import HubHost
import Printers

/// What an exploration can hope to reach, to tell what it has not.
public enum ExploreMap {
  /// Of the world, and of the printers of the ordinary make.
  public static let faults =
    FaultKind.explored.map(\.rawValue) + FieldFault.explored(of: .bambu).map(\.name)

  /// The steps of a hub that a story of this kind can bring about.
  public static let hubSteps: [String] = {
    let states = [HubState.wifiConnect, .cloudConnect, .printersConnect, .running].map(\.name)
    let forward = zip(states, states.dropFirst()).map { "\($0) -> \($1)" }
    let back = states.dropFirst().map { "\($0) -> wifi-connect" }
    let lost = ["printers-connect -> cloud-connect", "running -> cloud-connect"]
    return forward + back + lost + states.map { "\($0) -> off" }
  }()

  public static let jobSteps = [
    "queued -> processing", "queued -> cancelled", "processing -> uploaded", "processing -> failed",
    "processing -> cancelled", "uploaded -> printing", "uploaded -> failed",
    "uploaded -> cancelled", "printing -> paused", "printing -> completed", "printing -> failed",
    "printing -> cancelled", "paused -> printing", "paused -> failed", "paused -> cancelled",
  ]

  /// Each fault in each state of a hub.
  public static let meetings: [String] = faults.flatMap { fault in
    [HubState.wifiConnect, .cloudConnect, .printersConnect, .running].map {
      "\(fault) in \($0.name)"
    }
  }
}
