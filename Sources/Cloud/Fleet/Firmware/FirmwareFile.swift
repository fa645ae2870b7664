// What the cloud wants to know of an image before it lets hubs have it:
//
//     0   "HBRG" | header version | 0 | security version | bytes of payload    4 + 2 + 2 + 4 + 4
//     16  hardware, zero padded                                                16
//     32  version, zero padded                                                 32
//     64  SHA-256 of the payload                                               32
//     96  zeros                                                                32
//     128 ECDSA signature (P-256: r, s) over the SHA-256 of the 128 bytes above 64
//     192 ones                                                                 64

import World

/// The header of a firmware image whose payload is what it says.
struct FirmwareFile {
  static let headerSize = 256
  private static let signedSize = 128
  /// No slot of a hub is larger.
  static let sizeLimit: Int64 = 0x1F_0000

  let version: String
  let hardware: String
  let securityVersion: Int64
  let checksum: String
  private let header: [UInt8]

  /// Throws what is wrong with the file, in words for whoever has sent it.
  init(_ file: [UInt8]) throws(APIError) {
    guard file.count >= 4, Array(file[..<4]) == Array("HBRG".utf8) else {
      throw .badRequest("this is no firmware image")
    }
    guard file.count > Self.headerSize else {
      throw .badRequest("the image is cut short: it ends in its header")
    }
    header = Array(file[..<Self.headerSize])
    let form = Int(file[4]) | Int(file[5]) << 8
    guard form == 1 else {
      throw .badRequest("the image's header has version \(form), which no hub knows")
    }
    func number(_ offset: Int) -> Int64 {
      (0..<4).reduce(0) { $0 | Int64(file[offset + $1]) << Int64(8 * $1) }
    }
    func text(_ range: Range<Int>) -> String {
      String(decoding: file[range].prefix { $0 != 0 }, as: UTF8.self)
    }
    let wanted = Self.headerSize + Int(number(12))
    guard file.count == wanted else {
      throw .badRequest("the image has \(file.count) bytes, and its header says \(wanted)")
    }
    checksum = hexString(Array(file[64..<96]))
    guard Digest.sha256Hex(Array(file[Self.headerSize...])) == checksum else {
      throw .badRequest("the payload is not the one that the header was made for")
    }
    version = text(32..<64)
    hardware = text(16..<32)
    securityVersion = number(8)
    guard !version.isEmpty, !hardware.isEmpty else {
      throw .badRequest("the image names no version or no hardware")
    }
  }

  /// Throws when it is no firmware for the hubs that there are.
  func check(_ trust: FirmwareTrust) throws(APIError) {
    let signature = Array(header[Self.signedSize..<Self.signedSize + 64])
    guard signature.contains(where: { $0 != 0 }) else {
      throw .badRequest("nobody has signed the image: see hubrig image sign")
    }
    guard trust.hasSigned(digest: Digest.sha256(Array(header[..<Self.signedSize])), signature)
    else {
      throw .badRequest(
        "the signature is not good: the image was signed with another key, or changed since")
    }
    guard trust.hardware.contains(hardware) else {
      throw .badRequest(
        "the image is for the hardware \(hardware); hubs are "
          + trust.hardware.joined(separator: ", "))
    }
  }
}
