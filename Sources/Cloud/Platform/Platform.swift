import World

/// What every part of the cloud stands on.
final class Platform {
  let host: any Host
  private let storage: CloudStorage
  /// What is wrong with the machine.
  var trouble: CloudTrouble { storage.trouble }
  let database: Database
  let objects: ObjectStore
  let configuration: CloudServer.Configuration
  let identifiers: Identifiers
  /// Signs presigned URLs.
  let signer: TokenSigner
  let metrics = Metrics()
  /// Hears of every request that was answered.
  var onRequest: ((CloudRequest) -> Void)?
  /// Work that comes round by itself.
  private(set) lazy var cron = Cron(platform: self)
  /// Work that is done later.
  private(set) lazy var queues = Queues(platform: self)
  /// Short-lived values.
  var values: KeyValueStore { KeyValueStore(database: database) }
  /// Signs access tokens.
  let mint: TokenMint
  /// Seals what must not be read in the database.
  let secretBox: SecretBox
  /// Keys the digests of claim codes, which are too short for a plain one.
  let claimKey: [UInt8]
  /// Hears of everything that is worth telling.
  var onEvent: ((CloudEvent) -> Void)?
  /// Who brings news to those who watch a tenant.
  weak var dashboards: Dashboards?
  /// How often each kind of bad input came, by reason.
  private(set) var badInputCounts: [String: Int] = [:]

  init(host: any Host, storage: CloudStorage, configuration: CloudServer.Configuration) throws {
    self.host = host
    self.storage = storage
    database = storage.database
    objects = storage.objects
    self.configuration = configuration
    identifiers = Identifiers(host: host)
    // One key of the configuration, a key of its own for each use.
    func key(for use: String) -> [UInt8] {
      Digest.hmacSHA256(key: configuration.secretKey, [UInt8](use.utf8))
    }
    signer = TokenSigner(key: key(for: "presigned URLs"))
    secretBox = SecretBox(
      key: key(for: "sealed columns"), isOpen: configuration.flaw == .keepsSecretsOpen)
    claimKey = key(for: "claim codes")
    database.stopwatch = (
      now: { [unowned host] in host.now.nanoseconds },
      took: { [metrics] in metrics.transaction(seconds: $0) }
    )
    mint = try TokenMint(configuration.tokenAlgorithm, sharedKey: key(for: "access tokens"))
  }

  func answered(
    _ matched: Dispatcher.Matched?, _ method: String, status: Int, peer: String, id: String,
    since begin: Instant
  ) {
    let took = host.now - begin
    let route = matched?.route.path ?? "none"
    metrics.request(
      matched?.method.rawValue ?? "other", route, status, seconds: took.seconds)
    onRequest?(
      CloudRequest(
        id: id, method: method, route: route, status: status,
        microseconds: took.nanoseconds / 1000, peer: Call.address(of: peer)))
  }

  /// Whether this mistake was planted.
  func has(_ flaw: CloudFlaw) -> Bool { configuration.flaw == flaw }

  /// Milliseconds since 1970.
  var now: Int64 { host.wallMilliseconds }

  func seal(_ secret: String, of owner: String) -> String {
    secretBox.seal(secret, of: owner, nonce: host.randomBytes(12))
  }

  /// Tells it once what it tells of is on disk.
  func tell(_ event: CloudEvent) {
    database.onCommit { [weak self] in self?.onEvent?(event) }
  }

  /// Tells those who watch the tenant, once what it tells of is on disk.
  func publish(_ message: DashboardMessage, in scope: TenantScope) {
    database.onCommit { [weak self] in
      self?.dashboards?.broadcast(message, to: scope.tenantID)
    }
  }

  /// Leaves a line on the timeline once what it tells of is on disk.
  func note(_ text: String) {
    database.onCommit { [host] in host.note(.cloud, text) }
  }

  /// Counts and logs what a peer should not have sent.
  func badInput(from source: String, _ reason: String) {
    badInputCounts[reason, default: 0] += 1
    host.note(.problem, "bad input from \(source): \(reason)")
    tell(.badInput(source: source, reason: reason))
  }
}
