// 64-bit integers on 32-bit chips: the heap-free compiler refuses conversions into and checked
// conversions out of them (swiftlang/swift#86827), so they happen here and nowhere else.

extension UInt64 {
  /// The same number in 64 bits.
  init(widening number: UInt32) {
    // Both chips and every desk are little-endian.
    self = unsafe unsafeBitCast((number, UInt32(0)), to: UInt64.self)
  }
}
