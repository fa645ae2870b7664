import World

/// The local network of one farm, and its router.
public final class VirtualFarm {
  public let name: String
  /// How the internet sees everyone behind the router.
  public let publicAddress: String
  /// From the router to the internet.
  public let uplink: VirtualLink
  /// After this much silence the router forgets a stream to the internet: it then swallows whatever
  /// either end sends on it, and tells neither. nil: it never forgets.
  public var idleLimit: Interval?

  /// What comes of asking for names of the internet here.
  public var names = NameService.right
  /// The host that answers whatever is meant for the internet, as in networks that want to show a
  /// page first.
  public var portal: VirtualHost?

  let identity: Int
  var hostCount = 0
  /// What addresses begin with, if it is not what farms have usually.
  var addressPrefix: String?
  /// Everyone on it, in the order in which they were added.
  var hosts: [VirtualHost] = []

  init(name: String, identity: Int, engine: Engine) {
    self.name = name
    self.identity = identity
    publicAddress = AddressBook.routerAddress(identity)
    uplink = VirtualLink(name: "uplink:" + name, latency: .milliseconds(10), engine: engine)
  }
}

/// What comes of asking a network for a name.
public enum NameService: Equatable, Sendable {
  case right
  /// Nobody answers; those who ask give up after five seconds.
  case dead
  /// Each answer takes so long.
  case slow(Interval)
  /// Every name leads to this address.
  case wrong(String)
}
