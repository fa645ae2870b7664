import CArgon2

/// How much work one password costs.
public struct PasswordCost: Equatable, Sendable {
  public var iterations: UInt32
  public var memoryKibibytes: UInt32
  public var lanes: UInt32

  public init(iterations: UInt32, memoryKibibytes: UInt32, lanes: UInt32 = 1) {
    self.iterations = iterations
    self.memoryKibibytes = memoryKibibytes
    self.lanes = lanes
  }

  /// For a cloud that people use: 19 MiB and two passes, some tens of milliseconds.
  public static let real = PasswordCost(iterations: 2, memoryKibibytes: 19_456)
  public static let passLimits: ClosedRange<UInt32> = 1...32
  /// Up to a gigabyte for each password that is being looked at.
  public static let memoryLimits: ClosedRange<UInt32> = 8...1_048_576

  /// As people write it: the passes, and the memory in KiB.
  public init?(_ words: String) {
    let parts = words.split(separator: ",", omittingEmptySubsequences: false).map { UInt32($0) }
    guard parts.count == 2, let passes = parts[0], let memory = parts[1],
      Self.passLimits.contains(passes), Self.memoryLimits.contains(memory)
    else { return nil }
    self.init(iterations: passes, memoryKibibytes: memory)
  }

  public var words: String { "\(iterations),\(memoryKibibytes)" }

  /// As little as the algorithm allows, for rigs that sign up people by the thousand.
  public static let rig = PasswordCost(iterations: 1, memoryKibibytes: 8)
}

/// Argon2id in its encoded form (`$argon2id$v=19$m=…`), which carries salt and cost with it.
enum PasswordHash {
  static let saltCount = 16
  private static let hashCount = 32

  static func make(_ password: String, salt: [UInt8], cost: PasswordCost) -> String {
    let length = argon2_encodedlen(
      cost.iterations, cost.memoryKibibytes, cost.lanes, UInt32(salt.count), UInt32(hashCount),
      Argon2_id)
    var encoded = [CChar](repeating: 0, count: length)
    let bytes = [UInt8](password.utf8)
    let code = argon2id_hash_encoded(
      cost.iterations, cost.memoryKibibytes, cost.lanes, bytes, bytes.count, salt, salt.count,
      hashCount, &encoded, length)
    precondition(code == ARGON2_OK.rawValue, "Argon2 refused its parameters")
    return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func matches(_ password: String, _ encoded: String) -> Bool {
    let bytes = [UInt8](password.utf8)
    return argon2id_verify(encoded, bytes, bytes.count) == ARGON2_OK.rawValue
  }
}
