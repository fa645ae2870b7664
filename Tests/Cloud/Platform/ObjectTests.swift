import Foundation
import Testing
import World

@testable import Cloud

@Suite("Objects")
struct ObjectTests {
  static let tenant = "00000000-0000-4000-8000-000000000001"
  static let file = "00000000-0000-4000-8000-000000000002"
  static let key = ObjectKey(signed: .printFile, id: file, tenantID: tenant)

  enum Place: CaseIterable { case memory, directory }

  private func storage(_ place: Place, _ directory: TemporaryDirectory) throws -> CloudStorage {
    let storage = place == .memory ? .memory() : try CloudStorage.directory(directory.path)
    try MigrationRunner(database: storage.database).run(at: 1)
    return storage
  }

  private func put(_ text: String, in store: ObjectStore, limit: Int = 100) throws {
    let upload = try store.upload(Self.key, limit: limit)
    for byte in text.utf8 { try withUnsafeBytes(of: byte) { try upload.append($0) } }
    try upload.finish(at: 1)
  }

  @Test("what was put comes back, with its size and digest", arguments: Place.allCases)
  func roundTrip(place: Place) throws {
    let directory = try TemporaryDirectory()
    let store = try storage(place, directory).objects
    try put("hello world", in: store)
    let found = try #require(try store.find(Self.key))
    #expect(found.byteCount == 11)
    #expect(found.sha256 == Digest.sha256Hex(Array("hello world".utf8)))
    let reader = try store.open(Self.key)
    #expect(try reader.read(from: 0, count: 100) == Array("hello world".utf8))
    #expect(try reader.read(from: 6, count: 3) == Array("wor".utf8))
    #expect(try reader.read(from: 11, count: 3) == [])
  }

  @Test("on disk, objects lie where the bucket's layout says")
  func layout() throws {
    let directory = try TemporaryDirectory()
    let storage = try storage(.directory, directory)
    try put(Self.large, in: storage.objects, limit: 10_000)
    #expect(directory.files(below: "objects") == ["\(Self.tenant)/print-files/\(Self.file).3mf"])
  }

  private static let large = String(repeating: "large ", count: 1_500)

  @Test("small objects lie in the database, and move when they grow or shrink")
  func small() throws {
    let directory = try TemporaryDirectory()
    let storage = try storage(.directory, directory)
    for text in ["small", Self.large, "small again"] {
      try put(text, in: storage.objects, limit: 10_000)
      let bytes = Array(text.utf8)
      #expect(try storage.objects.open(Self.key).read(from: 0, count: 10_000) == bytes)
      #expect(try storage.objects.find(Self.key)?.sha256 == Digest.sha256Hex(bytes))
      #expect(directory.files(below: "objects").count == (bytes.count > 100 ? 1 : 0))
    }
    try storage.objects.remove(Self.key)
    #expect(throws: ObjectError.missing) { try storage.objects.open(Self.key) }
  }

  @Test("more bytes than were announced are refused, and leave nothing", arguments: Place.allCases)
  func limit(place: Place) throws {
    let directory = try TemporaryDirectory()
    let store = try storage(place, directory).objects
    #expect(throws: ObjectError.tooLarge(limit: 4)) { try put("hello", in: store, limit: 4) }
    #expect(try store.find(Self.key) == nil)
    #expect(throws: ObjectError.missing) { try store.open(Self.key) }
    #expect(directory.files(below: "objects") == [])
  }

  @Test("an upload that is given up leaves nothing", arguments: Place.allCases)
  func abandoned(place: Place) throws {
    let directory = try TemporaryDirectory()
    let store = try storage(place, directory).objects
    var upload: ObjectUpload? = try store.upload(Self.key, limit: 100)
    try "half".utf8CString.withUnsafeBytes { try upload?.append($0) }
    upload = nil
    #expect(try store.find(Self.key) == nil)
    #expect(directory.files(below: "objects") == [])
  }

