import World

extension User {
  static let shape = Shape.named(
    "User",
    [("id", .uuid), ("email", .text), ("name", .text), ("created_at", .time)])

  var json: JSON {
    [
      "id": .string(id), "email": .string(email), "name": .string(name),
      "created_at": .integer(createdAt),
    ]
  }
}

extension SignIn {
  static let shape = Shape.named(
    "SignIn",
    [
      ("user", User.shape), ("token", .text), ("access_token", .text), ("token_type", .text),
      ("expires_in", .integer), ("refresh_token", .text),
    ])

  var json: JSON {
    [
      "token": .string(sessionToken), "access_token": .string(accessToken),
      "token_type": "Bearer", "expires_in": .integer(Identity.accessMilliseconds / 1000),
      "refresh_token": .string(refreshToken), "user": user.json,
    ]
  }
}

extension Tenant {
  static let shape = Shape.named(
    "Tenant",
    [
      ("id", .uuid), ("name", .text), ("slug", .text), ("role", .text),
      ("settings", .optional(.anything)), ("created_at", .time), ("updated_at", .time),
    ])

  var json: JSON {
    [
      "id": .string(id), "name": .string(name), "slug": .string(slug), "role": .string(role),
      "settings": settings.flatMap { try? JSON.parse($0) } ?? .null,
      "created_at": .integer(createdAt), "updated_at": .integer(updatedAt),
    ]
  }
}

extension Membership {
  static let shape = Shape.named(
    "Member",
    [
      ("user_id", .optional(.uuid)), ("email", .text), ("name", .optional(.text)),
      ("role", .text), ("status", .oneOf(["active", "invited"])), ("created_at", .time),
    ])

  var json: JSON {
    [
      "user_id": .string(userID), "email": .string(email), "name": .string(name),
      "role": .string(role), "status": "active", "created_at": .integer(createdAt),
    ]
  }
}

extension Invitation {
  static let shape = Shape.named(
    "Invitation",
    [
      ("id", .uuid), ("email", .text), ("role", .text), ("created_at", .time),
      ("expires_at", .time),
    ])

  var json: JSON {
    [
      "id": .string(id), "email": .string(email), "role": .string(role.rawValue),
      "created_at": .integer(createdAt), "expires_at": .integer(expiresAt),
    ]
  }

  /// As a member who is not there yet.
  var memberJSON: JSON {
    [
      "user_id": .null, "email": .string(email), "name": .null, "role": .string(role.rawValue),
      "status": "invited", "invitation_id": .string(id), "created_at": .integer(createdAt),
    ]
  }
}
