import Testing
import VirtualWorld
import Wire
import World

@testable import Cloud

/// A cloud in the virtual world, people who call it, and hubs that are played by the test.
final class CloudRig {
  static let name = "cloud.hubrig.test"
  static let url = "https://cloud.hubrig.test:8787"
  static let authority = "hubrig development authority"
  static let factoryKey = "the-factory-key"

  let world: VirtualWorld
  let cloudHost: VirtualHost
  let userHost: VirtualHost
  let hubHost: VirtualHost
  let storage: CloudStorage
  private(set) var cloud: CloudServer
  private(set) var events: [CloudEvent] = []
  /// Lines on the timeline.
  private(set) var notes: [String] = []

  private let configuration: CloudServer.Configuration

  init(
    seed: UInt64 = 1, storage: CloudStorage = .memory(),
    _ adjust: (inout CloudServer.Configuration) -> Void = { _ in }
  ) throws {
    var configuration = Self.configuration
    adjust(&configuration)
    self.configuration = configuration
    world = VirtualWorld(seed: seed)
    self.storage = storage
    cloudHost = world.addVirtualHost(Self.name, on: .internet)
    userHost = world.addVirtualHost("user", on: .internet)
    hubHost = world.addVirtualHost("hub", on: .farm("home"))
    cloud = try CloudServer(
      host: cloudHost, storage: storage, configuration: configuration)
    world.trace.sinks.append { [weak self] in self?.notes.append($0.text) }
    listen()
    try cloud.start()
  }

  static var configuration: CloudServer.Configuration {
    var configuration = CloudServer.Configuration(
      publicURL: url, port: 8787,
      identity: ServerIdentity(
        commonName: name, alternativeNames: [name], authority: authority),
      factoryKey: factoryKey, passwordCost: .rig, secretKey: [UInt8](repeating: 42, count: 32))
    if let trust = FirmwareTrust(
      publicKey: FirmwareTrust.development.publicKey, hardware: ["rig-1", "rig-9"])
    {
      configuration.firmware = trust
    }
    configuration.trustedOrigins = ["https://dashboard.hubrig.test"]
    return configuration
  }

  private func listen() { cloud.onEvent = { [weak self] in self?.events.append($0) } }

  /// The cloud dies and a new one comes up on the same storage.
  func restart() throws {
    cloud.crash()
    world.run(for: .milliseconds(100))
    cloud = try CloudServer(
      host: cloudHost, storage: storage, configuration: configuration)
    listen()
    try cloud.start()
  }

  /// Lets time pass.
  func wait(_ interval: Interval) { world.run(for: interval) }

  /// Lets time pass until `condition` holds, at most for `limit`.
  func wait(
    atMost limit: Interval = .seconds(30), for what: Comment, until condition: () -> Bool,
    at location: SourceLocation = #_sourceLocation
  ) {
    world.run(for: limit, while: { !condition() })
    #expect(condition(), what, sourceLocation: location)
  }

  // MARK: calls

