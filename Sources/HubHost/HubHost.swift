// A hub on a desk: the real firmware on a board made of a `Host`.
//
// The firmware is polled when it asked for it, and at once when a stream or the radio has changed;
// never from inside one of its own calls to the board.
//
// Nothing here holds the hub weakly: that would make every count of its references a slow one, and
// there are a dozen to a poll. Whoever has an unowned reference is silenced before the hub goes.

import CBoard
import HubCore
import World

/// Why the firmware is started.
public enum BootReason: UInt8, Sendable {
  case powerOn = 0
  case restart = 1
  case watchdog = 2
  case panic = 3
  case brownOut = 4
}

/// The hub's firmware, running on a host of either world.
public final class HubHost {
  public let host: any Host
  /// Written into the factory partition when the hub is switched on.
  public var settings: Settings
  /// Keeps what it holds, whatever happens to the power.
  public let flash: NORFlash
  /// Called after a poll in which the view has changed.
  public var onChange: (() -> Void)?
  /// Where the firmware runs from the next power-on; in this process when nil.
  public var chip: ChipSettings?
  /// What was measured on its chips so far.
  public private(set) var chipReport = ChipReport()
  /// Called when the hub's chip cannot go on; the hub is off by then.
  public var onFailure: ((ChipFailure) -> Void)?
  /// Called when the power goes in the middle of an operation of the flash.
  public var onPowerLoss: (() -> Void)?
  /// How often the firmware was started, restarts included.
  public private(set) var bootCount = 0

  /// How often firmware that works was started anew because it broke off or got stuck.
  public private(set) var crashCount = 0

  /// How often the firmware has found a task of its own unwell that nobody had harmed.
  public private(set) var unwellCount = 0

  let streams = HubStreams()
  /// So many connections the chip has memory for; nil is what it has usually.
  public var connectionLimit: Int? {
    get { streams.scarceLimit }
    set { streams.scarceLimit = newValue }
  }
  let datagrams = HubDatagrams()
  let listeners = HubListeners()
  /// What phones have done and the firmware has not heard.
  var bluetoothEvents: [BluetoothEvent] = []
  /// What the last scan found.
  var foundNetworks: [FoundNetwork] = []
  var isScanning = false
  var lamps = HubLamps()
  /// The firmware has asked for the radio since it booted.
  var hasAskedForRadio = false
  /// The power went in the middle of an operation of the flash. The firmware goes on to the end of
  /// its turn without knowing; nothing it does has an effect.
  private(set) var isDying = false
  var retained = RetainedMemory()
  private(set) var deviceKey: DeviceKey
  private var madeAs: Settings?
  /// The slot whose image runs, 0 or 1.
  public private(set) var runningSlot: UInt8 = 0
  /// The version of the image that runs, or did when the power went.
  public private(set) var firmwareVersion = ""
  /// What the running image does.
  private(set) var behaviour = FirmwareBehaviour.works
  /// What is wrong with the firmware on purpose.
  var harm: HubHarm?
  /// How far the clock of the chip has run ahead while one step took long, and when the world has
  /// caught up with it.
  private var aheadMilliseconds: UInt64 = 0
  private var busyUntil = Instant.start

  private var board: UnsafeMutablePointer<hub_board>?
  private var processor: (any Processor)?
  private var bootTime = Instant.start
  private var lastFed = Instant.start
  private var restartReason: BootReason?
  private var lastView = hub_view()

  private var isPolling = false
  private var mustPollAgain = false
  private var mustPowerOff = false
  private var nextPoll = Instant.never
  private var pollTimer: (any Timer)?
  private var pollTimerTime = Instant.never
  private var watchdogTimer: (any Timer)?
  private var restartTimer: (any Timer)?
  private var buttonTimer: (any Timer)?

  static let restartDelay = Interval.milliseconds(300)
  static let watchdogLimit = Interval.seconds(30)
  /// Firmware that wants to go on at once gets its next turn after this much of a chip's time; a real
  /// machine takes its own time.
  private lazy var turn = host is any PowerSwitch ? Interval.microseconds(250) : .zero

  public init(host: any Host, settings: Settings, flash: NORFlash = NORFlash()) {
    self.host = host
    self.settings = settings
    self.flash = flash
    deviceKey = DeviceKey(of: settings)
    flash.onPowerLoss = { [unowned self] in die() }
    streams.onChange = { [unowned self] in poll() }
    datagrams.onChange = { [unowned self] in poll() }
    listeners.onChange = { [unowned self] in poll() }
  }

  deinit {
    flash.onPowerLoss = nil
    cutPower()
  }

  // MARK: Power

  public var isOn: Bool { board != nil }

