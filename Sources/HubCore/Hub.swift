// The hub: its state, its tasks, and the order in which they run.

import Wire

/// The whole firmware. It lives at the beginning of the board's region and never moves.
@safe
struct Hub: ~Copyable {
  private let pinned = Pinned()
  let board: Board
  let memoryGiven: UInt32
  private(set) var memoryUsed: UInt32 = 0
  var store: Store
  var update: Place<Update>
  var settings = Settings()
  private(set) var state = HubState.boot
  var scheduler = Scheduler()
  var wifi = WiFiLink()
  /// A network that somebody has named, and that has to prove itself before it is kept.
  var candidate = WiFiCredentials()
  var hasCandidate = false
  var bluetooth: Place<Bluetooth>
  var portal: Place<Portal>
  var button = Button()
  var onboarding = Onboarding()
  var cloud: CloudLink
  var commands: CommandMemory
  var outbox: Outbox
  var discovery: Discovery
  var camera: Camera
  var slots: Table<PrinterSlot>
  var surroundings: Surroundings
  /// Where one message is composed, to the cloud or to a printer; nothing stays there past a call.
  let scratch: UnsafeMutableBufferPointer<UInt8>
  private var shownLamps: Lamps?
  private var feedAt = Uptime.start
  /// A restart was asked for; nothing runs any more.
  private var isOver = false
  private var firstToSpeak = 0
  /// Nothing is read from the cloud until answers to its commands have gone out.
  private var isCloudHeld = false
  /// One row: it is too large to stand on the stack while the hub is built.
  var condition: Table<Condition>
  /// When the hub shall restart, because it was told to, and whether it shall forget everything.
  var restartPlan: RestartPlan?
  var healthDueAt = Uptime.never
  private var harmed: Harm?
  /// When the round under way, and the last step in it, began.
  private var clock = Uptime.start
  /// When the next round should begin.
  private var roundDueAt = Uptime.never
  var commandsHandled: UInt32 = 0
  var commandsRepeated: UInt32 = 0

  /// Bytes of region that a hub needs, itself included.
  static var memory: Int {
    Region.cost(of: Hub.self) + Region.cost(of: Recorder.self)
      + Region.cost(of: Condition.self)
      + Region.cost(of: PrinterSlot.self, count: Limits.printers)
      + Region.cost(of: CommandMemory.Entry.self, count: Limits.rememberedCommands)
      + Store.memory + Region.cost(of: Update.self) + Update.memory + CloudLink.memory
      + Outbox.memory + PrinterSlot.memory * Limits.printers
      + Region.cost(Limits.spokenMessage) + Bluetooth.memory
      + Region.cost(of: Bluetooth.self) + Region.cost(of: Portal.self)
      + Discovery.memory + Camera.memory
  }

  /// Builds the hub in what is left of `region`, piece by piece, so that no large value ever stands
  /// on the stack.
  init(_ board: Board, _ region: inout Region, given: UInt32, reason: Board.BootReason) {
    self.board = board
    memoryGiven = given
    condition = Condition.carved(from: &region)
    condition[0].crashes.openLines(board)
    Update.logStart(board, reason)
    store = Store(board, &region)
    update = Update.build(board, &region, &store)
    let entries = unsafe region.room(
      for: CommandMemory.Entry.self, count: Limits.rememberedCommands)
    unsafe entries.initialize(repeating: CommandMemory.Entry(), count: Limits.rememberedCommands)
    commands = unsafe CommandMemory(Table(entries, count: Limits.rememberedCommands))
    unsafe scratch = region.bytes(Limits.spokenMessage)
    cloud = unsafe CloudLink(&region, scratch: scratch)
    outbox = Outbox(&region, epoch: board.entropy)
    cloud.eventEpoch = outbox.epoch
    discovery = Discovery(&region)
    camera = Camera(&region)
    let places = unsafe region.room(for: PrinterSlot.self, count: Limits.printers)
    for index in 0..<Limits.printers {
      unsafe (places + index).initialize(to: PrinterSlot(&region))
    }
    slots = unsafe Table(places, count: Limits.printers)
    bluetooth = Bluetooth.build(in: &region)
    portal = Portal.build(in: &region)
    surroundings = unsafe Surroundings(hubID: HubID(), scratch: scratch)
    memoryUsed = UInt32(truncatingIfNeeded: region.used)
    cloud.freeMemory = Int(given) - region.used
    cloud.firmwareVersion = update.value.runningVersion
    cloud.firmwareSlot = update.value.slot
    wakeUp(after: reason)
  }

  // --------------------------------------------------------------------------------------- poll

