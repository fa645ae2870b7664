import Glibc
import HubHost

/// A hub's flash in a file, byte for byte as it would stand on the chip. Every operation is written
/// through at once, so whoever kills the process does to the hub what pulling its plug does.
final class FlashFile {
  let flash = NORFlash()
  private let path: String
  private let descriptor: Int32

  /// Opens the file, or makes one of blank flash.
  init(_ path: String) throws(UsageError) {
    self.path = path
    let size = flash.layout.sizes.reduce(0, +)
    let isNew = !Files.exists(path)
    if !isNew {
      let bytes = try Files.read(path)
      guard bytes.count == size else {
        throw UsageError(
          "\(path) has \(bytes.count) bytes, and a hub's flash \(size); move it away to begin anew")
      }
      var offset = 0
      for partition in FlashPartition.allCases {
        let count = flash.layout[partition]
        flash.load(Array(bytes[offset..<offset + count]), into: partition)
        offset += count
      }
    } else {
      try Files.write([UInt8](repeating: 0xFF, count: size), to: path, mode: 0o600)
    }
    descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw UsageError("cannot write \(path): \(String(cString: strerror(errno)))")
    }
    // Whoever comes second would write over what the first has done.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw UsageError("\(path) is in use by another hub")
    }
    flash.onWritten = { [unowned self] partition, range in write(partition, range) }
  }

  deinit { close(descriptor) }

  private func write(_ partition: FlashPartition, _ range: Range<Int>) {
    let start = flash.layout.sizes.prefix(Int(partition.rawValue)).reduce(0, +)
    var bytes = [UInt8](repeating: 0xFF, count: range.count)
    bytes.withUnsafeMutableBufferPointer { flash.look(partition, at: range.lowerBound, into: $0) }
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        pwrite(
          descriptor, $0.baseAddress! + done, bytes.count - done,
          off_t(start + range.lowerBound + done))
      }
      guard count > 0 else {
        return Console.error("cannot write \(path): \(String(cString: strerror(errno)))")
      }
      done += count
    }
  }
}
