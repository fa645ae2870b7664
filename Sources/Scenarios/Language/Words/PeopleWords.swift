/// What somebody does who is a member of a farm beside its owner.
public enum PersonDeed: String, VocabularyWord {
  case signsIn = "signs-in"
  case signsOut = "signs-out"
  case watches, leaves, looks
  case pauses, resumes, cancels
  case renews
  case losesToken = "loses-token"
  case thiefRenews = "thief-renews"
  case becomes
  case isRemoved = "is-removed"

  public static var title: String { "deed" }

  public var meaning: String {
    switch self {
    case .signsIn: "Signs in with the right password."
    case .signsOut: "Signs out."
    case .watches: "Opens the dashboard and keeps it open."
    case .leaves: "Closes the dashboard."
    case .looks: "Asks for the farm's printers."
    case .pauses: "Pauses a job."
    case .resumes: "Resumes a job."
    case .cancels: "Cancels a job."
    case .renews: "Takes the refresh token for new tokens."
    case .losesToken: "A thief copies the refresh token, unseen."
    case .thiefRenews: "The thief takes the copy for new tokens."
    case .becomes: "The owner gives the person another role."
    case .isRemoved: "The owner takes the person out of the farm's members."
    }
  }

  /// What it asks of a job, if that is what it does.
  var action: Owner.JobAction? {
    switch self {
    case .pauses: .pause
    case .resumes: .resume
    case .cancels: .cancel
    default: nil
    }
  }
}

/// What a member of a farm may do.
public enum RoleWord: String, VocabularyWord {
  case viewer, `operator`, admin, owner

  public static var title: String { "role" }

  public var meaning: String {
    switch self {
    case .viewer: "Looks, and changes nothing."
    case .operator: "Works with printers and jobs."
    case .admin: "Looks after hubs and members, too."
    case .owner: "May do everything."
    }
  }
}

/// What can be seen of somebody's dashboard.
public enum PersonWord: String, VocabularyWord {
  case watching, away
  case sentAway = "sent-away"
  case viewer, `operator`, admin, owner

  public static var title: String { "person state" }

  public var meaning: String {
    switch self {
    case .watching: "The dashboard is open, and the cloud knows who looks at it."
    case .away: "No dashboard is open."
    case .sentAway: "The cloud has closed the dashboard and said why."
    case .viewer, .operator, .admin, .owner:
      "The dashboard shows that this is the person's role: \(rawValue)."
    }
  }
}

/// Somebody who belongs to a farm beside its owner.
public struct PersonPlan {
  public var name: String
  public var role: RoleWord
}

/// What somebody does.
public struct PersonStep {
  public var person: String
  public var deed: PersonDeed
  public var job: String?
  public var role: RoleWord?
}
