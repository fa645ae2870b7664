import Testing
import VirtualWorld
import World
import WorldConformance

@Suite("Nothing is kept")
struct LifetimeTests {
  @Test("a world and all that lived in it go when nobody holds the world")
  func worlds() throws {
    weak var world: VirtualWorld?
    weak var hub: VirtualHost?
    weak var end: End?
    weak var stream: VirtualStream?
    weak var radio: VirtualRadio?
    do {
      let pair = try Pair()
      let network = WiFiNetwork(name: "n", key: "k")
      radio = pair.hub.installRadio(in: network)
      pair.hub.radio?.join(WiFiCredentials(name: "n", key: "k"))
      pair.world.run(for: .seconds(3))
      let (here, _) = pair.open()
      world = pair.world
      hub = pair.hub
      end = here
      stream = here.stream as? VirtualStream
      // Circles as actors make them: a timer and a handler that hold what holds them.
      here.onEvent = { [hub = pair.hub] _ in _ = hub.name }
      pair.hub.after(.minutes(1)) { _ = here.events }
      here.stream?.write([1, 2, 3])
      #expect(end != nil && stream != nil)
    }
    #expect(world == nil && hub == nil && end == nil && stream == nil && radio == nil)
  }

  @Test("a stream that is over at both ends goes with its last holder")
  func streams() throws {
    let pair = try Pair()
    weak var stream: VirtualStream?
    do {
      let (hub, cloud) = pair.open()
      stream = hub.stream as? VirtualStream
      hub.stream?.close()
      cloud.stream?.close()
    }
    #expect(stream != nil)
    pair.world.run(for: .minutes(10))
    #expect(pair.world.streamCount == 0)
    #expect(stream == nil)
  }

  @Test("a cancelled timer lets go of its action at once, a fired one as well")
  func timers() {
    let world = VirtualWorld(seed: 1)
    let host = world.addVirtualHost("host", on: .internet)
    weak var held: End?
    let timer: any Timer
    do {
      let end = End(on: host)
      held = end
      timer = host.after(.seconds(1)) { _ = end.events }
      host.after(.seconds(1)) { _ = end.events }
    }
    timer.cancel()
    #expect(held != nil)
    world.run(for: .seconds(2))
    #expect(held == nil)
  }

  @Test("a crash lets go of what the process held")
  func crash() throws {
    let world = VirtualWorld(seed: 1)
    let host = world.addVirtualHost("host", on: .internet)
    weak var held: End?
    do {
      let end = End(on: host)
      held = end
      host.after(.minutes(60)) { _ = end.events }
      _ = try host.listen(port: 1, security: .plain) { _ in _ = end.events }
    }
    #expect(held != nil)
    host.crash()
    #expect(held == nil)
  }
}
