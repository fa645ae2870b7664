// What a presigned URL ends in: 49 bytes that say what may be done, and their HMAC, 81 bytes in all,
// so that base 64 has no bit to spare and one token has one spelling.
//
//     method | kind<<4 | tenant | id | size limit, big-endian | expires at, ms since 1970
//        1 byte together   16     16             8                       8

/// Leave to do one thing with one object for a while.
struct PresignedToken: Equatable {
  enum Method: UInt8 {
    case upload = 1
    case download = 2
  }

  let method: Method
  let key: ObjectKey
  /// The most bytes that may be uploaded; the object's size for a download.
  let byteLimit: Int
  let expiresAt: Int64
}

/// Why a token is not accepted.
enum TokenRefusal: Error, Equatable {
  case altered
  case expired
}

/// Signs and checks presigned tokens.
struct TokenSigner {
  private let key: [UInt8]
  private static let payloadCount = 49

  init(key: [UInt8]) { self.key = key }

  func text(_ token: PresignedToken) -> String {
    let payload = Self.payload(token)
    return Base64URL.encode(payload + Digest.hmacSHA256(key: key, payload))
  }

  /// What `text` allows, if we wrote it for this method and its time is not over.
  func check(
    _ text: String, for method: PresignedToken.Method, at now: Int64
  ) throws(TokenRefusal) -> PresignedToken {
    guard let bytes = Base64URL.decode(text),
      bytes.count == Self.payloadCount + Digest.byteCount,
      case let payload = [UInt8](bytes[..<Self.payloadCount]),
      Digest.areEqual(
        Digest.hmacSHA256(key: key, payload), [UInt8](bytes[Self.payloadCount...])),
      let token = Self.token(payload), token.method == method
    else { throw .altered }
    guard now < token.expiresAt else { throw .expired }
    return token
  }

  private static func payload(_ token: PresignedToken) -> [UInt8] {
    guard let tenant = UUIDText.bytes(token.key.tenantID), let id = UUIDText.bytes(token.key.id)
    else { preconditionFailure("objects are named by UUIDs") }
    return [token.method.rawValue | token.key.kind.rawValue << 4] + tenant + id
      + bigEndian(UInt64(token.byteLimit)) + bigEndian(UInt64(bitPattern: token.expiresAt))
  }

  private static func token(_ payload: [UInt8]) -> PresignedToken? {
    guard let method = PresignedToken.Method(rawValue: payload[0] & 0x0F),
      let kind = ObjectKey.Kind(rawValue: payload[0] >> 4)
    else { return nil }
    let key = ObjectKey(
      signed: kind, id: UUIDText.text([UInt8](payload[17..<33])),
      tenantID: UUIDText.text([UInt8](payload[1..<17])))
    return PresignedToken(
      method: method, key: key, byteLimit: Int(number(payload[33..<41])),
      expiresAt: Int64(bitPattern: number(payload[41..<49])))
  }

  private static func bigEndian(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
