import CBoard
import Foundation
import HubCore
import HubHost
import Testing

@Suite("The hub itself")
struct HubTests {
  // ------------------------------------------------------------------------------------- memory

  @Test("five printers fit the bound, and what was asked for is what is used")
  func memory() {
    #expect(hubSize() <= 128 * 1_024)
    let rig = HubRig()
    #expect(rig.view.memory_used == hubSize())
    #expect(rig.view.memory_given == hubSize())
  }

  @Test("a region that is too small, or not aligned, gives no hub")
  func noRegion() {
    let board = FakeBoard()
    let size = hubSize()
    let region = UnsafeMutableRawPointer.allocate(byteCount: Int(size) + 32, alignment: 16)
    defer { region.deallocate() }
    withUnsafePointer(to: &board.raw) { raw in
      #expect(hubBoot(region: region, size: size - 1, board: raw, reason: 0) == nil)
      #expect(hubBoot(region: region, size: 0, board: raw, reason: 0) == nil)
      #expect(hubBoot(region: region + 8, size: size, board: raw, reason: 0) == nil)
      #expect(hubBoot(region: nil, size: size, board: raw, reason: 0) == nil)
      #expect(hubBoot(region: region, size: size, board: nil, reason: 0) == nil)
    }
    #expect(board.lines.isEmpty)
    #expect(hubPoll(hub: nil) == .max)
  }

