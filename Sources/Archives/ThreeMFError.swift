/// Why a sliced file cannot be printed. All are the file's fault and final.
public enum ThreeMFError: Error, Equatable, Sendable {
  /// No ZIP directory at its end: cut short, or something else altogether.
  case notAnArchive
  /// The directory points outside of the file or contradicts itself.
  case damagedDirectory
  case tooManyEntries
  /// Encrypted, in several parts, over 4 GiB, or packed in another way than stored or deflated.
  case unsupported
  /// The bytes of an entry are not what its checksum says.
  case damagedEntry
  /// An entry grows beyond every sensible measure when unpacked.
  case expandsTooFar
  /// A model without g-code: it was saved, not sliced.
  case notSliced
  /// The plate that was asked for is not in the file.
  case noSuchPlate
  /// Layers or time are missing or beyond every sensible measure.
  case badNumbers

  /// Stable, for logs and scenarios.
  public var name: StaticString {
    switch self {
    case .notAnArchive: "3mf.not-an-archive"
    case .damagedDirectory: "3mf.damaged-directory"
    case .tooManyEntries: "3mf.too-many-entries"
    case .unsupported: "3mf.unsupported"
    case .damagedEntry: "3mf.damaged-entry"
    case .expandsTooFar: "3mf.expands-too-far"
    case .notSliced: "3mf.not-sliced"
    case .noSuchPlate: "3mf.no-such-plate"
    case .badNumbers: "3mf.bad-numbers"
    }
  }
}