  @Test("an object is gone once its removal is committed", arguments: Place.allCases)
  func removed(place: Place) throws {
    struct Stop: Error {}
    let directory = try TemporaryDirectory()
    let storage = try storage(place, directory)
    try put("hello", in: storage.objects)
    try? storage.database.transaction {
      try storage.objects.remove(Self.key)
      throw Stop()
    }
    #expect(try storage.objects.open(Self.key).read(from: 0, count: 9) == Array("hello".utf8))
    try storage.objects.remove(Self.key)
    #expect(try storage.objects.find(Self.key) == nil)
    #expect(throws: ObjectError.missing) { try storage.objects.open(Self.key) }
  }

  @Test("what replaces an object is undone with its transaction", arguments: Place.allCases)
  func replacementUndone(place: Place) throws {
    struct Stop: Error {}
    let directory = try TemporaryDirectory()
    let storage = try storage(place, directory)
    let other = String(Self.large.reversed())
    for (old, new) in [(Self.large, other), ("small", other), (Self.large, "small")] {
      try put(old, in: storage.objects, limit: 10_000)
      try? storage.database.transaction {
        try put(new, in: storage.objects, limit: 10_000)
        throw Stop()
      }
      let bytes = Array(old.utf8)
      #expect(try storage.objects.open(Self.key).read(from: 0, count: 10_000) == bytes)
      #expect(try storage.objects.find(Self.key)?.sha256 == Digest.sha256Hex(bytes))
    }
  }

  @Test("what replaces an object lies in its place afterwards", arguments: [false, true])
  func replacementDone(isRemovedFirst: Bool) throws {
    let directory = try TemporaryDirectory()
    let storage = try storage(.directory, directory)
    let path = "\(Self.tenant)/print-files/\(Self.file).3mf"
    for text in [Self.large, String(Self.large.reversed()), Self.large, Self.large] {
      try storage.database.transaction {
        if isRemovedFirst { try storage.objects.remove(Self.key) }
        try put(text, in: storage.objects, limit: 10_000)
      }
      #expect(directory.files(below: "objects") == [path])
      let bytes = Array(text.utf8)
      #expect(try storage.objects.open(Self.key).read(from: 0, count: 10_000) == bytes)
    }
  }

  @Test("bytes that were to be moved to their place when the process died are found beside it")
  func movedLater() throws {
    let directory = try TemporaryDirectory()
    let storage = try storage(.directory, directory)
    let new = String(Self.large.reversed())
    try put(Self.large, in: storage.objects, limit: 10_000)
    let place = directory.path + "/objects/\(Self.tenant)/print-files/\(Self.file).3mf"
    try FileManager.default.copyItem(atPath: place, toPath: place + ".old")
    try put(new, in: storage.objects, limit: 10_000)
    try FileManager.default.moveItem(
      atPath: place, toPath: place + "." + Digest.sha256Hex(Array(new.utf8)))
    try FileManager.default.moveItem(atPath: place + ".old", toPath: place)
    #expect(try storage.objects.open(Self.key).read(from: 0, count: 10_000) == Array(new.utf8))
    try storage.objects.remove(Self.key)
    #expect(directory.files(below: "objects") == [])
  }

  @Test("who reads an object while it is replaced reads the old one", arguments: Place.allCases)
  func replaced(place: Place) throws {
    let directory = try TemporaryDirectory()
    let store = try storage(place, directory).objects
    try put("old", in: store)
    let reader = try store.open(Self.key)
    try put("newer", in: store)
    #expect(try reader.read(from: 0, count: 9) == Array("old".utf8))
    #expect(try store.open(Self.key).read(from: 0, count: 9) == Array("newer".utf8))
  }

