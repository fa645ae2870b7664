import HubHost
import World

/// What goes wrong in a hub's flash, and power that goes while something is done with it.
extension FaultSwitches {
  /// Begins a fault when the hub does with its flash what the story waits for.
  func lieInWait(for moment: FlashMoment, _ fault: Fault) {
    guard let site = stage.stage.hub(fault.place) else { return }
    host.trace.note(
      at: host.now, by: fault.place, .fault, "\(fault.kind.rawValue) waits for \(moment.sentence)")
    let flash = site.hub.flash
    flash.trap = FlashTrap(flash, moment.trapped)
    site.hub.onPowerLoss = { [weak self, weak site] in
      site?.hub.onPowerLoss = nil
      guard let self, let site else { return }
      guard fault.kind == .brownOut else { return strike(fault) }
      host.trace.note(at: host.now, by: fault.place, .fault, fault.kind.rawValue)
      // Not before the firmware has run to the end of its turn, which does nothing any more.
      host.after(.milliseconds(1)) { site.comeBack(after: .brownOut) }
    }
  }

  func harmFlash(_ kind: FaultKind, at place: String) {
    guard let site = stage.stage.hub(place), let fault = newest(kind, at: place) else { return }
    let flash = site.hub.flash
    switch kind {
    case .flippedBits: flipBits(fault, in: flash)
    case .wornSectors:
      for sector in sectorsInUse(of: flash, count: count(of: fault)) {
        flash.wearOut(sector, .dead)
      }
    case .stuckBits:
      for sector in sectorsInUse(of: flash, count: count(of: fault)) {
        var wear = SectorWear()
        // Far enough apart that no value and no header has two of them.
        wear.stuckBits = stride(from: 500, to: NORFlash.sectorSize, by: 520).map {
          SectorWear.Stuck(byte: $0, mask: 0x10)
        }
        flash.wearOut(sector, wear)
      }
    case .fullStore:
      site.powerOff()
      let count = StoreTool(flash).fill()
      host.trace.note(at: host.now, by: place, .fault, "\(count) values of somebody else's")
    default: break
    }
  }

  func mendFlash(at place: String) {
    guard let flash = stage.stage.hub(place)?.hub.flash else { return }
    for sector in 0..<flash.layout[.store] / NORFlash.sectorSize {
      flash.wearOut(NORFlash.SectorName(.store, sector), SectorWear())
    }
  }

  private func count(of fault: Fault) -> Int {
    if case .count(let count)? = fault.amount { count } else { 1 }
  }

  /// The sector that is written, and those that come after it.
  private func sectorsInUse(of flash: NORFlash, count: Int) -> [NORFlash.SectorName] {
    let all = flash.layout[.store] / NORFlash.sectorSize
    let newest = StoreSight(flash).pages.last ?? 0
    return (0..<min(count, all)).map { NORFlash.SectorName(.store, (newest + $0) % all) }
  }

  private func flipBits(_ fault: Fault, in flash: NORFlash) {
    let thing = fault.thing ?? .anything
    guard let (partition, range) = place(of: thing, in: flash), !range.isEmpty else {
      return host.note(.problem, "there is nothing to break: the flash holds no \(thing.rawValue)")
    }
    for number in 0..<count(of: fault) {
      // Spread over the whole of it, and never the same bit twice.
      let byte = range.lowerBound + number * 7 % range.count
      flash.flipBit(partition, byte: byte, bit: (number * 3 + number * 7 / range.count) % 8)
    }
  }

  private func place(
    of thing: FlashThing, in flash: NORFlash
  ) -> (FlashPartition, Range<Int>)? {
    switch thing {
    // Behind the header of the partition.
    case .factory: return (.factory, 20..<120)
    case .bootRecord:
      let start = newestRecord(in: flash) * NORFlash.sectorSize
      return (.choice, start..<start + 12)
    case .firmware: return (.slotB, 300..<1_300)
    default:
      return StoreSight(flash).entries.last { thing.isKey($0.name) }.map { (.store, $0.value) }
    }
  }

  private func newestRecord(in flash: NORFlash) -> Int {
    let bytes = flash.contents(of: .choice)
    func sequence(_ sector: Int) -> UInt32 {
      let start = sector * NORFlash.sectorSize + 4
      let number = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) }
      return number == .max ? 0 : number
    }
    return sequence(1) > sequence(0) ? 1 : 0
  }
}

extension FlashMoment {
  fileprivate var sentence: String {
    switch self {
    case .operation(let number): "operation \(number) of its flash"
    case .writing(let thing): "the next write of \(thing.rawValue)"
    case .erasing(let thing): "the next erase of \(thing.rawValue)"
    }
  }

  fileprivate var trapped: FlashTrap.Moment {
    switch self {
    case .operation(let number): .operation(number)
    case .writing(.anything): .operation(1)
    case .writing(let thing):
      thing.partitions == [.store] ? .value { thing.isKey($0) } : .program(thing.partitions)
    case .erasing(.anything): .erase(FlashPartition.allCases)
    case .erasing(let thing): .erase(thing.partitions)
    }
  }
}
