import CBoard
import Foundation
import HubCore
import Testing

@Suite("Crashes, health and what the cloud may tell the hub itself")
struct HealthTests {
  private func harm(_ rig: HubRig, _ kind: hub_harm_kind, task: UInt8 = 1) {
    hubHarm(hub: rig.hub, kind: UInt8(kind.rawValue), task: task)
  }

  private func crashes(_ rig: HubRig) -> [[String: Any]] { rig.cloud.messages("crash_report") }

  // --------------------------------------------------------------------------------- the watchdog

  @Test(
    "a task that stalls, is wedged or hogs the chip is found out, and the hub restarts itself",
    arguments: [
      (HUB_HARM_STALL, "stalled", 201), (HUB_HARM_WEDGE, "wedged", 202), (HUB_HARM_HOG, "hog", 203),
    ])
  func ill(kind: hub_harm_kind, name: String, code: Int) {
    let rig = HubRig.connected()
    harm(rig, kind)
    if kind == HUB_HARM_HOG { rig.board.whenAskedForTime = { rig.board.now += 1 } }
    for _ in 0..<100 where rig.board.restarts.isEmpty {
      rig.board.now += 1_000
      _ = hubPoll(hub: rig.hub)
    }
    rig.board.whenAskedForTime = nil
    #expect(rig.board.restarts == [2])
    #expect(rig.board.logged("is \(name)") == 1)
    rig.rebootAndConnect(2)
    #expect(crashes(rig).count == 1)
    #expect(crashes(rig).first?["error_code"] as? Int == code)
    #expect(crashes(rig).first?["task"] as? String == "cloud")
    #expect((crashes(rig).first?["uptime_seconds"] as? Int ?? 0) > 0)
    let trace = crashes(rig).first?["trace"] as? [String] ?? []
    #expect(trace.contains { $0.contains("watchdog: task cloud") })
  }

  @Test("a task that is due and never stepped makes nobody poll in vain until it is found out")
  func stallIsNoSpin() {
    let rig = HubRig.connected()
    harm(rig, HUB_HARM_STALL)
    let began = rig.board.now
    var polls = 0
    var next = began
    while rig.board.restarts.isEmpty, polls < 200 {
      rig.board.now = max(rig.board.now, next)
      next = hubPoll(hub: rig.hub)
      polls += 1
    }
    #expect(rig.board.restarts == [2])
    #expect(rig.board.now - began <= 60_000)
  }

  @Test(
    "a step that never ends is told of by the task it was in, whatever restarted the chip",
    arguments: [(UInt8(2), 101), (UInt8(3), 102), (UInt8(4), 103)])
  func hang(reason: UInt8, code: Int) {
    let (rig, _) = HubRig.withPrinter()
    harm(rig, HUB_HARM_HANG, task: 2)
    rig.board.now += 60_000
    let feeds = rig.board.feeds.count
    #expect(hubPoll(hub: rig.hub) == .max)
    rig.board.now += 60_000
    #expect(hubPoll(hub: rig.hub) == .max)
    #expect(rig.board.feeds.count == feeds)
    rig.rebootAndConnect(reason)
    #expect(crashes(rig).map { $0["error_code"] as? Int } == [code])
    #expect(crashes(rig).first?["task"] as? String == "printer 0")
  }

  // --------------------------------------------------------------------------------- told once

  @Test("a crash is told on the next connection, and once it is acknowledged never again")
  func once() {
    let rig = HubRig.connected()
    rig.cloud.acknowledges = false
    rig.rebootAndConnect(3)
    #expect(crashes(rig).count == 1)
    let id = crashes(rig).first?["crash_id"] as? String
    // Not acknowledged: the next boot tells it again, under the same name.
    rig.cloud.forget()
    rig.cloud.acknowledges = true
    rig.board.retained[17] = 0
    rig.rebootAndConnect(1)
    #expect(crashes(rig).contains { $0["crash_id"] as? String == id })
    rig.cloud.forget()
    rig.rebootAndConnect(0)
    rig.rebootAndConnect(0)
    #expect(crashes(rig).isEmpty)
  }

