/// The sockets of the objects of one class. An object may be dropped from memory at any time; its
/// sockets stay open here, with what they keep for it, until they end.
final class ActorSockets<Socket: AnyObject> {
  private var socketsOfObject: [String: [Socket]] = [:]

  /// In the order in which they came.
  func all(_ name: String) -> [Socket] { socketsOfObject[name] ?? [] }

  /// The objects that have any, in order of their names.
  var names: [String] { socketsOfObject.keys.sorted() }

  /// Every socket there is, in no order that means anything.
  func count(where isWanted: (Socket) -> Bool) -> Int {
    socketsOfObject.values.reduce(0) { $0 + $1.count(where: isWanted) }
  }

  func add(_ socket: Socket, to name: String) { socketsOfObject[name, default: []].append(socket) }

  /// Answers whether it was there.
  @discardableResult
  func remove(_ socket: Socket, of name: String) -> Bool {
    guard let place = socketsOfObject[name]?.firstIndex(where: { $0 === socket }) else {
      return false
    }
    socketsOfObject[name]?.remove(at: place)
    if socketsOfObject[name]?.isEmpty == true { socketsOfObject[name] = nil }
    return true
  }

  func vanish() { socketsOfObject = [:] }
}
