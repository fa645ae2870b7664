/// The version of everything in this package.
let hubrigVersion = "0.1.0"

/// The whole command.
let hubrigCommand = Command(
  name: "hubrig",
  summary: "A print-farm hub and everything around it, in a virtual world or on real sockets.",
  subcommands: [
    runCommand, exploreCommand, exploreWorkerCommand, plantedCommand,
    plantedWorkerCommand, scenarioCommand, replayCommand, traceCommand, upCommand, cloudCommand,
    hubCommand, printerCommand, fileCommand, imageCommand, versionCommand,
  ])

private let versionCommand = Command(
  name: "version", summary: "Show the version.",
  run: { _ in
    Console.out("hubrig \(hubrigVersion)")
    return Exit.success
  })
