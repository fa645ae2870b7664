/// What the cloud means by the code with which it closes the connection.
enum CloudFarewell {
  case notRecognised
  case notClaimed
  case replaced
  case claimRefused(StaticString)
  case other

  init(code: UInt16) {
    switch code {
    case 4401: self = .notRecognised
    case 4403: self = .notClaimed
    case 4409: self = .replaced
    case 4410: self = .claimRefused("the claim token is unknown")
    case 4411: self = .claimRefused("the claim token has expired")
    case 4412: self = .claimRefused("the claim token was used already")
    case 4413: self = .claimRefused("the hub belongs to somebody else")
    default: self = .other
    }
  }

  var reason: StaticString {
    switch self {
    case .notRecognised: "cloud does not recognise this hub"
    case .notClaimed: "hub is not claimed"
    case .replaced: "another connection of this hub took over"
    case .claimRefused(let reason): reason
    case .other: "cloud closed the connection"
    }
  }

  /// Whether the same would come of another attempt right away.
  var isLasting: Bool {
    switch self {
    case .notRecognised, .notClaimed, .replaced: true
    case .claimRefused, .other: false
    }
  }
}
