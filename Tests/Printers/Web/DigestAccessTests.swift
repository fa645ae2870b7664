import Testing
import VirtualWorld
import World

@testable import Printers

@Suite("Digest access")
struct DigestAccessTests {
  private let world = VirtualWorld(seed: 1)

  private func nonce(_ access: DigestAccess) -> String {
    access.challenge(isStale: false).1.split(separator: "nonce=\"")[1].split(separator: "\"")
      .first.map(String.init) ?? ""
  }

  private func header(_ nonce: String, password: String, quality: Bool) -> String {
    let secret = DigestAccess.digest("maker:Printer API:\(password)")
    let asked = DigestAccess.digest("GET:/api/v1/status")
    let response =
      quality
      ? DigestAccess.digest("\(secret):\(nonce):00000001:abc:auth:\(asked)")
      : DigestAccess.digest("\(secret):\(nonce):\(asked)")
    return "Digest username=\"maker\", realm=\"Printer API\", nonce=\"\(nonce)\", "
      + "uri=\"/api/v1/status\", response=\"\(response)\""
      + (quality ? ", qop=auth, nc=00000001, cnonce=\"abc\"" : "")
  }

  @Test(
    "the right password opens, with a quality of protection and without", arguments: [true, false])
  func right(quality: Bool) {
    let access = DigestAccess(host: world.addHost("printer", address: nil, on: .internet))
    let nonce = nonce(access)
    func check(_ password: String, isHasty: Bool = false) -> DigestAccess.Verdict {
      access.check(
        header(nonce, password: password, quality: quality), method: "GET", user: "maker",
        password: "secret", isHasty: isHasty)
    }
    #expect(check("secret") == .allowed)
    #expect(check("other") == .refused)
    #expect(check("secret", isHasty: true) == .allowed)
    #expect(check("secret") == .stale)
  }

  @Test("a nonce is stale after its time, and one that nobody gave out is, too")
  func late() {
    let access = DigestAccess(host: world.addHost("printer", address: nil, on: .internet))
    let nonce = nonce(access)
    world.run(until: world.now + .minutes(11))
    for text in [nonce, "0000000000000000"] {
      #expect(
        access.check(
          header(text, password: "secret", quality: true), method: "GET", user: "maker",
          password: "secret", isHasty: false) == .stale)
    }
  }
}
