import Foundation
import Testing

@Suite("The command for firmware images")
struct ImageCommandTests {
  @Test("an image is built, signed, shown and found good, and what is wrong with another is told")
  func wayOfAnImage() throws {
    let place = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: place) }
    func image(_ words: String...) throws -> (code: Int32, text: String) {
      let (process, out, error) = try Hubrig.start(["image"] + words, in: place)
      let text = out.fileHandleForReading.readDataToEndOfFile()
      let complaint = error.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: text + complaint, as: UTF8.self))
    }
    try Data("app".utf8).write(to: place.appendingPathComponent("app.bin"))
    #expect(try image("key", "fw.key").code == 0)
    let secret = place.appendingPathComponent("fw.key").path
    let mode = try FileManager.default.attributesOfItem(atPath: secret)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try image("key", "fw.key").code == 2, "a key is never written over")
    let built = try image("build", "--version", "1.3.0", "--payload", "app.bin", "fw.bin")
    #expect(built.text == "fw.bin: version 1.3.0, 259 bytes, unsigned\n")
    let unsigned = try image("verify", "--key", "fw.key.pub", "fw.bin")
    #expect(unsigned.code == 1 && unsigned.text.contains("nobody has signed it yet"))
    #expect(try image("sign", "--key", "fw.key", "fw.bin").code == 0)
    #expect(try image("inspect", "fw.bin").text.contains("version           1.3.0\n"))
    let good = try image("verify", "--key", "fw.key.pub", "--hardware", "rig-1", "fw.bin")
    #expect(good.code == 0 && good.text == "fw.bin: good, version 1.3.0\n")
    for (words, sentence) in [
      (["--key", "rig"], "the signature was not made with this key over this header"),
      (
        ["--key", "fw.key.pub", "--security-version", "2"],
        "its security version is 1, and 2 is the least that may run"
      ),
      (
        ["--key", "fw.key.pub", "--hardware", "rig-2"],
        "it is for the hardware rig-1, not for rig-2"
      ),
    ] {
      let all = ["image", "verify"] + words + ["fw.bin"]
      let (process, _, error) = try Hubrig.start(all, in: place)
      let text = error.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      #expect(process.terminationStatus == 1)
      #expect(
        String(decoding: text, as: UTF8.self) == "hubrig image verify: fw.bin: \(sentence)\n")
    }
  }

  @Test(
    "what is missing or makes no sense is told with exit code 2",
    arguments: [
      (["build", "x.bin"], "hubrig image build: --version is needed"),
      (
        ["build", "--version", "1", "x.bin"],
        "hubrig image build: --payload or --behaviour is needed"
      ),
      (
        ["build", "--version", "1", "--behaviour", "hagns", "x.bin"],
        "hubrig image build: unknown behaviour \"hagns\"; did you mean \"hangs\"?"
      ),
      (
        ["inspect", "none.bin"],
        "hubrig image inspect: cannot read none.bin: No such file or directory"
      ),
    ] as [([String], String)])
  func misunderstood(words: [String], message: String) throws {
    let place = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: place) }
    let (process, _, error) = try Hubrig.start(["image"] + words, in: place)
    let text = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
    #expect(String(decoding: text, as: UTF8.self).split(separator: "\n").first ?? "" == message)
  }
}