  @Test("nothing is written beyond the region")
  func staysInside() {
    let board = FakeBoard()
    let size = Int(hubSize())
    let memory = UnsafeMutableRawPointer.allocate(byteCount: size + 128, alignment: 16)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0x5A, count: size + 128)
    withUnsafePointer(to: &board.raw) { raw in
      let hub = hubBoot(region: memory + 64, size: UInt32(size), board: raw, reason: 0)
      for _ in 0..<10 { _ = hubPoll(hub: hub) }
    }
    let bytes = UnsafeRawBufferPointer(start: memory, count: size + 128)
    #expect(bytes.prefix(64).allSatisfy { $0 == 0x5A })
    #expect(bytes.suffix(64).allSatisfy { $0 == 0x5A })
  }

  // -------------------------------------------------------------------------------------- states

  @Test("the hub goes through its states in order and says why")
  func states() {
    let rig = HubRig()
    let printer = FakePrinter()
    rig.printers.append(printer)
    rig.run(atMost: 60_000) { rig.view.cloud_connected }
    rig.cloud.addPrinter(printer.serial)
    rig.run(atMost: 60_000) { rig.view.state == 6 }
    let changes = rig.board.lines.filter { $0.contains(" -> ") && $0.hasPrefix("hub:") }
    #expect(
      changes == [
        "hub: boot -> initNVS (power is on)",
        "hub: initNVS -> wifiConnect (all settings are there)",
        "hub: wifiConnect -> cloudConnect (WiFi joined)",
        "hub: cloudConnect -> printersConnect (cloud said hello)",
        "hub: printersConnect -> running (all printers connected)",
      ])
    #expect(rig.board.joins.first?.name == "farm")
    #expect(rig.board.joins.first?.key == "farm key")
  }

  @Test("without all its printers the hub runs after half a minute")
  func lateprinters() {
    let rig = HubRig.connected()
    rig.cloud.addPrinter("gone", address: "10.9.9.9")
    rig.closedPorts = [8883]
    rig.run(milliseconds: 29_000)
    #expect(rig.view.state == 5)
    rig.run(milliseconds: 2_000)
    #expect(rig.view.state == 6)
    #expect(rig.board.logged("not all printers came in time") == 1)
  }

  @Test(
    "with a setting missing the hub waits to be paired and says which; when it comes, it goes on",
    arguments: [
      (.hubID, "hub id"), (.hubSecret, "hub secret"), (.cloudURL, "cloud address"),
      (.wifiName, "WiFi name"),
    ] as [(FactoryPartition.Field, String)])
  func missing(setting: FactoryPartition.Field, name: String) {
    let rig = HubRig()
    let value = rig.board.settings[setting]
    rig.board.settings[setting] = nil
    rig.run(milliseconds: 60_000)
    #expect(rig.view.state == 2)
    #expect(rig.board.logged("no usable \(name)") == 1)
    #expect(rig.board.streams.isEmpty)
    #expect(rig.board.joins.isEmpty)
    rig.board.settings[setting] = value
    #expect(rig.run(atMost: 60_000) { rig.view.cloud_connected })
  }

  @Test("an open network needs no key, and an address that is none is no setting")
  func oddSettings() {
    let open = HubRig()
    open.board.settings[.wifiKey] = nil
    #expect(open.run(atMost: 60_000) { open.view.cloud_connected })
    let wrong = HubRig()
    wrong.board.settings[.cloudURL] = "cloud.test"
    wrong.run(milliseconds: 6_000)
    #expect(wrong.view.state == 2)
    let long = HubRig()
    long.board.settings[.hubID] = String(repeating: "x", count: 65)
    long.run(milliseconds: 6_000)
    #expect(long.view.state == 2)
  }

  @Test(
    "a radio that cannot join is told again, with growing pauses, and its reason is in the log",
    arguments: [
      (3, "no such WiFi network"), (4, "wrong WiFi key"), (5, "WiFi lost"),
      (1, "WiFi did not answer"),
    ] as [(UInt8, String)])
  func cannotJoin(answer: UInt8, reason: String) {
    let rig = HubRig()
    rig.board.wifiAnswer = answer
    rig.run(milliseconds: 600_000)
    #expect(rig.view.state == 3)
    #expect(rig.board.logged(reason) >= 3)
    #expect(rig.board.joins.count >= 8 && rig.board.joins.count < 60)
    #expect(rig.board.lamps[1] == (answer == 4 ? 3 : 2))
    rig.board.wifiAnswer = 2
    #expect(rig.run(atMost: 90_000) { rig.view.cloud_connected })
    #expect(rig.board.lamps[1] == 1)
  }

  @Test("WiFi lost closes everything, from any state, and everything comes back")
  func wifiLost() {
    let (rig, printer) = HubRig.withJobPrinting()
    rig.board.wifiState = 5
    rig.board.wifiAnswer = 5
    rig.run(milliseconds: 1)
    #expect(rig.view.state == 3)
    #expect(rig.board.streams.isEmpty)
    #expect(!rig.view.cloud_connected)
    rig.run(milliseconds: 100_000)
    printer.whole["gcode_state"] = "RUNNING"
    printer.whole["mc_percent"] = 60
    printer.whole["subtask_name"] = "part"
    rig.board.wifiAnswer = 2
    rig.run(milliseconds: 120_000)
    #expect(rig.view.state == 6)
    #expect(rig.cloud.phases(of: "j1").last == "printing")
    #expect(rig.cloud.lastStatus(printer.serial)?["progress_percent"] as? Int == 60)
  }

  // --------------------------------------------------------------------------------------- lamps

  @Test("the lamps follow the table of the specification")
  func lamps() {
    let rig = HubRig()
    rig.board.wifiAnswer = 1
    rig.run(milliseconds: 10)
    #expect(rig.board.lamps == [0: 1, 1: 2, 2: 0])
    rig.board.wifiState = 2
    rig.run(milliseconds: 10)
    #expect(rig.board.lamps == [0: 1, 1: 1, 2: 0])
    rig.closedPorts = [8883]
    rig.cloud.addPrinter("01P00A000000001")
    rig.run(milliseconds: 10)
    #expect(rig.board.lamps == [0: 1, 1: 1, 2: 2])
    rig.printers.append(FakePrinter())
    rig.closedPorts = []
    rig.run(milliseconds: 10)
    #expect(rig.board.lamps == [0: 1, 1: 1, 2: 1])
    rig.cloud.addPrinter("01P00A000000001", action: "remove")
    rig.run(milliseconds: 10)
    #expect(rig.board.lamps == [0: 1, 1: 1, 2: 0])
    rig.cloud.close(1001)
    rig.cloud.greets = false
    rig.run(milliseconds: 1_500)
    #expect(rig.board.lamps == [0: 1, 1: 2, 2: 0])
  }

  // ------------------------------------------------------------------------------------ watchdog

  @Test("the hardware watchdog is fed every two seconds, and not more often")
  func feeding() {
    let rig = HubRig.connected()
    let began = rig.board.feeds.count
    rig.run(milliseconds: 60_000)
    #expect((29...31).contains(rig.board.feeds.count - began))
  }

  @Test("a step that takes too long is a hog: the hub asks for a restart and does nothing more")
  func hog() {
    let rig = HubRig.connected()
    let feeds = rig.board.feeds.count
    rig.cloud.send(#"{"type":"make_coffee","command_id":"c1"}"#)
    // Time passes while the step that is due runs.
    rig.run(milliseconds: 24_000)
    rig.board.now += 2_000
    rig.board.whenAskedForTime = { [board = rig.board] in board.now += 6_000 }
    _ = hubPoll(hub: rig.hub)
    rig.board.whenAskedForTime = nil
    #expect(rig.board.restarts == [2])
    #expect(rig.board.logged("is hog") == 1)
    let streams = rig.board.opened.count
    #expect(hubPoll(hub: rig.hub) == .max)
    rig.board.now += 100_000
    #expect(hubPoll(hub: rig.hub) == .max)
    #expect(rig.board.opened.count == streams)
    #expect(rig.board.feeds.count >= feeds)
  }

  @Test("a desk that slept for an hour is no reason for a restart")
  func sleptDesk() {
    let (rig, _) = HubRig.withJobPrinting()
    rig.board.now += 3_600_000
    rig.settle()
    #expect(rig.board.restarts.isEmpty)
    #expect(rig.run(atMost: 200_000) { rig.view.cloud_connected && rig.view.printer_link.0 == 3 })
  }

  // --------------------------------------------------------------------------------------- peace

  @Test("a hub at rest asks to be polled only for its watchdog and its pings")
  func rest() {
    let (rig, _) = HubRig.withPrinter()
    rig.run(milliseconds: 5_000)
    let polls = rig.pollCount
    rig.run(milliseconds: 600_000)
    #expect(rig.pollCount - polls < 600)
  }

  @Test("the first line says what runs, and why it was started")
  func firstLine() {
    #expect(HubRig(reason: 0).board.lines.first == "hub: firmware 0.1.0 starts after power-on")
    #expect(HubRig(reason: 2).board.lines.first == "hub: firmware 0.1.0 starts after watchdog")
  }
}
