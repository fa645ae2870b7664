/// What somebody with a phone does before a hub.
public enum PhoneDeed: String, VocabularyWord {
  case pairs
  case asksForNetworks = "asks-for-networks"
  case sendsWiFi = "sends-wifi"
  case sendsHalf = "sends-half"
  case sendsClaim = "sends-claim"
  case leaves
  case goesAway = "goes-away"
  case comesBack = "comes-back"
  case opensPage = "opens-page"
  case fillsForm = "fills-form"

  public static var title: String { "deed" }

  public var meaning: String {
    switch self {
    case .pairs: "Looks for the hub over Bluetooth and connects; somebody has to push its button."
    case .asksForNetworks: "Asks the hub which WiFi networks it hears."
    case .sendsWiFi: "Sends a network and its password to the hub."
    case .sendsHalf: "Begins to send a network and its password, and leaves in the middle of it."
    case .sendsClaim: "Gets a claim token from the cloud and sends it to the hub."
    case .leaves: "Ends the connection."
    case .goesAway: "Goes so far away that Bluetooth does not reach any more."
    case .comesBack: "Comes back into reach."
    case .opensPage: "Joins the hub's own network; the hub's page pops up."
    case .fillsForm: "Fills in the form on that page and sends it."
    }
  }
}

/// What can be seen on a phone.
public enum PhoneWord: String, VocabularyWord {
  case asked, paired, away
  case sentAway = "sent-away"
  case toldBusy = "told-busy"
  case toldTooLate = "told-too-late"
  case seesNetworks = "showing-networks"
  case seesTrouble = "showing-trouble"
  case seesJoined = "showing-joined"
  case seesClaimed = "showing-claimed"
  case seesRefused = "showing-refused"
  case seesOnline = "showing-online"
  case seesPage = "showing-page"

  public static var title: String { "phone state" }

  public var meaning: String {
    switch self {
    case .asked: "It shows a code and asks to push the hub's button."
    case .paired: "The hub listens to it."
    case .away: "It is not connected to the hub."
    case .sentAway: "The hub has ended the connection."
    case .toldBusy: "It was told that another phone is being served."
    case .toldTooLate: "It was told that nobody has pushed the button in time."
    case .seesNetworks: "It shows the networks that the hub hears, the farm's among them."
    case .seesTrouble: "It shows why the hub could not join the network."
    case .seesJoined: "It shows that the hub has joined the network."
    case .seesClaimed: "It shows that the hub belongs to its owner now."
    case .seesRefused: "It shows why the cloud has refused the claim token."
    case .seesOnline: "It shows that the hub is connected to the cloud."
    case .seesPage: "It shows the hub's page."
    }
  }
}

/// Which claim token somebody sends.
public enum TokenWord: String, VocabularyWord {
  case new, same, invented

  public static var title: String { "claim token" }

  public var meaning: String {
    switch self {
    case .new: "One that the cloud has just made."
    case .same: "The one that was made last, by whichever phone of the farm."
    case .invented: "One that no cloud has made."
    }
  }
}

/// In which state a hub comes.
public enum HubOrigin: String, VocabularyWord {
  case prepared, boxed

  public static var title: String { "origin" }

  public var meaning: String {
    switch self {
    case .prepared: "It knows its network, is claimed, and its printers are added."
    case .boxed: "As it comes out of its box: it knows no network, and nobody has claimed it."
    }
  }
}

/// How a farm's network guards itself.
public enum NetworkGuard: String, VocabularyWord {
  case open, wpa2, wpa3, enterprise

  public static var title: String { "security" }

  public var meaning: String {
    switch self {
    case .open: "Everybody may join."
    case .wpa2: "WPA2, with a password."
    case .wpa3: "WPA3, with a password."
    case .enterprise: "WPA2 with a user name and password of one's own."
    }
  }
}

extension NetworkGuard {
  /// As radios number it.
  var number: UInt8 {
    switch self {
    case .open: 0
    case .wpa2: 1
    case .wpa3: 2
    case .enterprise: 3
    }
  }
}

/// What somebody does with a phone.
public struct PhoneStep {
  public var phone: String
  public var deed: PhoneDeed
  /// Nil: the farm's own.
  public var network: String?
  /// Nil: the right one.
  public var password: String?
  public var token = TokenWord.new
}
