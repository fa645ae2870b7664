import Cloud
import VirtualWorld
import World

/// What `hubrig cloud routes` prints.
public enum RouteGuide {
  /// The families of routes, as a table in Markdown.
  public static func families() throws -> String { try cloud().routeFamilies }

  /// Every route, a line each.
  public static func all() throws -> String { try cloud().routeList }

  /// One that is only looked at.
  private static func cloud() throws -> CloudServer {
    let host = VirtualWorld(seed: 0).addVirtualHost(Names.cloud, on: .internet)
    return try CloudServer(
      host: host, storage: .memory(),
      configuration: CloudServer.Configuration(
        publicURL: "https://\(Names.cloud):\(Names.cloudPort)", port: Names.cloudPort,
        identity: nil, factoryKey: "", passwordCost: .rig, secretKey: host.randomBytes(32)))
  }
}
