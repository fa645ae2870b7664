// Firmware images as whoever makes and reads them sees them; HubCore/Update/ImageHeader.swift shows
// the layout. A payload of the rig states what its firmware does: "behaviour: hangs" and a line feed.

import HubCore
import Wire

/// What a virtual firmware does when it is started.
public enum FirmwareBehaviour: String, CaseIterable, Sendable {
  case works
  case hangs
  /// Its connection to the cloud gets nowhere, until the watchdog has enough of it.
  case wedges
  case panics
  case neverReachesCloud = "never-reaches-cloud"
  case bootLoops = "boot-loops"
}

/// Why an image is not good.
public enum FirmwareImageError: Error, Equatable, CustomStringConvertible {
  case truncated(has: Int, needs: Int)
  case trailing(Int)
  case notAnImage
  case headerVersion(Int)
  case payloadChanged
  case badSignature
  case older(has: UInt32, needs: UInt32)
  case otherHardware(is: String, wanted: String)
  case tooLong(String)
  case noSecret
  case unsigned

  public var description: String {
    switch self {
    case .truncated(let has, let needs):
      "the file is cut short: it has \(has) bytes of \(needs)"
    case .trailing(let count): "\(count) bytes follow behind the end of the image"
    case .notAnImage: "this is no firmware image"
    case .headerVersion(let version): "its header has version \(version), which nobody here knows"
    case .payloadChanged: "the payload is not the one that the header was made for"
    case .badSignature: "the signature was not made with this key over this header"
    case .older(let has, let needs):
      "its security version is \(has), and \(needs) is the least that may run"
    case .otherHardware(let name, let wanted): "it is for the hardware \(name), not for \(wanted)"
    case .tooLong(let field): "the \(field) is too long"
    case .noSecret: "the key has no secret half to sign with"
    case .unsigned: "nobody has signed it yet"
    }
  }
}

/// One image, whole.
public struct FirmwareImage: Equatable, Sendable {
  public static let headerSize = 256
  private static let magic: UInt32 = 0x4752_4248

  public private(set) var bytes: [UInt8]

  /// An image that nobody has signed yet.
  public init(
    version: String, securityVersion: UInt32 = 1, hardware: String = "rig-1", payload: [UInt8]
  ) throws(FirmwareImageError) {
    guard version.utf8.count <= 32 else { throw .tooLong("version") }
    guard hardware.utf8.count <= 16 else { throw .tooLong("hardware's name") }
    bytes = [UInt8](repeating: 0, count: 192) + [UInt8](repeating: 0xFF, count: 64)
    set(Self.magic, at: 0)
    set(1, at: 4)
    set(securityVersion, at: 8)
    set(UInt32(payload.count), at: 12)
    bytes.replaceSubrange(16..<16 + hardware.utf8.count, with: Array(hardware.utf8))
    bytes.replaceSubrange(32..<32 + version.utf8.count, with: Array(version.utf8))
    let digest = SHA256.of(payload.span)
    bytes.replaceSubrange(64..<96, with: digest.indices.map { digest[$0] })
    bytes += payload
  }

  /// A small signed image that behaves as stated.
  public static func rig(
    version: String, securityVersion: UInt32 = 1, behaviour: FirmwareBehaviour = .works,
    hardware: String = "rig-1", payloadSize: Int = 20_000, key: FirmwareKey = .rig
  ) -> FirmwareImage {
    var payload = Array("behaviour: \(behaviour.rawValue)\n".utf8)
    var noise = CRC32.of(Array(version.utf8).span) | 1
    while payload.count < payloadSize {
      noise = noise &* 1_664_525 &+ 1_013_904_223
      payload.append(UInt8(truncatingIfNeeded: noise >> 16))
    }
    do {
      var image = try FirmwareImage(
        version: version, securityVersion: securityVersion, hardware: hardware, payload: payload)
      try image.sign(with: key)
      return image
    } catch {
      preconditionFailure("the rig's own image: \(error)")
    }
  }

  /// What every hub of the rig leaves its factory with.
  static let first = FirmwareImage.rig(version: "\(Firmware.version)", payloadSize: 4_000)
  private static let firstDigest = first.signedDigest

