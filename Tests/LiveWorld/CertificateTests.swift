import Glibc
import LiveWorld
import Testing
import World

@Suite("Certificates that last")
struct CertificateTests {
  static let identity = ServerIdentity(
    commonName: "server.test", alternativeNames: ["127.0.0.1"],
    authority: CertificateStore.developmentAuthority)

  @Test("a second start uses what the first one made")
  func reuse() throws {
    try withDirectory { directory in
      let first = try files(of: CertificateStore(directory: directory))
      let second = try files(of: CertificateStore(directory: directory))
      #expect(first == second)
      #expect(first.map(\.name).contains("authority.pem"))
      #expect(first.count == 4)
    }
  }

  @Test("a client that trusts the first start's authority trusts the second start")
  func trustLasts() throws {
    let before = try Place()
    let listener = try before.server.listen(
      port: 0, security: Wrapping.tls.server(at: before)
    ) { _ in }
    listener.close()
    let after = try Place(certificates: before.directory)
    let authority = try before.world.certificates.authorityPath(
      CertificateStore.developmentAuthority)
    let again = try after.server.listen(
      port: 0, security: Wrapping.tls.server(at: after)
    ) { $0.write([42]) }
    let peer = Peer()
    // A path is an authority as well: certificates that come from elsewhere.
    _ = after.client.connect(
      to: "server.test", port: again.port,
      security: .tls(trust: .authority(authority), serverName: "server.test", resuming: nil),
      handler: peer)
    #expect(after.run { !peer.bytes.isEmpty || peer.failure != nil })
    #expect(peer.bytes == [42])
  }

  @Test("keys are for their owner only")
  func modes() throws {
    try withDirectory { directory in
      let files = try files(of: CertificateStore(directory: directory))
      #expect(mode(directory) == 0o700)
      for file in files where file.name.hasSuffix(".key") {
        #expect(mode(directory + "/" + file.name) == 0o600)
      }
      #expect(files.filter { $0.name.hasSuffix(".key") }.count == 2)
    }
  }

  @Test(
    "what is damaged is made anew, and what hung on it",
    arguments: ["authority.pem", "authority.key"])
  func damage(name: String) throws {
    try withDirectory { directory in
      let first = try files(of: CertificateStore(directory: directory))
      let file = open(directory + "/" + name, O_WRONLY | O_TRUNC)
      #expect(write(file, "nonsense", 8) == 8)
      close(file)
      let second = try files(of: CertificateStore(directory: directory))
      #expect(first.map(\.name) == second.map(\.name))
      for (old, new) in zip(first, second) { #expect(old.content != new.content) }
    }
  }

  @Test("every part of an identity makes another certificate")
  func names() throws {
    try withDirectory { directory in
      let store = try CertificateStore(directory: directory)
      var others = [Self.identity, Self.identity, Self.identity, Self.identity]
      others[0].commonName = "server-test"
      others[1].alternativeNames.append("other.test")
      others[2].authority = ""
      others[3].validUntil = 2_000_000_000_000
      let paths = try ([Self.identity] + others).map { try store.certificatePath(for: $0) }
      #expect(Set(paths).count == paths.count)
    }
  }

  @Test("a common name may hold anything, and never leads out of the directory")
  func strangeNames() throws {
    try withDirectory { directory in
      let store = try CertificateStore(directory: directory)
      for name in ["../../evil", "a/b", "Drucker Größe 3", "a,DNS:b", "*.farm.test"] {
        let path = try store.certificatePath(for: ServerIdentity(commonName: name))
        let file = path.dropFirst(directory.count + 1)
        #expect(path.hasPrefix(directory + "/") && !file.contains("/"))
      }
    }
  }

  @Test("a common name that is too long is refused in OpenSSL's words")
  func longName() throws {
    try withDirectory { directory in
      let store = try CertificateStore(directory: directory)
      let name = String(repeating: "x", count: 65)
      #expect(throws: CertificateError.openSSL("string too long")) {
        try store.certificatePath(for: ServerIdentity(commonName: name))
      }
    }
  }

  @Test("a directory that cannot be made is told of")
  func noDirectory() throws {
    try withDirectory { directory in
      let file = open(directory + "/file", O_WRONLY | O_CREAT, 0o600)
      close(file)
      let path = directory + "/file/certificates"
      let expected = CertificateError.file(path: path, reason: "Not a directory")
      #expect(throws: expected) { try CertificateStore(directory: path) }
      #expect(throws: LiveWorldError.certificates(expected)) { try LiveWorld(certificates: path) }
    }
  }

  private struct File: Equatable {
    var name: String
    var content: [UInt8]
  }

  /// What there is once the identity was asked for.
  private func files(of store: CertificateStore) throws -> [File] {
    _ = try store.certificatePath(for: Self.identity)
    var files: [File] = []
    guard let entries = opendir(store.directory) else { return [] }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard !name.hasPrefix(".") else { continue }
      var content = [UInt8](repeating: 0, count: 10_000)
      let file = open(store.directory + "/" + name, O_RDONLY)
      content.removeLast(content.count - max(0, read(file, &content, content.count)))
      close(file)
      files.append(File(name: name, content: content))
    }
    return files.sorted { $0.name < $1.name }
  }

  private func mode(_ path: String) -> mode_t {
    var info = stat()
    stat(path, &info)
    return info.st_mode & 0o777
  }

  private func withDirectory(_ body: (String) throws -> Void) throws {
    let directory = Place.makeDirectory()
    defer { Place.remove(directory) }
    try body(directory)
  }
}
