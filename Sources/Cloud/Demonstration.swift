import World

extension CloudServer {
  /// Fills an empty cloud with a small farm to look at: somebody who can sign in, a hub, printers of
  /// several models, and jobs. A cloud in which that somebody exists already stays as it is.
  public func seedDemonstration() throws {
    let email = "demo@hubrig.test"
    guard try identity.findUser(email: email) == nil else { return }
    try platform.database.transaction {
      let call = Call(
        id: "demonstration", method: .post, headers: HeaderFields(), peer: "here:0", input: .none,
        options: .none)
      let user = try identity.signUp(
        email: email, password: "demo-password", name: "Demo", call
      ).user
      let tenant = try identity.makeTenant(name: "Demo farm", by: user.id)
      guard let scope = try TenantScope.find(tenant.id, in: platform.database) else { return }
      let hub = platform.identifiers.uuid()
      let code = "DEMO-\(platform.identifiers.secret(byteCount: 4))"
      _ = try fleet.makeHub(
        id: hub, secret: platform.identifiers.secret(byteCount: 32), claimCode: code)
      _ = try fleet.claim(hub: hub, code: code, name: "Demo hub", for: scope)
      for (place, model) in ["P1S", "X1C", "A1", "A1 mini"].enumerated() {
        let body: JSON = [
          "name": .string("Printer \(place + 1)"), "model": .string(model),
          "hub_id": .string(hub), "serial_number": .string("DEMO0000000000\(place)"),
          "ip_address": .string("192.168.1.\(101 + place)"), "access_code": "00000000",
        ]
        _ = try fleet.addPrinter(Input(body.bytes, Fleet.newPrinterFields), in: scope)
      }
    }
    platform.host.note(.cloud, "demo data: sign in as \(email) with demo-password")
  }
}
