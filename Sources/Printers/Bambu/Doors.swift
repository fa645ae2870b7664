// The ports that a printer listens on, and who it says it is there.

import World

/// What is open.
struct Doors {
  var mqtt: (any Listener)?
  var ftps: (any Listener)?
  var camera: (any Listener)?

  var all: [any Listener] { [mqtt, ftps, camera].compactMap { $0 } }
}

extension BambuPrinter {
  /// What its certificate says: the name is its serial number, the signature its maker's.
  public var identity: ServerIdentity {
    var identity = ServerIdentity(
      commonName: configuration.serial, authority: configuration.maker, endsAtTLS12: true)
    if troubles.has(.certificateSelfSigned) { identity.authority = "" }
    if troubles.has(.certificateOther) {
      identity.commonName = configuration.model.serialPrefix + "X00000000000"
    }
    if troubles.has(.certificateRenewed) { identity.alternativeNames = ["renewed"] }
    if troubles.has(.certificateExpired) {
      identity.validUntil = host.wallMilliseconds - 86_400_000
    }
    return identity
  }

  /// Opens what is to be open now and is not.
  func openDoors() throws(NetworkFailure) {
    let security = ServerSecurity.tls(identity)
    fileServer.settings.security = security
    do throws(NetworkFailure) {
      if doors.mqtt == nil, !troubles.has(.mqttDown) {
        doors.mqtt = try host.listen(port: configuration.mqttPort, security: security) {
          [broker] in broker.accept($0)
        }
      }
      if doors.ftps == nil {
        doors.ftps = try host.listen(port: configuration.ftpsPort, security: security) {
          [fileServer] in fileServer.accept($0)
        }
      }
    } catch {
      closeDoors()
      throw error
    }
    openCamera(security)
  }

  /// A printer whose camera has no port prints all the same.
  private func openCamera(_ security: ServerSecurity) {
    guard doors.camera == nil, configuration.model.camera == .pictures, !troubles.has(.cameraOff)
    else { return }
    do throws(NetworkFailure) {
      doors.camera = try host.listen(port: configuration.cameraPort, security: security) {
        [camera] in camera.accept($0)
      }
    } catch {
      host.note(
        .printer, "has no camera: port \(configuration.cameraPort) cannot be had (\(error.name))")
    }
  }

  func closeCamera() {
    doors.camera?.close()
    doors.camera = nil
    camera.closeAll()
  }

  /// Closes everything; who was inside is gone.
  func closeDoors() {
    for listener in doors.all { listener.close() }
    doors = Doors()
    broker.closeAll()
    fileServer.closeAll()
    camera.closeAll()
  }

  /// The same ports with another certificate, or at another address.
  func moveDoors() {
    guard isOn else { return }
    closeDoors()
    do throws(NetworkFailure) {
      try openDoors()
    } catch {
      host.note(.problem, "cannot listen any more: \(error.name)")
    }
  }
}
