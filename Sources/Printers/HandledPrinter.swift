import World

/// A simulated printer as hands treat it: they press what its screen shows, and pull its plug.
protocol HandledPrinter: SimulatedPrinter {
  var host: any Host { get }
  func pressStart()
}

extension HandledPrinter {
  func press(_ button: String) {
    switch button {
    case "pause": pressPause()
    case "resume": pressResume()
    case "stop": pressStop()
    default: pressStart()
    }
  }

  /// No power for a while.
  func stayAway(_ length: Interval) {
    guard isOn else { return }
    stop()
    (clock ?? host).after(length) { [weak self] in
      guard let self else { return }
      do throws(NetworkFailure) {
        try start()
      } catch {
        host.note(.problem, "cannot be switched on again: \(error.name)")
      }
    }
  }
}
