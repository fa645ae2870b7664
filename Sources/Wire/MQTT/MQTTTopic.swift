// Topics are levels between slashes. In a filter "+" stands for one level and "#", as the last one,
// for any number of them, none included. Neither stands for a first level that begins with "$".

/// Whether a publication under `topic` is for those who subscribed to `filter`.
public func mqttTopicMatches(filter: Span<UInt8>, topic: Span<UInt8>) -> Bool {
  var inFilter = 0
  var inTopic = 0
  if filter.count > 0, topic.count > 0, topic[0] == 0x24, filter[0] == 0x2B || filter[0] == 0x23 {
    return false
  }
  while inFilter < filter.count {
    switch filter[inFilter] {
    case 0x23: return true
    case 0x2B:
      inFilter &+= 1
      while inTopic < topic.count, topic[inTopic] != 0x2F { inTopic &+= 1 }
    default:
      guard inTopic < topic.count, filter[inFilter] == topic[inTopic] else {
        // "a/#" is also for "a" itself.
        return inTopic == topic.count && filter.count &- inFilter == 2
          && filter[inFilter] == 0x2F && filter[inFilter &+ 1] == 0x23
      }
      inFilter &+= 1
      inTopic &+= 1
    }
  }
  return inTopic == topic.count
}

/// Whether something can be published under this text.
func isTopic(_ text: Span<UInt8>) -> Bool {
  for index in 0..<text.count where text[index] == 0x2B || text[index] == 0x23 { return false }
  return text.count > 0
}

/// Whether this text can be subscribed to.
func isFilter(_ text: Span<UInt8>) -> Bool {
  let last = text.count &- 1
  for index in 0..<text.count {
    switch text[index] {
    case 0x23:
      guard index == last, index == 0 || text[index &- 1] == 0x2F else { return false }
    case 0x2B:
      guard index == 0 || text[index &- 1] == 0x2F else { return false }
      guard index == last || text[index &+ 1] == 0x2F else { return false }
    default: break
    }
  }
  return text.count > 0
}

/// Walks through the filters of a SUBSCRIBE or UNSUBSCRIBE.
public struct MQTTFilters {
  private var fields: MQTTFields
  private let hasQoS: Bool

  /// `range` is that of the event; a SUBSCRIBE has a quality of service behind each filter.
  public init(_ range: Range<Int>, hasQoS: Bool) {
    fields = MQTTFields(range)
    self.hasQoS = hasQoS
  }

  /// The next filter, as a range into the same input that the event was read from.
  public mutating func next(in input: Span<UInt8>) -> (filter: Range<Int>, qos: UInt8)? {
    guard !fields.rest.isEmpty, fields.end <= input.count else { return nil }
    do throws(MQTTError) {
      let filter = try fields.bytes(input)
      return (filter, hasQoS ? try fields.byte(input) : 0)
    } catch {
      return nil
    }
  }
}
