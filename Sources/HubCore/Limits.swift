// Every bound of the firmware, in one place. What happens at a bound is said beside it.

import Wire

/// How much, how long, how often.
enum Limits {
  /// Printers on the network that are remembered; the one that was silent for longest gives way.
  static let foundPrinters = 8
  /// Slots for printers; a sixth `add` is refused.
  static let printers = 5
  /// Command ids that are remembered, so that one that comes again is not executed again.
  static let rememberedCommands = 32
  /// Acknowledgements that may wait for room; with more, nothing is read from the cloud until some
  /// have gone out.
  static let unsentAcknowledgements = 16

  // ---------------------------------------------------------------- bytes, carved once at boot

  /// Bytes from the cloud that were not looked at yet. Also bounds a line of its HTTP answer.
  static let cloudInbox = 1_536
  /// Frames to the cloud that its stream has not taken yet. Only appended to as a whole; when
  /// there is no room, what there is to say stays marked on its slot.
  static let cloudOutbox = 4_096
  /// Events that the cloud has not acknowledged. When it is nearly full no job is taken up, so that
  /// the ends of those under way always find room.
  static let outbox = 3_072
  /// A text message from the cloud; a longer one closes the connection.
  static let cloudMessage = 4_096
  /// A message to the cloud or to a printer, before it is framed; one at a time. The longest is
  /// `printer_status` with every place of an AMS taken and every alarm set off.
  static let spokenMessage = 3_584
  /// One text inside a command; a longer one is cut and the command refused.
  static let commandScratch = 1_025
  /// Where a file is downloaded from; a longer address is refused.
  static let fileURL = 1_024

  /// Bytes from one printer's broker that were not looked at yet.
  static let printerInbox = 2_048
  /// Packets to one printer's broker that its stream has not taken yet; with no room for a command
  /// it is refused.
  static let printerOutbox = 1_280
  /// A report of a printer; a larger one closes the connection.
  static let report = 65_536
  /// One text inside a report; the rest of a longer one is dropped.
  static let reportScratch = 192

  /// The only place where bytes of a file rest between download and upload.
  static let fileWindow = 7_680
  /// A line of an answer of a printer's file server; a longer one closes the connection. Together with
  /// the outbox it holds the head of an upload over HTTP.
  static let fileServerInbox = 768
  static let fileServerOutbox = 256

  /// What the cloud is asked for at a time when a file comes over its socket; less than a message.
  static let filePiece = 4_000
  /// Bytes of a picture between a camera and the cloud; the picture itself is never held.
  static let cameraWindow = 512
  /// A larger picture is refused.
  static let picture = 512 << 10

  /// The certificate of an authority, as text.
  static let authority = 1_800
  /// One text that a phone sends; the longest is the certificate of an authority.
  static let provisioningScratch = 1_808
  /// What a phone can read of the hub's status.
  static let bluetoothStatus = 512
  /// A datagram of somebody who asks for a name.
  static let nameQuestion = 512
  /// What somebody fills into the hub's page.
  static let portalForm = 1_024
  /// Networks that a person can choose from.
  static let shownNetworks = 12
  /// Bytes of a new firmware between the network and the flash.
  static let updateWindow = 2_048
  static let updateAttempts = 8
  /// By then new firmware has reached the cloud, or the one before it comes back.
  static let updateProof: UInt64 = 300_000
  /// How long the cloud has for another link to an image.
  static let updateLink: UInt64 = 60_000
  /// How often is looked whether an update may go on.
  static let updateLook: UInt64 = 1_000
  /// A value in the key store; a longer one is refused.
  static let storeValue = 1_900

  // ------------------------------------------------------------------------- HTTP from peers

  static let httpLine = 1_024
  static let httpHeaders = 48

  // ------------------------------------------------------------------- milliseconds: the radio

  static let settingsAgain: UInt64 = 5_000
  /// In dBm; below this people are told to move something.
  static let weakSignal = -80
  static let wifiJoin: UInt64 = 20_000
  static let wifiRetryBase: UInt64 = 1_000
  static let wifiRetryCap: UInt64 = 60_000
  /// How often a network may be out of reach before people are given another way to the hub.
  static let portalAfterFailures = 4
  /// How often a network that somebody has just named is tried before they are told that it is no
  /// good.
  static let newNetworkAttempts = 2

  // ------------------------------------------------------------------ milliseconds: onboarding

