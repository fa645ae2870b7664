import Testing
import World

@testable import Cloud

@Suite("Sessions, tokens and cookies")
struct SessionTests {
  static let ada: JSON = ["email": "ada@example.com", "password": "correct horse"]

  private func bearer(_ answer: JSON, _ name: String) throws -> RigUser {
    RigUser(token: try #require(answer[name]?.string))
  }

  @Test("both families of names sign people in, and every token they give is taken")
  func families() throws {
    let rig = try CloudRig()
    _ = try rig.signUp()
    let session = "/api/v1/auth/get-session"
    for path in ["/api/v1/auth/sign-in/email", "/api/v1/auth/login", "/auth/login"] {
      let answer = try rig.json("POST", path, Self.ada)
      for token in ["token", "access_token"] {
        let user = try bearer(answer, token)
        #expect(
          try rig.json("GET", session, as: user)["user"]?["email"] == "ada@example.com")
      }
    }
    try rig.json(
      "POST", "/auth/register",
      ["email": "bob@example.com", "password": "correct horse", "name": "Bob"], expecting: 201)
  }

  @Test("an access token lasts a quarter of an hour, and no longer than its session")
  func accessToken() throws {
    let rig = try CloudRig()
    _ = try rig.signUp()
    let answer = try rig.json("POST", "/auth/login", Self.ada)
    let access = try bearer(answer, "access_token")
    rig.wait(.seconds(14 * 60))
    try rig.json("GET", "/api/v1/tenants", as: access)
    rig.wait(.seconds(2 * 60))
    try rig.json("GET", "/api/v1/tenants", as: access, expecting: 401)

    let second = try rig.json("POST", "/auth/login", Self.ada)
    let other = try bearer(second, "access_token")
    try rig.json("POST", "/auth/logout", as: try bearer(second, "token"))
    try rig.json("GET", "/api/v1/tenants", as: other, expecting: 401)
  }

