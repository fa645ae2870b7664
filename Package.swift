// swift-tools-version: 6.2
//
// One manifest, three builds, chosen by an environment variable:
//
//   (none)          everything, for this machine
//   HUB_EMBEDDED=1  only CBoard, Wire and HubCore, as heap-free Embedded Swift
//   HUB_FUZZ=1      the firmware and the fuzz target; build with `--sanitize fuzzer`
//
// An arrow in `dependencies` only ever points down; DESIGN in README.md names the layers.

import PackageDescription

let embedded = Context.environment["HUB_EMBEDDED"] != nil
let fuzzing = Context.environment["HUB_FUZZ"] != nil

/// Modules that run on the chip: no heap, every unsafe line marked as such.
let core: [SwiftSetting] =
  [
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableExperimentalFeature("Lifetimes"),
    .treatWarning("EmbeddedRestrictions", as: .error),
  ]
  + (embedded
    ? [
      .enableExperimentalFeature("Embedded"),
      .unsafeFlags(["-no-allocations", "-wmo"]),
    ] : [])

/// Modules that run beside the chip, on a full machine. Debug builds, and with them the tests, check
/// at run time that accesses to one object never overlap; in release that would cost a quarter of
/// the speed. All Swift of a program runs on one thread, which saves an eighth; `make lint` sees to it.
let hosted: [SwiftSetting] = [
  .swiftLanguageMode(.v5),
  .enableUpcomingFeature("ExistentialAny"),
  .unsafeFlags(
    [
      "-enforce-exclusivity=unchecked", "-cross-module-optimization", "-assume-single-threaded",
    ],
    .when(configuration: .release)),
]

/// Programs carry the standard library with them: calls into it then go straight there and not
/// through the loader's table, which saves a tenth of the time of a run.
let program: [LinkerSetting] = [
  .unsafeFlags(["-static-stdlib"], .when(configuration: .release))
]

let firmware: [Target] = [
  .target(name: "CBoard"),
  .target(name: "Wire", swiftSettings: core),
  // A rig plants mistakes to see that they are found; a chip has none.
  .target(
    name: "HubCore", dependencies: ["CBoard", "Wire"],
    exclude: [embedded ? "Flaws/PlantedFlaw.swift" : "Flaws/NoFlaw.swift"], swiftSettings: core),
]

let libraries: [Target] = [
  .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
  .systemLibrary(name: "CMbedTLS", providers: [.apt(["libmbedtls-dev"])]),
  .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
  .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
  .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
  .target(name: "CLinux"),
]

let rig: [Target] = [
  .target(name: "World", dependencies: ["Wire"], swiftSettings: hosted),
  .target(name: "VirtualWorld", dependencies: ["World"], swiftSettings: hosted),
  .target(
    name: "LiveWorld", dependencies: ["World", "CLinux", "COpenSSL", "CMbedTLS"],
    swiftSettings: hosted),
  .target(
    name: "HubHost",
    dependencies: ["CBoard", "Wire", "HubCore", "World", "CLinux", "CMbedTLS", "COpenSSL"],
    // The very file that the chip's own tools read.
    resources: [.embedInCode("Flash/partitions.csv")], swiftSettings: hosted),
  .target(name: "Archives", dependencies: ["CZlib"], swiftSettings: hosted),
  .target(
    name: "Printers", dependencies: ["Wire", "World", "COpenSSL", "CZlib", "Archives"],
    swiftSettings: hosted),
  .target(
    name: "Cloud",
    dependencies: ["Wire", "World", "COpenSSL", "CSQLite", "CArgon2", "CZlib", "Archives"],
    resources: [.embedInCode("Platform/Database/Migrations")], swiftSettings: hosted),
  .target(
    name: "Scenarios",
    dependencies: [
      "Wire", "World", "VirtualWorld", "HubCore", "HubHost", "Printers", "Cloud", "CYAML",
    ],
    swiftSettings: hosted),
  .executableTarget(
    name: "hubrig",
    dependencies: ["CLinux", "World", "LiveWorld", "HubHost", "Printers", "Cloud", "Scenarios"],
    swiftSettings: hosted, linkerSettings: program),
  .executableTarget(
    name: "sweeps",
    dependencies: [
      "Archives", "CBoard", "HubCore", "HubHost", "Printers", "Scenarios", "Wire", "World",
    ],
    path: "Sources/sweeps", swiftSettings: hosted, linkerSettings: program),
  .executableTarget(
    name: "benchmarks",
    dependencies: [
      "HubCore", "Wire", "World", "VirtualWorld", "HubHost", "Printers", "Scenarios",
    ],
    path: "Sources/benchmarks", swiftSettings: hosted, linkerSettings: program),
]

let fuzzers: [Target] = [
  .executableTarget(
    name: "fuzz", dependencies: ["HubCore", "Wire"], path: "Tests/fuzz/Target",
    swiftSettings: hosted + [.unsafeFlags(["-parse-as-library"])])
]

/// One test folder for each module, named after it.
func tests(of module: String, with dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: module + "Tests", dependencies: [.byName(name: module)] + dependencies,
    path: "Tests/" + module, swiftSettings: hosted)
}

let suites: [Target] = [
  // What every world must do, for the suites of both.
  .target(
    name: "WorldConformance", dependencies: ["World"], path: "Tests/WorldConformance",
    swiftSettings: hosted),
  tests(of: "Wire", with: ["World"]),
  tests(of: "HubCore", with: ["CBoard", "Wire", "World", "VirtualWorld", "HubHost"]),
  tests(of: "World"),
  tests(of: "VirtualWorld", with: ["World", "WorldConformance"]),
  tests(of: "LiveWorld", with: ["World", "WorldConformance"]),
  tests(
    of: "HubHost",
    with: ["CBoard", "CLinux", "Wire", "World", "VirtualWorld", "WorldConformance"]),
  tests(of: "Printers", with: ["World", "VirtualWorld", "Archives"]),
  tests(
    of: "Cloud", with: ["Wire", "World", "VirtualWorld", "HubHost", "CZlib", "Archives"]),
  tests(of: "Scenarios", with: ["World", "VirtualWorld", "Printers", "Cloud", "hubrig"]),
]

let package = Package(
  name: "hubrig",
  products: embedded || fuzzing ? [] : [.executable(name: "hubrig", targets: ["hubrig"])],
  targets: embedded ? firmware : fuzzing ? firmware + fuzzers : firmware + libraries + rig + suites
)