  /// A shorter contact is none.
  static let buttonBounce: UInt64 = 30
  /// From here on the lights warn of what `buttonReset` does.
  static let buttonHold: UInt64 = 3_000
  static let buttonReset: UInt64 = 10_000
  /// How long a phone waits for somebody to press the button.
  static let pairingConfirm: UInt64 = 60_000
  /// How long a phone that came second is told so before it is sent away.
  static let bluetoothBusy: UInt64 = 3_000
  /// A paired phone that says nothing for so long is sent away.
  static let bluetoothIdle: UInt64 = 600_000
  /// How long a hub that runs listens to phones after its button was pressed.
  static let bluetoothByButton: UInt64 = 300_000
  /// How long a paired phone may still look at a hub that runs.
  static let bluetoothFarewell: UInt64 = 60_000
  /// A token without an end is whole after so long a silence.
  static let plainTokenPause: UInt64 = 500
  /// How old the list of networks may be when somebody looks at it.
  static let scanAgain: UInt64 = 30_000
  /// One visitor of the hub's own page at a time; so long each, and so long before the first word.
  static let portalVisit: UInt64 = 5_000
  static let portalSilence: UInt64 = 1_000
  /// How long the hub waits for its printers before it counts as running without some of them.
  static let printersConnect: UInt64 = 30_000

  // ------------------------------------------------------------------- milliseconds: the cloud

  static let cloudOpen: UInt64 = 20_000
  static let cloudUpgrade: UInt64 = 10_000
  static let cloudGreeting: UInt64 = 15_000
  static let cloudRetryBase: UInt64 = 1_000
  static let cloudRetryCap: UInt64 = 60_000
  /// After a connection this long the next failure is a first one again.
  static let goodConnection: UInt64 = 60_000
  /// At least so long after the cloud said that it does not want this hub.
  static let cloudRefusedRetry: UInt64 = 30_000
  static let heartbeatDefault: UInt64 = 25_000
  static let heartbeatShortest: UInt64 = 5_000
  static let heartbeatLongest: UInt64 = 120_000
  static let heartbeatAnswer: UInt64 = 10_000
  /// A message that began must be whole by then, else the connection is out of step.
  static let wholeMessage: UInt64 = 30_000
  static let statusInterval: UInt64 = 5_000
  static let fileProgressInterval: UInt64 = 1_000
  /// After so long an event that the cloud has not acknowledged is told again.
  static let eventAgain: UInt64 = 30_000

  // ------------------------------------------------------------------- milliseconds: a printer

  static let printerOpen: UInt64 = 15_000
  static let printerHandshake: UInt64 = 10_000
  static let printerRetryBase: UInt64 = 1_000
  static let printerRetryCap: UInt64 = 60_000
  /// A wrong access code stays wrong until somebody changes it; asking often may lock the printer.
  static let wrongCodeRetry: UInt64 = 60_000
  static let wrongCodeRetryCap: UInt64 = 300_000
  static let printerKeepAliveSeconds: UInt16 = 60
  static let printerPing: UInt64 = 25_000
  static let printerPingAnswer: UInt64 = 10_000
  /// How long a packet that wants an acknowledgement may go without.
  static let printerAcknowledgement: UInt64 = 15_000
  /// How long a printer has to answer an order, before nobody knows what came of it. The cloud waits
  /// for half a minute.
  static let orderAnswer: UInt64 = 22_000
  /// Some models lag when they are asked for everything more often.
  static let wholeReportInterval: UInt64 = 300_000
  /// A new connection needs a whole report, for what changed meanwhile is in no delta to come; but
  /// one that breaks again and again must wait.
  static let wholeReportAfterConnect: UInt64 = 30_000
  /// A printer at work that says nothing for so long is asked; an idle one after much longer.
  static let silenceAtWork: UInt64 = 60_000
  static let silenceAtRest: UInt64 = 300_000
  static let silenceAnswer: UInt64 = 30_000
  /// A report whose number is lower than the newest by less than this was overtaken; with more, the
  /// printer counts anew. So it does when several in a row look old.
  static let overtakenReports: UInt32 = 1_000
  static let oldReportsInARow = 3

  // ------------------------------------------------- milliseconds: a printer reached by HTTP

  /// An answer; a longer one closes the connection.
  static let printerAnswer = 65_536
  /// How often the same request is made because the server wants a proof or another door.
  static let requestRepeats = 4
  /// Small boards were seen to take half a minute while they slice.
  static let printerAnswerTime: UInt64 = 35_000
  static let pollAtWork: UInt64 = 2_000
  static let pollAtRest: UInt64 = 5_000
  /// How soon a printer is looked at again after it was told something.
  static let pollAfterOrder: UInt64 = 300
  /// Looking at the same printer fails so often in a row before it counts as lost.
  static let missedPolls = 2
  /// How long a server may show a print that is over before it takes another one.
  static let finishedPrintShown: UInt64 = 15_000
  /// How often a printer is looked at before it is asked once more which storages it has.
  static let looksBetweenStorages: UInt8 = 20
  /// How long between two starts of a file that the printer does not find yet, and after how many it
  /// is believed that there is none.
  static let startAgain: UInt64 = 1_500
  static let startsUnfound: UInt8 = 10
  /// How long between two attempts to make a server connect to its printer.
  static let connectAgain: UInt64 = 30_000
  /// How often everything is asked for on a socket on which changes are followed, and by when the
  /// answer must be there.
  static let followAgain: UInt64 = 20_000
  static let followAnswer: UInt64 = 10_000
  /// A server that refused a socket is asked for one again after so long.
  static let socketAgain: UInt64 = 300_000
  /// How long the word is waited for that a file may come; without it the file is sent all the same.
  static let continueAnswer: UInt64 = 1_000