  @Test("a token with another signature, algorithm or claim is not taken")
  func forged() throws {
    let rig = try CloudRig()
    _ = try rig.signUp()
    let token = try #require(
      try rig.json("POST", "/auth/login", Self.ada)["access_token"]?.string)
    let parts = token.split(separator: ".").map(String.init)
    let none = Base64URL.encode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
    let forged = [
      "\(none).\(parts[1]).", "\(none).\(parts[1]).\(parts[2])", "\(parts[0]).\(parts[1]).",
      "\(parts[0]).\(parts[1]).\(String(parts[2].reversed()))", "\(parts[0]).e30.\(parts[2])",
      "..", "a.b.c", token + "A", token + ".x",
    ]
    for text in forged {
      try rig.json("GET", "/api/v1/tenants", as: RigUser(token: text), expecting: 401)
    }
  }

  @Test("tokens can be signed with RSA too, and then no other way")
  func rsa() throws {
    let mint = try TokenMint(.rs256(privateKey: Self.rsaKey), sharedKey: [1, 2, 3])
    let token = mint.token(["sub": "ada", "exp": 100])
    #expect(mint.claims(of: token, at: 99_999)?["sub"] == "ada")
    #expect(mint.claims(of: token, at: 100_000) == nil)
    let shared = try TokenMint(.hs256, sharedKey: [1, 2, 3])
    #expect(shared.claims(of: token, at: 0) == nil)
    #expect(mint.claims(of: shared.token(["sub": "ada", "exp": 100]), at: 0) == nil)
    #expect(throws: TokenMint.UnusableKey.self) {
      try TokenMint(.rs256(privateKey: "no key"), sharedKey: [])
    }
  }

  @Test("a refresh token works once; coming again it ends the session of the thief and the robbed")
  func reuse() throws {
    let rig = try CloudRig()
    _ = try rig.signUp()
    let first = try rig.json("POST", "/auth/login", Self.ada)
    let refresh: (JSON) throws -> JSON = { ["refresh_token": try #require($0["refresh_token"])] }
    let second = try rig.json("POST", "/auth/refresh", refresh(first))
    try rig.json("GET", "/api/v1/tenants", as: try bearer(second, "access_token"))
    // The token of the session has changed with it.
    try rig.json("GET", "/api/v1/tenants", as: try bearer(first, "token"), expecting: 401)
    try rig.json("POST", "/auth/refresh", refresh(first), expecting: 401)
    try rig.json("GET", "/api/v1/tenants", as: try bearer(second, "token"), expecting: 401)
    try rig.json("POST", "/auth/refresh", refresh(second), expecting: 401)
    #expect(rig.events.contains { if case .tokenReused = $0 { true } else { false } })
    // Another sign-in of the same person is not touched.
    try rig.json("POST", "/auth/refresh", ["refresh_token": "unknown"], expecting: 401)
    try rig.json("POST", "/auth/login", Self.ada)
  }

  @Test("a refresh token is good for thirty days")
  func refreshExpiry() throws {
    let rig = try CloudRig()
    _ = try rig.signUp()
    let answer = try rig.json("POST", "/auth/login", Self.ada)
    rig.wait(.seconds(31 * 24 * 3600))
    try rig.json(
      "POST", "/auth/refresh", ["refresh_token": try #require(answer["refresh_token"])],
      expecting: 401)
  }

  @Test("a cookie signs in, but changes nothing for the page of another site")
  func cookies() throws {
    let rig = try CloudRig()
    _ = try rig.signUp()
    let answer = try rig.call("POST", "/auth/login", body: Self.ada.bytes)
    let cookie = try #require(answer.header("set-cookie"))
    for word in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] { #expect(cookie.contains(word)) }
    let pair = ("Cookie", "theme=dark; " + String(cookie.prefix { $0 != ";" }))
    #expect(try rig.call("GET", "/api/v1/tenants", headers: [pair]).status == 200)
    let body = Array(#"{"name":"New"}"#.utf8)
    func post(_ origin: String?) throws -> Int {
      try rig.call(
        "POST", "/api/v1/tenants", headers: [pair] + (origin.map { [("Origin", $0)] } ?? []),
        body: body
      ).status
    }
    #expect(try post(nil) == 403)
    #expect(try post("https://evil.test") == 403)
    #expect(try post("null") == 403)
    #expect(try post(CloudRig.url) == 201)
    #expect(try post("https://dashboard.hubrig.test") == 201)
  }

  @Test("a forgotten password is replaced by mail, which ends every session")
  func reset() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    try rig.json("POST", "/auth/forgot-password", ["email": "nobody@example.com"])
    try rig.json("POST", "/api/v1/auth/forget-password", ["email": "ADA@example.com"])
    let mails = try rig.mails()
    #expect(mails.map { $0["recipient"] } == ["ada@example.com"])
    let token = try #require(mails.first?["body"]?.string?.split(separator: "\n").last)
    let body: JSON = ["token": .string(String(token)), "password": "battery staple"]
    try rig.json("POST", "/auth/reset-password", body)
    try rig.json("POST", "/auth/reset-password", body, expecting: 400)
    try rig.json("GET", "/api/v1/tenants", as: ada, expecting: 401)
    try rig.json("POST", "/auth/login", Self.ada, expecting: 401)
    try rig.json(
      "POST", "/auth/login", ["email": "ada@example.com", "password": "battery staple"])
  }

  @Test("the token of a mail is good for an hour, and nowhere in clear")
  func resetExpiry() throws {
    let rig = try CloudRig()
    _ = try rig.signUp()
    try rig.json("POST", "/auth/forgot-password", ["email": "ada@example.com"])
    let body = try #require(try rig.mails().first?["body"]?.string)
    let token = String(try #require(body.split(separator: "\n").last))
    let kept = try rig.storage.database.all(
      String.self, SystemSQL("SELECT body_sealed || recipient FROM mails"))
    #expect(!kept.joined().contains(token))
    #expect(!rig.notes.joined().contains(token))
    rig.wait(.seconds(3600))
    try rig.json(
      "POST", "/auth/reset-password", ["token": .string(token), "password": "battery staple"],
      expecting: 400)
  }

  static let rsaKey = """
    -----BEGIN PRIVATE KEY-----
    MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQD7HCanEUhYqaK4
    +MFBZ8iOaL0siJkyXzyOeCCielq0vlJWBm+D+bvOrGm6l4mFe1hmn6BECCO5OpXF
    ZTfooSiU7jVGQ93EKnnxO811pDXtVw1Z/ejqseBFszzTd0Mtf1aVaztkDoQnckoI
    qLnazy7kpDxlWdmmw7X/z+vHY/gxgVPAQMiIdFPq5QaCSxgoSblKKA8kcZU8KIXB
    U+mFPWavoMCiPH/Db5NsitRBSms5UQmdxdRrUvauqvW/pjXI/7X40MHvneVaCf3T
    DNZEv2zY5KV5UUo6DiopBVph2VFzeSktnSfIPB1zxPsFkCV2hA8eAtmA6gJwXURt
    jibphGojAgMBAAECggEAQnjawIoCKTpKkYWD/vDetdgDD9lfGGb+jEY/eVNDVKo2
    +H++oGSI8zZPzK2VoWib55qk3a1762oXQIhBSwryR65hGucXOvj1i8bFZjlgbyIG
    rkZZFFue30SJuv7MoSweuvIGaD+xexG1iGJFxKbopmzVcgzdYVhYgs3C/+a2SkAI
    M9el4EsURA9dTiKOMHTx2p4hkn6yEVhNr/NRTaVUdxRjd57DvIKhD799LLbVBJSb
    hKee1DdGQ+ZFm5m//FhJvZ6LLczSfg7joSmOXD26Kp+b7vUeVJNjUh2IVGAGkDfO
    CSCsv9eKgS9D/Z+oWf3E3gYBWoY+ENzWbncd+bBd3QKBgQD+btoo+J+7bxBc5AH7
    uS0idQjsGWD6rkWMAzlc3LlA7GduPS1LVSekK5Ws/jdioAXmvqiiD40hDfhj0zv1
    Ozq9ST7ye+bObU+qv1OgcmS/QrESuSw6oA4NPMHD5mX+LpnsJbhFqwIn44ZV9smX
    QO+w9zbgAkkRsAh1w2ULa1IpNQKBgQD8qA8/dlFDdo+Pizy7rTn25S09umkFzXVw
    XWmw87R+tSfqhHynkBq+B0oIaTJ7ttGs7YOgwL+ubrAVXgaq+Zb9TlBY0EJqFfGo
    byiETmE5TyNqC1W3NVZE70L/leGV3FcXxaoj4gFIUEWmw4JBmYPT+fgNs/bGz/Hk
    LqvuL8EI9wKBgDSE/VNnvtEZ4+7IwgAMAV0Te3wA4RvdzU1RfQ3GIhdctRz0U90w
    /rXMqWDEOPqKva0bvgN14lPoZlV0zPOZ/k4ESJIVMVd7CO7d/40nD9TLF3Id9xtC
    3qOs3vJpJLSLOgqc3qTC3/cL6DbmckZeiRumbBVhY2PbSmPEqZ7p0FPhAoGAewup
    6WFI8E8UWXcZC9mwShKQtuhK732BPUjxCTGW7MJy/x6oyr4+l99a6b+5y1Bcyxgd
    K7PTZjMX5EAXhTrqktCKBsbeIWYwe7QvCkhVxyBIggOlKgV6zzWq7mhjJaXacIRe
    eP0/XKVjVnUOwb3u2tR5PssvWuG4z0T/jI+LNj8CgYBI/QGbgzqJh8tR9dWJxqJ+
    p5jObUvkw0g4d4vyqY7h5CrrH/6Gp0nglycnohQ5xoJZ9NdflZqWHmb8Hnqa7OfT
    vv/qUsppz0vo/zdM8hKhNaGrB7oKAuaYBORQndTYkDeoelb4yjaxHV6bJKAZL066
    yAvLBf842Pv9uPduQZcmBw==
    -----END PRIVATE KEY-----
    """
}
