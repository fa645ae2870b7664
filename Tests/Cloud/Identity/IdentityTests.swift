import Testing
import World

@testable import Cloud

@Suite("Identity")
struct IdentityTests {
  @Test("who signs up is signed in, and signs in again with the same password only")
  func signUpAndIn() throws {
    let rig = try CloudRig()
    let user = try rig.signUp(tenant: nil)
    let session = try rig.json("GET", "/api/v1/auth/get-session", as: user)
    #expect(session["user"]?["email"] == "ada@example.com")
    #expect(session["user"]?["password_hash"] == nil)
    let again = try rig.json(
      "POST", "/api/v1/auth/sign-in/email",
      ["email": "ADA@example.com", "password": "correct horse"])
    #expect(again["token"]?.string != user.token)
    for (email, password) in [("ada@example.com", "wrong horse"), ("bob@example.com", "x")] {
      try rig.json(
        "POST", "/api/v1/auth/sign-in/email",
        ["email": .string(email), "password": .string(password)], expecting: 401)
    }
  }

  @Test("an e-mail address has one account, whatever its case")
  func oneAccount() throws {
    let rig = try CloudRig()
    _ = try rig.signUp(tenant: nil)
    try rig.json(
      "POST", "/api/v1/auth/sign-up/email",
      ["email": "Ada@Example.com", "password": "another one", "name": "Ada"], expecting: 409)
  }

  @Test("a session ends after seven days, or when it is signed out")
  func sessionEnds() throws {
    let rig = try CloudRig()
    let first = try rig.signUp("a@example.com", tenant: nil)
    try rig.json("POST", "/api/v1/auth/sign-out", as: first)
    try rig.json("GET", "/api/v1/auth/get-session", as: first, expecting: 401)
    let second = try rig.signUp("b@example.com", tenant: nil)
    rig.wait(.seconds(7 * 24 * 3600 - 60))
    try rig.json("GET", "/api/v1/tenants", as: second)
    rig.wait(.seconds(120))
    try rig.json("GET", "/api/v1/tenants", as: second, expecting: 401)
    // Asking who one is keeps a session that is in use alive.
    let third = try rig.signUp("c@example.com", tenant: nil)
    for _ in 0..<3 {
      rig.wait(.seconds(6 * 24 * 3600))
      try rig.json("GET", "/api/v1/auth/get-session", as: third)
    }
  }

  @Test("neither token nor password is in the database")
  func secrets() throws {
    let directory = try TemporaryDirectory()
    let rig = try CloudRig(storage: .directory(directory.path))
    let user = try rig.signUp()
    for file in ["cloud.sqlite", "cloud.sqlite-wal"] {
      let bytes = try String(
        decoding: FileBytes.read(directory.path + "/" + file), as: UTF8.self)
      #expect(!bytes.contains(user.token))
      #expect(!bytes.contains("correct horse"))
    }
  }