  // ------------------------------------------------------------------ milliseconds: discovery

  static let discoveryFirst: UInt64 = 1_000
  /// How often printers are asked for while one is missing, and while none is.
  static let discoveryMissing: UInt64 = 20_000
  static let discoveryCalm: UInt64 = 300_000
  /// How long answers are gathered before the cloud is told.
  static let discoveryAnswers: UInt64 = 5_000

  // --------------------------------------------------------------------- milliseconds: a job

  /// Real printers have taken 135 s to take up a job; asking again would start it twice.
  static let jobStart: UInt64 = 180_000
  /// So long before that is over, the printer is asked how it is.
  static let jobStartLook: UInt64 = 30_000
  /// A printer that heats for our file and never says that it prints it is given up in the end.
  static let jobStartLongest: UInt64 = 1_800_000
  /// An uploaded job waits so long for its printer to come back.
  static let jobPrinterAway: UInt64 = 900_000
  /// How long a printer may say that it knows nothing of our print before we believe it.
  static let forgottenPrint: UInt64 = 15_000
  static let stopAgain: UInt64 = 10_000
  static let stopAttempts = 4

  // -------------------------------------------------------------------- milliseconds: a file

  static let transferAttempts = 6
  /// So often a link is tried before another way is.
  static let attemptsByLink = 2
  static let transferRetryBase: UInt64 = 2_000
  static let transferRetryCap: UInt64 = 60_000
  /// How often the cloud is asked for another link, and how long for each.
  static let linkRenewals = 3
  static let linkAnswer: UInt64 = 30_000
  /// No byte moved in either direction: the attempt is given up.
  static let transferStall: UInt64 = 60_000
  /// No byte moved for so long over all attempts: the job is given up.
  static let transferPatience: UInt64 = 900_000
  static let downloadOpen: UInt64 = 20_000
  static let downloadAnswer: UInt64 = 30_000
  static let fileServerOpen: UInt64 = 20_000
  static let fileServerAnswer: UInt64 = 20_000
  /// Some printers write to their card for half a minute after the last byte.
  static let fileServerStored: UInt64 = 60_000
  static let fileServerCleanUp: UInt64 = 10_000

  static let cameraOpen: UInt64 = 10_000
  /// The first picture comes within a second or two, and the whole of it soon after.
  static let cameraPicture: UInt64 = 12_000

  // -------------------------------------------------------------------- milliseconds: watchdog

  static let watchdogFeed: UInt64 = 2_000
  /// After an order to restart, so that the answer to it gets out.
  static let restartGrace: UInt64 = 1_000
  static let healthInterval: UInt64 = 60_000
  /// After the board had no more streams to give, no job is taken up for so long.
  static let streamShortage: UInt64 = 60_000
  /// A hub that has run for so long writes down how often it was started.
  static let provenToRun: UInt64 = 60_000
  /// A task that was due so long ago and was not stepped is stalled.
  static let taskLate: UInt64 = 10_000
  /// A task that has not kept its promise so long after it is wedged.
  static let taskPromise: UInt64 = 10_000
  /// One step that takes longer is a hog.
  static let taskStep: UInt64 = 5_000
  /// How many bytes or packets of one stream are handled before the others have their turn.
  static let roundsPerStep = 8
}

// Texts that stand inside their owners. Where a longer one comes, the command is refused, except
// for names that are only shown, which are cut.

/// A command's, job's or session's id.
typealias Identifier = Text<64>
/// A hub's id and the other texts that the factory wrote.
typealias HubID = Text<64>
typealias HubSecret = Text<128>
typealias CloudURL = Text<256>
/// What a person was given to make the hub his.
typealias ClaimToken = Text<128>
typealias NetworkName = Text<32>
typealias NetworkKey = Text<64>
/// Who one is in a network with accounts.
typealias NetworkUser = Text<64>
/// A printer's serial number.
typealias Serial = Text<40>
/// A printer's address on the local network.
typealias Address = Text<64>
typealias AccessCode = Text<32>
/// Who the hub is to a printer that wants a name beside the secret.
typealias PrinterUser = Text<24>
typealias PrinterName = Text<48>
typealias ModelName = Text<16>
/// A file's name, as the cloud gave it and as the printer is told.
typealias FileName = Text<100>
/// What a printer shows as the name of what it prints.
typealias ShownName = Text<100>
/// A printer's number for a task or job.
typealias JobNumber = Text<20>
/// The SHA-256 of a certificate; empty when none is known.
typealias Fingerprint = Text<32>
/// What a printer calls its firmware.
typealias FirmwareVersion = Text<14>
/// Why something failed, as a peer said it.
typealias Remark = Text<64>
/// One line of the log.
typealias LogLine = Text<192>
