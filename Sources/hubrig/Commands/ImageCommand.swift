import Glibc
import HubHost
import Scenarios
import World

private let keyFlag = Flag(
  "--key", "FILE", "The key; \"rig\" is the one that every virtual hub believes.")

let imageCommand = Command(
  name: "image", summary: "Make, sign, read and check images of the hub's firmware.",
  details: """
    An image is a header of 256 bytes and a payload: what to run. The header says which version it
    is, for which hardware, its security version (hubs never go back below one that has run), the
    payload's checksum, and carries a signature: ECDSA on P-256 over SHA-256.

      hubrig image key firmware.key
      hubrig image build --version 1.3.0 --payload app.bin fw.bin
      hubrig image sign --key firmware.key fw.bin
      hubrig image verify --key firmware.key.pub --hardware rig-1 fw.bin
    """,
  subcommands: [
    Command(
      name: "build", summary: "Write an image that nobody has signed yet.",
      flags: [
        Flag("--version", "VERSION", "Which version it is, such as 1.3.0; at most 32 bytes."),
        Flag("--payload", "FILE", "What is to run."),
        Flag(
          "--behaviour", "WORD",
          "Instead of a payload: what a virtual hub does that runs it; \(behaviourNames)."),
        Flag("--hardware", "NAME", "For which revision of the hub; rig-1 when not told."),
        Flag("--security-version", "N", "1 when not told."),
      ],
      operands: Operands(usage: "OUT", count: 1...1), run: build),
    Command(
      name: "sign", summary: "Sign an image, or sign it anew.",
      flags: [keyFlag, Flag("--out", "FILE", "Where to write it; over the image when not told.")],
      operands: Operands(usage: "IMAGE", count: 1...1), run: sign),
    Command(
      name: "inspect", summary: "Show what an image says of itself.",
      operands: Operands(usage: "IMAGE", count: 1...1),
      run: { arguments in
        let image = try read(arguments.operands[0])
        Console.out(description(of: image))
        return Exit.success
      }),
    Command(
      name: "verify", summary: "Say whether a hub would take an image, and if not, why.",
      flags: [
        keyFlag, Flag("--hardware", "NAME", "The hub's revision; any when not told."),
        Flag("--security-version", "N", "The least that may run on the hub; any when not told."),
      ],
      operands: Operands(usage: "IMAGE", count: 1...1), run: verify),
    Command(
      name: "key", summary: "Make a new key: the secret half, and the public one beside it.",
      operands: Operands(usage: "OUT", count: 1...1), run: makeKey),
  ])

private let behaviourNames = FirmwareBehaviour.allCases.map(\.rawValue).joined(separator: ", ")

private func build(_ arguments: Arguments) throws -> Int32 {
  let path = arguments.operands[0]
  let version = try arguments.text(required: "--version")
  let image = try FirmwareImage(
    version: version, securityVersion: try securityVersion(arguments) ?? 1,
    hardware: arguments.text("--hardware") ?? "rig-1", payload: try payload(arguments))
  try Files.write(image.bytes, to: path)
  Console.out("\(path): version \(version), \(Quantity.grouped(image.bytes.count)) bytes, unsigned")
  return Exit.success
}

