// A sliced 3MF file, as slicers write it for these printers and as the printers read it:
//
//     [Content_Types].xml            what the parts are (Open Packaging Conventions)
//     _rels/.rels                    where the model is
//     3D/3dmodel.model               the model; empty once it is sliced
//     Metadata/slice_info.config     time, weight and filament of each plate
//     Metadata/plate_1.json          the kind of plate
//     Metadata/plate_1.png           a picture
//     Metadata/plate_1.gcode         what is printed
//     Metadata/plate_1.gcode.md5     its MD5 in upper-case hex

import Archives
import CZlib
import Wire

/// Sliced files: what a slicer writes and what the machine prints.
public enum ThreeMF {
  /// Writes a file with one plate.
  ///
  /// It has exactly `byteCount` bytes, or the fewest that it needs when that is more. `seed` makes
  /// its moves, so that two files with different seeds differ everywhere.
  public static func make(
    name: String, layers: Int, seconds: Int, byteCount: Int = 0, seed: UInt64 = 1
  ) -> [UInt8] {
    let grams = Double(max(1, seconds / 60)) / 2
    let summary = PlateSummary(
      layers: max(1, layers), seconds: max(1, seconds), weightGrams: grams, filament: "PLA",
      bedType: "textured_plate")
    let metres = Double(max(1, seconds / 60)) / 6
    var parts: [(name: String, content: [UInt8])] = [
      ("[Content_Types].xml", Array(contentTypes.utf8)),
      ("_rels/.rels", Array(relations.utf8)),
      ("3D/3dmodel.model", Array(model.utf8)),
      (
        "Metadata/slice_info.config",
        Array(SliceInfo.text(of: summary, name: name, usedMetres: metres).utf8)
      ),
      (
        "Metadata/plate_1.json",
        Array("{\"bed_type\":\"\(summary.bedType)\",\"nozzle_diameter\":0.4,\"version\":2}".utf8)
      ),
      ("Metadata/plate_1.png", PlatePicture.png(grey: UInt8(truncatingIfNeeded: seed &* 37))),
    ]
    let fixed = ZipWriter.size(
      of: parts.map { ($0.name, $0.content.count) } + [(gcodeName(1), 0), (digestName(1), 32)])
    let gcode = PlateGCode.make(summary: summary, byteCount: byteCount - fixed, seed: seed)
    parts.append((gcodeName(1), gcode))
    parts.append((digestName(1), Array(MD5.digits(of: [gcode]).uppercased().utf8)))

    var archive = ZipWriter(reserving: fixed + gcode.count)
    for part in parts { archive.add(part.name, part.content) }
    return archive.finish()
  }

  /// What the file says about one of its plates, having checked all bytes of that plate.
  public static func summary(of bytes: [UInt8], plate: Int) throws(ThreeMFError) -> PlateSummary {
    let archive = try ZipArchive(bytes)
    guard let gcodeEntry = archive.entry(named: gcodeName(plate)) else {
      let isSliced = archive.entries.contains { $0.name.hasSuffix(".gcode") }
      throw isSliced ? .noSuchPlate : .notSliced
    }
    let gcode = SlicedGCode(
      head: try archive.beginning(of: gcodeEntry, limit: SlicedGCode.headLimit))
    var known = SliceInfo.Plate()
    if let entry = archive.entry(named: "Metadata/slice_info.config") {
      guard entry.unpackedCount <= SliceInfo.byteLimit else { throw .expandsTooFar }
      let info = SliceInfo(try archive.beginning(of: entry, limit: SliceInfo.byteLimit))
      known = info.plates.first { $0.index == plate } ?? known
    }
    guard let layers = gcode.layers, let seconds = known.seconds ?? gcode.seconds,
      (1...PlateSummary.layerLimit).contains(layers),
      (1...PlateSummary.secondsLimit).contains(seconds)
    else { throw .badNumbers }
    return PlateSummary(
      layers: layers, seconds: seconds, weightGrams: known.weightGrams ?? gcode.weightGrams ?? 0,
      filament: gcode.filament ?? "", filaments: known.filaments,
      bedType: try bedType(of: plate, in: archive))
  }

  private static func bedType(
    of plate: Int, in archive: ZipArchive
  ) throws(ThreeMFError) -> String {
    guard let entry = archive.entry(named: "Metadata/plate_\(plate).json") else { return "" }
    let text = String(decoding: try archive.beginning(of: entry, limit: 64 << 10), as: UTF8.self)
    let quoted = text.split(separator: "\"", omittingEmptySubsequences: false)
    guard let key = quoted.firstIndex(of: "bed_type"), key + 2 < quoted.count else { return "" }
    return String(quoted[key + 2])
  }

  private static func gcodeName(_ plate: Int) -> String { "Metadata/plate_\(plate).gcode" }
  private static func digestName(_ plate: Int) -> String { gcodeName(plate) + ".md5" }

  private static let contentTypes = """
    <?xml version="1.0" encoding="UTF-8"?>
    <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
     <Default Extension="rels" \
    ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
     <Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
     <Default Extension="png" ContentType="image/png"/>
     <Default Extension="gcode" ContentType="text/x.gcode"/>
    </Types>

    """

  private static let relations = """
    <?xml version="1.0" encoding="UTF-8"?>
    <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
     <Relationship Target="/3D/3dmodel.model" Id="rel-1" \
    Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>
    </Relationships>

    """

  private static let model = """
    <?xml version="1.0" encoding="UTF-8"?>
    <model unit="millimeter" xml:lang="en-US" \
    xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02">
     <resources/>
     <build/>
    </model>

    """
}
