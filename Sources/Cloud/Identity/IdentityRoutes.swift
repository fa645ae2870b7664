import World

extension Identity {
  /// What there is under `/auth`, `/tenants`, `/invitations` and `/organizations`.
  var routes: [Route] {
    authRoutes + tenantRoutes + memberRoutes + organizationRoutes + outbox.routes
  }

  // MARK: signing in

  /// The documents have two families of names for the same: one under `/api/v1/auth`, one under
  /// `/auth`; and the architecture puts the second's names under the first's place.
  private func auth(
    _ method: HTTPMethod, _ names: [String], _ fields: [Field], _ summary: String,
    _ shape: Shape, status: Int = 200, _ handler: Route.Handler
  ) -> [Route] {
    names.map { name in
      Route(method, name, fields, handler).described(summary, shape, status: status).limited(.auth)
    }
  }

  private static func family(_ first: String, _ second: String) -> [String] {
    ["/api/v1/auth/\(first)", "/api/v1/auth/\(second)", "/auth/\(second)"]
  }

  private static let password = Field.text("password", 8...128)
  private static let done = Shape.object([("done", .bool)])

  private var authRoutes: [Route] {
    let signUpRoutes: [Route] = auth(
      .post, Self.family("sign-up/email", "register"),
      [.email("email"), Self.password, .text("name")], "Make an account and sign in",
      SignIn.shape, status: 201,
      .open { [self] call in
        let input = call.input
        return answer(
          try signUp(
            email: input.text("email"), password: input.text("password"),
            name: input.text("name"), call), status: 201)
      })
    let signInRoutes: [Route] = auth(
      .post, Self.family("sign-in/email", "login"),
      [.email("email"), .text("password", 1...128)], "Sign in", SignIn.shape,
      .open { [self] call in
        let input = call.input
        return answer(
          try signIn(email: input.text("email"), password: input.text("password"), call))
      })
    let signOutRoutes: [Route] = auth(
      .post, Self.family("sign-out", "logout"), [], "End this session",
      .object([("signed_out", .bool)]),
      .user { [self] _, session in
        try end(session: session.id)
        var answer = Answer.data(["signed_out": true])
        answer.headers.append(cookie("", seconds: 0))
        return answer
      })
    let refreshRoutes: [Route] = auth(
      .post, ["/api/v1/auth/refresh", "/auth/refresh"], [.text("refresh_token", 1...128)],
      "Take a refresh token for new tokens", SignIn.shape,
      .open { [self] call in
        switch try refresh(call.input.text("refresh_token")) {
        case .success(let signIn): return answer(signIn)
        // Told as an answer and not thrown: what it has ended stays ended.
        case .failure(let refusal): return .failure(refusal, requestID: call.id)
        }
      })
    let forgotRoutes: [Route] = auth(
      .post,
      [
        "/api/v1/auth/forget-password", "/api/v1/auth/forgot-password", "/auth/forgot-password",
      ], [.email("email")], "Have a mail sent with which a new password can be chosen", Self.done,
      .open { [self] call in
        try forgotPassword(email: call.input.text("email"))
        return .data(["done": true])
      })
    let resetRoutes: [Route] = auth(
      .post, ["/api/v1/auth/reset-password", "/auth/reset-password"],
      [.text("token", 1...128), Self.password], "Choose a new password", Self.done,
      .open { [self] call in
        try resetPassword(
          token: call.input.text("token"), password: call.input.text("password"))
        return .data(["done": true])
      })
    let sessionRoute = Route(
      .get, "/api/v1/auth/get-session",
      .user { [self] _, session in
        let session = try prolong(session)
        return .data([
          "user": try user(session.userID).json,
          "session": ["id": .string(session.id), "expires_at": .integer(session.expiresAt)],
        ])
      }
    ).described(
      "Who is signed in",
      .object([
        ("user", User.shape), ("session", .object([("id", .uuid), ("expires_at", .time)])),
      ]))
    return signUpRoutes + signInRoutes + signOutRoutes + refreshRoutes + forgotRoutes + resetRoutes
      + [sessionRoute]
  }

  private func answer(_ signIn: SignIn, status: Int = 200) -> Answer {
    var answer = Answer.data(signIn.json, status: status)
    answer.headers.append(cookie(signIn.sessionToken, seconds: Self.sessionMilliseconds / 1000))
    return answer
  }

  private func cookie(_ token: String, seconds: Int64) -> (String, String) {
    SessionCookie.header(
      token, seconds: seconds,
      isSecure: platform.configuration.publicURL.hasPrefix("https:"))
  }

  // MARK: tenants

