// Pictures that the cloud asks for.

import Wire

extension Hub {
  mutating func takePicture(_ now: Uptime) -> CommandOutcome {
    guard let index = slot(of: cloud.commands.command.printerID) else { return .unknownPrinter }
    guard slots[index].configuration.hasPictureCamera else { return .noPictures }
    guard !camera.isActive else { return .cameraBusy }
    let ticket = commands.nextTicket
    let door = Camera.Door(slots[index].configuration)
    let refusal = camera.begin(board, door, slot: index, ticket: ticket, now: now)
    return refusal ?? .pending
  }

  /// Answers when the camera is to be looked at again.
  mutating func stepCamera(_ now: Uptime) -> Uptime {
    guard camera.isActive else { return .never }
    let slot = camera.slot
    let code = slots[slot].configuration.accessCode
    if let outcome = camera.step(code, now: now) {
      pictureEnds(outcome)
      return .never
    }
    return camera.deadline
  }

  /// Sends on what has come of a picture; answers false when there is nothing.
  mutating func speakOfCamera(_ now: Uptime) -> Bool {
    guard camera.hasBytes else { return false }
    let serial = slots[camera.slot].configuration.serial
    var message = cloud.binaryMessage()
    let isWhole = camera.write(into: &message, serial: serial)
    cloud.say(board, binary: message.written)
    if isWhole { pictureEnds(.success) }
    return true
  }

  mutating func cameraLost() {
    if camera.isActive { pictureEnds(.cameraSilent) }
  }

  private mutating func pictureEnds(_ outcome: CommandOutcome) {
    commands.settle(ticket: camera.ticket, outcome, remark: Remark())
    camera.end()
  }
}
