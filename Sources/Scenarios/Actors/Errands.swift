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