  /// Whether these are the digest and the signature of the first image's header.
  static func isFirst(
    signature: UnsafeBufferPointer<UInt8>, digest: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    signature.elementsEqual(first.bytes[128..<192]) && digest.elementsEqual(firstDigest)
  }

  /// Reads a whole file.
  public init(_ file: [UInt8]) throws(FirmwareImageError) {
    guard file.count >= 6, Self.number(file, at: 0) == Self.magic else { throw .notAnImage }
    let version = Int(Self.number(file, at: 4, count: 2))
    guard version == 1 else { throw .headerVersion(version) }
    guard file.count >= Self.headerSize else {
      throw .truncated(has: file.count, needs: Self.headerSize)
    }
    let size = Self.headerSize + Int(Self.number(file, at: 12))
    guard file.count >= size else { throw .truncated(has: file.count, needs: size) }
    guard file.count == size else { throw .trailing(file.count - size) }
    bytes = file
    let digest = SHA256.of(Array(payload).span)
    guard digest.indices.allSatisfy({ digest[$0] == file[64 + $0] }) else { throw .payloadChanged }
  }

  /// The image in a slot of a flash, if there seems to be one.
  public init?(in flash: NORFlash, slot: UInt8) {
    let partition = slot == 0 ? FlashPartition.slotA : .slotB
    var header = [UInt8](repeating: 0, count: Self.headerSize)
    let isRead = header.withUnsafeMutableBufferPointer {
      flash.read(partition.rawValue, at: 0, into: $0)
    }
    guard isRead, Self.number(header, at: 0) == Self.magic else { return nil }
    let size = min(Int(Self.number(header, at: 12)), 64)
    var start = [UInt8](repeating: 0, count: size)
    _ = start.withUnsafeMutableBufferPointer {
      flash.read(partition.rawValue, at: Self.headerSize, into: $0)
    }
    bytes = header + start
  }

  public mutating func sign(with key: FirmwareKey) throws(FirmwareImageError) {
    guard let signature = key.sign(digest: signedDigest) else { throw .noSecret }
    bytes.replaceSubrange(128..<192, with: signature)
  }

  /// Says why a hub would refuse it, if it would.
  public func verify(
    with key: FirmwareKey, hardware: String? = nil, atLeast securityVersion: UInt32 = 0
  ) throws(FirmwareImageError) {
    guard isSigned else { throw .unsigned }
    guard key.isGood(signature: Array(bytes[128..<192]), digest: signedDigest) else {
      throw .badSignature
    }
    if let hardware, hardware != self.hardware {
      throw .otherHardware(is: self.hardware, wanted: hardware)
    }
    guard self.securityVersion >= securityVersion else {
      throw .older(has: self.securityVersion, needs: securityVersion)
    }
  }

  /// Whether there is a signature, be it good or not.
  public var isSigned: Bool { bytes[128..<192].contains { $0 != 0 } }
  public var version: String { text(32..<64) }
  public var hardware: String { text(16..<32) }
  public var securityVersion: UInt32 { Self.number(bytes, at: 8) }
  public var payload: ArraySlice<UInt8> { bytes[Self.headerSize...] }
  public var signature: [UInt8] { Array(bytes[128..<192]) }
  public var payloadDigest: [UInt8] { Array(bytes[64..<96]) }

  /// What the payload says that it does.
  public var behaviour: FirmwareBehaviour {
    let line = payload.prefix(64).prefix { $0 != UInt8(ascii: "\n") }
    let words = String(decoding: line, as: UTF8.self).split(separator: " ")
    guard words.count == 2, words[0] == "behaviour:" else { return .works }
    return FirmwareBehaviour(rawValue: String(words[1])) ?? .works
  }

  private var signedDigest: [UInt8] {
    let digest = SHA256.of(Array(bytes.prefix(128)).span)
    return digest.indices.map { digest[$0] }
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range].prefix { $0 != 0 }, as: UTF8.self)
  }

  private mutating func set(_ number: UInt32, at offset: Int) {
    for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
  }

  private static func number(_ bytes: [UInt8], at offset: Int, count: Int = 4) -> UInt32 {
    guard bytes.count >= offset + count else { return 0 }
    return (0..<count).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * $1) }
  }
}
