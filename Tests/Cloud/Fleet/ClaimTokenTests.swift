import Testing
import World

@testable import Cloud

@Suite("Claim tokens")
struct ClaimTokenTests {
  private func token(_ rig: CloudRig, _ user: RigUser, name: String? = nil) throws -> String {
    var body: JSON = [:]
    if let name { body["name"] = .string(name) }
    let answer = try rig.json("POST", "/api/v1/hubs/claim-token", as: user, body, expecting: 201)
    return try #require(answer["token"]?.string)
  }

  /// A hub calls with a token; answers the code with which it is sent away, or nil.
  private func call(_ rig: CloudRig, _ hub: RigHub, _ token: String?) -> UInt16? {
    hub.claimToken = token
    hub.connect()
    rig.wait(for: "an answer") { hub.isWelcome || hub.closeCode != nil }
    return hub.closeCode
  }

  @Test("a hub that nobody has claimed is claimed by the token in its hello, under its name")
  func claim() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    try rig.makeHub()
    let hub = RigHub(rig)
    #expect(call(rig, hub, nil) == 4403)
    #expect(call(rig, hub, try token(rig, ada, name: "Desk")) == nil)
    let seen = try rig.json("GET", "/api/v1/hubs/\(RigHub.standardID)", as: ada)
    #expect(seen["name"] == "Desk" && seen["is_online"] == true)
  }

  @Test("a token without a name gives the hub one of its own")
  func unnamed() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    try rig.makeHub()
    #expect(call(rig, RigHub(rig), try token(rig, ada)) == nil)
    let seen = try rig.json("GET", "/api/v1/hubs/\(RigHub.standardID)", as: ada)
    #expect(seen["name"] == "Hub 2E3F")
  }

  @Test("a token is good for ten minutes")
  func expired() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    try rig.makeHub()
    let late = try token(rig, ada)
    rig.world.run(for: .minutes(10))
    let hub = RigHub(rig)
    #expect(call(rig, hub, late) == 4411)
    #expect(call(rig, hub, nil) == 4403)
  }

  @Test("a token is good once; the hub that has used it may show it again")
  func once() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    try rig.makeHub()
    let other = "00000000-0000-4000-8000-000000000002"
    try rig.makeHub(other)
    let token = try token(rig, ada)
    let hub = RigHub(rig)
    #expect(call(rig, hub, token) == nil)
    hub.breakOff()
    #expect(call(rig, hub, token) == nil)
    #expect(call(rig, RigHub(rig, id: other), token) == 4412)
    #expect(try rig.json("GET", "/api/v1/hubs", as: ada).array?.count == 1)
  }

  @Test("an invented token is unknown, and claims nothing")
  func unknown() throws {
    let rig = try CloudRig()
    _ = try rig.signUp()
    try rig.makeHub()
    #expect(call(rig, RigHub(rig), "0123456789abcdef0123456789abcdef") == 4410)
  }

  @Test("nobody's token takes a hub from its owner, nor is it spent by the attempt")
  func others() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    try rig.claimedHub(by: ada)
    let hub = RigHub(rig)
    let bobs = try token(rig, bob)
    #expect(call(rig, hub, bobs) == 4413)
    #expect(call(rig, hub, nil) == nil)
    #expect(try rig.json("GET", "/api/v1/hubs", as: bob).array?.count == 0)
    let other = "00000000-0000-4000-8000-000000000002"
    try rig.makeHub(other)
    #expect(call(rig, RigHub(rig, id: other), bobs) == nil)
  }

  @Test("a hub that cannot prove who it is is not claimed, and the token stays good")
  func impostor() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    try rig.makeHub()
    let token = try token(rig, ada)
    let impostor = RigHub(rig)
    impostor.secret = "not-the-secret-of-the-factory-000000"
    #expect(call(rig, impostor, token) == 4401)
    #expect(call(rig, RigHub(rig), token) == nil)
  }

  @Test("the token itself stands nowhere in the database")
  func digest() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let token = try token(rig, ada)
    let rows = try rig.storage.database.all(
      String.self, SystemSQL("SELECT digest FROM hub_claim_tokens"))
    #expect(rows.count == 1 && !rows[0].contains(token))
  }

  @Test("only somebody who may claim hubs makes tokens")
  func permission() throws {
    let rig = try CloudRig()
    try rig.json("POST", "/api/v1/hubs/claim-token", [:], expecting: 401)
  }
}
