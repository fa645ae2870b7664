import World

extension Owner {
  private static let patience = Interval.seconds(60)

  /// Has the cloud tell a printer something, and reads on the printer's page what came of it.
  /// `words`: what must stand there as the reason why it was not done; nil: it must be done.
  public func order(
    _ order: OrderWord, of name: String, answered words: String?,
    completion: @escaping (Answer<Void>) -> Void
  ) {
    guard let id = printerID(name) else {
      return completion(.failure(.unexpected("the printer \(name)")))
    }
    let end = client.host.now + Self.patience
    client.call("POST", "/printers/" + id + order.path, body: order.body) { [self] answer in
      switch answer {
      case .failure(let failure): completion(.failure(failure))
      case .success: readOrder(id, words, until: end, completion)
      }
    }
  }

  private func readOrder(
    _ id: String, _ words: String?, until end: Instant,
    _ completion: @escaping (Answer<Void>) -> Void
  ) {
    client.call("GET", "/printers/" + id) { [self] answer in
      guard case .success(let json) = answer else { return completion(answer.map { _ in }) }
      let order = json["last_order"] ?? .null
      switch order["state"]?.string {
      case "done":
        completion(
          words.map { .failure(.otherwise("the order was done, without \"\($0)\"")) }
            ?? .success(()))
      case "failed":
        let message = order["message"]?.string ?? ""
        completion(
          message == words ? .success(()) : .failure(.otherwise("the order came to: \(message)")))
      default:
        guard client.host.now < end else {
          return completion(.failure(.otherwise("nobody knows what came of the order")))
        }
        client.host.after(.seconds(1)) { [self] in readOrder(id, words, until: end, completion) }
      }
    }
  }
}
