import Archives

@testable import Cloud

/// 3MF files as the three families of slicers write them, made by hand.
enum SlicedRig {
  static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3]

  static func archive(_ parts: [(String, String)], more: [(String, [UInt8])] = []) -> [UInt8] {
    var writer = ZipWriter(reserving: 1 << 12)
    for (name, text) in parts { writer.add(name, Array(text.utf8)) }
    for (name, bytes) in more { writer.add(name, bytes) }
    return writer.finish()
  }

  /// Two plates of Bambu Studio for an A1 mini.
  static func bambu(model: String = "N1", color: String = "#FFFFFF") -> [UInt8] {
    archive(
      [
        (
          "3D/3dmodel.model",
          #"<model><metadata name="Application">BambuStudio-01.09.05.51</metadata></model>"#
        ),
        (
          "Metadata/slice_info.config",
          """
          <?xml version="1.0" encoding="UTF-8"?>
          <config>
            <header><header_item key="X-BBL-Client-Version" value="01.09.05.51"/></header>
            <plate>
              <metadata key="index" value="1"/>
              <metadata key="printer_model_id" value="\(model)"/>
              <metadata key="nozzle_diameters" value="0.4"/>
              <metadata key="prediction" value="1233"/>
              <metadata key="weight" value="9.59"/>
              <object identify_id="1" name="a &lt;b&gt; &amp; c" skipped="false"/>
              <object identify_id="2" name="d" skipped="false"/>
              <filament id="1" type="PLA" color="\(color)" used_m="3.2" used_g="9.59"/>
            </plate>
            <plate>
              <metadata key="index" value="2"/>
              <metadata key="prediction" value="600"/>
              <metadata key="weight" value="4.41"/>
              <object identify_id="3" name="e" skipped="false"/>
              <filament id="1" type="PLA" color="\(color)" used_m="1.8" used_g="4.41"/>
            </plate>
          </config>
          """
        ),
        ("Metadata/plate_1.json", #"{"bed_type":"textured_plate","nozzle_diameter":0.4}"#),
        (
          "Metadata/project_settings.config",
          #"{"curr_bed_type":"Textured PEI Plate","print_settings_id":"0.20mm Standard"}"#
        ),
        (
          "Metadata/plate_1.gcode",
          "; HEADER_BLOCK_START\n; total layer number: 50\n; HEADER_BLOCK_END\nG28\n"
        ),
        ("Metadata/plate_2.gcode", "; total layer number: 20\nG28\n"),
      ], more: [("Metadata/plate_1.png", png)])
  }

  /// What OrcaSlicer leaves to the comments of its g-code.
  static let orca = archive([
    (
      "3D/3dmodel.model",
      #"<metadata name="Application">OrcaSlicer-2.1.0</metadata>"#
    ),
    (
      "Metadata/project_settings.config",
      #"{"printer_model":"Voron 2.4","nozzle_diameter":["0.6"],"filament_type":["PETG","PLA"]}"#
    ),
    (
      "Metadata/plate_1.gcode",
      """
      ; total layers count = 77
      G1 X1
      ; filament used [mm] = 1500.5
      ; filament used [g] = 4.50
      ; estimated printing time (normal mode) = 1h 2m 3s
      """
    ),
  ])

  /// A project of PrusaSlicer.
  static let prusa = archive(
    [
      (
        "Metadata/Slic3r_PE.config",
        """
        ; printer_model = MK4
        ; nozzle_diameter = 0.4
        ; filament_type = PETG
        ; print_settings_id = 0.20mm SPEED @MK4
        """
      )
    ], more: [("Metadata/thumbnail.png", png)])
}
