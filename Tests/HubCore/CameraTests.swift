import Testing

@Suite("Pictures of a printer's camera")
struct CameraTests {
  private let picture: [UInt8] =
    [0xFF, 0xD8] + (0..<20_000).map { UInt8($0 % 251) } + [0xFF, 0xD9]

  private func ask(_ model: String = "P1S", command: String = "c1") -> (HubRig, FakePrinter) {
    let (rig, printer) = HubRig.withPrinter(model: model)
    askAgain(rig, printer, command)
    return (rig, printer)
  }

  private func askAgain(_ rig: HubRig, _ printer: FakePrinter, _ command: String) {
    rig.cloud.send(
      #"{"type":"camera_snapshot","command_id":"\#(command)","printer_id":"\#(printer.serial)"}"#)
    rig.run(milliseconds: 10)
  }

  private func camera(_ rig: HubRig) -> FakeStream? { rig.board.opened.last { $0.port == 6000 } }

  private func head(_ size: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
      + [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
  }

  private func answer(_ rig: HubRig, _ command: String = "c1") -> String? {
    guard let answer = rig.cloud.acknowledgements(command).last else { return nil }
    return answer["success"] as? Bool == true ? "done" : answer["error_message"] as? String
  }

  @Test("a picture goes through in messages that make up the whole of it")
  func whole() throws {
    let (rig, printer) = ask()
    let stream = try #require(camera(rig))
    #expect(stream.trust == 3 && stream.host == printer.address)
    #expect(stream.fromHub.count == 80)
    #expect(Array(stream.fromHub.prefix(8)) == [0x40, 0, 0, 0, 0, 0x30, 0, 0])
    #expect(String(decoding: stream.fromHub[48..<56], as: UTF8.self) == "12345678")
    stream.toHub += head(picture.count) + picture + head(5)
    rig.run(milliseconds: 1_000)
    #expect(answer(rig) == "done")
    #expect(stream.isClosedByHub)
    var bytes: [UInt8] = []
    for (index, message) in rig.cloud.binaries.enumerated() {
      #expect(message[0] == 2)
      let isLast = index == rig.cloud.binaries.count - 1
      #expect(message[1] == (index == 0 ? 1 : 0) | (isLast ? 2 : 0))
      #expect(message.count <= 900)
      bytes += message.dropFirst(index == 0 ? 9 + printer.serial.utf8.count : 8)
    }
    #expect(bytes == picture)
  }

  @Test("while the cloud takes nothing, nothing is read from the camera")
  func backPressure() throws {
    let (rig, _) = ask()
    let stream = try #require(camera(rig))
    rig.cloud.stream?.window = 0
    stream.toHub += head(picture.count) + picture
    rig.run(milliseconds: 1_000)
    #expect(stream.readCount < 8_192)
    rig.cloud.stream?.window = .max
    rig.run(milliseconds: 1_000)
    #expect(answer(rig) == "done")
  }

  @Test("what can go wrong is told in words")
  func troubles() throws {
    let (rig, printer) = ask()
    askAgain(rig, printer, "c2")
    #expect(answer(rig, "c2") == "another picture is on its way: ask again in a moment")
    camera(rig)?.isFinishedByPeer = true
    rig.run(milliseconds: 100)
    #expect(answer(rig)?.hasPrefix("camera hung up") == true)

    askAgain(rig, printer, "c3")
    rig.run(milliseconds: 20_000)
    #expect(answer(rig, "c3") == "camera sent no whole picture in time")

    askAgain(rig, printer, "c4")
    camera(rig)?.toHub += head(3_000_000)
    rig.run(milliseconds: 100)
    #expect(answer(rig, "c4") == "camera sent something that is no picture")

    askAgain(rig, printer, "c5")
    camera(rig)?.toHub += head(100) + [UInt8](repeating: 7, count: 100)
    rig.run(milliseconds: 100)
    #expect(answer(rig, "c5") == "camera sent something that is no picture")

    rig.closedPorts = [6000]
    askAgain(rig, printer, "c6")
    rig.run(milliseconds: 20_000)
    #expect(answer(rig, "c6")?.hasPrefix("camera cannot be reached") == true)
  }

  @Test("a model without such a camera is not even asked", arguments: ["X1C", "H2D", "P2S"])
  func unsupported(model: String) {
    let (rig, _) = ask(model)
    #expect(camera(rig) == nil)
    #expect(answer(rig)?.hasPrefix("this model shows its pictures by RTSP only") == true)
  }

  @Test("a picture of which the cloud lost the beginning is given up")
  func cloudLost() throws {
    let (rig, printer) = ask()
    camera(rig)?.toHub += head(picture.count) + picture.prefix(1_000)
    rig.run(milliseconds: 100)
    rig.cloud.stream?.fail(-5)
    rig.run(milliseconds: 10_000)
    #expect(camera(rig)?.isClosedByHub == true)
    askAgain(rig, printer, "c1")
    #expect(answer(rig) == "camera sent no whole picture in time")
  }
}
