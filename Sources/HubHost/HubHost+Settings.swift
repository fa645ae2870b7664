extension HubHost {
  /// What the factory puts into the hub.
  public struct Settings: Equatable, Sendable {
    public var hubID: String
    public var secret: String
    public var cloudURL: String
    public var wifiName: String
    public var wifiKey: String
    /// The name of the authority that signs the cloud's certificates.
    public var cloudAuthority: String
    /// The same of the printers' maker; empty when the board holds none.
    public var makerAuthority = ""
    public var hardwareRevision = "rig-1"
    /// What is printed on the box, if the factory put it into the hub as well.
    public var claimCode = ""

    public init(
      hubID: String, secret: String, cloudURL: String, wifiName: String = "",
      wifiKey: String = "", cloudAuthority: String
    ) {
      self.hubID = hubID
      self.secret = secret
      self.cloudURL = cloudURL
      self.wifiName = wifiName
      self.wifiKey = wifiKey
      self.cloudAuthority = cloudAuthority
    }
  }
}
