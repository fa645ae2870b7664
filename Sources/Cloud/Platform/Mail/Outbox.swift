import World

/// A mail that was written.
public struct Mail: Equatable, Sendable {
  public let recipient: String
  public let subject: String
  public let body: String
  public let createdAt: Int64
}

/// Mails on their way out. They are kept sealed, since they hold tokens; the factory's key opens
/// them, for tests and for whoever runs a cloud of their own.
final class Outbox {
  private let platform: Platform

  private struct Sealed: Record {
    let sequence: Int64
    let recipient: String
    let subject: String
    let body: String
    let createdAt: Int64

    init(_ row: Row) {
      sequence = row.integer("sequence")
      recipient = row.text("recipient")
      subject = row.text("subject")
      body = row.text("body_sealed")
      createdAt = row.integer("created_at")
    }
  }

  private static let add = SystemSQL(
    "INSERT INTO mails (recipient, subject, body_sealed, created_at) VALUES (?, ?, ?, ?)")
  private static let newest = SystemSQL(
    "SELECT * FROM mails WHERE (? IS NULL OR recipient = ?) ORDER BY sequence DESC LIMIT ?")
  private static let forgetOld = SystemSQL(
    "DELETE FROM mails WHERE sequence <= (SELECT max(sequence) FROM mails) - ?")
  /// How many mails are kept.
  private static let keptCount = 1000

  init(platform: Platform) { self.platform = platform }

  func send(to recipient: String, _ subject: String, _ body: String) throws {
    let now = platform.now
    try platform.database.change(
      Self.add, recipient, subject, platform.seal(body, of: Self.owner(recipient)), now)
    try platform.database.change(Self.forgetOld, Self.keptCount)
    platform.tell(.mailWritten(recipient: recipient, subject: subject))
  }

  /// The newest mails, the newest first.
  func mails(to recipient: String?, limit: Int64) throws -> [Mail] {
    try platform.database.all(Sealed.self, Self.newest, recipient, recipient, limit).map { mail in
      Mail(
        recipient: mail.recipient, subject: mail.subject,
        body: platform.secretBox.open(mail.body, of: Self.owner(mail.recipient)) ?? "",
        createdAt: mail.createdAt)
    }
  }

  private static func owner(_ recipient: String) -> String { "mail to \(recipient)" }

  /// What lets a mail be read where none is delivered.
  var routes: [Route] {
    [
      Route(
        .get, "/api/v1/factory/mails",
        .factory { [self] call in
          let mails = try mails(
            to: call.options.optionalText("recipient"),
            limit: call.options.optionalInteger("limit") ?? 20)
          return .data(
            .array(
              mails.map {
                [
                  "recipient": .string($0.recipient), "subject": .string($0.subject),
                  "body": .string($0.body), "created_at": .integer($0.createdAt),
                ]
              }))
        }
      ).described(
        "The newest mails that were written",
        .list(
          .object([
            ("recipient", .text), ("subject", .text), ("body", .text), ("created_at", .time),
          ])), [.optional(.email("recipient")), .optional(.integer("limit", 1...100))])
    ]
  }
}
