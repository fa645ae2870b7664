import Printers
import World

/// A person who runs a farm, with a browser. Does nothing that a customer could not do.
public final class Owner {
  public let name: String
  public let client: CloudClient
  private let host: any Host
  private var fileIDs: [String: String] = [:]
  private var printerIDs: [String: String] = [:]
  private var jobIDs: [String: String] = [:]
  /// Files of which it is not known whether the cloud has taken them.
  private var uncertainFiles: Set<String> = []

  public init(name: String, client: CloudClient) {
    self.name = name
    self.client = client
    host = client.host
  }

  public static let password = "correct horse battery staple"

  public var email: String { name.lowercased() + "@example.com" }

  /// The cloud's id of a job of this story.
  public func jobID(_ job: String) -> String? { jobIDs[job] }
  /// The cloud's ids of everything that is this owner's.
  public var knownIDs: [String] {
    [fileIDs, printerIDs, jobIDs].flatMap { $0.values.sorted() }
  }
  /// The same, of one list.
  func knownIDs(of list: String) -> [String] {
    switch list {
    case "files": fileIDs.values.sorted()
    case "jobs": jobIDs.values.sorted()
    case "printers": printerIDs.values.sorted()
    default: []
    }
  }

  public func hasUploaded(_ file: String) -> Bool { fileIDs[file] != nil }

  // MARK: Account and farm

  /// Makes an account and a tenant. With `mayBeKnown` an account from before will do: somebody who
  /// runs two farms has one account.
  public func settle(
    tenant: String, mayBeKnown: Bool = true, completion: @escaping (Answer<Void>) -> Void
  ) {
    let body: JSON = [
      "email": .string(email), "password": .string(Self.password), "name": .string(name),
    ]
    client.call("POST", "/auth/sign-up/email", body: body) { [self] answer in
      if mayBeKnown, case .failure(.refused(409, _, _)) = answer {
        let known: JSON = ["email": .string(email), "password": .string(Self.password)]
        client.call("POST", "/auth/sign-in/email", body: known) { [self] answer in
          found(tenant, answer, completion)
        }
      } else {
        found(tenant, answer, completion)
      }
    }
  }

  /// Makes a tenant with the session that an answer brings.
  private func found(
    _ tenant: String, _ answer: Answer<JSON>, _ completion: @escaping (Answer<Void>) -> Void
  ) {
    take("token", from: answer, completion) { token in
      client.token = token
      client.call("POST", "/tenants", body: ["name": .string(tenant)]) { [self] answer in
        take("id", from: answer, completion) { id in
          client.tenant = id
          host.note(.user, "signed up and made the tenant \"\(tenant)\"")
          completion(.success(()))
        }
      }
    }
  }

  public func claim(
    hub id: String, code: String, name hubName: String,
    completion: @escaping (Answer<Void>) -> Void
  ) {
    let body: JSON = [
      "hub_id": .string(id), "claim_code": .string(code), "name": .string(hubName),
    ]
    client.call("POST", "/hubs/claim", body: body) { [self] answer in
      if case .success = answer { host.note(.user, "claimed \(hubName)") }
      completion(answer.map { _ in })
    }
  }

  /// The claim token that was made last.
  public private(set) var claimToken: String?

  /// Asks for a token that makes a new hub the owner's.
  public func makeClaimToken(
    hubName: String, completion: @escaping (Answer<String>) -> Void
  ) {
    client.call("POST", "/hubs/claim-token", body: ["name": .string(hubName)]) { [self] answer in
      switch answer {
      case .failure(let failure): completion(.failure(failure))
      case .success(let data):
        guard let token = data["token"]?.string else {
          return completion(.failure(.unexpected("\"token\"")))
        }
        claimToken = token
        host.note(.user, "got a claim token for \(hubName)")
        completion(.success(token))
      }
    }
  }

