import World

/// Something that takes its time and then reports.
typealias Errand = (_ completion: @escaping (Answer<Void>) -> Void) -> Void

/// Runs errands one after another; the first that fails ends the list.
func inOrder(_ errands: [Errand], completion: @escaping (Answer<Void>) -> Void) {
  guard let first = errands.first else { return completion(.success(())) }
  first { answer in
    switch answer {
    case .failure: completion(answer)
    case .success: inOrder(Array(errands.dropFirst()), completion: completion)
    }
  }
}

/// Runs errands side by side; reports when all have, with the first failure in their order.
func together(_ errands: [Errand], completion: @escaping (Answer<Void>) -> Void) {
  guard !errands.isEmpty else { return completion(.success(())) }
  var answers = [Answer<Void>?](repeating: nil, count: errands.count)
  var openCount = errands.count
  for (index, errand) in errands.enumerated() {
    errand { answer in
      guard answers[index] == nil else { return }
      answers[index] = answer
      openCount -= 1
      guard openCount == 0 else { return }
      for case .failure(let failure)? in answers { return completion(.failure(failure)) }
      completion(.success(()))
    }
  }
}

/// Does an errand again every 5 s, as long as no answer comes, or the far end says that it is its own
/// fault, and patience lasts; without patience, once.
func patiently(_ errand: @escaping Errand, for patience: Interval?, on host: any Host) -> Errand {
  guard let patience else { return errand }
  return { completion in
    attempt(errand, until: host.now + patience, on: host, completion)
  }
}

private func attempt(
  _ errand: @escaping Errand, until deadline: Instant, on host: any Host,
  _ completion: @escaping (Answer<Void>) -> Void
) {
  errand { answer in
    guard case .failure(let failure) = answer, failure.mayPass, host.now < deadline else {
      return completion(answer)
    }
    host.after(.seconds(5)) { attempt(errand, until: deadline, on: host, completion) }
  }
}

extension RequestFailure {
  /// Whether the same request may do better later.
  fileprivate var mayPass: Bool {
    switch self {
    case .unreachable: true
    case .refused(let status, _, _): status >= 500 || status == 429
    case .unexpected, .otherwise: false
    }
  }
}