  /// Runs every task that is due or whose streams may have changed; answers when to come again.
  mutating func poll() -> Uptime {
    guard !isOver else { return .never }
    let now = board.now
    clock = now
    let late = now - roundDueAt
    run(.hub, now)
    run(.wifi, now)
    run(.onboarding, now)
    guard !isOver else { return .never }
    run(.cloud, now)
    let first = scheduler.beginRound()
    for step in 0..<Limits.printers {
      let slot = (first + step) % Limits.printers
      run(.printer(slot), now)
      run(.file(slot), now)
    }
    guard !isOver else { return .never }
    guard let updateAt = stepUpdate(now) else {
      restart(.restart)
      return .never
    }
    let cameraAt = stepCamera(now)
    let speakAt = earlier(earlier(speak(now), updateAt), cameraAt)
    board.mark(Retained.Mark(uptime: now))
    guard tasksAreWell(late: late, began: now), !restartIsDue(now) else { return .never }
    showLamps()
    let stalled = harmed?.kind == .stall ? harmed?.task : nil
    var next = earlier(earlier(scheduler.next(neverStepped: stalled), speakAt), feedAt)
    if let restartPlan { next = earlier(next, restartPlan.at) }
    roundDueAt = next < now ? now : next
    return roundDueAt
  }

  private mutating func run(_ task: TaskName, _ now: Uptime) {
    guard !isOver else { return }
    if has(.starvesTasks), task.number < 2 + Limits.printers, task != .hub, isMovingFile { return }
    let isDue = scheduler.isDue(task, at: now)
    guard isDue || watchesStreams(task) else { return }
    board.mark(Retained.Mark(task: UInt8(truncatingIfNeeded: task.number + 1), uptime: now))
    if let harmed, harmed.task == task.number, suffer(harmed, task, now) { return }
    let turn = step(task, now)
    let ended = board.now
    condition[0].vitals.noteStep(of: task, length: ended - clock)
    scheduler.finish(task, turn, began: clock, ended: ended)
    clock = ended
  }

  private var isMovingFile: Bool {
    for index in 0..<slots.count where slots[index].transfer.isActive { return true }
    return false
  }

  mutating func harm(kind: UInt8, task: UInt8) {
    guard let kind = Harm.Kind(rawValue: kind), Int(task) < TaskName.count else { return }
    harmed = Harm(kind: kind, task: Int(task), since: board.now)
  }

  /// Lets a task behave as it was harmed to; answers whether it is not stepped as usual.
  private mutating func suffer(_ harm: Harm, _ task: TaskName, _ now: Uptime) -> Bool {
    switch harm.kind {
    case .stall:
      return true
    case .wedge:
      let turn = Turn(next: now + 1_000, promise: harm.since)
      scheduler.finish(task, turn, began: clock, ended: clock)
      return true
    case .hog:
      while board.now - now < Harm.hogging {}
      harmed = nil
      return false
    case .hang:
      isOver = true
      return true
    }
  }

  /// Whether a task has streams that may have brought something although it is not due.
  private func watchesStreams(_ task: TaskName) -> Bool {
    switch task.number {
    case TaskName.hub.number, TaskName.wifi.number, TaskName.onboarding.number: true
    case 1: cloud.hasConnection
    case 2..<2 + Limits.printers: slots[task.number - 2].watchesPrinter
    default: slots[task.number - 2 - Limits.printers].watchesFile
    }
  }

  private mutating func step(_ task: TaskName, _ now: Uptime) -> Turn {
    switch task.number {
    case TaskName.hub.number: return stepHub(now)
    case TaskName.cloud.number: return stepCloud(now)
    case TaskName.wifi.number: return stepWiFi(now)
    case TaskName.onboarding.number: return stepOnboarding(now)
    case 2..<2 + Limits.printers:
      let slot = task.number - 2
      let turn = slots[slot].stepPrinter(board, surroundings, now: now)
      collect(slot, now)
      return turn
    default:
      let slot = task.number - 2 - Limits.printers
      let phase = slots[slot].job.phase
      let turn = slots[slot].stepFile(board, hasNetwork: state.hasNetwork, now: now)
      collect(slot, now)
      // What became of the file is for the printer's task to carry on.
      if slots[slot].job.phase != phase { scheduler.wake(.printer(slot), at: now) }
      return turn
    }
  }

  /// Feeds the hardware watchdog, unless a task is ill: then the hub is restarted.
  private mutating func tasksAreWell(late: UInt64, began: Uptime) -> Bool {
    let now = board.now
    condition[0].vitals.noteRound(late: late, length: now - began, now: now)
    if let (task, illness) = scheduler.patient(at: now) {
      board.log(.error) {
        $0.put("watchdog: task ")
        $0.put(task.kind)
        $0.put(" ")
        $0.put(decimal: task.number)
        $0.put(" is ")
        $0.put(illness.name)
        $0.put(", restarting")
      }
      board.mark(
        Retained.Mark(
          state: .bitten, task: UInt8(truncatingIfNeeded: task.number + 1),
          code: illness.code.rawValue, uptime: now))
      restart(.watchdog)
      return false
    }
    if feedAt <= now {
      board.feedWatchdog()
      feedAt = now + Limits.watchdogFeed
    }
    return true
  }

