/// What a hub's socket keeps for its object, which may be dropped from memory while the socket stays.
struct HubAttachment {
  var lastHeardAt: Int64 = 0
  /// Commands that went out over this socket, by sequence.
  var sent: Set<Int64> = []
  /// When the hub has had its time to speak of its jobs; nil afterwards.
  var reviewAt: Int64?
  /// The boot of the hub in which its events are numbered.
  var eventEpoch: Int?
  /// What the hub said last, by the printer's serial number.
  var live: [String: PrinterReport] = [:]
  /// Printers of an earlier owner that the hub was told to forget, by the command's id.
  var forgetting: [String: String] = [:]
}
