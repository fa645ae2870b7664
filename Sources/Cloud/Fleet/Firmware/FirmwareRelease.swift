import World

/// A firmware that hubs can have.
struct FirmwareRelease: Record {
  let id: String
  let version: String
  let hardware: String
  let securityVersion: Int64
  let byteCount: Int64
  let checksum: String
  let notes: String?
  let createdAt: Int64

  init(_ row: Row) {
    id = row.text("id")
    version = row.text("version")
    hardware = row.text("hardware")
    securityVersion = row.integer("security_version")
    byteCount = row.integer("size_bytes")
    checksum = row.text("checksum")
    notes = row.optionalText("notes")
    createdAt = row.integer("created_at")
  }

  var json: JSON {
    [
      "id": .string(id), "version": .string(version), "hardware": .string(hardware),
      "security_version": .integer(securityVersion), "size_bytes": .integer(byteCount),
      "checksum": .string(checksum), "notes": .optional(notes), "created_at": .integer(createdAt),
    ]
  }

  static let shape = Shape.named(
    "FirmwareRelease",
    [
      ("id", .uuid), ("version", .text), ("hardware", .text), ("security_version", .integer),
      ("size_bytes", .integer), ("checksum", .text), ("notes", .optional(.text)),
      ("created_at", .time),
    ])

  /// Whether its version is above another: numbers between dots, compared one by one.
  func isNewer(than other: String) -> Bool {
    let numbers = Self.numbers(version)
    let others = Self.numbers(other)
    for place in 0..<max(numbers.count, others.count) {
      let number = place < numbers.count ? numbers[place] : 0
      let other = place < others.count ? others[place] : 0
      if number != other { return number > other }
    }
    return false
  }

  private static func numbers(_ version: String) -> [Int] {
    version.split(separator: ".", omittingEmptySubsequences: false).map { part in
      Int(String(part.prefix(9).prefix { $0.isASCII && $0.isNumber })) ?? 0
    }
  }
}

/// Whom a release is for, and whether it still goes out.
struct FirmwareRollout: Record {
  let id: String
  let releaseID: String
  let hubID: String?
  let channel: String?
  let share: Int64
  let isForced: Bool
  let pauseAfter: Int64
  let isRunning: Bool
  let createdAt: Int64
  let updatedAt: Int64

  init(_ row: Row) {
    id = row.text("id")
    releaseID = row.text("release_id")
    hubID = row.optionalText("hub_id")
    channel = row.optionalText("channel")
    share = row.integer("share")
    isForced = row.bool("is_forced")
    pauseAfter = row.integer("pause_after")
    isRunning = row.text("status") == "running"
    createdAt = row.integer("created_at")
    updatedAt = row.integer("updated_at")
  }

  var json: JSON {
    [
      "id": .string(id), "release_id": .string(releaseID), "hub_id": .optional(hubID),
      "channel": .optional(channel), "share": .integer(share), "force": .bool(isForced),
      "pause_after": .integer(pauseAfter), "status": .string(isRunning ? "running" : "paused"),
      "created_at": .integer(createdAt), "updated_at": .integer(updatedAt),
    ]
  }

  static let shape = Shape.named(
    "FirmwareRollout",
    [
      ("id", .uuid), ("release_id", .uuid), ("hub_id", .optional(.text)),
      ("channel", .optional(.text)), ("share", .integer), ("force", .bool),
      ("pause_after", .integer), ("status", .oneOf(["running", "paused"])), ("created_at", .time),
      ("updated_at", .time),
    ])
}

/// What became of a release on a hub.
struct HubUpdate: Record {
  enum Phase: String {
    case planned, offered, waiting, downloading, installing, succeeded, refused, failed
    case rolledBack = "rolled_back"

    /// Whether the hub still has to do something about it.
    var isOpen: Bool {
      switch self {
      case .planned, .offered, .waiting, .downloading, .installing: true
      case .succeeded, .refused, .failed, .rolledBack: false
      }
    }
  }

  /// A hub that failed so often to get an image is left alone.
  static let failureLimit: Int64 = 3

  let hubID: String
  let releaseID: String
  let rolloutID: String
  let phase: Phase
  let percent: Int64
  let error: String?
  let failures: Int64
  let isForced: Bool
  let updatedAt: Int64

  init(_ row: Row) {
    hubID = row.text("hub_id")
    releaseID = row.text("release_id")
    rolloutID = row.text("rollout_id")
    phase = Phase(rawValue: row.text("phase")) ?? .failed
    percent = row.integer("percent")
    error = row.optionalText("error")
    failures = row.integer("failures")
    isForced = row.bool("is_forced")
    updatedAt = row.integer("updated_at")
  }

  /// Whether the hub is to be told of it again.
  var mayBeOffered: Bool {
    phase.isOpen || phase == .succeeded || phase == .failed && failures < Self.failureLimit
  }

  var json: JSON {
    [
      "hub_id": .string(hubID), "release_id": .string(releaseID),
      "rollout_id": .string(rolloutID), "phase": .string(phase.rawValue),
      "percent": .integer(percent), "error": .optional(error), "failures": .integer(failures),
      "updated_at": .integer(updatedAt),
    ]
  }
}
