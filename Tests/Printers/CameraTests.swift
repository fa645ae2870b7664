import Testing
import World

@testable import Printers

/// A client of the camera that keeps what comes.
final class CameraTestClient: StreamHandler {
  private let bench: PrinterBench
  private var stream: (any Stream)?
  private(set) var bytes: [UInt8] = []
  private(set) var isOpen = false
  private(set) var isOver = false

  init(_ bench: PrinterBench, greeting: [UInt8]) {
    self.bench = bench
    self.greeting = greeting
    stream = bench.client.connect(
      to: "printer", port: 6000,
      security: .tls(
        trust: .commonName(PrinterBench.serial), serverName: PrinterBench.serial, resuming: nil),
      handler: self)
  }

  private let greeting: [UInt8]

  static func greeting(user: String = "bblp", code: String) -> [UInt8] {
    func padded(_ text: String) -> [UInt8] {
      Array(text.utf8) + [UInt8](repeating: 0, count: 32 - text.utf8.count)
    }
    let head: [UInt8] = [0x40, 0, 0, 0, 0, 0x30, 0, 0] + [UInt8](repeating: 0, count: 8)
    return head + padded(user) + padded(code)
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened:
      isOpen = true
      stream.write(greeting)
    case .readable:
      while stream.unreadCount > 0 {
        stream.read { more in
          bytes += more
          return more.count
        }
      }
    case .writable: break
    case .peerFinished, .failed: isOver = true
    }
  }

  /// The pictures that came as a whole.
  var pictures: [[UInt8]] {
    var pictures: [[UInt8]] = []
    var rest = bytes[...]
    while rest.count >= 16 {
      let head = Array(rest.prefix(16))
      let size = (0..<4).reduce(0) { $0 | Int(head[$1]) << (8 * $1) }
      guard Array(head[4...]) == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], rest.count >= 16 + size
      else { break }
      pictures.append(Array(rest.dropFirst(16).prefix(size)))
      rest = rest.dropFirst(16 + size)
    }
    return pictures
  }

  func close() { stream?.close() }
}

@Suite("The camera of the smaller models")
struct CameraTests {
  @Test("who knows the code gets a JPEG about every second, and the part in it grows")
  func pictures() throws {
    let bench = try PrinterBench()
    try bench.putFile(layers: 10, seconds: 600)
    let client = bench.listen()
    let viewer = CameraTestClient(
      bench, greeting: CameraTestClient.greeting(code: PrinterBench.code))
    bench.run(.seconds(10))
    #expect((9...11).contains(viewer.pictures.count))
    for picture in viewer.pictures {
      #expect(Array(picture.prefix(4)) == [0xFF, 0xD8, 0xFF, 0xE0])
      #expect(Array(picture.suffix(2)) == [0xFF, 0xD9])
      #expect((5_000...100_000).contains(picture.count))
    }
    let before = viewer.pictures.last
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(30)) { bench.printer.machine.progress >= 50 }
    bench.run(.seconds(2))
    #expect(viewer.pictures.last != before)
    #expect(!viewer.isOver)
  }

  @Test("who does not know it is disconnected without a word")
  func refused() throws {
    let bench = try PrinterBench()
    for greeting in [
      CameraTestClient.greeting(code: "00000000"),
      CameraTestClient.greeting(user: "root", code: PrinterBench.code),
      [UInt8](repeating: 0x41, count: 80),
    ] {
      let viewer = CameraTestClient(bench, greeting: greeting)
      bench.run { viewer.isOver }
      #expect(viewer.isOver && viewer.bytes.isEmpty)
    }
    let silent = CameraTestClient(bench, greeting: [0x40])
    bench.run(.seconds(15)) { silent.isOver }
    #expect(silent.isOver)
  }

  @Test(
    "models with a video stream have that port closed", arguments: [BambuModel.X1C, .H2D, .P2S])
  func video(model: BambuModel) throws {
    let bench = try PrinterBench(model: model)
    let viewer = CameraTestClient(
      bench, greeting: CameraTestClient.greeting(code: PrinterBench.code))
    bench.run { viewer.isOver }
    #expect(viewer.isOver && !viewer.isOpen)
    let client = bench.listen()
    client.publish(ReportTests.pushall)
    bench.run(.seconds(1))
    let url = client.merged["ipcam"]?["rtsp_url"]?.string
    #expect(model == .H2D ? url == "disable" : url?.hasPrefix("rtsps://") == true)
  }

  @Test("faults: the port is closed, one viewer throws out the other, pictures are cut")
  func faults() throws {
    let bench = try PrinterBench()
    let greeting = CameraTestClient.greeting(code: PrinterBench.code)
    bench.printer.begin(.cameraOff)
    let shut = CameraTestClient(bench, greeting: greeting)
    bench.run { shut.isOver }
    #expect(!shut.isOpen)
    bench.printer.end(.cameraOff)
    bench.printer.begin(.cameraOneClient)
    let first = CameraTestClient(bench, greeting: greeting)
    bench.run(.seconds(2))
    #expect(!first.pictures.isEmpty)
    let second = CameraTestClient(bench, greeting: greeting)
    bench.run(.seconds(2))
    #expect(first.isOver && !second.isOver)
    bench.printer.begin(.cameraCut)
    bench.run(.seconds(3))
    #expect(second.pictures.last.map { Array($0.suffix(2)) != [0xFF, 0xD9] } == true)
  }

  @Test("a picture decodes to the colours it was made of")
  func decodes() {
    var picture = Picture(width: 20, height: 12, color: .grey(128))
    picture.fill(x: 3..<9, y: 2..<5, PictureColor(red: 255, green: 0, blue: 0))
    picture.fill(x: -5..<4, y: 8..<99, PictureColor(red: 0, green: 0, blue: 255))
    picture.fill(x: 19..<20, y: 11..<12, .grey(255))
    #expect(Self.blocks(of: picture.jpeg, count: 240) == picture.blocks)
  }

  /// Reads the blocks back, with the tables that are known to be in there.
  static func blocks(of jpeg: [UInt8], count: Int) -> [PictureColor] {
    let scan: [UInt8] = [0xFF, 0xDA]
    guard let start = (0..<jpeg.count - 1).first(where: { Array(jpeg[$0...$0 + 1]) == scan })
    else { return [] }
    var bits: [UInt8] = []
    var position = start + 14
    while position < jpeg.count - 2 {
      bits += (0..<8).map { jpeg[position] >> (7 - UInt8($0)) & 1 }
      position += jpeg[position] == 0xFF ? 2 : 1
    }
    // T.81 table K.3.
    let codes = [
      "00", "010", "011", "100", "101", "110", "1110", "11110", "111110", "1111110", "11111110",
    ]
    var place = 0
    func difference() -> Int {
      var code = ""
      while codes.firstIndex(of: code) == nil, place < bits.count {
        code += String(bits[place])
        place += 1
      }
      let size = codes.firstIndex(of: code) ?? 0
      var value = 0
      for _ in 0..<size {
        value = value << 1 | Int(bits[place])
        place += 1
      }
      place += 1
      return size > 0 && value < 1 << (size - 1) ? value - (1 << size) + 1 : value
    }
    var last = [128, 128, 128]
    return (0..<count).map { _ in
      for component in 0..<3 { last[component] += difference() }
      return PictureColor(luminance: last[0], blue: last[1], red: last[2])
    }
  }
}

extension PictureColor {
  fileprivate init(luminance: Int, blue: Int, red: Int) {
    self = .grey(UInt8(luminance))
    self.blue = UInt8(blue)
    self.red = UInt8(red)
  }
}