  @Test("a crash outlasts a loss of power before the cloud has heard of it")
  func powerCutAfterCrash() {
    let rig = HubRig.connected()
    rig.board.openFailure = { _ in -2 }
    rig.reboot(3)
    rig.run(milliseconds: 1_000)
    rig.board.openFailure = nil
    rig.rebootAndConnect(0)
    #expect(crashes(rig).map { $0["error_code"] as? Int } == [102])
  }

  @Test("a hub that crashes over and over without a cloud writes to its flash once")
  func loop() {
    let rig = HubRig.connected()
    rig.board.openFailure = { _ in -2 }
    rig.reboot(4)
    rig.run(milliseconds: 500)
    let programs = rig.board.flash.operationCount
    for _ in 0..<50 {
      rig.reboot(4)
      rig.run(milliseconds: 500)
    }
    #expect(rig.board.flash.operationCount == programs)
    rig.board.openFailure = nil
    rig.rebootAndConnect(4)
    #expect((1...4).contains(crashes(rig).count))
    #expect(crashes(rig).allSatisfy { $0["error_code"] as? Int == 103 })
  }

  @Test("a boot after power-on or an order to restart is no crash")
  func noCrash() {
    let rig = HubRig.connected()
    rig.cloud.send(#"{"type":"reboot","command_id":"c1"}"#)
    rig.run(milliseconds: 2_000)
    #expect(rig.board.restarts == [1])
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == true)
    rig.rebootAndConnect(1)
    rig.rebootAndConnect(0)
    #expect(crashes(rig).isEmpty)
    let hellos = rig.cloud.messages("hub_hello")
    #expect(hellos.map { $0["boot_reason"] as? String } == ["power-on", "restart", "power-on"])
  }

  // ------------------------------------------------------------------------------------- health

  @Test("health is told after every hello and once a minute")
  func health() {
    let rig = HubRig.connected()
    rig.run(milliseconds: 130_000)
    let reports = rig.cloud.messages("hub_health")
    #expect(reports.count == 3)
    #expect(reports.last?["wifi_signal"] as? Int == -52)
    #expect(reports.last?["boot_count"] as? Int == 1)
    #expect(reports.last?["troubles"] as? [Int] == [])
    #expect((reports.last?["uptime_seconds"] as? Int ?? 0) >= 120)
    rig.cloud.forget()
    rig.cloud.close(1001)
    rig.run(atMost: 60_000) { rig.view.cloud_connects == 2 }
    rig.run(milliseconds: 10)
    #expect(rig.cloud.messages("hub_health").count == 1)
  }

  @Test("how often the hub was started is kept over a loss of power")
  func bootCount() {
    let rig = HubRig.connected()
    rig.run(milliseconds: 130_000)
    rig.rebootAndConnect(1)
    rig.rebootAndConnect(0)
    #expect(rig.cloud.messages("hub_hello").last?["boot_count"] as? Int == 2)
  }

  @Test("the longest step and the loop's latency are measured")
  func latency() {
    let rig = HubRig.connected()
    rig.board.now += 4_000
    rig.settle()
    rig.run(milliseconds: 130_000)
    let latencies = rig.cloud.messages("hub_health").compactMap {
      ($0["loop_latency_ms"] as? [String: Any])?["max"] as? Int
    }
    #expect(latencies.contains { $0 >= 1_000 })
  }

  @Test("a printer that cannot be reached and a weak signal are troubles by number")
  func troubles() {
    let (rig, printer) = HubRig.withPrinter()
    rig.board.openFailure = { $0.port == 8883 ? -2 : nil }
    printer.broker?.fail(-5)
    rig.board.raw.wifi_signal = { _ in -88 }
    rig.cloud.forget()
    rig.run(milliseconds: 61_000)
    #expect(rig.cloud.messages("hub_health").last?["troubles"] as? [Int] == [402, 601])
  }

