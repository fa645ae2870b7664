// Mistakes that one could have made in this firmware. A rig plants one of them to see that it is
// found; in what runs on a chip none is ever there (`NoFlaw.swift` stands in for `PlantedFlaw.swift`).

/// A mistake, planted to see that it is found.
public enum HubFlaw: UInt8, Sendable {
  /// A command that comes again is done again, the start of a job as well.
  case repeatsCommands = 1
  /// A start that was not answered is sent again on the next connection to the printer.
  case startsAgain
  /// Neither jobs nor commands are put on record.
  case keepsNoRecord
  /// What is left of a file is asked for from its beginning, and nothing is checked.
  case doesNotCheckRange
  /// A stop that comes before the print is confirmed and forgotten.
  case forgetsStop
  /// A printer that is out of sight has failed.
  case givesUpLostPrinter
  /// All commands go to the first printer.
  case mixesUpPrinters
  /// While a file moves nobody else gets a turn.
  case starvesTasks
  /// After three failures the network is not tried again.
  case givesUpNetwork
  /// A connection to the cloud that broke is not made again.
  case givesUpCloud
  /// A connection to a printer that broke is not made again.
  case givesUpPrinter
  /// Nobody asks whether the cloud is still there.
  case trustsSilence
  /// The job is put on record with every report.
  case wearsFlash
  /// The key of the network is written to the log.
  case tellsKey
  /// A printer that shows nothing has finished.
  case takesIdleForDone
}
