// The emulated backend, put together: what the platform gives, and the domains that stand on it.

import World

/// A running cloud.
///
/// Everything that must outlive it is in its `CloudStorage`: a server that was dropped or crashed is
/// followed by a new one on the same storage, which goes on where the old one had come to.
public final class CloudServer {
  /// What a cloud is told at its start.
  public struct Configuration {
    /// What presigned URLs begin with, as clients reach the cloud: `https://host:port`.
    public var publicURL: String
    /// 0 for any free one.
    public var port: UInt16
    /// The certificate to show; nil for plain HTTP.
    public var identity: ServerIdentity?
    /// What `X-Factory-Key` must be; empty closes the factory's routes.
    public var factoryKey: String
    public var passwordCost: PasswordCost
    /// 32 bytes; signs URLs and seals secrets.
    public var secretKey: [UInt8]
    /// Other places whose pages may call with a signed-in person's cookie: `https://host`.
    public var trustedOrigins: [String] = []
    /// Who is written to when the cloud itself needs attention.
    public var operatorMail = "operator@hubrig.test"
    public var tokenAlgorithm = TokenAlgorithm.hs256
    /// Whether hubs get files over their sockets, piece by piece, in place of links to them; for
    /// networks in which nothing but the socket gets through.
    public var sendsFilesInPieces = false
    /// For rigs only: a mistake that is to be found.
    public var flaw: CloudFlaw?
    /// Whether callers that ask too often are sent away for a while.
    public var limitsRates = false
    /// Whose firmware is published.
    public var firmware = FirmwareTrust.development
    /// How long what was changed waits for more, before all of it is put on disk together.
    public var commitDelay = Interval.zero

    public init(
      publicURL: String, port: UInt16, identity: ServerIdentity?, factoryKey: String,
      passwordCost: PasswordCost, secretKey: [UInt8]
    ) {
      precondition(secretKey.count >= 32, "the secret key has at least 32 bytes")
      self.publicURL = publicURL
      self.port = port
      self.identity = identity
      self.factoryKey = factoryKey
      self.passwordCost = passwordCost
      self.secretKey = secretKey
    }
  }

  let platform: Platform
  let identity: Identity
  let fleet: Fleet
  let files: Files
  let jobs: Jobs
  private let dashboards: Dashboards
  private let http: HTTPServer
  private var isBeginningAnew = false

  /// Brings the storage's database up to the newest schema.
  public init(host: any Host, storage: CloudStorage, configuration: Configuration) throws {
    platform = try Platform(host: host, storage: storage, configuration: configuration)
    // Those of a cloud that died on the same storage are of no use any more.
    storage.database.endOfTurn = nil
    storage.database.onFailedCommit = nil
    try MigrationRunner(database: storage.database).run(at: host.wallMilliseconds)
    let delay = configuration.commitDelay
    storage.database.endOfTurn = { [unowned host, unowned storage] in
      host.after(storage.trouble.commitDelay ?? delay, $0)
    }
    identity = Identity(platform: platform)
    fleet = Fleet(platform: platform)
    files = Files(platform: platform)
    jobs = Jobs(platform: platform, fleet: fleet, files: files)
    dashboards = Dashboards(platform: platform, identity: identity)
    platform.dashboards = dashboards
    identity.onMembershipChanged = { [unowned dashboards] user, tenant in
      dashboards.recheck(user: user, tenant: tenant)
    }
    identity.onSessionsEnded = { [unowned dashboards] isEnded in dashboards.recheck(isEnded) }
    identity.onTenantEnding = { [unowned fleet, unowned files] scope in
      try fleet.releaseAll(in: scope)
      try files.removeAll(in: scope)
    }
    platform.queues.consume(.printEvents) { [unowned jobs] in
      try PrintEvents(platform: jobs.platform, jobs: jobs, files: jobs.files).take($0)
    }
    platform.queues.consume(.fileProcessing) { [unowned files] in try files.takeMessage($0) }
    platform.queues.consume(.notifications) { [unowned identity] in
      try Notifications(platform: identity.platform, outbox: identity.outbox).take($0)
    }
    let operations = OperationRoutes(platform: platform, fleet: fleet, dashboards: dashboards)
    let health = HealthRoutes(platform: platform) { [unowned fleet] in fleet.onlineCount }
    let described =
      health.routes + identity.routes + fleet.routes + dashboards.routes
      + operations.routes
      + PrintingRoutes(files: files, jobs: jobs).routes
    let router = Router(described + DescriptionRoute(platform: platform).routes(of: described))
    http = HTTPServer(
      platform: platform,
      dispatcher: Dispatcher(platform: platform, router: router, gate: identity))
    storage.database.onFailedCommit = { [weak self] in self?.beginAnew() }
  }

