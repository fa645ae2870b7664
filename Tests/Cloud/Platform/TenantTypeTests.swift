import Foundation
import Testing

/// What the compiler itself must refuse. It is asked: once for all of it, since that takes a second.
@Suite("The types that keep tenants apart")
struct TenantTypeTests {
  /// Each marked line is refused, and no other.
  private static let program = """
    import World

    @testable import Cloud

    func withScope(_ database: Database, _ scope: TenantScope) throws {
      let rows = TenantSQL("SELECT name FROM printers WHERE tenant_id = :tenant")
      _ = try database.first(String.self, rows, in: scope)
      _ = try database.all(String.self, rows, in: scope)
      try database.change(TenantSQL("DELETE FROM printers WHERE tenant_id = :tenant"), in: scope)
      _ = ObjectKey(.printFile, id: "x", in: scope)
    }

    func withoutScope(_ database: Database) throws {
      let rows = TenantSQL("SELECT name FROM printers WHERE tenant_id = :tenant")
      _ = try database.first(String.self, rows)  // refused
      _ = try database.all(String.self, rows)  // refused
      try database.change(rows)  // refused
      _ = try database.all(String.self, rows, "a tenant's id")  // refused
      _ = try database.first(String.self, rows, in: "a tenant's id")  // refused
      _ = ObjectKey(.printFile, id: "x")  // refused
    }

    func madeUp() {
      _ = TenantScope(tenantID: "a tenant's id")  // refused
      _ = TenantScope()  // refused
    }

    """

  @Test("a query over what belongs to tenants does not compile without a scope or with a false one")
  func compileFailures() throws {
    let directory = try TemporaryDirectory()
    let file = directory.path + "/Program.swift"
    try Data(Self.program.utf8).write(to: URL(filePath: file))
    let errors = try linesWithErrors(in: file)
    let marked = Self.program.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated().filter { $0.element.hasSuffix("// refused") }.map { $0.offset + 1 }
    #expect(errors.lines == marked, "\(errors.output)")
  }

  /// Has the compiler look at a file as at one of the tests of this module.
  private func linesWithErrors(in file: String) throws -> (lines: [Int], output: String) {
    // The modules lie beside the tests.
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
    let tests = bundle?.bundleURL ?? URL(filePath: CommandLine.arguments[0])
    let modules = tests.deletingLastPathComponent().appending(path: "Modules").path
    try #require(FileManager.default.fileExists(atPath: modules + "/Cloud.swiftmodule"))
    let sources = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources").standardized.path
    let libraries = ["COpenSSL", "CSQLite", "CArgon2", "CZlib"].map { "\(sources)/\($0)" }
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    compiler.arguments =
      ["swiftc", "-typecheck", "-swift-version", "5", "-diagnostic-style", "llvm"]
      + ([modules] + libraries).flatMap { ["-I", $0] } + [file]
    let pipe = Pipe()
    compiler.standardError = pipe
    try compiler.run()
    let output = String(
      decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    compiler.waitUntilExit()
    var lines: Set<Int> = []
    for line in output.split(separator: "\n") where line.contains(": error: ") {
      let place = line.hasPrefix(file + ":") ? line.dropFirst(file.count + 1) : ""
      lines.insert(Int(place.prefix { $0 != ":" }) ?? 0)
    }
    return (lines.sorted(), output)
  }
}
