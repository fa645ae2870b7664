import Foundation
import Testing

@Suite("The cloud's command")
struct CloudCommandTests {
  @Test(
    "what is said wrongly is told before anything is made",
    arguments: [
      (["--seed-data", "farm"], "expected demo after --seed-data, found \"farm\""),
      (["--log", "xml"], "expected json after --log, found \"xml\""),
      (["--tokens", "none"], "expected hs256 or rs256 after --tokens, found \"none\""),
      (["--token-key", "a.pem"], "--token-key takes --tokens rs256"),
      (["--plain", "--tls"], "--plain and --tls contradict each other"),
    ])
  func wrongWords(words: [String], complaint: String) throws {
    let place = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: place) }
    let (process, _, error) = try Hubrig.start(["cloud", "--state", "st"] + words, in: place)
    let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
    #expect(text.hasPrefix("hubrig cloud: \(complaint)\n"), "\(text)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).isEmpty)
  }

  @Test("what looks after a state says what was done, and what stands in the way")
  func lookingAfter() throws {
    let place = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: place) }
    func names() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
    }
    let nothing = try Hubrig.run("cloud", "backup", "--state", "st", "--to", "bk", in: place)
    #expect(nothing.code == 1)
    #expect(nothing.error == "hubrig cloud: there is no cloud in st/cloud\n")
    let noExport = try Hubrig.run("cloud", "import", "--state", "st", "--from", "ex", in: place)
    #expect(noExport.code == 1)
    #expect(noExport.error == "hubrig cloud: there is no export in ex\n")
    #expect(try names() == [])

    let (cloud, out) = try startCloud(["--tokens", "rs256"], in: place)
    let second = try Hubrig.run("cloud", "--plain", "--state", "st", "--port", "1", in: place)
    #expect(second.error == "hubrig cloud: another cloud is using st/cloud\n")
    let reset = try Hubrig.run("cloud", "reset", "--state", "st", in: place)
    #expect(reset.error == "hubrig cloud: another cloud is using st/cloud\n")
    let backup = try Hubrig.run("cloud", "backup", "--state", "st", "--to", "bk", in: place)
    #expect(backup.out == "bk is a copy of st/cloud; keep st/cloud.key as well\n")
    let export = try Hubrig.run("cloud", "export", "--state", "st", "--to", "ex", in: place)
    #expect(export.out == "ex holds every row and object; keep st/cloud.key as well\n")
    cloud.terminate()
    cloud.waitUntilExit()
    #expect(cloud.terminationStatus == 0)
    #expect(!out.contains("trust"), "there is nothing to trust in plain HTTP")

    // The key for tokens is its owner's alone, and stays the same.
    let key = place.appendingPathComponent("st/tokens.key")
    let attributes = try FileManager.default.attributesOfItem(atPath: key.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let text = try Data(contentsOf: key)
    #expect(String(decoding: text, as: UTF8.self).hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    let (again, _) = try startCloud(["--tokens", "rs256", "--token-key", key.path], in: place)
    again.terminate()
    again.waitUntilExit()
    #expect(try Data(contentsOf: key) == text)
    let wrong = try Hubrig.run(
      "cloud", "--state", "st", "--tokens", "rs256", "--token-key", "ex/tables.jsonl", in: place)
    #expect(wrong.code == 2)
    #expect(
      wrong.error.hasPrefix(
        "hubrig cloud: ex/tables.jsonl is no private RSA key in PEM of at least 2,048 bits\n"))

    let imported = try Hubrig.run("cloud", "import", "--state", "im", "--from", "ex", in: place)
    #expect(
      imported.out
        == "im/cloud is there again; put the cloud.key that belongs to it to im/cloud.key\n"
    )
    #expect(try Hubrig.run("cloud", "reset", "--state", "im", in: place).code == 0)
    #expect(try names() == ["bk", "ex", "im", "st"])
  }

  /// Starts a cloud on a port of its own, and waits until it says that it is up.
  private func startCloud(_ words: [String], in place: URL) throws -> (Process, String) {
    for port in 18_700..<18_720 {
      let (process, out, _) = try Hubrig.start(
        ["cloud", "--plain", "--state", "st", "--port", "\(port)"] + words, in: place)
      var text = ""
      while !text.contains("/health") {
        let more = out.fileHandleForReading.availableData
        guard !more.isEmpty else { break }
        text += String(decoding: more, as: UTF8.self)
      }
      if text.contains("/health") { return (process, text) }
      process.waitUntilExit()
    }
    throw POSIXError(.EADDRINUSE)
  }
}