  /// What somebody reads off a printer's screen and types.
  public struct PrinterEntry {
    public var name: String
    public var model: String
    public var hubID: String
    public var serial: String
    public var address: String
    public var accessCode: String
    public var mqttPort: UInt16 = 8883
    public var ftpsPort: UInt16 = 990
    /// Its certificate must be signed by its maker.
    public var isKnownByMaker = false
    public var kind = PrinterKind.bambu
    /// Of a printer that is reached over HTTP.
    public var port: UInt16?
    public var userName: String?
    public var isSecure = false

    public init(
      name: String, model: String, hubID: String, serial: String, address: String,
      accessCode: String
    ) {
      self.name = name
      self.model = model
      self.hubID = hubID
      self.serial = serial
      self.address = address
      self.accessCode = accessCode
    }

    /// What the cloud is told; ports only where they are not the usual ones.
    public var json: JSON {
      var body: JSON = [
        "name": .string(name), "model": .string(model), "hub_id": .string(hubID),
        "serial_number": .string(serial), "ip_address": .string(address),
        "access_code": .string(accessCode),
      ]
      if kind != .bambu { body["kind"] = .string(kind.rawValue) }
      if let port, port != kind.port { body["port"] = .integer(Int64(port)) }
      if isSecure { body["secure"] = true }
      if let userName { body["user_name"] = .string(userName) }
      if isKnownByMaker { body["certificate"] = "maker" }
      if mqttPort != 8883 { body["mqtt_port"] = .integer(Int64(mqttPort)) }
      if ftpsPort != 990 { body["ftps_port"] = .integer(Int64(ftpsPort)) }
      return body
    }
  }

  public func add(printer: PrinterEntry, completion: @escaping (Answer<Void>) -> Void) {
    client.call("POST", "/printers", body: printer.json) { [self] answer in
      take("id", from: answer, completion) { id in
        printerIDs[printer.name] = id
        host.note(.user, "added the printer \(printer.name) (\(printer.model))")
        completion(.success(()))
      }
    }
  }

  public func remove(printer name: String, completion: @escaping (Answer<Void>) -> Void) {
    guard let id = printerIDs[name] else {
      return completion(.failure(.unexpected("the printer \(name)")))
    }
    client.call("DELETE", "/printers/" + id) { [self] answer in
      if case .success = answer {
        printerIDs[name] = nil
        host.note(.user, "took the printer \(name) out")
      }
      completion(answer.map { _ in })
    }
  }

  /// Asks for something of a printer that needs no words beside its name.
  public func ask(
    printer name: String, for path: String, completion: @escaping (Answer<Void>) -> Void
  ) {
    guard let id = printerIDs[name] else {
      return completion(.failure(.unexpected("the printer \(name)")))
    }
    client.call("POST", "/printers/" + id + path) { completion($0.map { _ in }) }
  }

  func printerID(_ name: String) -> String? { printerIDs[name] }

  public func printerName(_ id: String) -> String? { printerIDs.first { $0.value == id }?.key }

  // MARK: Files and jobs

  public func upload(
    _ name: String, bytes: [UInt8], completion: @escaping (Answer<Void>) -> Void
  ) {
    // Whoever had no answer looks whether it is there before sending it once more.
    guard uncertainFiles.contains(name) else { return send(name, bytes, completion) }
    client.call("GET", "/files") { [self] answer in
      switch answer {
      case .failure(let failure): completion(.failure(failure))
      case .success(let data):
        let known = (data.array ?? []).first { $0["name"]?.string == name }
        uncertainFiles.remove(name)
        guard let id = known?["id"]?.string else { return send(name, bytes, completion) }
        fileIDs[name] = id
        host.note(.user, "finds \(name) uploaded")
        completion(.success(()))
      }
    }
  }