  public func powerOn(reason: BootReason = .powerOn) {
    guard !isOn else { return }
    (host as? any PowerSwitch)?.comeBack()
    bootTime = host.now
    lastFed = host.now
    bootCount += 1
    flash.powerReturns()
    if reason == .powerOn { retained.losePower() }
    if madeAs != settings {
      madeAs = settings
      deviceKey = DeviceKey(of: settings)
      flash.load(FactoryPartition(settings, key: deviceKey).bytes, into: .factory)
      loadFirstImage()
    }
    host.radio?.onChange = { [unowned self] in poll() }
    host.bluetooth?.onEvent = { [unowned self] in hear($0) }

    let board = UnsafeMutablePointer<hub_board>.allocate(capacity: 1)
    board.initialize(to: makeBoard())
    self.board = board
    isPolling = true
    runningSlot = hub_choose_slot(board)
    let image = FirmwareImage(in: flash, slot: runningSlot)
    behaviour = image?.behaviour ?? .works
    firmwareVersion = image?.version ?? ""
    if mustPowerOff {
      isPolling = false
      return cutPower()
    }
    if isFailing() { return }
    do throws(ChipFailure) {
      let processor = makeProcessor()
      let hasBooted = try processor.boot(on: board, reason: reason)
      isPolling = false
      self.processor = processor
      if mustPowerOff { return cutPower() }
      guard hasBooted else {
        self.processor = nil
        host.note(.problem, "the firmware refuses to boot")
        return
      }
    } catch {
      return fail(error)
    }
    watchWatchdog()
    if behaviour != .hangs { poll() }
    if behaviour == .wedges { harm(.wedge, .cloud) }
    pollWhenButtonIsReleased()
  }

  /// The image that the factory writes; a flash that holds one already keeps it.
  private func loadFirstImage() {
    guard FirmwareImage(in: flash, slot: 0) == nil, FirmwareImage(in: flash, slot: 1) == nil
    else { return }
    flash.load(FirmwareImage.first.bytes, into: .slotA)
  }

  private func makeProcessor() -> any Processor {
    guard let chip else { return HostProcessor() }
    return ChipProcessor(
      chip, hub: host.name,
      hasUnread: { [unowned self] in (streams[$0]?.stream?.unreadCount ?? 0) > 0 },
      isClockRunning: { [unowned self] in isClockRunning })
  }

  /// What a bad image does before its firmware ever runs. Answers whether that was all.
  private func isFailing() -> Bool {
    switch behaviour {
    case .works, .hangs, .wedges, .neverReachesCloud: return false
    case .panics, .bootLoops:
      isPolling = false
      host.note(.hub, behaviour == .panics ? "the firmware panics" : "the firmware restarts")
      restart(behaviour == .panics ? .panic : .restart)
      return true
    }
  }

  /// The chip is lost: what it stands in goes dark, and whoever runs the rig is told why.
  private func fail(_ failure: ChipFailure) {
    isPolling = false
    cutPower()
    onFailure?(failure)
  }

  /// Cuts the power: nothing is said to anyone, the firmware and its memory are gone.
  public func powerOff() {
    // Somebody who hears the firmware's log may want this in the middle of a poll.
    guard !isPolling else {
      mustPowerOff = true
      return
    }
    cutPower()
  }

  private func die() {
    isDying = true
    mustPowerOff = true
    (host as? any PowerSwitch)?.vanish()
    streams.removeAll()
    datagrams.removeAll()
    listeners.removeAll()
    bluetoothEvents = []
    onPowerLoss?()
  }

  private func cutPower() {
    guard isOn else { return }
    for timer in [pollTimer, watchdogTimer, restartTimer, buttonTimer] { timer?.cancel() }
    pollTimer = nil
    watchdogTimer = nil
    restartTimer = nil
    buttonTimer = nil
    pollTimerTime = .never
    nextPoll = .never
    restartReason = nil
    mustPollAgain = false
    mustPowerOff = false
    isDying = false
    harm = nil
    aheadMilliseconds = 0
    busyUntil = .start
    hasAskedForRadio = false
    host.radio?.onChange = nil
    host.bluetooth?.onEvent = nil
    bluetoothEvents = []
    foundNetworks = []
    isScanning = false
    (host as? any PowerSwitch)?.vanish()
    streams.removeAll()
    datagrams.removeAll()
    listeners.removeAll()
    lamps = HubLamps()
    if let report = processor?.end() { chipReport.add(report) }
    processor = nil
    board?.deallocate()
    board = nil
    lastView = hub_view()
  }

  /// Whether the board is about to start the firmware anew.
  public var isRestarting: Bool { restartReason != nil }

  func reboot(_ reason: BootReason) {
    if reason == .panic || reason == .watchdog, behaviour == .works { crashCount += 1 }
    cutPower()
    powerOn(reason: reason)
  }

  // MARK: Polling

  /// Polls out of turn. That is harmless at any time; benchmarks measure it.
  public func pollNow() { poll() }

