import VirtualWorld
import World

/// Sends every byte back.
private final class Echo: StreamHandler {
  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    guard event == .readable else { return }
    var buffer: [UInt8] = []
    stream.read {
      buffer.append(contentsOf: $0)
      return $0.count
    }
    stream.write(buffer)
  }
}

/// Keeps one message going to and fro.
private final class Ball: StreamHandler {
  private let message: [UInt8]

  init(size: Int) { message = [UInt8](repeating: 7, count: size) }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    if event == .opened { stream.write(message) }
    guard event == .readable else { return }
    var buffer: [UInt8] = []
    stream.read {
      buffer.append(contentsOf: $0)
      return $0.count
    }
    stream.write(buffer)
  }
}

/// Sixty-four pairs of hosts throwing small messages: what the virtual world itself costs.
func measureNetwork() -> [Row] {
  let world = VirtualWorld(seed: 1)
  var keep: [AnyObject] = []
  for number in 0..<64 {
    let server = world.addHost("server-\(number)", address: nil, on: .internet)
    let client = world.addHost("client-\(number)", address: nil, on: .internet)
    let echo = Echo()
    keep.append(echo)
    guard
      let listener = try? server.listen(port: 7, security: .plain, accept: { $0.handler = echo })
    else { continue }
    keep.append(listener)
    keep.append(
      client.connect(
        to: "server-\(number)", port: 7, security: .plain, handler: Ball(size: 200)))
  }
  world.run(for: .seconds(10))
  let events = world.eventCount
  let watch = Stopwatch()
  while watch.seconds < 1 { world.run(for: .seconds(1)) }
  let rate = Double(world.eventCount - events) / watch.seconds
  withExtendedLifetime(keep) {}
  return [
    Row(
      what: "virtual world: 64 pairs of hosts, small messages", value: rate,
      unit: "events a second", aim: .atLeast(1_000_000))
  ]
}
