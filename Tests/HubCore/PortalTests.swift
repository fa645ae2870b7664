import CBoard
import Foundation
import HubCore
import Testing

@Suite("The hub's own network")
struct PortalTests {
  private func answer(_ rig: HubRig, _ request: String) -> String {
    let stream = rig.board.visit(request)
    rig.run(milliseconds: 50)
    return String(decoding: stream.fromHub, as: UTF8.self)
  }

  private func post(_ rig: HubRig, _ form: String, to path: String = "/join") -> String {
    answer(
      rig,
      "POST \(path) HTTP/1.1\r\nHost: 192.168.4.1\r\nContent-Length: \(form.utf8.count)\r\n\r\n"
        + form)
  }

  @Test("it is open while the hub has no network to join, under the hub's name, and then closed")
  func openAndClosed() {
    let rig = HubRig.unboxed()
    #expect(rig.board.radio.ownNetwork == "Hubrig-CDEF")
    #expect(rig.board.radio.listensOn.values.sorted() == [80])
    #expect(rig.board.radio.openSockets.values.sorted() == [53])
    _ = post(rig, "ssid=farm&password=farm+key")
    rig.run(atMost: 60_000) { rig.view.cloud_connected }
    #expect(rig.board.radio.ownNetwork == nil)
    #expect(rig.board.radio.listensOn.isEmpty && !rig.board.radio.openSockets.values.contains(53))
  }

  @Test("it opens after four failures, while the stored network is tried on until it is back")
  func afterFailures() {
    let rig = HubRig()
    rig.board.wifiAnswer = 3
    rig.run(atMost: 60_000) { rig.board.logged("no such WiFi network") == 3 }
    #expect(rig.board.radio.ownNetwork == nil)
    rig.run(atMost: 60_000) { rig.board.radio.ownNetwork != nil }
    #expect(rig.board.logged("no such WiFi network") == 4)
    let joins = rig.board.joins.count
    rig.run(milliseconds: 200_000)
    #expect(rig.board.joins.count > joins + 2)
    rig.board.wifiAnswer = 2
    #expect(rig.run(atMost: 120_000) { rig.view.cloud_connected })
    #expect(rig.board.radio.ownNetwork == nil)
  }

  @Test("every question for a name is answered with the hub")
  func names() {
    let rig = HubRig.unboxed()
    let question: [UInt8] =
      [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7] + Array("example".utf8) + [3] + Array("com".utf8)
      + [0, 0, 1, 0, 1]
    rig.board.radio.ask(question)
    rig.board.radio.ask([1, 2, 3])
    rig.run(milliseconds: 10)
    #expect(rig.board.radio.sent.count == 1)
    #expect(rig.board.radio.sent.first?.bytes.suffix(4) == [192, 168, 4, 1])
    #expect(rig.board.radio.sent.first?.to.port == 50_000)
    #expect(rig.view.bad_input_count == 1)
  }

