import Foundation
import Testing

@Suite("The link to the cloud")
struct CloudLinkTests {
  @Test("the hello is signed over id, challenge and version with the hub's secret")
  func hello() throws {
    let rig = HubRig.connected()
    let hello = try #require(rig.cloud.messages("hub_hello").first)
    #expect(hello["hub_id"] as? String == "hub-0123456789abcdef")
    #expect(hello["firmware_version"] as? String == "0.1.0")
    #expect(hello["hardware_revision"] as? String == "rig-1")
    #expect(hello["wifi_signal"] as? Int == -52)
    #expect(hello["signature"] as? String == String(repeating: "ab", count: 32))
    let signed = try #require(rig.board.signed.first)
    #expect(signed.key == Array("a secret nobody may see".utf8))
    #expect(
      signed.message
        == Array("hub-0123456789abcdef\n00112233445566778899aabbccddeeff\n0.1.0".utf8))
    #expect(rig.view.cloud_connects == 1)
  }
}
