// What the factory writes; HubCore/Flash/Factory.swift reads it and shows the picture.

import Wire

/// The contents of a hub's factory partition, put together field by field.
public struct FactoryPartition {
  /// A statement about the hub. Its number stands in flash.
  public enum Field: UInt8, Sendable {
    case hubID = 1
    case hubSecret = 2
    case cloudURL = 3
    case hardwareRevision = 4
    case wifiName = 5
    case wifiKey = 6
    case claimCode = 7
  }

  private var body: [UInt8] = []
  private let key: DeviceKey

  public init(key: DeviceKey) { self.key = key }

  /// What a hub with these settings leaves the factory with.
  init(_ settings: HubHost.Settings, key: DeviceKey) {
    self.init(key: key)
    add(.hubID, settings.hubID)
    add(secret: .hubSecret, settings.secret)
    add(.cloudURL, settings.cloudURL)
    add(.hardwareRevision, settings.hardwareRevision)
    add(.wifiName, settings.wifiName)
    add(secret: .wifiKey, settings.wifiKey)
    add(secret: .claimCode, settings.claimCode)
  }

  public mutating func add(_ field: Field, _ text: String) {
    guard !text.isEmpty else { return }
    add(field, Array(text.utf8), isSealed: false)
  }

  /// Adds what nobody may read who only has the flash.
  public mutating func add(secret field: Field, _ text: String) {
    guard !text.isEmpty else { return }
    // Two different texts never share a nonce, and the same text gives the same partition.
    let nonce = Array(DeviceKey.mix("nonce \(field.rawValue)", text).prefix(12))
    var bytes = Array(text.utf8)
    let tag = key.seal(&bytes, nonce: nonce, label: [field.rawValue])
    add(field, nonce + bytes + tag, isSealed: true)
  }

  private mutating func add(_ field: Field, _ bytes: [UInt8], isSealed: Bool) {
    let count = UInt16(bytes.count)
    body += [field.rawValue, isSealed ? 1 : 0, UInt8(count & 0xFF), UInt8(count >> 8)] + bytes
  }

  public var bytes: [UInt8] {
    let header: [UInt32] = [0x4655_4248, 1, UInt32(body.count), CRC32.of(body.span)]
    return header.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
      + body
  }
}
