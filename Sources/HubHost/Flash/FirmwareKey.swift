// The key that signs firmware: ECDSA on P-256, as the chip's own library checks it.

import CMbedTLS

/// One half or both halves of a key that signs firmware.
public struct FirmwareKey: Sendable {
  /// The point, 65 bytes: 4, x, y.
  public let publicKey: [UInt8]
  /// The secret number, 32 bytes, for whoever signs.
  public let privateKey: [UInt8]?

  /// The key of the rig's own firmware: no secret at all, for every virtual hub believes it.
  public static let rig: FirmwareKey = {
    guard let key = FirmwareKey(privateKey: DeviceKey.mix("firmware key", "of the rig")) else {
      preconditionFailure("the rig's firmware key is a number of P-256")
    }
    return key
  }()

  /// A key that no hub believes.
  public static let stranger: FirmwareKey = {
    guard let key = FirmwareKey(privateKey: DeviceKey.mix("firmware key", "of a stranger")) else {
      preconditionFailure("the stranger's firmware key is a number of P-256")
    }
    return key
  }()

  /// Nil when these are not 65 bytes of a point on the curve.
  public init?(publicKey: [UInt8]) {
    self.publicKey = publicKey
    privateKey = nil
    guard withPoint({ _, _ in 0 }) == 0 else { return nil }
  }

  /// Nil when these 32 bytes are no secret of this curve.
  public init?(privateKey: [UInt8]) {
    var group = mbedtls_ecp_group()
    var number = mbedtls_mpi()
    var point = mbedtls_ecp_point()
    mbedtls_ecp_group_init(&group)
    mbedtls_mpi_init(&number)
    mbedtls_ecp_point_init(&point)
    defer {
      mbedtls_ecp_group_free(&group)
      mbedtls_mpi_free(&number)
      mbedtls_ecp_point_free(&point)
    }
    var bytes = [UInt8](repeating: 0, count: 65)
    var count = 0
    var random = SmallRandom()
    guard privateKey.count == 32,
      mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP256R1) == 0
    else { return nil }
    var generator = group.G
    guard mbedtls_mpi_read_binary(&number, privateKey, 32) == 0,
      mbedtls_ecp_check_privkey(&group, &number) == 0,
      mbedtls_ecp_mul(&group, &point, &number, &generator, SmallRandom.fill, &random) == 0,
      mbedtls_ecp_point_write_binary(
        &group, &point, MBEDTLS_ECP_PF_UNCOMPRESSED, &count, &bytes, bytes.count) == 0,
      count == 65
    else { return nil }
    publicKey = bytes
    self.privateKey = privateKey
  }

  /// Signs a SHA-256; nil without the secret half. The same digest gives the same signature.
  public func sign(digest: [UInt8]) -> [UInt8]? {
    guard let privateKey, digest.count == 32 else { return nil }
    var group = mbedtls_ecp_group()
    var secret = mbedtls_mpi()
    var r = mbedtls_mpi()
    var s = mbedtls_mpi()
    mbedtls_ecp_group_init(&group)
    mbedtls_mpi_init(&secret)
    mbedtls_mpi_init(&r)
    mbedtls_mpi_init(&s)
    defer {
      mbedtls_ecp_group_free(&group)
      mbedtls_mpi_free(&secret)
      mbedtls_mpi_free(&r)
      mbedtls_mpi_free(&s)
    }
    var signature = [UInt8](repeating: 0, count: 64)
    var random = SmallRandom()
    guard mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP256R1) == 0,
      mbedtls_mpi_read_binary(&secret, privateKey, 32) == 0,
      mbedtls_ecdsa_sign_det_ext(
        &group, &r, &s, &secret, digest, 32, MBEDTLS_MD_SHA256, SmallRandom.fill, &random) == 0
    else { return nil }
    let isWritten = signature.withUnsafeMutableBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return false }
      return mbedtls_mpi_write_binary(&r, base, 32) == 0
        && mbedtls_mpi_write_binary(&s, base + 32, 32) == 0
    }
    return isWritten ? signature : nil
  }

  public func isGood(signature: [UInt8], digest: [UInt8]) -> Bool {
    signature.withUnsafeBufferPointer { signature in
      digest.withUnsafeBufferPointer { isGood(signature: signature, digest: $0) }
    }
  }

  func isGood(
    signature: UnsafeBufferPointer<UInt8>, digest: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard signature.count == 64, digest.count == 32, let base = signature.baseAddress else {
      return false
    }
    return withPoint { group, point in
      var r = mbedtls_mpi()
      var s = mbedtls_mpi()
      mbedtls_mpi_init(&r)
      mbedtls_mpi_init(&s)
      defer {
        mbedtls_mpi_free(&r)
        mbedtls_mpi_free(&s)
      }
      guard mbedtls_mpi_read_binary(&r, base, 32) == 0,
        mbedtls_mpi_read_binary(&s, base + 32, 32) == 0
      else { return -1 }
      return mbedtls_ecdsa_verify(&group, digest.baseAddress, 32, &point, &r, &s)
    } == 0
  }

  private func withPoint(
    _ body: (inout mbedtls_ecp_group, inout mbedtls_ecp_point) -> Int32
  ) -> Int32 {
    var group = mbedtls_ecp_group()
    var point = mbedtls_ecp_point()
    mbedtls_ecp_group_init(&group)
    mbedtls_ecp_point_init(&point)
    defer {
      mbedtls_ecp_group_free(&group)
      mbedtls_ecp_point_free(&point)
    }
    guard publicKey.count == 65, mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP256R1) == 0,
      mbedtls_ecp_point_read_binary(&group, &point, publicKey, publicKey.count) == 0,
      mbedtls_ecp_check_pubkey(&group, &point) == 0
    else { return -1 }
    return body(&group, &point)
  }
}

/// Blinds the arithmetic against whoever measures it. Nothing that comes out depends on it.
private struct SmallRandom {
  private var state: UInt32 = 0x2545_F491

  static let fill:
    @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UInt8>?, Int) -> Int32 = {
      context, bytes, count in
      guard let context, let bytes else { return -1 }
      let random = context.assumingMemoryBound(to: SmallRandom.self)
      for index in 0..<count {
        random.pointee.state = random.pointee.state &* 1_664_525 &+ 1_013_904_223
        bytes[index] = UInt8(truncatingIfNeeded: random.pointee.state >> 16)
      }
      return 0
    }
}
