import Testing
import World

@testable import Cloud

@Suite("Tenants, members and invitations")
struct MembershipTests {
  @Test("a tenant is read by its members, changed by admins and deleted by owners")
  func tenant() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    let path = "/api/v1/tenants/\(ada.tenant ?? "")"
    try rig.json("GET", path, as: bob, expecting: 404)
    try rig.json("PUT", path, as: bob, ["name": "Mine"], expecting: 404)
    let changed = try rig.json(
      "PUT", path, as: ada, ["name": "Ada's works", "settings": ["theme": "dark"]])
    #expect(changed["name"] == "Ada's works")
    #expect(changed["settings"]?["theme"] == "dark")
    try rig.json("PUT", path, as: ada, ["slug": "bob-s"], expecting: 409)
    try rig.json("PUT", path, as: ada, ["slug": "Not A Slug"], expecting: 400)
    try rig.join(bob, "bob@example.com", as: "admin", tenantOf: ada)
    try rig.json("PUT", path, as: bob, ["name": "Both of ours"])
    try rig.json("DELETE", path, as: bob, expecting: 403)
    try rig.json("DELETE", path, as: ada)
    try rig.json("GET", path, as: ada, expecting: 404)
  }

  @Test("a deleted tenant leaves its hubs to the next who claims them, and nothing else")
  func deletion() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let tenant = floor.user.tenant ?? ""
    try rig.json("DELETE", "/api/v1/tenants/\(tenant)", as: floor.user)
    rig.wait(for: "the hub to be sent away") { floor.hub.closeCode == 4403 }
    let rows = SystemSQL("SELECT count(*) FROM hubs WHERE tenant_id IS NOT NULL")
    #expect(try rig.storage.database.first(Int64.self, rows) == 0)
    let objects = SystemSQL("SELECT count(*) FROM objects")
    #expect(try rig.storage.database.first(Int64.self, objects) == 0)
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    try rig.json(
      "POST", "/api/v1/hubs/claim", as: bob,
      ["hub_id": .string(RigHub.standardID), "claim_code": "CLAIM-ME", "name": "Mine now"])
  }

  @Test("roles are changed by owners, and there is always one")
  func roles() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let bob = try rig.signUp("bob@example.com", tenant: nil)
    let path = "/api/v1/tenants/\(ada.tenant ?? "")/members"
    let bobID = try rig.join(bob, "bob@example.com", as: "admin", tenantOf: ada)
    let members = try #require(try rig.json("GET", path, as: ada).array)
    let adaID = try #require(members.first { $0["role"] == "owner" }?["user_id"]?.string)
    try rig.json("PUT", "\(path)/\(bobID)", as: bob, ["role": "owner"], expecting: 403)
    try rig.json("DELETE", "\(path)/\(adaID)", as: bob, expecting: 403)
    try rig.json("PUT", "\(path)/\(adaID)", as: ada, ["role": "viewer"], expecting: 409)
    try rig.json("DELETE", "\(path)/\(adaID)", as: ada, expecting: 409)
    try rig.json("PUT", "\(path)/\(bobID)", as: ada, ["role": "owner"])
    try rig.json("PUT", "\(path)/\(adaID)", as: ada, ["role": "viewer"])
    try rig.json("DELETE", "\(path)/\(bobID)", as: ada, expecting: 403)
    // Whoever is a member may leave.
    try rig.json("DELETE", "\(path)/\(adaID)", as: ada)
    try rig.json("GET", path, as: ada, expecting: 404)
    try rig.json("DELETE", "\(path)/nobody", as: bob, expecting: 404)
  }

  @Test("who has no account is invited by mail, and only that address can accept")
  func invitation() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let tenant = ada.tenant ?? ""
    let invited = try rig.json(
      "POST", "/api/organizations/\(tenant)/invite", as: ada,
      ["email": "Eve@example.com", "role": "operator"], expecting: 201)
    #expect(invited["status"] == "invited")
    let mail = try #require(try rig.mails("eve@example.com").first?["body"]?.string)
    let token = JSON.string(String(try #require(mail.split(separator: "\n").last)))
    let bob = try rig.signUp("bob@example.com", tenant: nil)
    try rig.json(
      "POST", "/api/v1/invitations/accept", as: bob, ["token": token], expecting: 404)
    let eve = try rig.signUp("eve@example.com", tenant: nil)
    let joined = try rig.json("POST", "/api/v1/invitations/accept", as: eve, ["token": token])
    #expect(joined["role"] == "operator")
    try rig.json(
      "POST", "/api/v1/invitations/accept", as: eve, ["token": token], expecting: 404)
    #expect(
      try rig.json("GET", "/api/v1/tenants/\(tenant)/invitations", as: ada).array?.isEmpty == true)
  }

  @Test("who has made an account for another's address is no member by that, and nobody is unasked")
  func squatter() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let path = "/api/v1/tenants/\(ada.tenant ?? "")/members"
    // Somebody was quicker than Bob, who is about to be made an admin.
    let stranger = try rig.signUp("bob@example.com", tenant: "Not Bob's")
    let known = try rig.json(
      "POST", path, as: ada, ["email": "bob@example.com", "role": "admin"], expecting: 201)
    let unknown = try rig.json(
      "POST", path, as: ada, ["email": "eve@example.com", "role": "admin"], expecting: 201)
    #expect(known["status"] == "invited" && unknown["status"] == "invited")
    #expect(known["user_id"] == unknown["user_id"], "nor is it told who has an account")
    try rig.json("GET", "/api/v1/tenants/\(ada.tenant ?? "")", as: stranger, expecting: 404)
    try rig.json(
      "POST", "/api/v1/invitations/accept", as: stranger, ["token": "guessed"], expecting: 404)
    // Without having said which tenant, they still mean their own.
    let alone = RigUser(token: stranger.token)
    #expect(try rig.json("GET", "/api/v1/printers", as: alone).array == [])
    #expect(try rig.json("GET", path, as: ada).array?.count == 1)
  }

  @Test("an invitation can be taken back, and ends after a week")
  func withdrawn() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let path = "/api/v1/tenants/\(ada.tenant ?? "")"
    let eve = try rig.signUp("eve@example.com", tenant: nil)
    for email in ["carl@example.com", "dora@example.com"] {
      try rig.json(
        "POST", path + "/members", as: ada, ["email": .string(email), "role": "viewer"],
        expecting: 201)
    }
    let list = try #require(try rig.json("GET", path + "/invitations", as: ada).array)
    #expect(list.count == 2)
    let id = try #require(list[0]["id"]?.string)
    try rig.json("DELETE", "\(path)/invitations/\(id)", as: eve, expecting: 404)
    try rig.json("DELETE", "\(path)/invitations/\(id)", as: ada)
    try rig.json("DELETE", "\(path)/invitations/\(id)", as: ada, expecting: 404)
    rig.wait(.seconds(6 * 24 * 3600))
    #expect(try rig.json("GET", path + "/invitations", as: ada).array?.count == 1)
  }
}