  private func send(
    _ name: String, _ bytes: [UInt8], _ completion: @escaping (Answer<Void>) -> Void
  ) {
    let body: JSON = ["name": .string(name), "size": .integer(Int64(bytes.count))]
    client.call("POST", "/files/upload-url", body: body) { [self] answer in
      take("upload_url", from: answer, completion) { url in
        take("token", from: answer, completion) { token in
          client.put(bytes, to: url) { [self] stored in
            if case .failure(let failure) = stored { return completion(.failure(failure)) }
            let record: JSON = ["name": .string(name), "token": .string(token)]
            client.call("POST", "/files", body: record) { [self] answer in
              if case .failure(.unreachable) = answer { uncertainFiles.insert(name) }
              take("id", from: answer, completion) { id in
                fileIDs[name] = id
                host.note(.user, "uploaded \(name) (\(Quantity.describe(bytes: bytes.count)))")
                completion(.success(()))
              }
            }
          }
        }
      }
    }
  }

  /// Makes a job of a file that was uploaded.
  public func queue(
    _ job: String, file: String, printer: String, completion: @escaping (Answer<Void>) -> Void
  ) {
    guard let fileID = fileIDs[file] else {
      return completion(.failure(.unexpected("the file \(file)")))
    }
    guard let printerID = printerIDs[printer] else {
      return completion(.failure(.unexpected("the printer \(printer)")))
    }
    let body: JSON = ["print_file_id": .string(fileID), "printer_id": .string(printerID)]
    client.call("POST", "/jobs", body: body) { [self] answer in
      take("id", from: answer, completion) { id in
        jobIDs[job] = id
        host.note(.user, "made \(job): \(file) on \(printer)")
        completion(.success(()))
      }
    }
  }

  /// What can be asked of a job.
  public enum JobAction: String, Sendable { case start, pause, resume, cancel }

  public func ask(
    _ action: JobAction, of job: String, completion: @escaping (Answer<Void>) -> Void
  ) {
    guard let id = jobIDs[job] else {
      return completion(.failure(.unexpected("the job \(job)")))
    }
    client.call("POST", "/jobs/\(id)/\(action.rawValue)", body: [:]) { [self] answer in
      switch answer {
      case .success: host.note(.user, "asked to \(action.rawValue) \(job)")
      case .failure(let failure):
        host.note(.user, "asked to \(action.rawValue) \(job) in vain: \(failure)")
      }
      completion(answer.map { _ in })
    }
  }

  /// What a hub can be told to do; the end of the route.
  public enum HubCommand: String, Sendable { case reboot, diagnostics }

  public func tell(
    hub id: String, _ command: HubCommand, completion: @escaping (Answer<Void>) -> Void
  ) {
    client.call("POST", "/hubs/\(id)/\(command.rawValue)", body: [:]) { [self] answer in
      if case .success = answer { host.note(.user, "asked for \(command.rawValue) of the hub") }
      completion(answer.map { _ in })
    }
  }

  /// The ids in one of the owner's lists: `hubs`, `printers`, `files` or `jobs`.
  public func list(_ what: String, completion: @escaping (Answer<[String]>) -> Void) {
    client.call("GET", "/" + what) { answer in
      completion(answer.map { data in (data.array ?? []).compactMap { $0["id"]?.string } })
    }
  }

  /// What the page shows each printer as doing.
  func printerStatuses(
    completion: @escaping (Answer<[(name: String, status: String)]>) -> Void
  ) {
    client.call("GET", "/printers") { answer in
      completion(
        answer.map { data in
          (data.array ?? []).map {
            (name: $0["name"]?.string ?? "", status: $0["status"]?.string ?? "")
          }
        })
    }
  }

  /// Hands on a text of an answer, or tells that it was missing.
  private func take(
    _ key: String, from answer: Answer<JSON>, _ completion: (Answer<Void>) -> Void,
    _ body: (String) -> Void
  ) {
    switch answer {
    case .failure(let failure): completion(.failure(failure))
    case .success(let data):
      guard let text = data[key]?.string else {
        return completion(.failure(.unexpected("\"\(key)\"")))
      }
      body(text)
    }
  }
}