  @Test("whoever makes a tenant owns it; a second of that name gets another slug")
  func tenants() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    try rig.json("POST", "/api/v1/tenants", as: user, ["name": "Ada's farm"], expecting: 201)
    let tenants = try #require(try rig.json("GET", "/api/v1/tenants", as: user).array)
    #expect(tenants.map { $0["role"]?.string } == ["owner", "owner"])
    #expect(tenants[0]["slug"] == "ada-s-farm")
    #expect(tenants[1]["slug"]?.string?.hasPrefix("ada-s-farm-") == true)
  }

  @Test("with one tenant it need not be named, with several it must be")
  func whichTenant() throws {
    let rig = try CloudRig()
    var user = try rig.signUp()
    let tenant = user.tenant
    user.tenant = nil
    try rig.json("GET", "/api/v1/hubs", as: user)
    try rig.json("POST", "/api/v1/tenants", as: user, ["name": "Second"], expecting: 201)
    try rig.json("GET", "/api/v1/hubs", as: user, expecting: 400)
    user.tenant = tenant
    try rig.json("GET", "/api/v1/hubs", as: user)
    user.tenant = nil
    try rig.json("GET", "/api/v1/hubs?tenant_id=\(tenant ?? "")", as: user)
  }

  @Test("another's tenant cannot be chosen, whether it exists or not")
  func foreignTenant() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    var bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    bob.tenant = ada.tenant
    try rig.json("GET", "/api/v1/hubs", as: bob, expecting: 403)
    bob.tenant = "no such tenant"
    try rig.json("GET", "/api/v1/hubs", as: bob, expecting: 403)
    try rig.json("GET", "/api/v1/tenants/\(ada.tenant ?? "")/members", as: bob, expecting: 404)
  }

  @Test("a member may do what the role allows, and no more")
  func roles() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let tenant = ada.tenant ?? ""
    try rig.claimedHub(by: ada)
    // What each role gets for: reading, making a printer, claiming a hub, adding a member.
    let expected: [(Role, [Int])] = [
      (.viewer, [200, 403, 403, 403]), (.operator, [200, 201, 403, 403]),
      (.admin, [200, 201, 404, 201]), (.owner, [200, 201, 404, 201]),
    ]
    for (role, statuses) in expected {
      var user = try rig.signUp("\(role)@example.com", tenant: nil)
      _ = try rig.signUp("friend-of-\(role)@example.com", tenant: nil)
      user.tenant = tenant
      try rig.json("GET", "/api/v1/hubs", as: user, expecting: 403)
      try rig.join(user, "\(role)@example.com", as: role.rawValue, tenantOf: ada)
      try rig.json("GET", "/api/v1/hubs", as: user, expecting: statuses[0])
      try rig.json(
        "POST", "/api/v1/printers", as: user,
        [
          "name": .string("by \(role)"), "model": "P1S", "hub_id": .string(RigHub.standardID),
          "serial_number": .string("S-\(role)"), "ip_address": "10.0.0.1", "access_code": "1",
        ], expecting: statuses[1])
      try rig.json(
        "POST", "/api/v1/hubs/claim", as: user,
        ["hub_id": "none", "claim_code": "none", "name": "none"], expecting: statuses[2])
      try rig.json(
        "POST", "/api/v1/tenants/\(tenant)/members", as: user,
        ["email": .string("friend-of-\(role)@example.com"), "role": "viewer"],
        expecting: statuses[3])
    }
    let members = try rig.json("GET", "/api/v1/tenants/\(tenant)/members", as: ada)
    #expect(members.array?.count == 5, "who was only invited is no member")
  }

  @Test("nobody gives a role above their own, nor twice")
  func addingMembers() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let path = "/api/v1/tenants/\(ada.tenant ?? "")/members"
    let bob = try rig.signUp("bob@example.com", tenant: nil)
    try rig.join(bob, "bob@example.com", as: "admin", tenantOf: ada)
    try rig.json(
      "POST", path, as: ada, ["email": "bob@example.com", "role": "viewer"], expecting: 409)
    _ = try rig.signUp("eve@example.com", tenant: nil)
    try rig.json(
      "POST", path, as: bob, ["email": "eve@example.com", "role": "owner"], expecting: 403)
  }

  @Test("every route that is not open to all refuses whoever has no token, or a wrong one")
  func noToken() throws {
    let rig = try CloudRig()
    var checked = 0
    for route in rig.cloud.routes {
      let wrong: [(String, String)]
      switch route.handler {
      case .user, .member, .tenant, .memberUpload: wrong = [("Authorization", "Bearer 00")]
      case .factory: wrong = [("X-Factory-Key", "guess")]
      case .open, .upload, .socket: continue
      }
      let path = route.path.split(separator: "/").map { $0.hasPrefix(":") ? "x" : $0 }
        .joined(separator: "/")
      let method = route.method.rawValue
      #expect(try rig.call(method, "/\(path)").status == 401, "\(method) \(path)")
      let refused = try rig.call(method, "/\(path)", headers: wrong).status
      #expect(refused == (wrong[0].0 == "X-Factory-Key" ? 403 : 401), "\(method) \(path)")
      checked += 1
    }
    #expect(checked > 20)
  }
}
