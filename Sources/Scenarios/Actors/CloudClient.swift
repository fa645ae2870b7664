import World

/// Why a request to the cloud came to nothing.
public enum RequestFailure: Error, Equatable, CustomStringConvertible {
  /// The cloud said no: HTTP status, its error code, its sentence.
  case refused(status: Int, code: String, message: String)
  /// No answer came.
  case unreachable(String)
  /// An answer that lacks what it should hold.
  case unexpected(String)

  public var description: String {
    switch self {
    case .refused(let status, let code, let message): "\(status) \(code): \(message)"
    case .unreachable(let reason): "no answer: \(reason)"
    case .unexpected(let what): "an answer without \(what)"
    }
  }

  public var status: Int? { if case .refused(let status, _, _) = self { status } else { nil } }
}

/// What comes of a request.
public typealias Answer<Value> = Result<Value, RequestFailure>

/// Speaks the cloud's public HTTP, as a browser would; there is no other way in.
public final class CloudClient {
  public let host: any Host
  /// Such as `https://cloud.hubrig.test:8787`.
  public let baseURL: String
  private let trust: Trust?
  public var token: String?
  public var tenant: String?

  /// Nobody waits longer than this for an answer.
  public static let timeout = Interval.seconds(30)

  public init(host: any Host, baseURL: String, trust: Trust?) {
    self.host = host
    self.baseURL = baseURL
    self.trust = trust
  }

  /// Asks `/api/v1` + `path` and hands over what is inside of `data`.
  public func call(
    _ method: String, _ path: String, body: JSON? = nil, headers: [(String, String)] = [],
    completion: @escaping (Answer<JSON>) -> Void
  ) {
    host.trace.tell(
      at: host.now, from: host.name, to: Names.cloud, what: method + " " + path,
      payload: body?.bytes ?? [])
    var all = headers
    if let token { all.append(("Authorization", "Bearer " + token)) }
    if let tenant { all.append(("X-Tenant-ID", tenant)) }
    if body != nil { all.append(("Content-Type", "application/json")) }
    send(method, baseURL + "/api/v1" + path, headers: all, body: body?.bytes ?? [], completion)
  }

  /// Puts bytes to a presigned URL.
  public func put(
    _ bytes: [UInt8], to url: String, completion: @escaping (Answer<JSON>) -> Void
  ) {
    let type = ("Content-Type", "application/octet-stream")
    send("PUT", url, headers: [type], body: bytes, completion)
  }

  private func send(
    _ method: String, _ url: String, headers: [(String, String)], body: [UInt8],
    _ completion: @escaping (Answer<JSON>) -> Void
  ) {
    // A large body on a slow line takes its time.
    let allowance = Interval.seconds(Int64(body.count / 20_000))
    HTTPCall.perform(
      on: host, method: method, url: url, trust: trust, headers: headers, body: body,
      timeout: Self.timeout + allowance
    ) { result in
      switch result {
      case .failure(let failure): completion(.failure(.unreachable("\(failure)")))
      case .success(let answer): completion(Self.open(answer))
      }
    }
  }

  /// Takes an answer out of its envelope.
  private static func open(_ answer: HTTPAnswer) -> Answer<JSON> {
    guard (200..<300).contains(answer.status) else {
      let error = answer.json?["error"]
      return .failure(
        .refused(
          status: answer.status, code: error?["code"]?.string ?? "unknown",
          message: error?["message"]?.string ?? ""))
    }
    return .success(answer.json?["data"] ?? .null)
  }
}
