// The entry of libFuzzer. The environment variable FUZZ_CODEC picks what is fuzzed; the input is
// then bare bytes of that codec, so that a corpus is made of ordinary messages.

import Glibc
import Wire

@testable import HubCore

/// What can be fuzzed, under the names of the folders of `corpus`.
enum Target: String, CaseIterable {
  case json
  case mqtt
  case websocketServer = "websocket-server"
  case websocketClient = "websocket-client"
  case httpRequest = "http-request"
  case httpResponse = "http-response"
  case ftpReply = "ftp-reply"
  case ftpCommand = "ftp-command"
  case dns
  case text
  case octoPrint = "octoprint"
  case prusaLink = "prusalink"
  case moonraker
  case digest

  static let chosen: Target = {
    let name = getenv("FUZZ_CODEC").map { String(cString: $0) } ?? ""
    guard let target = Target(rawValue: name) else {
      let names = allCases.map(\.rawValue).joined(separator: " ")
      fatalError("FUZZ_CODEC must be one of: \(names)")
    }
    return target
  }()
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  var luck = Luck(input)
  switch Target.chosen {
  case .json: fuzzJSON(input, &luck)
  case .mqtt: fuzzMQTT(input, &luck)
  case .websocketServer:
    check(input, &luck) { WebSocketDecoder(side: .server, messageLimit: 2000) }
  case .websocketClient:
    check(input, &luck) { WebSocketDecoder(side: .client, messageLimit: 2000) }
  case .httpRequest:
    check(input, &luck) { HTTPDecoder(.request, lineLimit: 100, headerLimit: 8, bodyLimit: 1000) }
  case .httpResponse:
    let isHead = luck.below(4) == 0
    check(input, &luck) {
      var decoder = HTTPDecoder(.response, lineLimit: 100, headerLimit: 8, bodyLimit: 1000)
      if isHead { decoder.expectNoBody() }
      return decoder
    }
  case .ftpReply: check(input, &luck) { FTPReplyDecoder() }
  case .ftpCommand: check(input, &luck) { FTPCommandDecoder() }
  case .dns: fuzzDNS(input)
  case .text: fuzzText(input, &luck)
  case .octoPrint:
    fuzzAnswer(input, &luck, [.version, .printer, .job, .connect]) { OctoPrintTalk() }
  case .prusaLink:
    fuzzAnswer(input, &luck, [.version, .status, .storage, .job]) { PrusaLinkTalk() }
  case .moonraker:
    fuzzAnswer(input, &luck, [.info, .trouble, .objects, .file]) { MoonrakerTalk() }
  case .digest: fuzzDigest(input)
  }
  return 0
}

/// However an input is cut, a decoder must say the same about it.
@discardableResult
func check<D: Decoder & ~Copyable>(
  _ input: [UInt8], _ luck: inout Luck, _ make: () -> D
) -> Transcript<D.Event> {
  let whole = transcribe(make(), input)
  let random = transcribe(make(), input, cuts: luck.cuts(upTo: input.count))
  precondition(random.says(theSameAs: whole), "cut in pieces it says something else")
  if input.count <= 300, luck.below(4) == 0 {
    let bytewise = transcribe(make(), input, cuts: 0...input.count)
    precondition(bytewise.says(theSameAs: whole), "byte by byte it says something else")
  }
  return whole
}

/// Numbers that follow from the input, so that a crash comes again.
struct Luck {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  init(_ input: [UInt8]) {
    for byte in input { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }

  /// A few places, ascending.
  mutating func cuts(upTo count: Int) -> [Int] {
    var cuts: [Int] = []
    var place = 0
    let step = 1 + below(count / 2 + 2)
    while true {
      place += below(step + 1)
      guard place <= count, cuts.count < 64 else { return cuts }
      cuts.append(place)
    }
  }
}
