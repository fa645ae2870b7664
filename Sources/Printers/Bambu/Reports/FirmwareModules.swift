import Wire

/// One board or program of a printer, as `get_version` lists it.
struct FirmwareModule {
  var name: String
  var product: String
  var version: String
  var hardware: String
  var serial: String
}

enum FirmwareModules {
  static func of(_ identity: PrinterIdentity) -> [FirmwareModule] {
    let model = identity.model
    let brain = model.isDelta ? "esp32" : "rv1126"
    let boards: [(name: String, version: String, hardware: String)] = [
      (brain, "00.00.30.76", "AP05"), ("mc", "00.00.24.58", "MC07"), ("th", "00.00.06.61", "TH07"),
    ]
    let ota = FirmwareModule(
      name: "ota", product: productName(of: model), version: identity.version,
      hardware: "OTA", serial: identity.serial)
    let rest = boards.map {
      FirmwareModule(
        name: $0.name, product: "", version: $0.version, hardware: $0.hardware,
        serial: "\($0.hardware)\(identity.serial.suffix(8))")
    }
    let spools = (0..<model.filamentUnitCount).map {
      FirmwareModule(
        name: "\(model.hasLiteUnit ? "ams_f1" : "ams")/\($0)", product: "AMS",
        version: "00.00.06.49",
        hardware: "AMS08", serial: "006\($0)\(identity.serial.suffix(8))")
    }
    return [ota] + rest + spools
  }

  /// The answer to `info.get_version`, without `sequence_id`.
  static func write(_ identity: PrinterIdentity, into json: inout JSONWriter) {
    json.key("module")
    json.beginArray()
    for module in of(identity) {
      json.beginObject()
      json.pair("name", text: module.name)
      if !module.product.isEmpty { json.pair("product_name", text: module.product) }
      json.pair("sw_ver", text: module.version)
      json.pair("hw_ver", text: module.hardware)
      json.pair("sn", text: module.serial)
      json.pair("loader_ver", "00.00.00.00")
      json.pair("flag", 0)
      json.endObject()
    }
    json.endArray()
  }

  static func productName(of model: BambuModel) -> String {
    switch model {
    case .X1C: "Bambu Lab X1 Carbon"
    case .A1mini: "Bambu Lab A1 mini"
    case .X1, .X1E, .P1P, .P1S, .A1, .H2D, .P2S: "Bambu Lab \(model.rawValue)"
    }
  }
}