  /// Restarts the hub if the time for it has come.
  private mutating func restartIsDue(_ now: Uptime) -> Bool {
    guard let plan = restartPlan, plan.at <= now else { return false }
    if plan.forgetsAll { factoryReset() } else { restart(.restart) }
    return true
  }

  // ---------------------------------------------------------------------------- the hub's own task

  private mutating func stepHub(_ now: Uptime) -> Turn {
    switch state {
    case .boot:
      change(.started, now)
      return stepHub(now)
    case .initNVS:
      readSettings(now)
    case .bluetoothPair(_, let askAgain):
      if askAgain <= now { readSettings(now) }
    case .wifiConnect:
      break
    case .cloudConnect:
      discoverPrinters(now)
    case .printersConnect, .running:
      checkPrinters(now)
      discoverPrinters(now)
    }
    switch state {
    case .boot, .initNVS: return .until(now)
    case .bluetoothPair(_, let until), .printersConnect(let until): return .until(until)
    case .wifiConnect: return .asleep
    case .cloudConnect, .running: return Turn(next: discovery.dueAt, promise: .never)
    }
  }

  mutating func readSettings(_ now: Uptime) {
    let missing = settings.read(from: board, &store)
    surroundings = unsafe Surroundings(hubID: settings.hubID, scratch: scratch)
    if state == .initNVS {
      recallPrinters(now)
      if !settings.claimToken.isEmpty { onboarding.claim = .waiting }
    }
    if let missing {
      if case .bluetoothPair(let known, _) = state, known == missing {
      } else {
        board.log(.warning) {
          $0.put("hub: no usable ")
          $0.put(missing.name)
          $0.put(", waiting to be paired")
        }
      }
      change(.settingMissing(missing, askAgain: now + Limits.settingsAgain), now)
    } else {
      change(.settingsComplete, now)
      wifi.begin(board, settings.wifi, now: now)
      scheduler.wake(.wifi, at: now)
    }
  }

  mutating func networkChanged(isThere: Bool, _ now: Uptime) {
    cloud.networkChanged(isThere: isThere, now: now)
    if !isThere { discovery.close() }
    if !isThere {
      cameraLost()
      commands.forgetUnsent()
      outbox.connectionLost()
    }
    for index in 0..<slots.count {
      if !isThere { slots[index].cloudLost() }
      slots[index].networkChanged(board, isThere: isThere, now: now)
      collect(index, now)
      scheduler.wake(.printer(index), at: now)
      scheduler.wake(.file(index), at: now)
    }
    scheduler.wake(.cloud, at: now)
  }

  /// Asks the board for a restart; nothing runs any more.
  mutating func restart(_ reason: Board.BootReason) {
    isOver = true
    board.restart(reason)
  }

  private mutating func checkPrinters(_ now: Uptime) {
    guard case .printersConnect(let until) = state else { return }
    let (taken, connected) = countPrinters()
    if taken == connected, taken > 0 || until <= now {
      change(.printersReady, now)
    } else if until <= now {
      change(.printersLate, now)
    }
  }

  private func countPrinters() -> (taken: Int, connected: Int) {
    var taken = 0
    var connected = 0
    for index in 0..<slots.count {
      if slots[index].isTaken { taken += 1 }
      if slots[index].link.isConnected { connected += 1 }
    }
    return (taken, connected)
  }

  /// Changes the state and says so in the log, with the cause.
  mutating func change(_ event: HubState.Event, _ now: Uptime) {
    let before = state
    guard state.handle(event) else { return }
    let after = state
    // Trying again, and what is still missing, is logged where it happens, if it is news at all.
    guard before.number != after.number else { return }
    board.log(.information) {
      $0.put("hub: ")
      $0.put(before.name)
      $0.put(" -> ")
      $0.put(after.name)
      $0.put(" (")
      $0.put(event.cause)
      $0.put(")")
    }
  }

  // --------------------------------------------------------------------------------- the cloud

