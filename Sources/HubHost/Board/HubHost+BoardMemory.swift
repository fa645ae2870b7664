// Flash, retained memory and the device's key, as the board gives them.

import CBoard

extension HubHost {
  func addMemory(to board: inout hub_board) {
    board.flash_size = { context, partition in
      HubHost.with(context) { UInt32($0.flash.size(of: partition)) }
    }
    board.flash_read = { context, partition, offset, into, count in
      HubHost.with(context) {
        $0.flash.read(
          partition, at: Int(offset), into: UnsafeMutableBufferPointer(start: into, count: count))
      }
    }
    board.flash_program = { context, partition, offset, bytes, count in
      HubHost.with(context) {
        $0.flash.program(
          partition, at: Int(offset), UnsafeBufferPointer(start: bytes, count: count))
      }
    }
    board.flash_erase = { context, partition, offset in
      HubHost.with(context) { $0.flash.erase(partition, at: Int(offset)) }
    }
    board.retained_read = { context, offset, into, count in
      HubHost.with(context) {
        UInt32(
          $0.retained.read(
            at: Int(offset), into: UnsafeMutableBufferPointer(start: into, count: count)))
      }
    }
    board.retained_write = { context, offset, bytes, count in
      HubHost.with(context) {
        guard !$0.isDying else { return 0 }
        return UInt32(
          $0.retained.write(at: Int(offset), UnsafeBufferPointer(start: bytes, count: count)))
      }
    }
    board.seal = { context, nonce, label, labelCount, bytes, count, tag in
      HubHost.with(context) {
        $0.deviceKey.seal(
          UnsafeMutableBufferPointer(start: bytes, count: count),
          nonce: UnsafeBufferPointer(start: nonce, count: 12 as Int),
          label: UnsafeBufferPointer(start: label, count: labelCount),
          tag: UnsafeMutableBufferPointer(start: tag, count: 16 as Int))
      }
    }
    board.unseal = { context, nonce, label, labelCount, bytes, count, tag in
      HubHost.with(context) {
        $0.deviceKey.unseal(
          UnsafeMutableBufferPointer(start: bytes, count: count),
          nonce: UnsafeBufferPointer(start: nonce, count: 12 as Int),
          label: UnsafeBufferPointer(start: label, count: labelCount),
          tag: UnsafeBufferPointer(start: tag, count: 16 as Int))
      }
    }
    board.firmware_signature_is_good = { _, digest, signature in
      let digest = UnsafeBufferPointer(start: digest, count: 32 as Int)
      let signature = UnsafeBufferPointer(start: signature, count: 64 as Int)
      // Every hub starts with this one; that it is good need not be found out again.
      return FirmwareImage.isFirst(signature: signature, digest: digest)
        || FirmwareKey.rig.isGood(signature: signature, digest: digest)
    }
  }
}

extension UnsafeBufferPointer {
  /// Bytes as the firmware counts them.
  fileprivate init(start: UnsafePointer<Element>?, count: UInt32) {
    self.init(start: start, count: Int(count))
  }
}

extension UnsafeMutableBufferPointer {
  fileprivate init(start: UnsafeMutablePointer<Element>?, count: UInt32) {
    self.init(start: start, count: Int(count))
  }
}
