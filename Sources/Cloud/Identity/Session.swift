/// Somebody who is signed in.
struct Session: Record {
  let id: String
  let userID: String
  let expiresAt: Int64

  init(_ row: Row) {
    id = row.text("id")
    userID = row.text("user_id")
    expiresAt = row.integer("expires_at")
  }
}

/// An account.
struct User: Record {
  let id: String
  let email: String
  let name: String
  let passwordHash: String?
  let createdAt: Int64

  init(_ row: Row) {
    id = row.text("id")
    email = row.text("email")
    name = row.optionalText("name") ?? ""
    passwordHash = row.optionalText("password_hash")
    createdAt = row.integer("created_at")
  }
}

/// A tenant, and what somebody is in it.
struct Tenant: Record {
  let id: String
  let name: String
  let slug: String
  let role: String
  let settings: String?
  let createdAt: Int64
  let updatedAt: Int64

  init(_ row: Row) {
    id = row.text("id")
    name = row.text("name")
    slug = row.text("slug")
    role = row.text("role")
    settings = row.optionalText("settings")
    createdAt = row.integer("created_at")
    updatedAt = row.integer("updated_at")
  }
}

/// Somebody as a tenant's other members see them.
struct Membership: Record {
  let userID: String
  let email: String
  let name: String
  let role: String
  let createdAt: Int64

  init(_ row: Row) {
    userID = row.text("id")
    email = row.text("email")
    name = row.optionalText("name") ?? ""
    role = row.text("role")
    createdAt = row.integer("created_at")
  }
}