private func payload(_ arguments: Arguments) throws(UsageError) -> [UInt8] {
  switch (arguments.text("--payload"), arguments.text("--behaviour")) {
  case (let path?, nil):
    let payload = try Files.read(path)
    guard !payload.isEmpty else { throw UsageError("\(path) is empty") }
    guard payload.count <= slotSize - FirmwareImage.headerSize else {
      throw UsageError("\(path) has \(payload.count) bytes; a slot holds \(slotSize)")
    }
    return payload
  case (nil, let word?):
    guard let behaviour = FirmwareBehaviour(rawValue: word) else {
      let near = nearest(to: word, among: FirmwareBehaviour.allCases.map(\.rawValue))
      throw UsageError(
        "unknown behaviour \"\(word)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
    }
    return Array("behaviour: \(behaviour.rawValue)\n".utf8)
  case (_?, _?): throw UsageError("--behaviour makes the payload; leave --payload out")
  case (nil, nil): throw UsageError("--payload or --behaviour is needed")
  }
}

private let slotSize = PartitionLayout.product[.slotA]

private func sign(_ arguments: Arguments) throws -> Int32 {
  let path = arguments.operands[0]
  var image = try read(path)
  try image.sign(with: try key(arguments))
  let out = arguments.text("--out") ?? path
  try Files.write(image.bytes, to: out)
  Console.out("\(out): version \(image.version) is signed")
  return Exit.success
}

private func verify(_ arguments: Arguments) throws -> Int32 {
  let path = arguments.operands[0]
  let image = try read(path)
  let key = try key(arguments)
  let least = try securityVersion(arguments) ?? 0
  do throws(FirmwareImageError) {
    try image.verify(with: key, hardware: arguments.text("--hardware"), atLeast: least)
  } catch {
    throw ImageTrouble(path: path, error: error)
  }
  Console.out("\(path): good, version \(image.version)")
  return Exit.success
}

private func makeKey(_ arguments: Arguments) throws -> Int32 {
  let path = arguments.operands[0]
  for file in [path, path + ".pub"] where Files.exists(file) {
    throw UsageError("\(file) is there already; a key is never written over")
  }
  var secret = [UInt8](repeating: 0, count: 32)
  guard let chance = fopen("/dev/urandom", "rb") else {
    throw UsageError("this machine gives no random bytes")
  }
  defer { fclose(chance) }
  var made: FirmwareKey?
  while made == nil {
    guard fread(&secret, 1, secret.count, chance) == secret.count else {
      throw UsageError("this machine gives no random bytes")
    }
    // One in four thousand million is no secret of the curve.
    made = FirmwareKey(privateKey: secret)
  }
  guard let key = made else { return Exit.failure }
  try Files.write(Array("\(secretTitle) \(hexString(secret))\n".utf8), to: path, mode: 0o600)
  try Files.write(
    Array("\(publicTitle) \(hexString(key.publicKey))\n".utf8), to: path + ".pub")
  Console.out("\(path) signs; \(path).pub checks")
  return Exit.success
}

// MARK: What is read

/// What is wrong with a file that should be an image.
private struct ImageTrouble: Error, CustomStringConvertible {
  let path: String
  let error: FirmwareImageError
  var description: String { "\(path): \(error)" }
}

private func read(_ path: String) throws -> FirmwareImage {
  let bytes = try Files.read(path)
  do throws(FirmwareImageError) {
    return try FirmwareImage(bytes)
  } catch {
    throw ImageTrouble(path: path, error: error)
  }
}

private func description(of image: FirmwareImage) -> String {
  """
  version           \(image.version)
  hardware          \(image.hardware)
  security version  \(image.securityVersion)
  payload           \(Quantity.grouped(image.payload.count)) bytes
  checksum          \(hexString(image.payloadDigest))
  signature         \(image.isSigned ? hexString(image.signature) : "none")
  """
}

private func securityVersion(_ arguments: Arguments) throws(UsageError) -> UInt32? {
  try arguments.count("--security-version", in: 0...0xFF_FFFF).map { UInt32($0) }
}

private let secretTitle = "hubrig-firmware-secret-key"
private let publicTitle = "hubrig-firmware-public-key"

private func key(_ arguments: Arguments) throws(UsageError) -> FirmwareKey {
  try firmwareKey(at: arguments.text(required: "--key"))
}

/// The key in a file, or the rig's own.
func firmwareKey(at path: String) throws(UsageError) -> FirmwareKey {
  if path == "rig", !Files.exists(path) { return .rig }
  let words = String(decoding: try Files.read(path), as: UTF8.self).split { $0.isWhitespace }
  if words.count == 2, let bytes = hexBytes(String(words[1])) {
    if words[0] == secretTitle, let key = FirmwareKey(privateKey: bytes) { return key }
    if words[0] == publicTitle, let key = FirmwareKey(publicKey: bytes) { return key }
  }
  throw UsageError("\(path) is no key that \"hubrig image key\" has made")
}
