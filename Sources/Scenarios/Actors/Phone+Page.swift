// What a phone does on the network of a hub that has no other: it asks for a name, asks its maker's
// address whether the internet is there, is led to the hub's page, and sends the form.

import Wire
import World

extension Phone {
  private static let probe = "connectivity.phone.test"

  /// Joins the hub's own network, and lets the page pop up; `completion` gets a sentence if it
  /// cannot.
  func openPage(of hubID: String, completion: @escaping (String?) -> Void) {
    let network = "Hubrig-" + hubID.suffix(4).uppercased()
    guard let radio = host.radio else { return completion("\(name) has no WiFi") }
    page = nil
    radio.onChange = { [weak self] in
      guard let self, radio.state != .joining else { return }
      radio.onChange = nil
      guard radio.state == .joined else {
        return completion("\(name) cannot join \(network): \(radio.state)")
      }
      host.note(.user, "joined \(network)")
      askForName(completion)
    }
    radio.join(WiFiCredentials(name: network))
  }

  private func askForName(_ completion: @escaping (String?) -> Void) {
    var question: [UInt8] = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    for label in Self.probe.split(separator: ".") {
      question += [UInt8(label.utf8.count)] + Array(label.utf8)
    }
    question += [0, 0, 1, 0, 1]
    guard let socket = try? host.openDatagrams(port: 0) else {
      return completion("\(name) cannot ask for names")
    }
    socket.handler = { [self] _, answer in
      socket.close()
      let address = answer.suffix(4).map { String($0) }.joined(separator: ".")
      follow("http://\(address)/generate_204", hops: 3, completion)
    }
    socket.send(question, to: "192.168.4.1", port: DNS.port)
  }

  private func follow(_ url: String, hops: Int, _ completion: @escaping (String?) -> Void) {
    call("GET", url, []) { [self] answer in
      switch answer {
      case .success(let answer) where answer.status == 302 && hops > 0:
        follow(answer.header("Location") ?? "", hops: hops - 1, completion)
      case .success(let answer) where answer.status == 200:
        host.note(.user, "the hub's page pops up")
        page = String(decoding: answer.body, as: UTF8.self)
        completion(nil)
      case .success(let answer): completion("\(url) answered \(answer.status)")
      case .failure(let failure): completion("\(url) did not answer: \(failure)")
      }
    }
  }

  /// Fills in the form and sends it.
  func submit(_ fields: [(String, String)], completion: @escaping (String?) -> Void) {
    guard page != nil else { return completion("\(name) does not see the hub's page") }
    let form = fields.map { name, value in
      let coded = encoded { PercentCoding.encode(Array(value.utf8).span, into: &$0) }
      return name + "=" + String(decoding: coded, as: UTF8.self)
    }.joined(separator: "&")
    call("POST", "http://192.168.4.1/join", Array(form.utf8)) { [self] answer in
      guard case .success(let answer) = answer else {
        return completion("the hub did not take the form")
      }
      page = String(decoding: answer.body, as: UTF8.self)
      completion(answer.status == 200 ? nil : "the form was answered with \(answer.status)")
    }
  }

  private func call(
    _ method: String, _ url: String, _ body: [UInt8],
    _ completion: @escaping (Result<HTTPAnswer, HTTPCallFailure>) -> Void
  ) {
    HTTPCall.perform(
      on: host, method: method, url: url, trust: nil, headers: [], body: body,
      timeout: .seconds(15), completion: completion)
  }
}
