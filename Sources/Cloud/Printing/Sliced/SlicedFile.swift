// What a 3MF file tells of its prints. Three families of slicers write them:
//
//     Bambu Studio    Metadata/slice_info.config (XML), Metadata/plate_N.json,
//                     Metadata/project_settings.config (JSON), Metadata/plate_N.gcode and .png
//     OrcaSlicer      the same; some numbers only as comments of the g-code
//     PrusaSlicer     Metadata/Slic3r_PE.config ("; name = value"), Metadata/thumbnail.png
//
// Everything in such a file is somebody else's word: names that leave the archive, entries that grow
// without measure and numbers without sense are refused or passed over.

import Archives
import World

/// What was read out of a 3MF file.
struct SlicedFile {
  /// One plate of the file: what is printed at a time.
  struct Plate: Equatable {
    var index: Int
    var seconds: Int?
    var weightGrams: Double?
    var lengthMeters: Double?
    var filaments: [Filament] = []
    var layers: Int?
    var objectCount: Int?
    var bedType: String?
    var hasThumbnail = false
  }

  /// One filament of a plate.
  struct Filament: Equatable {
    var type: String?
    var color: String?
    var grams: Double?
    var meters: Double?
  }

  /// The largest file that is read for what it tells.
  static let byteLimit = 128 << 20
  private static let settingsLimit = 4 << 20
  private static let pictureLimit = 4 << 20
  /// Comments of g-code stand at its head; its settings at its end.
  private static let gcodeLimit = 64 << 20
  private static let plateLimit = 64
  /// How much of plain g-code is looked at, at either end.
  private static let endLimit = 1 << 20
  /// Metadata and pictures of binary g-code stand before this.
  private static let binaryLimit = 8 << 20

  private(set) var slicer: String?
  private(set) var plates: [Plate] = []
  private(set) var printerModel: String?
  private(set) var nozzleDiameter: Double?
  private(set) var bedType: String?
  private(set) var profile: String?
  private var filamentType: String?
  /// A picture in PNG.
  private(set) var thumbnail: [UInt8]?

  init(_ bytes: [UInt8]) throws(ThreeMFError) {
    let archive = try ZipArchive(bytes)
    try Self.checkNames(archive)
    readApplication(try Self.part("3D/3dmodel.model", of: archive, atMost: 64 << 10))
    if let part = try Self.whole("Metadata/slice_info.config", of: archive) { readPlates(part) }
    if let part = try Self.whole("Metadata/project_settings.config", of: archive) {
      readProject(part)
    }
    if let part = try Self.whole("Metadata/Slic3r_PE.config", of: archive) { readPrusa(part) }
    try readPlateParts(archive)
    thumbnail = try Self.picture(of: archive, plate: plates.first?.index ?? 1)
  }

  /// Reads a file of plain or binary g-code: one plate, said at its head and at its end.
  init(gcode bytes: [UInt8]) throws(ThreeMFError) {
    // An archive under a wrong name prints nothing.
    guard !bytes.starts(with: Array("PK".utf8)) else { throw .unsupported }
    plates = [Plate(index: 1)]
    if BinaryGCode.isOne(bytes) {
      for text in BinaryGCode.metadata(of: Array(bytes.prefix(Self.binaryLimit))) {
        for line in text.split(separator: UInt8(ascii: "\n")) where line.count <= 400 {
          let pair = GCodeComments.pair(String(decoding: line, as: UTF8.self)[...].utf8)
          if let pair { read(comment: Self.trimmed(pair.name), Self.trimmed(pair.value), into: 0) }
        }
      }
      thumbnail = BinaryGCode.picture(of: Array(bytes.prefix(Self.binaryLimit)))
    } else {
      let head = Array(bytes.prefix(Self.endLimit))
      readComments(head, into: 0)
      if bytes.count > head.count { readComments(Array(bytes.suffix(Self.endLimit)), into: 0) }
      slicer = slicer ?? CommentPicture.slicer(in: head)
      thumbnail = CommentPicture.picture(in: head)
    }
    plates[0].hasThumbnail = thumbnail != nil
    plates[0].filaments = [Filament(type: filamentType, grams: plates[0].weightGrams)]
  }

  /// All plates together.
  var seconds: Int? { Self.sum(plates.compactMap(\.seconds)) }
  var weightGrams: Double? { Self.sum(plates.compactMap(\.weightGrams)) }
  var lengthMeters: Double? { Self.sum(plates.compactMap(\.lengthMeters)) }
  var layers: Int? { plates.compactMap(\.layers).max() }
  var objectCount: Int? { Self.sum(plates.compactMap(\.objectCount)) }
  var filament: String? {
    plates.lazy.flatMap(\.filaments).compactMap(\.type).first ?? filamentType
  }

  private static func sum<Number: Numeric>(_ numbers: [Number]) -> Number? {
    numbers.isEmpty ? nil : numbers.reduce(0, +)
  }

  // MARK: the archive

