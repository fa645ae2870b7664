import World

extension Jobs {
  private static let memoryMilliseconds: Int64 = 24 * 3600 * 1000

  /// Makes a job, or tells of the one that was made when the same request came before: whoever got no
  /// answer may ask again with the same `Idempotency-Key`.
  func once(_ call: Call, in scope: TenantScope, _ make: () throws -> Job) throws -> Answer {
    guard let word = call.headers["idempotency-key"] else {
      return .data(try json(try make(), in: scope), status: 201)
    }
    guard (1...128).contains(word.utf8.count) else {
      throw APIError.badRequest("Idempotency-Key: expected text of 1 to 128 bytes")
    }
    let key = "job:\(scope.tenantID):\(Digest.sha256Hex([UInt8](word.utf8)))"
    let now = platform.now
    if let known = try platform.values.value(key, at: now), let job = try find(known, in: scope) {
      return .data(try json(job, in: scope), status: 201)
    }
    let job = try make()
    try platform.values.set(key, job.id, until: now + Self.memoryMilliseconds)
    return .data(try json(job, in: scope), status: 201)
  }
}