  private mutating func stepCloud(_ now: Uptime) -> Turn {
    for _ in 0..<Limits.roundsPerStep {
      // With too many answers waiting for room, no more commands are taken.
      let mayRead = commands.unsentCount < Limits.unsentAcknowledgements
      isCloudHeld = !mayRead
      if settings.hasAuthority, cloud.isAboutToDial(now) { cloud.bringAuthority(&store) }
      switch cloud.step(board, settings, mayRead: mayRead, now: now) {
      case .none:
        return cloud.turn
      case .greeted:
        noteClaim()
        change(.cloudGreeted(printersUntil: now + Limits.printersConnect), now)
        update.value.cloudGreeted(board, &store)
        considerOffer(now)
        healthDueAt = now
        for index in 0..<slots.count {
          slots[index].news.tellAll(
            hasPrinter: slots[index].isTaken, hasJob: slots[index].job.phase != .none)
        }
      case .lost:
        noteClaim()
        change(.cloudLost, now)
        cameraLost()
        commands.forgetUnsent()
        outbox.connectionLost()
        for index in 0..<slots.count { slots[index].cloudLost() }
        return cloud.turn
      case .command:
        execute(now)
      case .piece:
        takePiece(now)
      }
    }
    // There is more to read; the others have their turn first.
    return Turn(next: now, promise: cloud.turn.promise)
  }

  /// What the cloud has made of our claim token.
  private mutating func noteClaim() {
    guard !settings.claimToken.isEmpty else { return }
    if cloud.claimRefusal != nil {
      onboarding.claim = .refused
    } else if cloud.isOpen {
      onboarding.claim = .claimed
      board.log(.information) { $0.put("hub: claimed") }
    } else {
      return
    }
    settings.forgetClaimToken(board, &store)
  }

  /// Tells the cloud what there is to tell, as far as there is room; answers when there will be
  /// something more.
  private mutating func speak(_ now: Uptime) -> Uptime {
    guard cloud.isOpen else { return .never }
    update.value.record(in: &outbox, leaving: roomForEnds, now: now)
    while cloud.canSpeak {
      if let index = commands.nextUnsent() {
        var json = cloud.message()
        commands.writeAnswer(index, into: &json)
        cloud.say(board, json)
        commands.wasSent(index)
      } else if update.value.progress != nil {
        var json = cloud.message()
        update.value.writeProgress(into: &json)
        cloud.say(board, json)
      } else if !speakOfEvents(now), !speakOfHealth(now), !speakOfDiscovery(now),
        !speakOfSlots(now), !speakOfCamera(now)
      {
        break
      }
      cloud.flush()
    }
    cloud.flush()
    if isCloudHeld, commands.unsentCount < Limits.unsentAcknowledgements {
      isCloudHeld = false
      scheduler.wake(.cloud, at: now)
    }
    // With no room, the stream says when there is some again.
    guard cloud.canSpeak else { return .never }
    var next = earlier(earlier(outbox.dueAt, healthDueAt), discovery.reportAt)
    for index in 0..<slots.count { next = earlier(next, slots[index].newsDueAt) }
    return next
  }

  private mutating func speakOfSlots(_ now: Uptime) -> Bool {
    for step in 0..<slots.count {
      let index = (firstToSpeak + step) % slots.count
      guard slots[index].newsDueAt <= now else { continue }
      var json = cloud.message()
      if slots[index].writeNews(into: &json, as: index, now: now) { cloud.say(board, json) }
      firstToSpeak = (index + 1) % slots.count
      return true
    }
    return false
  }

  // ---------------------------------------------------------------------------------- the lamps

  private mutating func showLamps() {
    var facts = Lamps.Facts()
    facts.linkNeedsPerson = wifi.trouble == .wrongKey || cloud.isRefused
    facts.isAsked = bluetooth.value.isAsking
    facts.isUpdating = update.value.isWriting
    facts.isResetNear = button.isHeld(at: board.now)
    for index in 0..<slots.count where slots[index].isTaken {
      facts.printerCount += 1
      if slots[index].link.isConnected { facts.connectedPrinterCount += 1 }
      if slots[index].link.isCodeWrong { facts.printerNeedsPerson = true }
    }
    let lamps = Lamps(in: state, facts)
    guard lamps != shownLamps else { return }
    shownLamps = lamps
    board.show(.power, lamps.power)
    board.show(.cloud, lamps.cloud)
    board.show(.printers, lamps.printers)
  }

  /// Wakes the hub's own task after a command gave it something to do.
  mutating func wakeHub(_ now: Uptime) { scheduler.wake(.hub, at: now) }

  /// Wakes the tasks of a slot after a command changed it.
  mutating func wake(slot: Int, _ now: Uptime) {
    scheduler.wake(.printer(slot), at: now)
    scheduler.wake(.file(slot), at: now)
  }

  /// Connections that were closed because of what the far end sent.
  var badInputCount: UInt32 {
    var count = cloud.badInputCount &+ bluetooth.value.badInputCount &+ portal.value.badInputCount
    for index in 0..<slots.count { count &+= slots[index].badInputCount }
    return count
  }
}
