import World

extension Identity {
  /// What there is under `/api/v1/auth` and `/api/v1/tenants`.
  var routes: [Route] {
    [
      Route(
        .post, "/api/v1/auth/sign-up/email",
        [.email("email"), .text("password", 8...128), .text("name")],
        .open { [self] call in
          let input = call.input
          let (token, user) = try signUp(
            email: input.text("email"), password: input.text("password"), name: input.text("name"))
          return .data(["token": .string(token), "user": user.json], status: 201)
        }),
      Route(
        .post, "/api/v1/auth/sign-in/email", [.email("email"), .text("password", 1...128)],
        .open { [self] call in
          let (token, user) = try signIn(
            email: call.input.text("email"), password: call.input.text("password"))
          return .data(["token": .string(token), "user": user.json])
        }),
      Route(
        .post, "/api/v1/auth/sign-out",
        .user { [self] call, _ in
          try signOut(call)
          return .data(["signed_out": true])
        }),
      Route(
        .get, "/api/v1/auth/get-session",
        .user { [self] _, session in
          .data([
            "user": try user(session.userID).json,
            "session": ["expires_at": .integer(session.expiresAt)],
          ])
        }),
      Route(
        .post, "/api/v1/tenants", [.text("name", 1...120)],
        .user { [self] call, session in
          let tenant = try makeTenant(name: call.input.text("name"), by: session.userID)
          return .data(tenant.json, status: 201)
        }),
      Route(
        .get, "/api/v1/tenants",
        .user { [self] _, session in
          .data(.array(try tenants(of: session.userID).map(\.json)))
        }),
      Route(
        .get, "/api/v1/tenants/:id/members",
        .user { [self] call, session in
          let member = try member(session, ofTenant: call.parameter("id"), atLeast: .viewer)
          return .data(.array(try members(of: member).map(\.json)))
        }),
      Route(
        .post, "/api/v1/tenants/:id/members",
        [.email("email"), .oneOf("role", Role.allCases.map(\.rawValue))],
        .user { [self] call, session in
          let member = try member(session, ofTenant: call.parameter("id"), atLeast: .admin)
          let role = Role(rawValue: call.input.text("role")) ?? .viewer
          let added = try add(email: call.input.text("email"), as: role, to: member)
          return .data(added.json, status: 201)
        }),
    ]
  }
}

extension User {
  fileprivate var json: JSON {
    [
      "id": .string(id), "email": .string(email), "name": .string(name),
      "created_at": .integer(createdAt),
    ]
  }
}

extension Tenant {
  fileprivate var json: JSON {
    [
      "id": .string(id), "name": .string(name), "slug": .string(slug), "role": .string(role),
      "created_at": .integer(createdAt),
    ]
  }
}

extension Membership {
  fileprivate var json: JSON {
    [
      "user_id": .string(userID), "email": .string(email), "name": .string(name),
      "role": .string(role), "created_at": .integer(createdAt),
    ]
  }
}
