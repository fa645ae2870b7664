import World

/// One request that was answered, for a log that programs read.
public struct CloudRequest: Sendable {
  public let id: String
  public let method: String
  /// The route, with the names of its parameters: what stands in the path may be a token.
  public let route: String
  public let status: Int
  public let microseconds: Int64
  public let peer: String

  /// A line of the log.
  public var json: JSON {
    [
      "request_id": .string(id), "method": .string(method), "route": .string(route),
      "status": .integer(Int64(status)), "microseconds": .integer(microseconds),
      "peer": .string(peer),
    ]
  }
}
