import VirtualWorld
import World

/// Carries out what people with phones do.
struct PhoneHands {
  let stage: VirtualStage

  /// Does what a step says; `completion` gets a sentence when it could not be done.
  func carryOut(_ step: PhoneStep, completion: @escaping (String?) -> Void) {
    guard let phone = stage.phone(step.phone), let farm = stage.stage.farm(phone.farm) else {
      return completion("there is no \(step.phone)")
    }
    switch step.deed {
    case .pairs: phone.pair(with: farm.hub.id, completion: completion)
    case .asksForNetworks:
      phone.write(#"{"scan":true}"#, to: Phone.Place.wifi, completion: completion)
    case .sendsWiFi:
      phone.write(credentials(step, farm).text, to: Phone.Place.wifi, completion: completion)
    case .sendsHalf:
      phone.writeHalf(credentials(step, farm).text, to: Phone.Place.wifi, completion: completion)
    case .sendsClaim:
      token(step.token, farm) { answer in
        switch answer {
        case .failure(let failure): completion("\(failure)")
        // As a web page sends it: the token alone.
        case .success(let token):
          phone.write(token, to: Phone.Place.claim, completion: completion)
        }
      }
    case .leaves:
      phone.leave()
      completion(nil)
    case .goesAway, .comesBack:
      (phone.host.bluetooth as? VirtualBluetooth)?.isInReach = step.deed == .comesBack
      completion(nil)
    case .opensPage: phone.openPage(of: farm.hub.id, completion: completion)
    case .fillsForm: fillForm(step, phone, farm, completion)
    }
  }

  /// What the person types: the network's name, its password, his user name if it wants one.
  private func credentials(_ step: PhoneStep, _ farm: FarmSite) -> JSON {
    let network = stage.network(step.network, onFarm: farm.name)
    let isEnterprise = network?.security == .enterprise
    let right = isEnterprise ? network?.users[VirtualStage.networkUser] : network?.key
    var json: JSON = ["ssid": .string(step.network ?? farm.name)]
    let password = step.password ?? right ?? "no such password"
    if !password.isEmpty { json["password"] = .string(password) }
    if isEnterprise {
      json["security"] = "enterprise"
      json["user"] = .string(VirtualStage.networkUser)
    }
    return json
  }

  private func token(
    _ word: TokenWord, _ farm: FarmSite, _ completion: @escaping (Answer<String>) -> Void
  ) {
    switch (word, farm.owner.claimToken) {
    case (.invented, _): completion(.success("0123456789abcdef0123456789abcdef"))
    case (.same, let token?): completion(.success(token))
    default: farm.owner.makeClaimToken(hubName: farm.hub.name, completion: completion)
    }
  }

  private func fillForm(
    _ step: PhoneStep, _ phone: Phone, _ farm: FarmSite,
    _ completion: @escaping (String?) -> Void
  ) {
    let typed = credentials(step, farm)
    var fields = [
      ("ssid", typed["ssid"]?.string ?? ""), ("other", ""),
      ("password", typed["password"]?.string ?? ""), ("user", typed["user"]?.string ?? ""),
    ]
    // The phone is on the hub's network now; the token was got before, or by other means.
    token(step.token, farm) { answer in
      if case .success(let token) = answer { fields.append(("claim_token", token)) }
      phone.submit(fields, completion: completion)
    }
  }
}
