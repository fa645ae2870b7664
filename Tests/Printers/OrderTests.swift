import Printers
import Testing
import World

@Suite("Orders to print")
struct OrderTests {
  @Test(
    "a file is found under every name that clients have for it",
    arguments: [
      ["url": "ftp:///cube.3mf", "param": "Metadata/plate_1.gcode"],
      ["url": "ftp://cube.3mf", "param": "Metadata/plate_1.gcode"],
      ["url": "file:///sdcard/cube.3mf", "param": "Metadata/plate_1.gcode"],
      ["url": "file:///mnt/sdcard/cube.3mf", "param": "Metadata/plate_1.gcode"],
      ["param": "/sdcard/cube.3mf"], ["param": "cube.3mf"], ["file": "cube.3mf"],
      ["file": "cube.3mf", "param": "Metadata/plate_1.gcode"],
    ])
  func names(fields: [String: String]) throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    let sorted = fields.keys.sorted().map { ($0, JSON.string(fields[$0]!)) }
    #expect(client.print("project_file", sorted)?["result"] == "success")
    #expect(bench.run(.minutes(10)) { bench.printer.machine.state == .running })
    #expect(bench.printer.machine.currentFile == "/cube.3mf")
  }

  @Test("a file in a directory, and one with blanks that were escaped, are found too")
  func deepNames() throws {
    let bench = try PrinterBench()
    try bench.putFile("/cache/my cube.3mf")
    let client = bench.listen()
    _ = client.print("project_file", [("url", "ftp:///cache/my%20cube.3mf")])
    #expect(bench.run(.minutes(10)) { bench.printer.machine.state == .running })
    #expect(client.merged["subtask_name"] == "my cube")
    #expect(client.merged["gcode_file"] == "cache/my cube.3mf")
  }

  @Test("an order that names no file is refused at once")
  func nameless() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    let answer = client.print("project_file", [("param", "Metadata/plate_1.gcode")])
    #expect(answer?["result"] == "fail")
    #expect(answer?["reason"]?.string?.isEmpty == false)
    #expect(bench.printer.machine.state == .idle)
  }

  enum Trouble: CaseIterable {
    case missing, noCard, stillWriting, wrongMD5, notAnArchive, cut, wrongPlate, notSliced
  }

  @Test(
    "what cannot be printed is accepted, unpacked and given up with a code",
    arguments: Trouble.allCases)
  func trouble(_ trouble: Trouble) throws {
    let bench = try PrinterBench()
    let card = bench.printer.card
    let good = try bench.putFile()
    var order: [(String, JSON)] = [
      ("url", "ftp:///cube.3mf"), ("param", "Metadata/plate_1.gcode"),
    ]
    var code = 0x0500_4003
    switch trouble {
    case .missing:
      try card.remove("/cube.3mf")
      code = 0x0500_4002
    case .noCard:
      card.isInserted = false
      code = 0x0500_C010
    case .stillWriting:
      let ftp = FTPTestClient(loggedInTo: bench)
      let data = try #require(ftp.data())
      #expect(ftp.say("STOR cube.3mf").hasPrefix("150"))
      data.send(Array(good.prefix(5_000)))
      bench.run(.seconds(1))
      code = 0x0500_C010
    case .wrongMD5: order.append(("md5", "d41d8cd98f00b204e9800998ecf8427e"))
    case .notAnArchive: try card.put("/cube.3mf", Array("not a 3MF file at all".utf8))
    case .cut: try card.put("/cube.3mf", Array(good.dropLast(100)))
    case .wrongPlate: order[1].1 = "Metadata/plate_2.gcode"
    case .notSliced:
      order[0].1 = "ftp:///note.gcode"
      try card.put("/note.gcode", Array("G28\nG1 X1\n".utf8))
    }
    let client = bench.listen()
    #expect(client.print("project_file", order)?["result"] == "success")
    #expect(bench.printer.machine.state == .prepare)
    #expect(bench.run(.seconds(30)) { bench.printer.machine.state == .failed })
    bench.run(.seconds(1))
    #expect(client.merged["print_error"]?.int == code)
    #expect(client.merged["gcode_state"] == "FAILED")
    #expect(bench.printer.machine.printsStarted == 0)
    #expect(bench.printer.machine.history.map { $0.outcome } == [.failed])
    #expect(bench.printer.machine.history.map { $0.hasBegun } == [false])
    // The next good order works.
    card.isInserted = true
    try card.put("/good.3mf", good)
    _ = client.print("project_file", [("url", "ftp:///good.3mf")])
    #expect(bench.run(.minutes(10)) { bench.printer.machine.state == .running })
    #expect(client.merged["print_error"] == 0)
  }

  @Test("the right MD5 is accepted, in capitals too")
  func rightMD5() throws {
    let bench = try PrinterBench()
    try bench.printer.card.put("/a.gcode", Self.gcode)
    let client = bench.listen()
    _ = client.print(
      "project_file", [("url", "ftp:///a.gcode"), ("md5", "CCB36E6100046F53D10BFC9F45FED224")])
    bench.run(.seconds(10)) { bench.printer.machine.printsStarted == 1 }
    #expect(bench.printer.machine.totalLayers == 7)
  }

  static let gcode = Array(
    """
    ; HEADER_BLOCK_START
    ; model printing time: 1h 2m 3s; total estimated time: 1h 5m 0s
    ; total layer number: 7
    ; HEADER_BLOCK_END
    G28

    """.utf8)

  @Test("plain g-code is printed by gcode_file")
  func plainGCode() throws {
    let bench = try PrinterBench()
    try bench.printer.card.put("/a.gcode", Self.gcode)
    let client = bench.listen()
    #expect(client.print("gcode_file", [("param", "/sdcard/a.gcode")])?["result"] == "success")
    #expect(bench.run(.minutes(10)) { bench.printer.machine.state == .running })
    #expect(bench.printer.machine.totalLayers == 7)
    #expect(bench.printer.machine.remainingMinutes == 63)
  }

  @Test(
    "with the filament unit the chosen tray feeds, without it the external spool",
    arguments: [
      (true, [2] as [Int], "2"), (true, [], "0"), (false, [1], "254"),
      (true, [-1, -1, -1, -1, 1], "1"),
    ])
  func tray(usesUnit: Bool, mapping: [Int], tray: String) throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    _ = client.print(
      "project_file",
      [
        ("url", "ftp:///cube.3mf"), ("use_ams", .bool(usesUnit)),
        ("ams_mapping", .array(mapping.map { .integer(Int64($0)) })),
      ])
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    bench.run(.seconds(2))
    #expect(client.merged["ams"]?["tray_now"] == .string(tray))
  }
}
