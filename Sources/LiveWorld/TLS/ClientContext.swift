import CMbedTLS
import Glibc
import World

/// What all TLS clients of a world share: the random generator and a configuration for each
/// authority they trust.
final class ClientContext {
  private let certificates: CertificateStore
  private let generator: RandomGenerator
  private var byAuthority: [String: ClientConfiguration] = [:]
  private let withoutAuthority: ClientConfiguration
  private let library: ClientLibrary
  private var quickByAuthority: [String: QuickContext] = [:]
  private let quickWithoutAuthority = QuickContext(authority: nil, goesByCommonName: true)

  init(certificates: CertificateStore, library: ClientLibrary) throws(LiveWorldError) {
    self.library = library
    self.certificates = certificates
    generator = try RandomGenerator()
    withoutAuthority = ClientConfiguration(authority: nil, generator: generator)
  }

  func transport(
    over socket: Int32, trust: Trust, serverName: String,
    resuming session: (any ResumableSession)?
  ) throws(NetworkFailure) -> any Transport {
    if library == .openSSL {
      return try QuickTransport(
        socket: socket, context: try quickContext(for: trust),
        policy: ClientPolicy(trust: trust, serverName: serverName),
        resuming: session as? QuickSession)
    }
    let configuration =
      switch trust {
      case .commonName, .pinned: withoutAuthority
      case .authority(let name): try configuration(trusting: name, checksNames: true)
      case .maker(let name, _): try configuration(trusting: name, checksNames: false)
      }
    let policy = ClientPolicy(trust: trust, serverName: serverName)
    return try ClientTransport(
      socket: socket, configuration: configuration, policy: policy,
      resuming: session as? ClientSession)
  }

  private func quickContext(for trust: Trust) throws(NetworkFailure) -> QuickContext {
    guard let name = trust.authority else {
      guard let context = quickWithoutAuthority else { throw .tooMany }
      return context
    }
    var goesByCommonName = false
    if case .maker = trust { goesByCommonName = true }
    let key = (goesByCommonName ? "maker " : "server ") + name
    if let context = quickByAuthority[key] { return context }
    guard let text = text(ofAuthority: name),
      let context = QuickContext(authority: text, goesByCommonName: goesByCommonName)
    else { throw .tlsUntrusted }
    quickByAuthority[key] = context
    return context
  }

  /// A name that begins with a slash is a file of certificates, for clouds that are not ours; a text
  /// of certificates stands for itself.
  private func text(ofAuthority name: String) -> [UInt8]? {
    name.hasPrefix("-----BEGIN ") ? Array(name.utf8) : try? certificates.authorityText(name)
  }

  private func configuration(
    trusting name: String, checksNames: Bool
  ) throws(NetworkFailure) -> ClientConfiguration {
    let key = (checksNames ? "server " : "maker ") + name
    if let configuration = byAuthority[key] { return configuration }
    guard let text = text(ofAuthority: name), let chain = CertificateChain(text)
    else { throw .tlsUntrusted }
    let configuration = ClientConfiguration(
      authority: chain, generator: generator, checksNames: checksNames)
    byAuthority[key] = configuration
    return configuration
  }
}

/// By what the clients of a live world speak TLS.
public enum ClientLibrary: String, CaseIterable, Sendable {
  /// Quick on a PC.
  case openSSL = "openssl"
  /// As on the chip.
  case mbedTLS = "mbedtls"
}

/// Random numbers for mbedTLS, seeded by the system.
final class RandomGenerator {
  let raw = UnsafeMutablePointer<mbedtls_ctr_drbg_context>.allocate(capacity: 1)

  init() throws(LiveWorldError) {
    mbedtls_ctr_drbg_init(raw)
    let code = mbedtls_ctr_drbg_seed(
      raw,
      { _, output, count in
        SystemEntropy.fill(UnsafeMutableRawBufferPointer(start: output, count: count))
        return 0
      }, nil, nil, 0)
    guard code == 0 else { throw .noEntropy }
  }

  deinit {
    mbedtls_ctr_drbg_free(raw)
    raw.deallocate()
  }
}

/// Certificates to trust, as mbedTLS wants them.
final class CertificateChain {
  let raw = UnsafeMutablePointer<mbedtls_x509_crt>.allocate(capacity: 1)

  /// Nil if the PEM text holds no certificate. One that cannot be read beside others is left out.
  init?(_ text: [UInt8]) {
    mbedtls_x509_crt_init(raw)
    let terminated = text + [0]
    let code = mbedtls_x509_crt_parse(raw, terminated, terminated.count)
    guard code >= 0, raw.pointee.raw.p != nil else { return nil }
  }

  deinit {
    mbedtls_x509_crt_free(raw)
    raw.deallocate()
  }
}

/// How mbedTLS is to behave.
final class ClientConfiguration {
  let raw = UnsafeMutablePointer<mbedtls_ssl_config>.allocate(capacity: 1)
  /// The chip's own curve first. mbedTLS would begin with the largest, at many times the price.
  /// It keeps the pointer, so the list lives as long as the process.
  private static let curves: UnsafeMutablePointer<mbedtls_ecp_group_id> = {
    let list = [
      MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP384R1,
      MBEDTLS_ECP_DP_SECP521R1, MBEDTLS_ECP_DP_NONE,
    ]
    let memory = UnsafeMutablePointer<mbedtls_ecp_group_id>.allocate(capacity: list.count)
    memory.initialize(from: list, count: list.count)
    return memory
  }()

  private let authority: CertificateChain?
  private let generator: RandomGenerator

  /// Without `checksNames` it is left to the policy what the certificate must be called.
  init(authority: CertificateChain?, generator: RandomGenerator, checksNames: Bool = true) {
    self.authority = authority
    self.generator = generator
    mbedtls_ssl_config_init(raw)
    mbedtls_ssl_config_defaults(
      raw, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT)
    mbedtls_ssl_conf_rng(raw, mbedtls_ctr_drbg_random, generator.raw)
    mbedtls_ssl_conf_curves(raw, Self.curves)
    // TLS 1.2 and nothing else: what mbedTLS 2.28 gives the chip.
    mbedtls_ssl_conf_min_version(raw, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3)
    if let authority {
      mbedtls_ssl_conf_ca_chain(raw, authority.raw, nil)
      mbedtls_ssl_conf_authmode(raw, MBEDTLS_SSL_VERIFY_REQUIRED)
      if !checksNames {
        mbedtls_ssl_conf_verify(
          raw,
          { _, _, _, flags in
            flags?.pointee &= ~UInt32(MBEDTLS_X509_BADCERT_CN_MISMATCH)
            return 0
          }, nil)
      }
    } else {
      // `ClientPolicy` looks at the certificate; mbedTLS only checks that the server has its key.
      mbedtls_ssl_conf_authmode(raw, MBEDTLS_SSL_VERIFY_OPTIONAL)
    }
  }

  deinit {
    mbedtls_ssl_config_free(raw)
    raw.deallocate()
  }
}