  /// For benchmarks: what time it is, asked before and after each poll.
  public var stopwatch: (() -> Double)?
  /// How long polls have taken while there was one.
  public private(set) var pollSeconds = 0.0

  private func poll() {
    guard let processor, restartReason == nil, behaviour != .hangs else { return }
    guard !isPolling else {
      mustPollAgain = true
      return
    }
    guard host.now >= busyUntil else {
      nextPoll = busyUntil
      return planPoll()
    }
    aheadMilliseconds = 0
    isPolling = true
    do throws(ChipFailure) {
      let begin = stopwatch?()
      nextPoll = time(ofUptime: try processor.poll())
      if let begin, let stopwatch { pollSeconds += stopwatch() - begin }
    } catch {
      return fail(error)
    }
    isPolling = false
    if mustPollAgain {
      mustPollAgain = false
      nextPoll = host.now
    } else if nextPoll <= host.now {
      nextPoll = host.now + turn
    }
    afterPoll()
  }

  private func afterPoll() {
    if mustPowerOff { return cutPower() }
    busyUntil = host.now + .milliseconds(Int64(aheadMilliseconds))
    // Firmware that wants no more turns and did not ask to be restarted has broken off.
    if harm == .panic, nextPoll == .never, restartReason == nil {
      host.note(.problem, "the firmware breaks off")
      restart(.panic)
    }
    if restartReason == nil { planPoll() }
    guard onChange != nil, let processor else { return }
    let view = processor.view
    guard !isSame(view, lastView) else { return }
    lastView = view
    onChange?()
  }

  /// One timer stands for the next poll. One that is too early is left alone: it plans the next.
  private func planPoll() {
    guard nextPoll != .never, nextPoll < pollTimerTime else { return }
    pollTimer?.cancel()
    pollTimerTime = nextPoll
    pollTimer = host.after(nextPoll - host.now) { [unowned self] in pollIsDue() }
  }

  private func pollIsDue() {
    pollTimer = nil
    pollTimerTime = .never
    if host.now >= nextPoll { poll() } else { planPoll() }
  }

  var uptimeMilliseconds: UInt64 { UInt64(max((host.now - bootTime).milliseconds, 0)) }

  /// Tells the firmware the time. While one of its steps takes long, asking for the time is all that
  /// makes it pass: nothing else in the world moves meanwhile.
  func tellTime() -> UInt64 {
    if isPolling, harm == .hog { aheadMilliseconds += 1 }
    return uptimeMilliseconds + aheadMilliseconds
  }

  func harmFirmware(kind: UInt8, task: UInt8) -> Bool {
    processor?.harm(kind: kind, task: task) ?? false
  }

  private func time(ofUptime milliseconds: UInt64) -> Instant {
    guard milliseconds < UInt64(Int64.max / 2_000_000) else { return .never }
    return bootTime + .milliseconds(Int64(milliseconds))
  }

  // MARK: Watchdog and restart

  func feedWatchdog() { lastFed = host.now }

  private func watchWatchdog() {
    let deadline = lastFed + Self.watchdogLimit
    watchdogTimer = host.after(deadline - host.now) { [unowned self] in
      if host.now - lastFed >= Self.watchdogLimit {
        host.note(.problem, "the hardware watchdog bites")
        reboot(.watchdog)
      } else {
        watchWatchdog()
      }
    }
  }

  /// The firmware is not polled again; shortly after, the board starts it anew.
  func restart(_ reason: BootReason) {
    guard restartReason == nil, !isDying else { return }
    if reason == .watchdog, harm == nil, behaviour == .works { unwellCount += 1 }
    restartReason = reason
    restartTimer = host.after(Self.restartDelay) { [unowned self] in reboot(reason) }
  }

  // MARK: Button

  /// Until when somebody holds the button down; a finger does not care about power.
  private var buttonDownUntil = Instant.start

  public var isButtonDown: Bool { host.now < buttonDownUntil }

  /// Presses the button as people do.
  public func pressButton() { holdButton(for: .milliseconds(200)) }

  /// Holds the button down for so long.
  public func holdButton(for time: Interval) {
    buttonDownUntil = host.now + time
    poll()
    pollWhenButtonIsReleased()
  }

  private func pollWhenButtonIsReleased() {
    buttonTimer?.cancel()
    guard isOn, isButtonDown else { return }
    buttonTimer = host.after(buttonDownUntil - host.now) { [unowned self] in poll() }
  }

  // MARK: Looking

  public var view: HubView {
    guard let processor else { return HubView() }
    return HubView(processor.view)
  }

  /// Whether the firmware's clock goes on each time it is looked at, even within one poll.
  private var isClockRunning: Bool { isPolling && harm == .hog }

  /// What a person sees on the box: "power solid, cloud blinking, printers off".
  public var ledText: String { lamps.text }

  /// The board as the firmware gets it, for tests of the board itself.
  var rawBoard: UnsafeMutablePointer<hub_board>? { board }
}
