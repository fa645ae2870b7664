import Foundation
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

  @Test("what was signed with the public half of an RSA key, as with a shared secret, is not taken")
  func confusion() throws {
    let rig = try CloudRig { $0.tokenAlgorithm = .rs256(privateKey: Self.rsaKey) }
    _ = try rig.signUp()
    let answer = try rig.json("POST", "/auth/login", Self.ada)
    let user = try bearer(answer, "access_token")
    try rig.json("GET", "/api/v1/tenants", as: user)
    let parts = user.token.split(separator: ".")
    #expect(Base64URL.decode(parts[0]) == Array(#"{"alg":"RS256","typ":"JWT"}"#.utf8))
    // The key as text, with and without the end of its last line, and as what the text stands for.
    let text = [UInt8](Self.rsaPublicKey.utf8)
    let lines = Self.rsaPublicKey.split(separator: "\n").dropFirst().dropLast().joined()
    let bytes = [UInt8](try #require(Data(base64Encoded: lines)))
    for key in [text, text + [0x0A], bytes, []] {
      for header in [#"{"alg":"HS256","typ":"JWT"}"#, #"{"alg":"RS256","typ":"JWT"}"#] {
        let message = "\(Base64URL.encode(Array(header.utf8))).\(parts[1])"
        let signature = Digest.hmacSHA256(key: key, [UInt8](message.utf8))
        let forged = RigUser(token: "\(message).\(Base64URL.encode(signature))")
        try rig.json("GET", "/api/v1/tenants", as: forged, expecting: 401)
      }
    }
    // Nor does a cloud that shares a secret take what any pair of keys has signed.
    let other = try CloudRig(storage: rig.storage)
    try other.json("GET", "/api/v1/tenants", as: user, expecting: 401)
  }

  @Test("a key that is no RSA key, too short a one and a locked one are refused")
  func unusableKeys() {
    #expect(TokenAlgorithm.rs256(privateKey: Self.rsaKey).isUsable)
    for key in [Self.rsaPublicKey, Self.curveKey, Self.shortKey, Self.lockedKey, ""] {
      #expect(!TokenAlgorithm.rs256(privateKey: key).isUsable)
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

  /// The half of it that everybody may know.
  static let rsaPublicKey = """
    -----BEGIN PUBLIC KEY-----
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA+xwmpxFIWKmiuPjBQWfI
    jmi9LIiZMl88jnggonpatL5SVgZvg/m7zqxpupeJhXtYZp+gRAgjuTqVxWU36KEo
    lO41RkPdxCp58TvNdaQ17VcNWf3o6rHgRbM803dDLX9WlWs7ZA6EJ3JKCKi52s8u
    5KQ8ZVnZpsO1/8/rx2P4MYFTwEDIiHRT6uUGgksYKEm5SigPJHGVPCiFwVPphT1m
    r6DAojx/w2+TbIrUQUprOVEJncXUa1L2rqr1v6Y1yP+1+NDB753lWgn90wzWRL9s
    2OSleVFKOg4qKQVaYdlRc3kpLZ0nyDwdc8T7BZAldoQPHgLZgOoCcF1EbY4m6YRq
    IwIDAQAB
    -----END PUBLIC KEY-----
    """

  /// For signatures of another kind.
  private static let curveKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgcrrn6SES0bVR950S
    6mwKhmwtwQP3+U5moFqykYjOKPWhRANCAATJluWSar74Pt89uF6YSPhS2M5thXgk
    390FjrL6e+1Iwb6xDxuwxRgFsQ3buVerS7T5rjLCd1kRHH4nM3IEAHt5
    -----END PRIVATE KEY-----
    """

  /// 1,024 bits.
  private static let shortKey = """
    -----BEGIN PRIVATE KEY-----
    MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALRk++A4O0drBziW
    VYcqT/pKOtaf1UiTQf0XRHDGkYpcCnhrWAbPvvyONHH5mOwun+C1PambSc1C6+Ix
    fJZTO/n8oGoRzAnX0WCaVLuYT0TS0UIi30DUyQdw/Y9Gw4Xq6CzkgmdrylY/t7RR
    I8sCe+vzqkn9GRTc4lRn1lO4bcjRAgMBAAECgYAOImd13xIN+33aWjUjXRZdJxnL
    HUTp5dfiy8LqDzTyIVoUq1x/VCHDyiSj1Ym8375ZLfpB4s/6jEbNN1FqueTWBLnk
    RnSI+af25PWDqaJkvb2EpFl1VHTdcv0b+ALwG+cW3tuJI2Hve65ymblbRkmB3wd3
    DcjQQfI45NvEt2O0AQJBAOvZoVRDZycYumK3p//Wa4Tnmqc32PNBGWn9DZrapH4+
    lsxAdqBUhLLCUZRfQfEElyOVA3Uf7SlNYAzRfMarjBECQQDDznYqOYuyt+yD3qdB
    bJ2sH61FzoHb8AePUx3bn+NtM3GatIFTTv0xIYrPtuAhh6zth6+pIfu+Bvp7yi7H
    djDBAkEAg2wPCOxSQ6f03GNomxg5a6K/O+TT4KDq73OSLDMfrDVmRES7lZXjJ9U+
    LkZycUJUkgBMH+z9c6FpH1twgyg+cQJAD/ILS2r+RmKV/zMtmbVXrcGyoaGsj5Wf
    d/uDzfPaWHU9BiU29urS0aJypHG3FOPwoDNRict7rcDxuwz+/D1SwQJAT04finuU
    oGXnNoJ7lO73c0rGRiCiqrzMwjUOZj/1WvyHA1D1s5bdEUPZ7x9VUd2Y2jk6BSJ/
    6cF5p/3KmDr1fQ==
    -----END PRIVATE KEY-----
    """

  /// Behind a password.
  private static let lockedKey = """
    -----BEGIN ENCRYPTED PRIVATE KEY-----
    MIIFLTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIwS6CkaE1rb0CAggA
    MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBBZAWj441wOdR43pH8AFOirBIIE
    0J47zbdPLdBfw8frUC8kARNf3zylfzQodlNyjCA2BxjkdQcoP25fTsJOIQnyTYLq
    ajy0weNCJE+n7zXez1dJ6MVdovbnXx64u4P6P1iwiGYCnMG2J8UyfYBGwzE/CeIP
    ZBaeFs33PkKYRoheMyRP2jKdAL3aOFsNGHa27hIDE1bt3QcCN7JYeX8v9/m7/XIW
    BVbmfukg6MMIPeBTqqdhrzkjj4xgLYrPxfyT8qkjuP3kR3fD88otNpHjZ7eeRCQp
    w9C/7S7YcpPtWjSy8JhW21GjN8hMf8wI/tvIxLcTIdYkuKtMSLlIuQRiV9dmoM/b
    499za+yS0SusoEeafYU2RggMowlkQcwukdfloowKXKgxd75bgdflJhqBvzrxfDs8
    2x9wmuSUpZQis3kz9ER+yo+u+sx+knNrUKeMPD9d42cIs++Ek0ZDw6/KSYll6gEJ
    1OwozkoCMar/2tZJseSQV2HdHYv906A9F8wyILS/XlzvyVgaqEnY7d1093YZfX8v
    DGK3SK1Rjwxwj2TrNKwmN5Q3Z8KEXoFV4gdd2qnKRPJYSDhv8TNbSfEQSZNi6PJB
    bL0VvaORenhXUGbwh+LEpKPIcuDUoUKpCbJVDabmSpYH/NFmmuiGYmcj+La8yOwu
    kUQhK7+ZiLfQ+yXWXUPkM2J6MoXQi4BvWnCxc5peU+TiLg4JV8ohaLW/+79R5E30
    uajzuQuMYoFmBCLt3mjZKmwl3xFQsVzYI2vG7qbQlFGndEFv3ZDujUviB0KwfO8Q
    RaKfTKi4pj92qC0KY1ZVtxo7cnLMSG+EK4myuUKftIr9Ibzugy/RdRUcORCBo1Hr
    d+WDM11kIXjuktXI9E3Xvyhaao+f59vJAIhxYxTL8MbSS032caW8LtzD6o9Ewf9u
    7pJ3xi98NpowUqh9Yc/FqNNpcg1gSVBSQRdFZU2Y34oRDtRjGB3slUXXrKxwZ5qS
    A07fGlVvjbC0aLuBb3fi+jVh94p4Rvvxl6ACJLqlR/k/btumCJHIb/cVSFPFodaM
    l7B4dSiBwnAnNfUAPbfGHvcZppawBroJnDbcFYknDYxUz8ZxukTS6MdE6X1wZWz8
    n/cdCitD6UrndVN/WMVICI0snZ5qeNyT9aAa5My1ahXcAH6LhqO/wNKyf/OUQixO
    j1fi6xQZ5U2vVMlYHTX9E1hvEsYxGjCfiX0ZOk3BCyHsGtUmN5GVRjZrZPIsxXMy
    NP7hqvJWwFkPakdPK92TTJWV6MU3sq3i2iPxpJ7saOeU1qZRKLEQRxep36n8q3ls
    6ldM3+dx97dYWvuNNM+8lswMFZjJM0LcgJ1l4QXiCLnU2kJ7srShN+T2EYU3HS5Q
    vlE8zhFPIImv5li51UN1Vq3m+rBiv30rwv1BRZoUGNGtU1wcF+al4mVI6CRB9yys
    FstMnviikI5yQeCycSN8WBqTmQ+wPEyDBn0CeiWujhe8K6xaS4Kk2dTR3Yj1/qQz
    vcMYWN13KvC07e+4jKhdSb0AtlsnS+U5Y3tzc1D364IoEvBTjmvzdok8HO3MFJY3
    ve0C9LcGUjhPwLDIKzBxYbfwW7jQeB/F3KXovNx0ffVKdAc2af406z3Gq4o4X6nh
    oyjWH7idnh/JgwKooCy2WspXDeAGJEZZjq69IE8Fyn/b
    -----END ENCRYPTED PRIVATE KEY-----
    """
}
