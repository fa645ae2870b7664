// A firmware image: a header of 256 bytes, then the payload.
//
//     0   magic | header version | 0 | security version | bytes of payload     4 + 2 + 2 + 4 + 4
//     16  hardware, zero padded                                                16
//     32  version, zero padded                                                 32
//     64  SHA-256 of the payload                                               32
//     96  zeros                                                                32
//     128 ECDSA signature (P-256: r, s) over the SHA-256 of the 128 bytes above 64
//     192 ones                                                                 64
//
// In a slot the header is written last: a slot that was not filled to the end holds no image.

import Wire

/// What the first bytes of an image say.
package struct ImageHeader {
  package static let size = 256
  package static let signedSize = 128
  package static let magic: UInt32 = 0x4752_4248

  package typealias Bytes = InlineArray<256, UInt8>

  package let bytes: Bytes
  package let securityVersion: UInt32
  package let payloadSize: Int

  /// Why an image is not taken.
  package enum Refusal: Error, Equatable {
    case notAnImage
    case otherHeaderVersion
    case otherHardware
    case tooLarge
    case empty
    case older
    case badSignature
    case otherVersion
    case otherChecksum

    /// Stable, for the log and the cloud.
    package var name: StaticString {
      switch self {
      case .notAnImage: "not a firmware image"
      case .otherHeaderVersion: "header of an unknown version"
      case .otherHardware: "made for other hardware"
      case .tooLarge: "larger than a slot"
      case .empty: "without a payload"
      case .older: "security version is older than what runs"
      case .badSignature: "signature is not good"
      case .otherVersion: "not the version that was offered"
      case .otherChecksum: "not the image that was offered"
      }
    }
  }

  /// Reads a header without asking who signed it.
  package init(_ bytes: Bytes) throws(Refusal) {
    guard bytes.number32(at: 0) == Self.magic else { throw .notAnImage }
    guard bytes.number16(at: 4) == 1 else { throw .otherHeaderVersion }
    self.bytes = bytes
    securityVersion = bytes.number32(at: 8)
    payloadSize = Int(bytes.number32(at: 12) & 0x7FFF_FFFF)
    guard payloadSize > 0 else { throw .empty }
  }

  package var imageSize: Int { Self.size + payloadSize }

  /// The version, as a text.
  package var version: Text<32> {
    var text = Text<32>()
    var end = 0
    while end < 32, bytes[32 + end] != 0 { end += 1 }
    text.set(bytes.span.extracting(32..<32 + end))
    return text
  }

  package func isFor(hardware: StaticString) -> Bool {
    var end = 0
    while end < 16, bytes[16 + end] != 0 { end += 1 }
    return equals(bytes.span.extracting(16..<16 + end), hardware)
  }

  package func isPayload(_ digest: InlineArray<32, UInt8>) -> Bool {
    equals(bytes.span.extracting(64..<96), digest.span)
  }

  /// Whether a checksum, in hexadecimal, is the payload's.
  func isChecksum(_ text: Span<UInt8>) -> Bool {
    var digits = Text<64>()
    digits.write { $0.put(hex: bytes.span.extracting(64..<96)) }
    return digits.equals(text)
  }

  /// Everything that can be known before the payload is there.
  package func check(
    on board: Board, hardware: StaticString, slotSize: Int, floor: UInt32
  ) throws(Refusal) {
    guard isFor(hardware: hardware) else { throw .otherHardware }
    guard imageSize <= slotSize else { throw .tooLarge }
    guard isSigned(on: board) else { throw .badSignature }
    guard securityVersion >= floor else { throw .older }
  }

  package func isSigned(on board: Board) -> Bool {
    var signature = InlineArray<64, UInt8>(repeating: 0)
    for index in 0..<64 { signature[index] = bytes[128 + index] }
    let digest = SHA256.of(bytes.span.extracting(first: Self.signedSize))
    return board.isFirmwareSignature(signature, of: digest)
  }
}

extension Board.Partition {
  /// The slot with a number, 0 or 1.
  package static func slot(_ number: UInt8) -> Board.Partition { number == 0 ? .slotA : .slotB }
}

extension Board {
  /// The header of the image in a slot; nil when there is none.
  package func imageHeader(in slot: UInt8) -> ImageHeader? {
    var bytes = ImageHeader.Bytes(repeating: 0xFF)
    var span = bytes.mutableSpan
    guard read(.slot(slot), at: 0, into: &span) else { return nil }
    do throws(ImageHeader.Refusal) {
      return try ImageHeader(bytes)
    } catch {
      return nil
    }
  }

  /// When nobody knows any more which slot was wanted: the one whose image is of the higher security
  /// version, and slot A when there is nothing to choose from.
  var slotOfSafestImage: UInt8 {
    guard let second = imageHeader(in: 1), holdsImage(in: 1) else { return 0 }
    guard let first = imageHeader(in: 0), holdsImage(in: 0) else { return 1 }
    return second.securityVersion > first.securityVersion ? 1 : 0
  }

  /// Whether a slot holds a whole and rightly signed image of at least this security version.
  func holdsImage(in slot: UInt8, atLeast floor: UInt32 = 0) -> Bool {
    guard let header = imageHeader(in: slot), header.securityVersion >= floor,
      header.imageSize <= size(of: .slot(slot)), header.isSigned(on: self)
    else { return false }
    var sum = SHA256()
    var offset = ImageHeader.size
    var chunk = InlineArray<256, UInt8>(repeating: 0)
    while offset < header.imageSize {
      let count = header.imageSize - offset < 256 ? header.imageSize - offset : 256
      var span = chunk.mutableSpan
      guard read(.slot(slot), at: offset, into: &span, count: count) else { return false }
      digest(chunk.span.extracting(first: count), into: &sum)
      offset += count
    }
    return header.isPayload(sum.finish())
  }
}