  @Test("with no streams left no job is taken up, and what is under way is told on")
  func streams() {
    let (rig, printer) = HubRig.withPrinter()
    rig.board.openFailure = { $0.host == "cloud.test" ? nil : -10 }
    printer.broker?.fail(-5)
    rig.run(milliseconds: 5_000)
    rig.board.openFailure = nil
    rig.run(milliseconds: 10_000)
    rig.cloud.start("j1", on: printer.serial, command: "c1", size: 8)
    rig.run(milliseconds: 100)
    #expect(
      rig.cloud.acknowledgements("c1").first?["error_message"] as? String
        == "hub has no connection to spare for a file: try again in a minute")
    rig.run(milliseconds: 90_000)
    rig.fileServer.file = Array("the file".utf8)
    rig.cloud.start("j2", on: printer.serial, command: "c2", size: 8)
    rig.run(milliseconds: 100)
    #expect(rig.cloud.acknowledgements("c2").first?["success"] as? Bool == true)
  }

  // ----------------------------------------------------------------------------------- commands

  @Test("a restart waits for a file on its way, unless it is forced")
  func rebootInTransfer() {
    let (rig, printer) = HubRig.withPrinter()
    rig.board.openFailure = { $0.port == 443 ? -2 : nil }
    rig.cloud.start("j1", on: printer.serial, size: 8)
    rig.run(milliseconds: 100)
    rig.cloud.send(#"{"type":"reboot","command_id":"c1","force":false}"#)
    rig.run(milliseconds: 2_000)
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == false)
    #expect(rig.board.restarts.isEmpty)
    rig.cloud.send(#"{"type":"reboot","command_id":"c2","force":true}"#)
    rig.run(milliseconds: 2_000)
    #expect(rig.board.restarts == [1])
  }

  @Test("lines that matter less than the level are not written, also after a restart")
  func logLevel() {
    let rig = HubRig.connected()
    rig.cloud.send(#"{"type":"set_log_level","command_id":"c1","level":"error"}"#)
    rig.cloud.send(#"{"type":"set_log_level","command_id":"c2","level":"loud"}"#)
    rig.run(milliseconds: 100)
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == true)
    #expect(rig.cloud.acknowledgements("c2").first?["success"] as? Bool == false)
    rig.reboot(1)
    rig.board.lines.removeAll()
    rig.run(milliseconds: 10_000)
    #expect(rig.view.cloud_connected)
    #expect(rig.board.lines.isEmpty)
  }

  @Test("diagnostics name what was looked at, and what is wrong")
  func diagnostics() {
    let (rig, printer) = HubRig.withPrinter()
    rig.board.openFailure = { $0.port == 8883 ? -2 : nil }
    printer.broker?.fail(-5)
    rig.cloud.send(#"{"type":"run_diagnostics","command_id":"c1"}"#)
    rig.run(milliseconds: 100)
    let answer = rig.cloud.messages("diagnostics").first
    #expect(answer?["command_id"] as? String == "c1")
    let checks = answer?["checks"] as? [[String: Any]] ?? []
    #expect(
      checks.map { $0["check"] as? String }
        == ["store", "radio", "cloud", "memory", "streams", "printer \(printer.serial)"])
    #expect(
      checks.map { $0["is_good"] as? Bool } == [true, true, true, true, true, false])
    #expect(checks.last?["error_code"] as? Int == 601)
  }

  @Test("a factory reset is acknowledged, forgets what was set, and restarts")
  func factoryReset() {
    let rig = HubRig.connected()
    rig.cloud.send(#"{"type":"set_log_level","command_id":"c1","level":"error"}"#)
    rig.cloud.send(#"{"type":"factory_reset","command_id":"c2"}"#)
    rig.run(milliseconds: 3_000)
    #expect(rig.cloud.acknowledgements("c2").first?["success"] as? Bool == true)
    #expect(rig.board.restarts == [1])
    rig.board.lines.removeAll()
    rig.rebootAndConnect(1)
    #expect(!rig.board.lines.isEmpty)
  }
}
