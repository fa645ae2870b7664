import Glibc
import LiveWorld
import Testing
import World

import class Foundation.FileManager
import class Foundation.Pipe
import class Foundation.Process
import struct Foundation.URL

@Suite("Servers of the live world and clients that others wrote")
struct ForeignPeerTests {
  static let curl = "/usr/bin/curl"
  static let openSSL = "/usr/bin/openssl"

  static func isInstalled(_ path: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: path)
  }

  @Test(
    "curl trusts the authority's certificate, by name and by address",
    .enabled(if: isInstalled(curl)),
    arguments: ["server.test", "127.0.0.1"], ["--tlsv1.2", "--tlsv1.3"])
  func curl(host: String, version: String) throws {
    let place = try Place()
    let site = try Site(at: place, identity: place.identity())
    let authority = try place.world.certificates.authorityPath(
      CertificateStore.developmentAuthority)
    let answer = try place.output(
      of: Self.curl,
      [
        "--silent", "--show-error", "--max-time", "8", version, "--cacert", authority,
        "--resolve", "server.test:\(site.port):127.0.0.1", "https://\(host):\(site.port)/",
      ])
    #expect(answer == "hello\n")
  }

  @Test(
    "curl trusts a printer's certificate that signs itself", .enabled(if: isInstalled(curl)),
  )
  func selfSigned() throws {
    let place = try Place()
    let identity = place.identity("01S00C123456789", authority: "")
    let site = try Site(at: place, identity: identity)
    let answer = try place.output(
      of: Self.curl,
      [
        "--silent", "--show-error", "--max-time", "8",
        "--cacert", place.world.certificates.certificatePath(for: identity),
        "https://127.0.0.1:\(site.port)/",
      ])
    #expect(answer == "hello\n")
  }

  @Test(
    "curl without the authority refuses", .enabled(if: isInstalled(curl)))
  func stranger() throws {
    let place = try Place()
    let site = try Site(at: place, identity: place.identity())
    let answer = try place.output(
      of: Self.curl,
      [
        "--silent", "--max-time", "8", "--write-out", "%{exitcode}",
        "https://127.0.0.1:\(site.port)/",
      ])
    #expect(answer == "60")
  }

  @Test(
    "openssl verifies the chain and the name, and resumes",
    .enabled(if: isInstalled(openSSL)), arguments: ["-tls1_2", "-tls1_3"])
  func openSSLClient(version: String) throws {
    let place = try Place()
    let site = try Site(at: place, identity: place.identity())
    let authority = try place.world.certificates.authorityPath(
      CertificateStore.developmentAuthority)
    let session = place.directory + "/session"
    let common = [
      "s_client", version, "-connect", "127.0.0.1:\(site.port)", "-servername", "server.test",
      "-CAfile", authority, "-verify_return_error", "-verify_hostname", "server.test",
    ]
    let first = try place.output(
      of: Self.openSSL, common + ["-sess_out", session], saying: "GET\n")
    #expect(first.contains("Verification: OK") && first.contains("New, TLSv1"))
    #expect(first.contains("hello"))
    let second = try place.output(
      of: Self.openSSL, common + ["-sess_in", session], saying: "GET\n")
    #expect(second.contains("Reused, TLSv1"))
    #expect(second.contains("hello"))
    #expect(site.resumed == [false, true])
  }
}

/// Says hello to whoever asks anything, and hangs up.
private final class Site: StreamHandler {
  private(set) var port: UInt16 = 0
  private(set) var resumed: [Bool] = []

  init(at place: Place, identity: ServerIdentity) throws {
    let listener = try place.server.listen(port: 0, security: .tls(identity)) { [self] stream in
      resumed.append(stream.isSessionResumed)
      stream.handler = self
    }
    port = listener.port
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    guard event == .readable else { return }
    stream.write(
      Array("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n".utf8))
    stream.close()
  }
}

extension Place {
  /// Runs a program beside the world and answers what it printed.
  fileprivate func output(
    of path: String, _ arguments: [String], saying input: String = ""
  ) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let said = Pipe()
    let heard = Pipe()
    process.standardInput = said
    process.standardOutput = heard
    process.standardError = heard
    try process.run()
    said.fileHandleForWriting.write(input.data(using: .utf8) ?? .init())
    // openssl ends when its input does, which must not be before the answer has come.
    let end = world.now + .seconds(30)
    while process.isRunning && world.now < end { wait(.milliseconds(5)) }
    #expect(!process.isRunning)
    if process.isRunning { process.terminate() }
    return String(decoding: heard.fileHandleForReading.availableData, as: UTF8.self)
  }
}