  func call(
    _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8] = [],
    timeout: Interval = .seconds(60)
  ) throws -> HTTPAnswer {
    var result: Result<HTTPAnswer, HTTPCallFailure>?
    HTTPCall.perform(
      on: userHost, method: method, url: path.hasPrefix("https") ? path : Self.url + path,
      headers: headers, body: body, timeout: timeout
    ) { result = $0 }
    world.run(for: timeout + .seconds(1), while: { result == nil })
    return try #require(result).get()
  }

  /// The answer to a question with a JSON body, which must have this status.
  @discardableResult
  func json(
    _ method: String, _ path: String, as user: RigUser? = nil, _ body: JSON? = nil,
    headers: [(String, String)] = [], expecting status: Int = 200,
    at location: SourceLocation = #_sourceLocation
  ) throws -> JSON {
    let answer = try call(
      method, path,
      headers: headers + (user?.headers ?? [])
        + (body == nil ? [] : [("Content-Type", "application/json")]),
      body: body?.bytes ?? [])
    let text = String(decoding: answer.body, as: UTF8.self)
    #expect(answer.status == status, "\(method) \(path): \(text)", sourceLocation: location)
    let json = try JSON.parse(answer.body)
    return try #require(json[status < 400 ? "data" : "error"], sourceLocation: location)
  }

  // MARK: people and things

  func signUp(_ email: String = "ada@example.com", tenant: String? = "Ada's farm") throws -> RigUser
  {
    let answer = try json(
      "POST", "/api/v1/auth/sign-up/email",
      ["email": .string(email), "password": "correct horse", "name": "Ada"], expecting: 201)
    var user = RigUser(token: try #require(answer["token"]?.string))
    if let tenant {
      let made = try json(
        "POST", "/api/v1/tenants", as: user, ["name": .string(tenant)], expecting: 201)
      user.tenant = try #require(made["id"]?.string)
    }
    return user
  }

  /// Somebody who was invited into another's tenant and has accepted; their id.
  @discardableResult
  func join(
    _ user: RigUser, _ email: String, as role: String, tenantOf owner: RigUser
  ) throws -> String {
    let tenant = try #require(owner.tenant)
    try json(
      "POST", "/api/v1/tenants/\(tenant)/members", as: owner,
      ["email": .string(email), "role": .string(role)], expecting: 201)
    let body = try #require(try mails(email).first?["body"]?.string)
    let token = String(try #require(body.split(separator: "\n").last))
    try json(
      "POST", "/api/v1/invitations/accept", as: RigUser(token: user.token),
      ["token": .string(token)])
    let members = try json("GET", "/api/v1/tenants/\(tenant)/members", as: owner).array
    return try #require(members?.first { $0["email"]?.string == email }?["user_id"]?.string)
  }

  /// The newest mails, the newest first.
  func mails(_ recipient: String? = nil) throws -> [JSON] {
    try #require(
      try json(
        "GET", "/api/v1/factory/mails" + (recipient.map { "?recipient=\($0)" } ?? ""),
        headers: [("X-Factory-Key", Self.factoryKey)]
      ).array)
  }

  /// A hub that the factory made and the user claimed.
  func claimedHub(_ id: String = RigHub.standardID, by user: RigUser) throws {
    try makeHub(id)
    try json(
      "POST", "/api/v1/hubs/claim", as: user,
      ["hub_id": .string(id), "claim_code": "CLAIM-ME", "name": "Desk hub"])
  }

  func makeHub(_ id: String = RigHub.standardID) throws {
    try json(
      "POST", "/api/v1/factory/hubs",
      ["id": .string(id), "secret": .string(RigHub.secret), "claim_code": "CLAIM-ME"],
      headers: [("X-Factory-Key", Self.factoryKey)], expecting: 201)
  }

  func printer(
    _ name: String = "p1", serial: String = "01P00A000000001", hub: String = RigHub.standardID,
    by user: RigUser
  ) throws -> String {
    let answer = try json(
      "POST", "/api/v1/printers", as: user,
      [
        "name": .string(name), "model": "P1S", "hub_id": .string(hub),
        "serial_number": .string(serial), "ip_address": "192.168.1.20",
        "access_code": "11112222",
      ], expecting: 201)
    return try #require(answer["id"]?.string)
  }

  /// An uploaded file with a record.
  func file(
    _ name: String = "bracket.3mf", bytes: [UInt8] = Array("a 3MF file".utf8), by user: RigUser
  ) throws -> String {
    let place = try json(
      "POST", "/api/v1/files/upload-url", as: user,
      ["name": .string(name), "size": .integer(Int64(bytes.count))])
    let url = try #require(place["upload_url"]?.string)
    #expect(try call("PUT", url, body: bytes).status == 200)
    let file = try json(
      "POST", "/api/v1/files", as: user,
      ["name": .string(name), "token": try #require(place["token"])], expecting: 201)
    return try #require(file["id"]?.string)
  }

  func job(file: String, printer: String, by user: RigUser) throws -> String {
    let job = try json(
      "POST", "/api/v1/jobs", as: user,
      ["print_file_id": .string(file), "printer_id": .string(printer)], expecting: 201)
    return try #require(job["id"]?.string)
  }

  func status(of job: String, by user: RigUser) throws -> String {
    try #require(try json("GET", "/api/v1/jobs/\(job)", as: user)["status"]?.string)
  }

  /// A hub, a printer, a file and a queued job, the hub online and the printer idle.
  func floor() throws -> Floor {
    let user = try signUp()
    try claimedHub(by: user)
    let printer = try printer(by: user)
    let file = try file(by: user)
    let job = try job(file: file, printer: printer, by: user)
    let hub = RigHub(self)
    hub.connect()
    wait(for: "the hub to be welcome") { hub.isWelcome && hub.commands.count == 1 }
    hub.answerAll()
    hub.status("idle")
    wait(.seconds(1))
    return Floor(user: user, printer: printer, file: file, job: job, hub: hub)
  }

  struct Floor {
    let user: RigUser
    let printer: String
    let file: String
    let job: String
    let hub: RigHub
  }
}

/// Somebody who is signed in.
struct RigUser {
  var token: String
  var tenant: String?

  var headers: [(String, String)] {
    [("Authorization", "Bearer \(token)")] + (tenant.map { [("X-Tenant-ID", $0)] } ?? [])
  }
}
