import Archives
import Testing

@testable import Cloud

@Suite("What sliced files tell")
struct SlicedFileTests {
  @Test("Bambu Studio's plates, filaments, objects and picture")
  func bambu() throws {
    let file = try SlicedFile(SlicedRig.bambu())
    #expect(file.slicer == "BambuStudio-01.09.05.51")
    #expect(file.plates.map(\.index) == [1, 2])
    #expect(file.seconds == 1833)
    #expect(file.weightGrams == 14)
    #expect(file.lengthMeters == 5)
    #expect(file.layers == 50)
    #expect(file.objectCount == 3)
    #expect(file.filament == "PLA")
    #expect(file.printerModel == "N1")
    #expect(file.nozzleDiameter == 0.4)
    #expect(file.bedType == "Textured PEI Plate")
    #expect(file.profile == "0.20mm Standard")
    #expect(file.thumbnail == SlicedRig.png)
    #expect(file.plates[0].bedType == "textured_plate")
    #expect(file.plates[1].hasThumbnail == false)
  }

  @Test("OrcaSlicer's comments")
  func orca() throws {
    let file = try SlicedFile(SlicedRig.orca)
    #expect(file.slicer == "OrcaSlicer-2.1.0")
    #expect(file.printerModel == "Voron 2.4")
    #expect(file.nozzleDiameter == 0.6)
    #expect(file.seconds == 3723)
    #expect(file.weightGrams == 4.5)
    #expect(file.lengthMeters == 1.5005)
    #expect(file.layers == 77)
    #expect(file.filament == "PETG")
    #expect(file.thumbnail == nil)
  }

  @Test("PrusaSlicer's settings")
  func prusa() throws {
    let file = try SlicedFile(SlicedRig.prusa)
    #expect(file.slicer == "PrusaSlicer")
    #expect(file.printerModel == "MK4")
    #expect(file.filament == "PETG")
    #expect(file.profile == "0.20mm SPEED @MK4")
    #expect(file.thumbnail == SlicedRig.png)
    #expect(file.seconds == nil)
  }

  @Test(
    "names that lead out of the archive are refused",
    arguments: ["../evil", "/etc/passwd", "a/../../b", "a\\b", "C:x", "a\u{1}b", ""])
  func paths(name: String) {
    #expect(throws: ThreeMFError.damagedDirectory) {
      try SlicedFile(SlicedRig.archive([("3D/3dmodel.model", ""), (name, "x")]))
    }
  }

  @Test("one name twice is refused: readers would not agree which counts")
  func doubled() {
    #expect(throws: ThreeMFError.damagedDirectory) {
      try SlicedFile(SlicedRig.archive([("a", "1"), ("a", "2")]))
    }
  }

  @Test("every cut and every flipped bit is an error or another file, never a crash")
  func damaged() {
    let whole = SlicedRig.orca
    for count in stride(from: 0, to: whole.count, by: 7) {
      #expect(throws: ThreeMFError.self) { try SlicedFile(Array(whole.prefix(count))) }
    }
    for place in stride(from: 0, to: whole.count, by: 11) {
      var damaged = whole
      damaged[place] ^= 1 << UInt8(place % 8)
      _ = try? SlicedFile(damaged)
    }
  }

  @Test("comments are read whatever surrounds them: moves, empty lines, blanks, no end of line")
  func surroundings() throws {
    let long = "; filament_type = " + String(repeating: "x", count: 400)
    let lines = [
      "G1 X1 ; printer_model = move", "", ";", ";=", long, ";\t filament_type  =\tPETG \r",
      "; print_settings_id =\u{a0}Größe 2\u{a0}", "; total layer number: 12",
    ]
    let file = try SlicedFile(gcode: Array(lines.joined(separator: "\n").utf8))
    #expect(file.printerModel == nil)
    #expect(file.filament == "PETG")
    #expect(file.profile == "Größe 2")
    #expect(file.layers == 12)
  }

  @Test("tags are read however they are written: quotes, blanks, entities, ends cut off")
  func tags() {
    let text = """
      before <a x="1 &lt; 2" y = '"&amp;"'>text &quot;&#65;</a> <b/> <c z='<d w="&"	 v="2"/><e
      """
    let tags = Array(TagReader(Array(text.utf8)))
    #expect(tags.map(\.name) == ["a", "/a", "b", "d"])
    #expect(tags[0]["x"] == "1 < 2" && tags[0]["y"] == "\"&\"" && tags[0]["z"] == nil)
    #expect(tags[0].text == "text \"&#65;")
    #expect(tags[3]["w"] == "&" && tags[3]["v"] == "2")
  }

  @Test("numbers without sense are passed over")
  func numbers() throws {
    let file = try SlicedFile(
      SlicedRig.archive([
        (
          "Metadata/slice_info.config",
          """
          <plate><metadata key="prediction" value="-5"/><metadata key="weight" value="nan"/>
          <metadata key="index" value="99999999999999999999"/>
          <filament type="\(String(repeating: "x", count: 500))" used_m="1e300"/></plate>
          """
        )
      ]))
    #expect(file.plates.map(\.index) == [1])
    #expect(file.seconds == nil)
    #expect(file.weightGrams == nil)
    #expect(file.filament == nil)
  }
}
