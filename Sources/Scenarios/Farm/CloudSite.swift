import Cloud
import World

/// A cloud where it stands: the process that can die, and the storage that outlives it.
public final class CloudSite {
  public let host: any Host
  public let storage: CloudStorage
  public let configuration: CloudServer.Configuration
  public private(set) var server: CloudServer?
  public var onEvent: ((CloudEvent) -> Void)?
  /// Called when the cloud comes up or goes down.
  public var onChange: (() -> Void)?
  /// As if the store of files were away, also over restarts.
  public var refusesDownloads = false {
    didSet { server?.refusesDownloads = refusesDownloads }
  }
  /// Called once the next shutdown has drained.
  private var isEnding = false

  public init(host: any Host, storage: CloudStorage, configuration: CloudServer.Configuration) {
    self.host = host
    self.storage = storage
    self.configuration = configuration
  }

  public var isUp: Bool { server != nil && !isEnding }

  public func start() throws {
    guard server == nil else { return }
    let server = try CloudServer(host: host, storage: storage, configuration: configuration)
    server.refusesDownloads = refusesDownloads
    server.onEvent = { [weak self] event in self?.onEvent?(event) }
    do {
      try server.start()
    } catch {
      server.crash()
      throw error
    }
    self.server = server
    onChange?()
  }

  /// Ends in good order: no new work, what is under way is finished.
  public func shutDown(completion: @escaping () -> Void) {
    guard let server, !isEnding else { return completion() }
    isEnding = true
    server.shutDown { [weak self] in
      self?.server = nil
      self?.isEnding = false
      self?.onChange?()
      completion()
    }
    onChange?()
  }

  /// Dies at once.
  public func crash() {
    server?.crash()
    server = nil
    isEnding = false
    onChange?()
  }
}
