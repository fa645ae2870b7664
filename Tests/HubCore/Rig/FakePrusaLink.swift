import Foundation
import Wire

/// A PrusaLink as the printers' own firmware has it.
final class FakePrusaLink: FakeHTTPPrinter {
  override var kind: String { "prusalink" }
  var state = "IDLE"
  var job: Int?
  var progress = 0
  var file = ""
  var message: String?
  var remaining: Int? = 600
  var isFull = false
  /// Takes no print while it shows that one is finished.
  var isBusyWhenFinished = false
  /// How many starts find no file before one does.
  var unfoundStarts = 0
  /// Wants a digest instead of the key, with this nonce.
  var nonce: String?
  var algorithm = "MD5"
  /// As the printers' own firmware asks for it: without a qop, so that nothing is counted.
  var isOfOldDigest = false
  /// As the list of storages has them.
  struct Storage {
    var path = "/usb/"
    var isAvailable = true
    var isReadOnly = false
  }
  /// Nil: firmware that knows no such list.
  var storages: [Storage]? = [Storage()]
  private var lastJob = 41
  private(set) var counts: [String] = []

  init() { super.init(serial: "PRUSA-1", address: "10.0.0.31", port: 80) }

  override func refusal(of request: Request) -> Reply? {
    guard let nonce else { return super.refusal(of: request) }
    let isStale: Bool
    if let proof = request.headers["authorization"] {
      isStale = !proof.contains("nonce=\"\(nonce)\"")
      if !isStale, isRight(proof, request) { return nil }
    } else {
      isStale = false
    }
    return Reply(
      status: 401, body: "{}",
      headers: [
        "WWW-Authenticate: Digest realm=\"Printer API\", nonce=\"\(nonce)\", stale=\(isStale)"
          + (isOfOldDigest ? "" : ", qop=\"auth\", algorithm=\(algorithm)")
      ])
  }

  private func isRight(_ proof: String, _ request: Request) -> Bool {
    func value(_ name: String) -> String {
      let rest = proof.components(separatedBy: " \(name)=")[1]
      return rest.components(separatedBy: ",")[0].replacingOccurrences(of: "\"", with: "")
    }
    guard value("username") == "maker", value("uri") == request.target else { return false }
    let secret = digest("maker:Printer API:\(key)")
    let asked = digest("\(request.method):\(request.target)")
    guard !isOfOldDigest else {
      return value("response") == digest("\(secret):\(value("nonce")):\(asked)")
    }
    counts.append(value("nc"))
    let all = [secret, value("nonce"), value("nc"), value("cnonce"), "auth", asked]
    return value("response") == digest(all.joined(separator: ":"))
  }

  private func digest(_ text: String) -> String {
    let bytes = Array(text.utf8)
    if algorithm == "MD5" {
      let sum = MD5.of(bytes.span)
      return (0..<16).map { String(format: "%02x", sum[$0]) }.joined()
    }
    let sum = SHA256.of(bytes.span)
    return (0..<32).map { String(format: "%02x", sum[$0]) }.joined()
  }

  override func answer(_ request: Request) -> Reply {
    switch request.line {
    case "GET /api/version":
      return .json(
        #"{"api":"2.0.0","server":"2.1.2","text":"PrusaLink","firmware":"6.1.3","capabilities":{"upload-by-put":true}}"#
      )
    case "GET /api/v1/status":
      let time = remaining.map { #""time_remaining":\#($0),"# } ?? ""
      let jobPart = job.map {
        #""job":{"id":\#($0),"progress":\#(progress).00,\#(time)"time_printing":25},"#
      }
      let words = message.map { #","status_printer":{"ok":false,"message":"\#($0)"}"# } ?? ""
      return .json(
        """
        {\(jobPart ?? "")\(storagePart)\
        "printer":{"state":"\(state)","temp_bed":59.8,"target_bed":60.0,"temp_nozzle":214.9,\
        "target_nozzle":215.0,"axis_z":0.6,"flow":100,"speed":100,"fan_hotend":3099,\
        "fan_print":0\(words)}}
        """)
    case "GET /api/v1/storage":
      guard let storages else { return .empty(404) }
      // Nobody says in which order the members of one come.
      let list = storages.enumerated().map { number, storage in
        let path = #""path":"\#(storage.path)""#
        let rest = #""read_only":\#(storage.isReadOnly),"available":\#(storage.isAvailable)"#
        return number % 2 == 0
          ? "{\(path),\"type\":\"USB\",\(rest)}" : "{\(rest),\"name\":\"x\",\(path)}"
      }
      return .json(#"{"storage_list":[\#(list.joined(separator: ","))]}"#)
    case "GET /api/v1/job":
      guard let job else { return .empty(204) }
      return .json(
        """
        {"id":\(job),"state":"\(state)","progress":\(progress).00,"file":{"refs":{"download":"/x"},\
        "name":"PART~1.GCO","display_name":"\(file)","path":"/usb","size":100}}
        """)
    default: break
    }
    let path = request.target.components(separatedBy: "/")
    switch request.method {
    case "PUT" where isFile(request.target):
      if isFull { return .empty(507) }
      keep(request.body, as: path.last!)
      return .empty(201)
    case "POST" where isFile(request.target):
      let isFree = state == "IDLE" || state == "FINISHED" && !isBusyWhenFinished
      guard isFree else { return .empty(409) }
      guard unfoundStarts == 0 else {
        unfoundStarts -= 1
        return .empty(404)
      }
      begin(path.last!)
      return .empty(204)
    case "PUT" where request.target.hasPrefix("/api/v1/job/"):
      guard Int(path[4]) == job else { return .empty(404) }
      guard state == (path[5] == "pause" ? "PRINTING" : "PAUSED") else { return .empty(409) }
      state = path[5] == "pause" ? "PAUSED" : "PRINTING"
      return .empty(204)
    case "DELETE" where request.target.hasPrefix("/api/v1/job/"):
      guard Int(path[4]) == job else { return .empty(404) }
      state = "STOPPED"
      job = nil
      return .empty(204)
    default:
      return .empty(404)
    }
  }

  /// What the status says of the storage that is in use; it says so whether it is there or not.
  private var storagePart: String {
    guard let first = storages.map({ $0.first }) ?? Storage() else { return "" }
    return #""storage":{"path":"\#(first.path)","name":"it","read_only":false},"#
  }

  private func isFile(_ target: String) -> Bool {
    (storages ?? [Storage()]).contains { storage in
      let path = storage.path.split(separator: "/").joined(separator: "%2F")
      return storage.isAvailable
        && target.hasPrefix("/api/v1/files/\(path.replacingOccurrences(of: " ", with: "%20"))/")
    }
  }

  /// A print begins, whoever wanted it.
  func begin(_ name: String) {
    lastJob += 1
    job = lastJob
    file = name
    state = printsAtOnce ? "FINISHED" : "PRINTING"
    progress = printsAtOnce ? 100 : 0
  }
}