  /// Hears of everything that is worth telling, after it is on disk.
  public var onEvent: ((CloudEvent) -> Void)? {
    get { platform.onEvent }
    set { platform.onEvent = newValue }
  }

  /// The port it listens on; 0 before `start`.
  public var port: UInt16 { http.port }

  /// How many messages wait in each queue, and how many may at most.
  public var queueDepths: [(queue: String, waiting: Int, limit: Int)] {
    let waiting = (try? platform.queues.waiting()) ?? []
    return waiting.map { ($0.queue.name, Int($0.count), Int(QueueConfiguration.depthLimit)) }
  }

  /// How many hubs are held in memory.
  var awakeHubCount: Int { fleet.hubs.awake.count }

  /// As if the store that links lead to were away: every download is answered with 503.
  public var refusesDownloads: Bool {
    get { files.refusesDownloads }
    set { files.refusesDownloads = newValue }
  }

  /// The whole route table.
  var routes: [Route] { http.dispatcher.router.routes }

  /// How often each kind of bad input came, in order of its name.
  public var badInputCounts: [(reason: String, count: Int)] {
    platform.badInputCounts.sorted { $0.key < $1.key }.map { (reason: $0.key, count: $0.value) }
  }

  /// Takes up alarms and commands from before, and opens the door.
  public func start() throws {
    if platform.has(.clearsQueue) { try jobs.clearQueue() }
    if platform.has(.syncsLate) { sync() }
    try fleet.start()
    try dashboards.start()
    platform.queues.start()
    startCron()
    try http.start()
    platform.host.note(.cloud, "the cloud is up on port \(port)")
  }

  /// As if the platform had dropped the object of a hub, and those of all dashboards, from memory.
  public func evictActors(ofHub hub: String) {
    fleet.hubs.evict(hub)
    dashboards.evictAll()
  }

  /// Hears of every request that was answered.
  public var onRequest: ((CloudRequest) -> Void)? {
    get { platform.onRequest }
    set { platform.onRequest = newValue }
  }

  /// The database could not keep what was changed. What is in memory may be ahead of it: hubs and
  /// queues go on from what is on disk, after a while.
  private func beginAnew() {
    guard !isBeginningAnew else { return }
    isBeginningAnew = true
    platform.host.note(.problem, "the database could not keep what was changed")
    platform.host.after(.seconds(1)) { [weak self] in
      guard let self, !platform.queues.hasVanished else { return }
      isBeginningAnew = false
      do {
        try letGo(.notKept)
        platform.queues.start()
      } catch {
        beginAnew()
      }
    }
  }

  /// What is in memory of hubs is given up; they come again, and find what is kept.
  private func letGo(_ farewell: HubFarewell) throws {
    fleet.onlineHubs.forEach { $0.dismiss(farewell) }
    fleet.hubs.vanish()
    try fleet.start()
  }

  /// As if the machine that holds the hubs' objects had been given up for another.
  public func evictHubs() {
    do {
      try letGo(.evicted)
    } catch {
      beginAnew()
    }
  }

  private func startCron() {
    let watch = Watch(platform: platform)
    platform.cron.every(.minutes(1), "the watch") { [unowned self] in
      try watch.look()
      // Another program may have put dead letters back.
      platform.queues.start()
      if !platform.has(.keepsStaleStatus) { fleet.hubs.evictIdle() }
      dashboards.evictIdle()
    }
    platform.cron.every(.minutes(60), "clearing away") { [unowned self] in
      try platform.values.removeExpired(at: platform.now)
      try identity.forgetExpired()
      for scope in try TenantScope.all(in: platform.database) {
        try files.forgetUnrecorded(in: scope)
      }
    }
  }

  /// Takes nothing new, lets requests under way end, says goodbye to hubs, then calls `completion`.
  public func shutDown(completion: @escaping () -> Void) {
    http.drain { [self] in
      fleet.vanish()
      platform.queues.vanish()
      platform.cron.vanish()
      do {
        try platform.database.commit()
      } catch {
        platform.host.note(.problem, "the last changes were not kept: \(error)")
      }
      platform.host.note(.cloud, "the cloud is down")
      completion()
    }
  }

  /// As if the process had died: what is in memory is gone, connections are broken off, what was
  /// not committed never was.
  public func crash() {
    platform.onEvent = nil
    dashboards.vanish()
    platform.queues.vanish()
    platform.cron.vanish()
    fleet.vanish()
    platform.database.rollBack()
    http.vanish()
    if let synced { try? platform.database.load(synced) }
  }

  /// What a disk holds that is written to every now and then.
  private var synced: DatabaseImage?

  private func sync() {
    synced = platform.database.image()
    platform.host.after(.seconds(5)) { [weak self] in self?.sync() }
  }
}