  @Test("what an upload cut short by the death of the process has left is cleared away")
  func leftovers() throws {
    let directory = try TemporaryDirectory()
    do { _ = try storage(.directory, directory) }
    try Data("half".utf8).write(to: URL(filePath: directory.path + "/objects/.incoming/7"))
    let storage = try storage(.directory, directory)
    #expect(directory.files(below: "objects") == [])
    #expect(try storage.objects.find(Self.key) == nil)
  }

  @Test("a directory takes one cloud at a time")
  func oneAtATime() throws {
    let directory = try TemporaryDirectory()
    var first: CloudStorage? = try storage(.directory, directory)
    #expect(throws: DatabaseError.unusable("another cloud is using \(directory.path)")) {
      try CloudStorage.directory(directory.path)
    }
    withExtendedLifetime(first) {}
    first = nil
    #expect(throws: Never.self) { try CloudStorage.directory(directory.path) }
  }

  @Test(
    "ranges are read as RFC 9110 says",
    arguments: [
      (nil, ByteRange.whole), ("bytes=0-0", .part(0..<1)), ("bytes=2-4", .part(2..<5)),
      ("bytes=5-", .part(5..<10)), ("bytes=-3", .part(7..<10)), ("bytes=-30", .part(0..<10)),
      ("bytes=0-99", .part(0..<10)), ("bytes=9-9", .part(9..<10)), ("bytes=10-", .unsatisfiable),
      ("bytes=10-12", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=4-2", .whole),
      ("bytes=-", .whole), ("bytes=a-b", .whole), ("bytes=1-2,4-5", .whole), ("lines=1-2", .whole),
      ("bytes=0-99999999999999999999", .part(0..<10)),
      ("bytes=99999999999999999999-", .unsatisfiable), ("bytes= 1 - 2 ", .part(1..<3)),
    ] as [(String?, ByteRange)])
  func ranges(header: String?, expected: ByteRange) {
    #expect(ByteRange(header: header, byteCount: 10) == expected)
  }

  @Test("nothing of an empty object can be asked for")
  func emptyRange() {
    #expect(ByteRange(header: "bytes=0-", byteCount: 0) == .unsatisfiable)
    #expect(ByteRange(header: "bytes=-1", byteCount: 0) == .unsatisfiable)
  }
}

@Suite("Presigned tokens")
struct PresignedTokenTests {
  private let signer = TokenSigner(key: [UInt8](repeating: 5, count: 32))
  private let token = PresignedToken(
    method: .download, key: ObjectTests.key, byteLimit: 1234, expiresAt: 10_000)

  @Test("a token says what was signed")
  func roundTrip() throws {
    #expect(try signer.check(signer.text(token), for: .download, at: 9_999) == token)
  }

  @Test("its time ends")
  func expiry() {
    #expect(throws: TokenRefusal.expired) {
      try signer.check(signer.text(token), for: .download, at: 10_000)
    }
  }

  @Test("a token for one method is none for another")
  func method() {
    #expect(throws: TokenRefusal.altered) {
      try signer.check(signer.text(token), for: .upload, at: 0)
    }
  }

  @Test("another key's token is none")
  func otherKey() {
    let other = TokenSigner(key: [UInt8](repeating: 6, count: 32))
    #expect(throws: TokenRefusal.altered) {
      try other.check(signer.text(token), for: .download, at: 0)
    }
  }

  @Test("no character can be changed, left out or added")
  func altered() {
    let text = Array(signer.text(token))
    for place in text.indices {
      for character in "A_z9" where character != text[place] {
        var altered = text
        altered[place] = character
        #expect(throws: TokenRefusal.altered) {
          try signer.check(String(altered), for: .download, at: 0)
        }
      }
      var shorter = text
      shorter.remove(at: place)
      #expect(throws: TokenRefusal.altered) {
        try signer.check(String(shorter), for: .download, at: 0)
      }
    }
    #expect(throws: TokenRefusal.altered) {
      try signer.check(String(text) + "A", for: .download, at: 0)
    }
  }
}