  /// Names that point out of the archive, or stand in it twice, are nothing that a slicer writes.
  private static func checkNames(_ archive: ZipArchive) throws(ThreeMFError) {
    var seen: Set<String> = []
    for entry in archive.entries {
      let name = entry.name.utf8
      let parts = name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      guard !name.isEmpty, name.first != UInt8(ascii: "/"),
        name.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: ":") }),
        !parts.contains(where: { $0.elementsEqual("..".utf8) }),
        seen.insert(entry.name).inserted
      else { throw .damagedDirectory }
    }
  }

  private static func part(
    _ name: String, of archive: ZipArchive, atMost limit: Int
  ) throws(ThreeMFError) -> [UInt8] {
    guard let entry = archive.entry(named: name) else { return [] }
    return try archive.beginning(of: entry, limit: limit)
  }

  private static func whole(_ name: String, of archive: ZipArchive) throws(ThreeMFError)
    -> [UInt8]?
  {
    guard let entry = archive.entry(named: name) else { return nil }
    guard entry.unpackedCount <= settingsLimit else { throw .expandsTooFar }
    return try archive.beginning(of: entry, limit: settingsLimit)
  }

  private static func picture(of archive: ZipArchive, plate: Int) throws(ThreeMFError) -> [UInt8]? {
    let names = [
      "Metadata/plate_\(plate).png", "Metadata/thumbnail.png",
      "Auxiliaries/.thumbnails/thumbnail_3mf.png", "Metadata/plate_1.png",
    ]
    for name in names {
      guard let entry = archive.entry(named: name), entry.unpackedCount <= pictureLimit else {
        continue
      }
      let bytes = try archive.beginning(of: entry, limit: pictureLimit)
      if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return bytes }
    }
    return nil
  }

  // MARK: its parts

  private mutating func readApplication(_ model: [UInt8]) {
    for tag in TagReader(model) where tag.name == "metadata" && tag["name"] == "Application" {
      slicer = Self.sensible(tag.text)
    }
  }

  private mutating func readPlates(_ part: [UInt8]) {
    var plate: Plate?
    for tag in TagReader(part) {
      switch tag.name {
      case "header_item" where tag["key"] == "X-BBL-Client-Version" && slicer == nil:
        slicer = Self.sensible("BambuStudio-" + (tag["value"] ?? ""))
      case "plate": plate = Plate(index: plates.count + 1)
      case "/plate":
        if let plate, plates.count < Self.plateLimit { plates.append(plate) }
        plate = nil
      case "metadata":
        guard let key = tag["key"], let value = tag["value"] else { break }
        read(key, value, into: &plate)
      case "filament":
        guard plate != nil, (plate?.filaments.count ?? 0) < 64 else { break }
        let grams = Self.number(tag["used_g"])
        let meters = Self.number(tag["used_m"])
        plate?.filaments.append(
          Filament(
            type: Self.sensible(tag["type"]), color: Self.sensible(tag["color"]), grams: grams,
            meters: meters))
        let length = plate?.lengthMeters ?? 0
        if let meters { plate?.lengthMeters = length + meters }
      case "object":
        let count = plate?.objectCount ?? 0
        plate?.objectCount = count + 1
      default: break
      }
    }
  }

  private mutating func read(_ key: String, _ value: String, into plate: inout Plate?) {
    switch key {
    case "index": plate?.index = Int(value).flatMap { (1...999).contains($0) ? $0 : nil } ?? 1
    case "prediction": plate?.seconds = Self.count(value)
    case "weight": plate?.weightGrams = Self.number(value)
    case "printer_model_id": if !value.isEmpty { printerModel = Self.sensible(value) }
    case "nozzle_diameters":
      nozzleDiameter = Self.number(value.split(separator: ",").first.map(String.init))
    default: break
    }
  }

  private mutating func readProject(_ part: [UInt8]) {
    guard let settings = try? JSON.parse(part, maximumStringLength: 1 << 20) else { return }
    func first(_ name: String) -> String? {
      Self.sensible(settings[name]?.string ?? settings[name]?[0]?.string)
    }
    printerModel = printerModel ?? first("printer_model")
    nozzleDiameter = nozzleDiameter ?? Self.number(first("nozzle_diameter"))
    bedType = first("curr_bed_type")
    profile = first("default_print_profile") ?? first("print_settings_id")
    filamentType = first("filament_type")
  }

  private mutating func readPrusa(_ part: [UInt8]) {
    slicer = slicer ?? "PrusaSlicer"
    readComments(part, into: nil)
  }

  private mutating func readPlateParts(_ archive: ZipArchive) throws(ThreeMFError) {
    if plates.isEmpty {
      let numbers = archive.entries.compactMap { entry -> Int? in
        guard entry.name.hasPrefix("Metadata/plate_"), entry.name.hasSuffix(".gcode") else {
          return nil
        }
        return Int(entry.name.dropFirst("Metadata/plate_".count).dropLast(".gcode".count))
      }
      plates = numbers.sorted().prefix(Self.plateLimit).map { Plate(index: $0) }
    }
    for place in plates.indices {
      let name = "Metadata/plate_\(plates[place].index)"
      plates[place].hasThumbnail = archive.entry(named: name + ".png") != nil
      if let part = try Self.whole(name + ".json", of: archive),
        let json = try? JSON.parse(part, maximumStringLength: 1 << 16)
      {
        plates[place].bedType = Self.sensible(json["bed_type"]?.string)
        nozzleDiameter = nozzleDiameter ?? json["nozzle_diameter"]?.double
        if let objects = json["bbox_objects"]?.array?.count, plates[place].objectCount == nil {
          plates[place].objectCount = objects
        }
      }
      guard let entry = archive.entry(named: name + ".gcode") else { continue }
      let isComplete = plates[place].seconds != nil && plates[place].weightGrams != nil
      let limit = isComplete ? 64 << 10 : Self.gcodeLimit
      readComments(try archive.beginning(of: entry, limit: limit), into: place)
    }
    bedType = bedType ?? plates.lazy.compactMap(\.bedType).first
  }

  // MARK: comments

  private mutating func readComments(_ bytes: [UInt8], into place: Int?) {
    GCodeComments.each(in: bytes) { name, value in
      read(comment: Self.trimmed(name), Self.trimmed(value), into: place)
    }
  }

  private mutating func read(comment name: String, _ value: String, into place: Int?) {
    switch name {
    case "printer_model": printerModel = printerModel ?? Self.sensible(value)
    case "nozzle_diameter":
      nozzleDiameter =
        nozzleDiameter ?? Self.number(value.split(separator: ",").first.map(String.init))
    case "filament_type":
      filamentType =
        filamentType ?? Self.sensible(value.split(separator: ";").first.map(String.init))
    case "print_settings_id", "default_print_profile": profile = profile ?? Self.sensible(value)
    case "Producer": slicer = slicer ?? Self.sensible(value)
    case "curr_bed_type": bedType = bedType ?? Self.sensible(value)
    default:
      guard let place else { return }
      read(comment: name, value, ofPlate: &plates[place])
    }
  }

  private func read(comment name: String, _ value: String, ofPlate plate: inout Plate) {
    switch name {
    case "total layer number", "total layers count":
      plate.layers = plate.layers ?? Self.count(value)
    case "total estimated time", "estimated printing time (normal mode)":
      plate.seconds = plate.seconds ?? Self.duration(value)
    case "total filament weight [g]", "total filament used [g]", "filament used [g]":
      plate.weightGrams = plate.weightGrams ?? Self.number(value)
    case "total filament length [mm]", "filament used [mm]":
      plate.lengthMeters = plate.lengthMeters ?? Self.number(value).map { $0 / 1000 }
    default: break
    }
  }

  // MARK: values

  private static func trimmed(_ text: Substring) -> String {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    let bytes = text.utf8.drop(while: isSpace)
    // Of what is plain ASCII at both ends bytes are as good as characters.
    if let first = bytes.first, first < 0x80, let last = bytes.lastIndex(where: { !isSpace($0) }),
      bytes[last] < 0x80
    {
      return String(Substring(bytes[...last]))
    }
    let front = text.drop(while: \.isWhitespace)
    return String(front.reversed().drop(while: \.isWhitespace).reversed())
  }

  /// A text that may stand in our tables: not empty, not long, nothing that controls a terminal.
  private static func sensible(_ text: String?) -> String? {
    guard let text = text.map({ trimmed($0[...]) }), (1...120).contains(text.utf8.count),
      text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
    else { return nil }
    return text
  }

  private static func count(_ text: String) -> Int? {
    Int(text).flatMap { (0...100_000_000).contains($0) ? $0 : nil }
  }

  private static func number(_ text: String?) -> Double? {
    guard let number = text.flatMap(Double.init), number.isFinite, (0...10_000_000).contains(number)
    else { return nil }
    return number
  }

  /// "1d 2h 3m 4s" in seconds.
  private static func duration(_ text: String) -> Int? {
    var total = 0
    for word in text.split(separator: " ") {
      guard let unit = word.last, let count = Int(word.dropLast()), (0...100_000).contains(count)
      else { return nil }
      switch unit {
      case "d": total += count * 86_400
      case "h": total += count * 3600
      case "m": total += count * 60
      case "s": total += count
      default: return nil
      }
    }
    return text.isEmpty ? nil : total
  }
}

extension SlicedFile.Plate {
  /// As it is kept and told.
  var json: JSON {
    [
      "index": .integer(index), "print_time_seconds": .optional(seconds.map(Int64.init)),
      "filament_weight_grams": .optional(weightGrams),
      "filament_length_meters": .optional(lengthMeters),
      "layer_count": .optional(layers.map(Int64.init)),
      "object_count": .optional(objectCount.map(Int64.init)), "bed_type": .optional(bedType),
      "has_thumbnail": .bool(hasThumbnail),
      "filaments": .array(
        filaments.map {
          [
            "type": .optional($0.type), "color": .optional($0.color),
            "used_grams": .optional($0.grams), "used_meters": .optional($0.meters),
          ]
        }),
    ]
  }
}
