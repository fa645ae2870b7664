// The board's flash, its key, and the memory that outlives a restart.

import CBoard

extension Board {
  /// A part of the flash.
  package enum Partition: UInt8 {
    case factory = 0
    case store = 1
    case choice = 2
    case slotA = 3
    case slotB = 4
  }

  /// What an erase sets to ones.
  package static let sectorSize = 4_096

  /// Bytes of a partition; 0 when the board has none such.
  func size(of partition: Partition) -> Int {
    unsafe Int(raw.pointee.flash_size(raw.pointee.context, partition.rawValue))
  }

  /// Fills `bytes` from the flash, or answers false.
  func read(_ partition: Partition, at offset: Int, into bytes: inout MutableSpan<UInt8>) -> Bool {
    read(partition, at: offset, into: &bytes, count: bytes.count)
  }

  /// Fills the first `count` of `bytes` from the flash, or answers false.
  func read(
    _ partition: Partition, at offset: Int, into bytes: inout MutableSpan<UInt8>, count: Int
  ) -> Bool {
    precondition(count <= bytes.count, "more is read than there is room for")
    return unsafe bytes.withUnsafeMutableBufferPointer { memory in
      unsafe raw.pointee.flash_read(
        raw.pointee.context, partition.rawValue, UInt32(truncatingIfNeeded: offset),
        memory.baseAddress, UInt32(truncatingIfNeeded: count))
    }
  }

  /// Clears the bits that are clear in `bytes`.
  func program(_ partition: Partition, at offset: Int, _ bytes: Span<UInt8>) -> Bool {
    unsafe bytes.withUnsafeBufferPointer { memory in
      unsafe raw.pointee.flash_program(
        raw.pointee.context, partition.rawValue, UInt32(truncatingIfNeeded: offset),
        memory.baseAddress, UInt32(truncatingIfNeeded: memory.count))
    }
  }

  /// Sets every bit of the sector that begins at `offset`.
  func erase(_ partition: Partition, at offset: Int) -> Bool {
    unsafe raw.pointee.flash_erase(
      raw.pointee.context, partition.rawValue, UInt32(truncatingIfNeeded: offset))
  }

  // --------------------------------------------------------------------------- memory that stays

  /// Fills `bytes` with what was kept over the restart; answers how many there are.
  func readRetained(at offset: Int, into bytes: inout MutableSpan<UInt8>) -> Int {
    unsafe bytes.withUnsafeMutableBufferPointer { memory in
      unsafe Int(
        raw.pointee.retained_read(
          raw.pointee.context, UInt32(truncatingIfNeeded: offset), memory.baseAddress,
          UInt32(truncatingIfNeeded: memory.count)))
    }
  }

  /// Keeps `bytes` over a restart; answers how many there was room for.
  @discardableResult
  func writeRetained(at offset: Int, _ bytes: Span<UInt8>) -> Int {
    unsafe bytes.withUnsafeBufferPointer { memory in
      unsafe Int(
        raw.pointee.retained_write(
          raw.pointee.context, UInt32(truncatingIfNeeded: offset), memory.baseAddress,
          UInt32(truncatingIfNeeded: memory.count)))
    }
  }

  // ------------------------------------------------------------------------ the device's own key

  /// Encrypts `bytes` where they stand and answers the tag.
  func seal(
    _ bytes: inout MutableSpan<UInt8>, nonce: InlineArray<12, UInt8>, label: Span<UInt8>
  ) -> InlineArray<16, UInt8> {
    var tag = InlineArray<16, UInt8>(repeating: 0)
    var tagSpan = tag.mutableSpan
    unsafe bytes.withUnsafeMutableBufferPointer { bytes in
      unsafe tagSpan.withUnsafeMutableBufferPointer { tag in
        unsafe nonce.span.withUnsafeBufferPointer { nonce in
          unsafe label.withUnsafeBufferPointer { label in
            unsafe raw.pointee.seal(
              raw.pointee.context, nonce.baseAddress, label.baseAddress,
              UInt32(truncatingIfNeeded: label.count), bytes.baseAddress,
              UInt32(truncatingIfNeeded: bytes.count), tag.baseAddress)
          }
        }
      }
    }
    return tag
  }

  /// Decrypts `bytes` where they stand; false when they or the label were changed.
  func unseal(
    _ bytes: inout MutableSpan<UInt8>, nonce: Span<UInt8>, tag: Span<UInt8>, label: Span<UInt8>
  ) -> Bool {
    unsafe bytes.withUnsafeMutableBufferPointer { bytes in
      unsafe tag.withUnsafeBufferPointer { tag in
        unsafe nonce.withUnsafeBufferPointer { nonce in
          unsafe label.withUnsafeBufferPointer { label in
            unsafe raw.pointee.unseal(
              raw.pointee.context, nonce.baseAddress, label.baseAddress,
              UInt32(truncatingIfNeeded: label.count), bytes.baseAddress,
              UInt32(truncatingIfNeeded: bytes.count), tag.baseAddress)
          }
        }
      }
    }
  }

  /// Whether the key that signs firmware made `signature` over `digest`.
  func isFirmwareSignature(
    _ signature: InlineArray<64, UInt8>, of digest: InlineArray<32, UInt8>
  ) -> Bool {
    unsafe digest.span.withUnsafeBufferPointer { digest in
      unsafe signature.span.withUnsafeBufferPointer { signature in
        unsafe raw.pointee.firmware_signature_is_good(
          raw.pointee.context, digest.baseAddress, signature.baseAddress)
      }
    }
  }
}
