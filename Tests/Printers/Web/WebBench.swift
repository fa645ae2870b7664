import VirtualWorld
import World

@testable import Printers

/// One printer that is reached over HTTP, and one person's computer, on a network without faults.
final class WebBench {
  static let key = "0123456789abcdef"

  let world: VirtualWorld
  let printer: WebPrinter
  let client: VirtualHost

  init(
    _ kind: PrinterKind, seed: UInt64 = 1,
    configure: (inout WebPrinter.Configuration) -> Void = { _ in }
  ) throws {
    world = VirtualWorld(seed: seed)
    let host = world.addVirtualHost("printer", on: .farm("farm"))
    client = world.addVirtualHost("client", on: .farm("farm"))
    var configuration = WebPrinter.Configuration(
      name: "printer", kind: kind, model: kind.models[0], serial: "printer-1", key: Self.key)
    configure(&configuration)
    printer = WebPrinter(host: host, configuration: configuration)
    try printer.start()
  }

  @discardableResult
  func run(_ limit: Interval = .seconds(5), until isDone: () -> Bool = { false }) -> Bool {
    world.run(until: world.now + limit, while: { !isDone() })
    return isDone()
  }

  /// Asks and waits for the answer; nil when none came.
  @discardableResult
  func ask(
    _ method: String, _ path: String, _ body: JSON? = nil, key: String? = WebBench.key,
    headers: [(String, String)] = [], bytes: [UInt8] = [], within limit: Interval = .seconds(60)
  ) -> HTTPAnswer? {
    var all = headers
    if let key { all.append(("X-Api-Key", key)) }
    if body != nil { all.append(("Content-Type", "application/json")) }
    var result: Result<HTTPAnswer, HTTPCallFailure>?
    HTTPCall.perform(
      on: client, method: method, url: "http://printer:\(printer.configuration.port)\(path)",
      headers: all, body: body?.bytes ?? bytes, timeout: limit
    ) { result = $0 }
    run(limit + .seconds(1)) { result != nil }
    return try? result?.get()
  }

  /// Uploads a form as browsers do; without a name there is no file in it.
  func upload(
    _ name: String?, _ content: [UInt8], to path: String, fields: [(String, String)] = []
  ) -> HTTPAnswer? {
    let boundary = "----hubrig7d1f"
    var bytes: [UInt8] = []
    for (field, value) in fields {
      bytes += Array(
        "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(field)\"\r\n\r\n\(value)\r\n"
          .utf8)
    }
    if let name {
      bytes += Array(
        ("--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n"
          + "Content-Type: application/octet-stream\r\n\r\n").utf8)
      bytes += content + Array("\r\n".utf8)
    }
    bytes += Array("--\(boundary)--\r\n".utf8)
    return ask(
      "POST", path, headers: [("Content-Type", "multipart/form-data; boundary=\(boundary)")],
      bytes: bytes)
  }

  static let part = PlainGCode.make(name: "part", layers: 10, seconds: 600, byteCount: 30_000)

  /// Lets the machine print what lies at a path until a share of it is done.
  func print(until percent: Int) {
    run(.minutes(60)) { printer.machine.progress >= percent }
  }
}

/// What an answer is made of, without its values.
enum Shape {
  /// Where `answer` differs from `model` in keys and types. A null stands for any type, an empty list
  /// for any list.
  static func differences(_ answer: JSON, from model: JSON, at path: String = "") -> [String] {
    switch (answer, model) {
    case (.null, _), (_, .null): return []
    case (.object(let answer), .object(let model)):
      let missing = model.keys.filter { answer[$0] == nil }.map { "\(path).\($0) is missing" }
      let extra = answer.keys.filter { model[$0] == nil }.map { "\(path).\($0) is more" }
      return missing + extra
        + model.entries.flatMap { key, value in
          answer[key].map { differences($0, from: value, at: "\(path).\(key)") } ?? []
        }
    case (.array(let answer), .array(let model)):
      guard let first = model.first else { return [] }
      return answer.flatMap { differences($0, from: first, at: path + "[]") }
    case (.bool, .bool), (.string, .string): return []
    case (.integer, .integer), (.double, .double), (.integer, .double), (.double, .integer):
      return []
    default: return ["\(path) is of another type"]
    }
  }
}
