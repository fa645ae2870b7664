import CBoard
import HubHost

/// Flash, retained memory and the device's key of a fake board.
extension FakeBoard {
  func setMemory() {
    raw.flash_size = { UInt32(FakeBoard.at($0).flash.size(of: $1)) }
    raw.flash_read = { context, partition, offset, into, count in
      FakeBoard.at(context).flash.read(
        partition, at: Int(offset), into: UnsafeMutableBufferPointer(start: into, count: Int(count))
      )
    }
    raw.flash_program = { context, partition, offset, bytes, count in
      FakeBoard.at(context).flash.program(
        partition, at: Int(offset), UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
    raw.flash_erase = { FakeBoard.at($0).flash.erase($1, at: Int($2)) }
    raw.retained_read = { context, offset, into, count in
      let memory = FakeBoard.at(context).retained.dropFirst(Int(offset)).prefix(Int(count))
      for (index, byte) in memory.enumerated() { into![index] = byte }
      return UInt32(memory.count)
    }
    raw.retained_write = { context, offset, bytes, count in
      let board = FakeBoard.at(context)
      let count = min(Int(count), max(board.retained.count - Int(offset), 0))
      for index in 0..<count { board.retained[Int(offset) + index] = bytes![index] }
      return UInt32(count)
    }
    raw.seal = { context, nonce, label, labelCount, bytes, count, tag in
      var secret = FakeBoard.bytes(bytes, count)
      let seal = FakeBoard.at(context).deviceKey.seal(
        &secret, nonce: FakeBoard.bytes(nonce, 12), label: FakeBoard.bytes(label, labelCount))
      for (index, byte) in secret.enumerated() { bytes![index] = byte }
      for (index, byte) in seal.enumerated() { tag![index] = byte }
    }
    raw.unseal = { context, nonce, label, labelCount, bytes, count, tag in
      var secret = FakeBoard.bytes(bytes, count)
      guard
        FakeBoard.at(context).deviceKey.unseal(
          &secret, nonce: FakeBoard.bytes(nonce, 12), label: FakeBoard.bytes(label, labelCount),
          tag: FakeBoard.bytes(tag, 16))
      else { return false }
      for (index, byte) in secret.enumerated() { bytes![index] = byte }
      return true
    }
    raw.firmware_signature_is_good = { _, digest, signature in
      FirmwareKey.rig.isGood(
        signature: FakeBoard.bytes(signature, 64), digest: FakeBoard.bytes(digest, 32))
    }
  }
}
