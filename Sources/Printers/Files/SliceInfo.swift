// Metadata/slice_info.config, the XML in which a slicer says what it expects of each plate:
//
//     <config>
//       <plate>
//         <metadata key="index" value="1"/>
//         <metadata key="prediction" value="1233"/>
//         <metadata key="weight" value="9.59"/>
//         <filament id="1" type="PLA" used_g="9.59"/>
//       </plate>
//     </config>
//
// The reader goes from tag to tag and looks at these attributes only; what else stands in the file
// is passed over, whatever it is.

import Archives

/// What the slicer expects of the plates of a file.
struct SliceInfo {
  struct Plate: Equatable {
    var index = 1
    var seconds: Int?
    var weightGrams: Double?
    var filaments: [PlateFilament] = []
  }

  /// More places than all units of a printer have.
  private static let filamentLimit = 64

  /// A file with 36 full plates stays far below.
  static let byteLimit = 1 << 20

  private(set) var plates: [Plate] = []

  init(_ bytes: [UInt8]) {
    var isInside = false
    for tag in TagReader(bytes) {
      switch tag.name {
      case "plate":
        plates.append(Plate())
        isInside = true
      case "/plate": isInside = false
      case "metadata" where isInside: read(key: tag["key"], value: tag["value"])
      case "filament" where isInside: readFilament(tag)
      default: break
      }
    }
  }

  private mutating func readFilament(_ tag: TagReader.Tag) {
    let last = plates.count - 1
    let number = tag["id"].flatMap { Int($0) } ?? 0
    guard (1...Self.filamentLimit).contains(number),
      plates[last].filaments.count < Self.filamentLimit
    else { return }
    let grams = tag["used_g"].flatMap { Double($0) } ?? 0
    plates[last].filaments.append(
      PlateFilament(
        number: number, type: tag["type"] ?? "",
        milligrams: PlateSummary.milligrams(grams)))
  }

  private mutating func read(key: String?, value: String?) {
    guard let key, let value else { return }
    let last = plates.count - 1
    switch key {
    case "index": plates[last].index = Int(value) ?? plates[last].index
    case "prediction": plates[last].seconds = Int(value)
    case "weight": plates[last].weightGrams = Double(value)
    default: break
    }
  }

  static func text(of summary: PlateSummary, name: String, usedMetres: Double) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <config>
      <header>
        <header_item key="X-BBL-Client-Type" value="slicer"/>
        <header_item key="X-BBL-Client-Version" value="01.09.00.00"/>
      </header>
      <plate>
        <metadata key="index" value="1"/>
        <metadata key="nozzle_diameters" value="0.4"/>
        <metadata key="timelapse_type" value="0"/>
        <metadata key="prediction" value="\(summary.seconds)"/>
        <metadata key="weight" value="\(summary.weightGrams)"/>
        <metadata key="outside" value="false"/>
        <metadata key="support_used" value="false"/>
        <metadata key="label_object_enabled" value="true"/>
        <object identify_id="1" name="\(escaped(name))" skipped="false"/>
        <filament id="1" tray_info_idx="GFA00" type="\(summary.filament)" color="#FFFFFF" \
    used_m="\(usedMetres)" used_g="\(summary.weightGrams)"/>
      </plate>
    </config>

    """
  }

  private static func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      default: String(character)
      }
    }.joined()
  }
}