  private var tenantRoutes: [Route] {
    [
      Route(.post, "/api/v1/tenants", [.text("name", 1...120)], makeHandler)
        .described("Make a tenant, and own it", Tenant.shape, status: 201),
      Route(.get, "/api/v1/tenants", listHandler)
        .described("The tenants that one is a member of", .list(Tenant.shape)),
      Route(.get, "/api/v1/tenants/:id", readHandler).described("One tenant", Tenant.shape),
      Route(.put, "/api/v1/tenants/:id", Self.changes, changeHandler)
        .described("Change a tenant", Tenant.shape),
      Route(.delete, "/api/v1/tenants/:id", removeHandler)
        .described("Delete a tenant and all that is its", .object([("deleted", .bool)])),
    ]
  }

  private static let changes: [Field] = [
    .optional(.text("name", 1...120)), .optional(.text("slug", 1...120)),
    .optional(.object("settings")),
  ]

  private var makeHandler: Route.Handler {
    .user { [self] call, session in
      .data(
        try makeTenant(name: call.input.text("name"), by: session.userID).json, status: 201)
    }
  }
  private var listHandler: Route.Handler {
    .user { [self] _, session in .data(.array(try tenants(of: session.userID).map(\.json))) }
  }
  private var readHandler: Route.Handler {
    .tenant(.viewer) { [self] _, member in .data(try tenant(of: member).json) }
  }
  private var changeHandler: Route.Handler {
    .tenant(.admin) { [self] call, member in .data(try change(tenantOf: member, call).json) }
  }
  private var removeHandler: Route.Handler {
    .tenant(.owner) { [self] _, member in
      try remove(tenantOf: member)
      return .data(["deleted": true])
    }
  }

  /// The older name of tenants, with its own way to invite.
  private var organizationRoutes: [Route] {
    [
      Route(.post, "/api/organizations", [.text("name", 1...120)], makeHandler)
        .described("Make an organisation, and own it", Tenant.shape, status: 201),
      Route(.get, "/api/organizations", listHandler)
        .described("The organisations that one is a member of", .list(Tenant.shape)),
      Route(.get, "/api/organizations/:id", readHandler)
        .described("One organisation", Tenant.shape),
      Route(.put, "/api/organizations/:id", Self.changes, changeHandler)
        .described("Change an organisation", Tenant.shape),
      Route(.delete, "/api/organizations/:id", removeHandler)
        .described("Delete an organisation and all that is its", .object([("deleted", .bool)])),
      Route(.post, "/api/organizations/:id/invite", Self.invitee, inviteHandler)
        .described("Invite somebody by mail", Membership.shape, status: 201),
    ]
  }

  // MARK: members

  private static let role = Field.oneOf("role", Role.allCases.map(\.rawValue))
  private static let invitee: [Field] = [.email("email"), role]

  private static func role(_ call: Call) -> Role {
    Role(rawValue: call.input.text("role")) ?? .viewer
  }

  private var inviteHandler: Route.Handler {
    .tenant(.admin) { [self] call, member in
      .data(
        try invite(call.input.text("email"), as: Self.role(call), to: member, call).memberJSON,
        status: 201)
    }
  }

  private var memberRoutes: [Route] {
    [
      Route(
        .get, "/api/v1/tenants/:id/members",
        .tenant(.viewer) { [self] _, member in
          .data(.array(try members(of: member).map(\.json)))
        }
      ).described("A tenant's members", .list(Membership.shape)),
      Route(.post, "/api/v1/tenants/:id/members", Self.invitee, inviteHandler)
        .described("Invite a member by mail", Membership.shape, status: 201),
      Route(
        .put, "/api/v1/tenants/:id/members/:userId", [Self.role],
        .tenant(.owner) { [self] call, member in
          .data(
            try change(call.parameter("userId"), to: Self.role(call), by: member, call).json)
        }
      ).described("Give a member another role", Membership.shape),
      Route(
        .delete, "/api/v1/tenants/:id/members/:userId",
        .tenant(.viewer) { [self] call, member in
          try remove(call.parameter("userId"), by: member, call)
          return .data(["deleted": true])
        }
      ).described("Remove a member, or leave", .object([("deleted", .bool)])),
      Route(
        .get, "/api/v1/tenants/:id/invitations",
        .tenant(.admin) { [self] _, member in
          .data(.array(try invitations(of: member).map(\.json)))
        }
      ).described("Invitations that nobody has accepted yet", .list(Invitation.shape)),
      Route(
        .delete, "/api/v1/tenants/:id/invitations/:invitationId",
        .tenant(.admin) { [self] call, member in
          try withdraw(invitation: call.parameter("invitationId"), by: member)
          return .data(["deleted": true])
        }
      ).described("Take an invitation back", .object([("deleted", .bool)])),
      Route(
        .post, "/api/v1/invitations/accept", [.text("token", 1...128)],
        .user { [self] call, session in
          .data(try accept(token: call.input.text("token"), by: session).json)
        }
      ).described("Become a member with the token of an invitation", Tenant.shape),
    ]
  }
}