  @Test(
    "what phones ask to find out whether the internet is there leads to the page",
    arguments: [
      "/generate_204", "/gen_204", "/hotspot-detect.html", "/library/test/success.html",
      "/ncsi.txt", "/connecttest.txt", "/redirect", "/success.txt", "/canonical.html",
      "/kindle-wifi/wifistub.html", "/favicon.ico",
    ])
  func probes(path: String) {
    let rig = HubRig.unboxed()
    let answer = answer(rig, "GET \(path) HTTP/1.1\r\nHost: connectivity.test\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 302 "))
    #expect(answer.contains("\r\nLocation: http://192.168.4.1/\r\n"))
  }

  @Test("the page lists networks, as text and nothing more")
  func page() {
    let rig = HubRig.unboxed()
    rig.board.radio.networks = [("farm", 1, -40), (#"<b>"&"#, 0, -50)]
    let page = answer(rig, "GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n")
    #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(page.contains(#"<option value="farm">farm"#))
    #expect(page.contains("&lt;b&gt;&quot;&amp; (open)"))
    #expect(!page.contains("<b>\"&"))
    #expect(rig.board.radio.scans > 0)
  }

  @Test("the page fits with as many networks as there are, however they are called")
  func manyNetworks() {
    let rig = HubRig.unboxed()
    rig.board.radio.networks = (0..<40).map { _ in
      (String(repeating: "\"", count: 32), UInt8(3), Int8(-40))
    }
    let page = answer(rig, "GET / HTTP/1.1\r\nHost: hub\r\n\r\n")
    #expect(page.contains("</form>"))
  }

  @Test("the form joins a network, with blanks and signs in its name")
  func form() {
    let rig = HubRig.unboxed()
    let page = post(
      rig, "ssid=farm&other=Caf%C3%A9+%26+Bar&password=a+b%2Bc%25d+&user=&claim_token=tok-1")
    #expect(page.contains("The hub now joins <b>Café &amp; Bar</b>"))
    #expect(rig.board.joins.last?.name == "Café & Bar")
    #expect(rig.board.joins.last?.key == "a b+c%d ")
    rig.run(atMost: 60_000) { rig.view.cloud_connected }
    #expect(rig.cloud.messages("hub_hello").last?["claim_token"] as? String == "tok-1")
  }

  @Test(
    "a form that cannot be right is shown again with a word on why",
    arguments: [
      ("ssid=farm&password=short", "the password has at least 8 characters"),
      ("password=long+enough", "the network has no name"),
      ("ssid=farm&password=%zz", "One of the fields is too long."),
      (
        "ssid=" + String(repeating: "x", count: 33) + "&password=long+enough",
        "One of the fields is too long."
      ),
    ])
  func badForm(form: String, reason: String) {
    let rig = HubRig.unboxed()
    #expect(post(rig, form).contains(reason))
    #expect(rig.board.joins.isEmpty)
  }

  @Test("why a network could not be joined stands on the page")
  func trouble() {
    let rig = HubRig.unboxed()
    rig.board.wifiAnswer = 4
    _ = post(rig, "ssid=farm&password=mistyped")
    rig.run(milliseconds: 5_000)
    #expect(rig.board.radio.ownNetwork != nil)
    #expect(answer(rig, "GET / HTTP/1.1\r\nHost: hub\r\n\r\n").contains("wrong WiFi key"))
  }

  @Test("a visitor who says nothing does not keep the others waiting")
  func silentVisitor() {
    let rig = HubRig.unboxed()
    let silent = rig.board.visit("")
    let slow = rig.board.visit("GET / HT")
    rig.run(milliseconds: 7_000)
    #expect(silent.isClosedByHub && slow.isClosedByHub)
    #expect(answer(rig, "GET / HTTP/1.1\r\nHost: hub\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
  }

  @Test(
    "what is no request of ours is refused, and closed",
    arguments: [
      ("NONSENSE\r\n\r\n", "400"), ("PUT / HTTP/1.1\r\nHost: hub\r\n\r\n", "405"),
      ("GET /" + String(repeating: "x", count: 1_100), "414"),
      ("POST /join HTTP/1.1\r\nHost: hub\r\nContent-Length: 5000\r\n\r\n", "413"),
    ])
  func refused(request: String, status: String) {
    let rig = HubRig.unboxed()
    let stream = rig.board.visit(request)
    rig.run(milliseconds: 50)
    #expect(String(decoding: stream.fromHub, as: UTF8.self).hasPrefix("HTTP/1.1 \(status) "))
    #expect(stream.isClosedByHub)
  }

  @Test("a page goes out however little the visitor takes at a time")
  func slowReader() {
    let rig = HubRig.unboxed()
    let stream = rig.board.visit("GET / HTTP/1.1\r\nHost: hub\r\n\r\n")
    stream.window = 0
    rig.run(milliseconds: 10)
    var text = ""
    for _ in 0..<200 {
      stream.window = stream.fromHub.count + 37
      rig.run(milliseconds: 1)
      text += String(decoding: stream.fromHub, as: UTF8.self)
      stream.fromHub.removeAll()
    }
    #expect(text.hasPrefix("HTTP/1.1 200 ") && text.hasSuffix("</form>"))
  }
}
