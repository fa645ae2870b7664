// The whole firmware, from the board's calls down: it comes out of its box, a phone names a network and
// brings a claim token, the cloud takes it and names a printer; or somebody holds the button until
// everything is forgotten.

import CBoard
import HubCore
import HubHost

/// A hub and the people around it.
struct HubFlow: Flow {
  enum Story { case claimed, forgotten }

  /// What cannot be taken back any more, as bits of the stage.
  private enum Known {
    static let claimed = 1
    static let joined = 2
    static let printer = 4
    static let forgotten = 8
  }

  let name: String
  let story: Story
  let isFine = false
  let endsWithRecovery = true

  private static let bootLimit = 5
  private static let wifi = StoreKey(.settings, "wifi", isSecret: true)
  private static let token = StoreKey(.settings, "claim-token", isSecret: true)
  private static let printer = StoreKey(.settings, "printer-0", isSecret: true)
  private static let pairing = UInt8(HUB_STATE_BLUETOOTH_PAIR.rawValue)

  func start() -> NORFlash {
    let flash = NORFlash(
      layout: PartitionLayout(sizes: [4_096, 4 * 4_096, 8_192, 4_096, 4_096]))
    var factory = FactoryPartition(key: DeviceKey([UInt8](repeating: 7, count: 32)))
    factory.add(.hubID, "hub-1")
    factory.add(.hubSecret, "secret")
    factory.add(.cloudURL, "wss://cloud.test")
    flash.load(factory.bytes, into: .factory)
    guard story == .forgotten else { return flash }
    let trouble = onboard(SweepBoard(flash), Stage())
    precondition(trouble == nil, "before the flow: \(trouble ?? "")")
    return flash
  }

  func run(on board: SweepBoard, stage: Stage) -> String? {
    story == .claimed ? onboard(board, stage) : forget(board, stage)
  }

  func recover(on board: SweepBoard, from stage: Stage, reach: Reach) -> String? {
    story == .claimed ? onboard(board, stage) : forget(board, stage)
  }

  // ------------------------------------------------------------------------------ out of the box

  private func onboard(_ board: SweepBoard, _ stage: Stage) -> String? {
    let farm = farm(of: board, stage)
    for _ in 0..<Self.bootLimit {
      if board.flash.isWithoutPower { return nil }
      guard let hub = board.boot() else { return "the hub does not boot" }
      if let trouble = live(hub, farm, board, stage) { return trouble }
      if board.flash.isWithoutPower { return nil }
      guard farm.isRestarting else { break }
    }
    return standsAlone(board, farm)
  }

  private func farm(of board: SweepBoard, _ stage: Stage) -> SweepFarm {
    let farm = SweepFarm()
    board.farm = farm
    farm.cloud.isClaimed = stage.done & Known.claimed != 0
    farm.cloud.hasPrinter = stage.done & Known.printer != 0
    farm.hearsJoined = { stage.done |= Known.joined }
    return farm
  }

  /// One boot, with somebody who does what the lights ask for.
  private func live(
    _ hub: RunningHub, _ farm: SweepFarm, _ board: SweepBoard, _ stage: Stage
  ) -> String? {
    func note() {
      if farm.cloud.isClaimed { stage.done |= Known.claimed }
      if farm.cloud.hasPrinter { stage.done |= Known.printer }
    }
    hub.afterPoll = note
    hub.run(20_000) { $0.cloud_connected || $0.state == Self.pairing }
    if board.flash.isWithoutPower || farm.isRestarting { return nil }
    if hub.view.state == Self.pairing {
      if stage.done & Known.joined != 0 { return "a network that was joined is forgotten" }
      pair(hub, farm)
      if !farm.cloud.isClaimed { writeToken(farm) }
      farm.phoneWrites(
        "{\"ssid\":\"\(SweepFarm.network.name)\",\"password\":\"\(SweepFarm.network.key)\"}",
        to: HUB_CHARACTERISTIC_WIFI)
    }
    hub.run(60_000) { _ in farm.cloud.isClaimed }
    if !farm.cloud.isClaimed, hub.view.cloud_connected {
      // The power went between the network and the token: the button lets the phone in again.
      press(hub, farm)
      pair(hub, farm)
      writeToken(farm)
    }
    hub.run(120_000) { $0.cloud_connected && farm.cloud.isClaimed && farm.cloud.hasPrinter }
    if board.flash.isWithoutPower || farm.isRestarting { return nil }
    if farm.isLost { return "the hub tries a network that nobody has named" }
    if farm.cloud.isCheated { return "the cloud is shown a token that nobody has made" }
    guard farm.cloud.isClaimed else { return "the hub is never claimed" }
    guard farm.cloud.hasPrinter else { return "the hub never takes its printer" }
    // Long enough that it counts as proven to run.
    hub.run(70_000) { _ in false }
    return nil
  }

  /// Another boot, with nobody there.
  private func standsAlone(_ board: SweepBoard, _ farm: SweepFarm) -> String? {
    if board.flash.isWithoutPower { return nil }
    guard let hub = board.boot() else { return "the hub does not boot in the end" }
    hub.run(60_000) { $0.cloud_connected }
    if board.flash.isWithoutPower { return nil }
    guard hub.view.cloud_connected else { return "the hub does not get to its cloud by itself" }
    if farm.cloud.lastHelloHadToken { return "a used token is shown again" }
    var store = board.openStore()
    if store.text(Self.token) != nil { return "a used token is still in flash" }
    if store.text(Self.wifi) == nil { return "the network is not in flash" }
    return store.text(Self.printer) == nil ? "the printer is not in flash" : nil
  }

  private func writeToken(_ farm: SweepFarm) {
    farm.phoneWrites(
      "{\"claim_token\":\"\(SweepCloud.token)\"}", to: HUB_CHARACTERISTIC_CLAIM)
  }

  private func pair(_ hub: RunningHub, _ farm: SweepFarm) {
    farm.phoneConnects()
    hub.run(50) { _ in false }
    press(hub, farm)
  }

  private func press(_ hub: RunningHub, _ farm: SweepFarm) {
    farm.isButtonDown = true
    hub.run(200) { _ in false }
    farm.isButtonDown = false
    hub.run(50) { _ in false }
  }

  // ---------------------------------------------------------------------------------- forgotten

  private func forget(_ board: SweepBoard, _ stage: Stage) -> String? {
    let farm = farm(of: board, stage)
    farm.cloud.isClaimed = true
    farm.cloud.hasPrinter = true
    farm.hearsJoined = {}
    for _ in 0..<Self.bootLimit {
      if board.flash.isWithoutPower { return nil }
      guard let hub = board.boot() else { return "the hub does not boot" }
      hub.run(20_000) { $0.cloud_connected || $0.state == Self.pairing }
      if board.flash.isWithoutPower { return nil }
      if farm.isLost { return "the hub tries a network that nobody has named" }
      var store = board.openStore()
      let isThere = store.text(Self.wifi) != nil
      if isThere != (store.text(Self.printer) != nil) { return "half is forgotten" }
      if hub.view.state == Self.pairing {
        return isThere ? "the network is there and not used" : nil
      }
      if stage.done & Known.forgotten != 0 { return "what was forgotten is there again" }
      guard isThere, hub.view.cloud_connected else { return "the hub is neither old nor new" }
      farm.isButtonDown = true
      hub.run(11_000) { _ in farm.isRestarting }
      farm.isButtonDown = false
      if board.flash.isWithoutPower { return nil }
      guard farm.isRestarting else { return "the button does nothing" }
      stage.done |= Known.forgotten
    }
    return "it is never forgotten"
  }
}
