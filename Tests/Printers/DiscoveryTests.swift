import Testing
import World

@testable import Printers

@Suite("How a printer makes itself known")
struct DiscoveryTests {
  /// Everything that comes on a port.
  private final class Ear {
    private(set) var heard: [(text: String, bytes: [UInt8], from: DatagramAddress, at: Instant)] =
      []
    let socket: any Datagrams

    init(_ host: any Host, port: UInt16, group: String? = nil) throws {
      socket = try host.openDatagrams(port: port)
      if let group { socket.join(group: group) }
      socket.handler = { [weak self] from, bytes in
        self?.heard.append((String(decoding: bytes, as: UTF8.self), bytes, from, host.now))
      }
    }
  }

  private static func fields(of text: String) -> [String: String] {
    var fields: [String: String] = [:]
    for line in text.split(separator: "\r\n").dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[String(line[..<colon])] = String(line[line.index(after: colon)...].dropFirst())
    }
    return fields
  }

  @Test("it shouts NOTIFY every five seconds, to everybody and to the group of SSDP")
  func notify() throws {
    let bench = try PrinterBench(model: .A1)
    let everybody = try Ear(bench.client, port: 2021)
    let group = try Ear(bench.client, port: 1990, group: "239.255.255.250")
    bench.run(.seconds(31))
    for ear in [everybody, group] {
      #expect((5...7).contains(ear.heard.count))
      let gaps = zip(ear.heard, ear.heard.dropFirst()).map { ($1.at - $0.at).seconds.rounded() }
      #expect(gaps.allSatisfy { $0 == 5 })
      let text = try #require(ear.heard.first?.text)
      #expect(text.hasPrefix("NOTIFY * HTTP/1.1\r\n"))
      #expect(text.hasSuffix("\r\n\r\n"))
      let fields = Self.fields(of: text)
      #expect(fields["Location"] == bench.printerHost.address)
      #expect(fields["NT"] == "urn:bambulab-com:device:3dprinter:1")
      #expect(fields["NTS"] == "ssdp:alive")
      #expect(fields["USN"] == PrinterBench.serial)
      #expect(fields["DevModel.bambu.com"] == "N2S")
      #expect(fields["DevVersion.bambu.com"] == "01.04.00.00")
    }
    #expect(everybody.heard.first?.text.contains("Host: 255.255.255.255:2021") == true)
    #expect(group.heard.first?.text.contains("Host: 239.255.255.250:1990") == true)
  }

  @Test("a search for its kind is answered alone; another search is not")
  func search() throws {
    let bench = try PrinterBench()
    let ear = try Ear(bench.client, port: 0)
    func ask(_ wanted: String, to address: String, _ port: UInt16) {
      let text =
        "M-SEARCH * HTTP/1.1\r\nHOST: \(address):\(port)\r\nMAN: \"ssdp:discover\"\r\nMX: 3\r\n"
        + "ST: \(wanted)\r\n\r\n"
      ear.socket.send(Array(text.utf8), to: address, port: port)
      bench.run(.seconds(1))
    }
    ask("urn:bambulab-com:device:3dprinter:1", to: "239.255.255.250", 1990)
    ask("urn:bambulab-com:device:3dprinter:1", to: bench.printerHost.address, 2021)
    #expect(ear.heard.count == 2)
    #expect(ear.heard.allSatisfy { $0.text.hasPrefix("HTTP/1.1 200 OK\r\n") })
    #expect(Self.fields(of: ear.heard[0].text)["ST"] == "urn:bambulab-com:device:3dprinter:1")
    ask("upnp:rootdevice", to: "239.255.255.250", 1990)
    ear.socket.send([0, 255, 3], to: bench.printerHost.address, port: 2021)
    bench.run(.seconds(1))
    #expect(ear.heard.count == 2)
  }

  @Test("at a new address it announces the new one; without power, nothing")
  func moves() throws {
    let bench = try PrinterBench()
    let ear = try Ear(bench.client, port: 2021)
    bench.run(.seconds(6))
    let old = bench.printerHost.address
    bench.printer.begin(.addressChanged)
    bench.run(.seconds(6))
    let last = try #require(ear.heard.last)
    #expect(Self.fields(of: last.text)["Location"] == bench.printerHost.address)
    #expect(last.from.address == bench.printerHost.address)
    #expect(bench.printerHost.address != old)
    bench.printer.stop()
    let count = ear.heard.count
    bench.run(.minutes(1))
    #expect(ear.heard.count == count)
  }

  @Test("multicast DNS is answered only when that was asked for")
  func serviceQuestions() throws {
    let question: [UInt8] =
      [0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] + [6] + Array("_bambu".utf8) + [4]
      + Array("_tcp".utf8) + [5] + Array("local".utf8) + [0, 0, 12, 0, 1]
    for answers in [false, true] {
      let bench = try PrinterBench { $0.answersServiceQuestions = answers }
      let ear = try Ear(bench.client, port: 0)
      ear.socket.send(question, to: "224.0.0.251", port: 5353)
      bench.run(.seconds(1))
      #expect(ear.heard.count == (answers ? 1 : 0))
      guard answers else { continue }
      let bytes = ear.heard[0].bytes
      #expect(Array(bytes.prefix(8)) == [0, 9, 0x84, 0, 0, 0, 0, 4])
      #expect(ear.heard[0].text.contains("serial=\(PrinterBench.serial)"))
    }
  }

  @Test("whatever comes to the ports of discovery is survived")
  func nonsense() {
    let question: [UInt8] =
      [0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] + [6] + Array("_bambu".utf8) + [0xC0, 12, 0, 12, 0, 1]
    for index in question.indices {
      for value in [UInt8(0), 63, 64, 0xC0, 0xFF] {
        var spoiled = question
        spoiled[index] = value
        _ = ServiceResponder.questions(in: spoiled)
        _ = ServiceResponder.questions(in: Array(spoiled.prefix(index)))
        _ = Announcer.asksForUs(spoiled)
      }
    }
  }
}
