// Pictures of printers' cameras: one is taken when somebody asks for it, and the latest is kept among
// the objects.

import World

extension Fleet {
  /// Has a picture taken; answers the command's id.
  func takePicture(_ printer: Printer, in scope: TenantScope) throws -> String {
    guard let hub = printer.hubID, isOnline(hub) else {
      throw APIError.conflict("the printer's hub is offline")
    }
    let command = try hubs.object(hub).give(
      NewCommand(
        kind: .cameraSnapshot, action: "take", printerID: printer.id, serial: printer.serial),
      in: scope)
    lastOrders[printer.id] = OrderState(command: command, action: "camera_snapshot")
    return command
  }

  func pictureCame(_ picture: [UInt8], of printer: String, in scope: TenantScope) throws {
    try platform.objects.put(
      ObjectKey(.snapshot, id: printer, in: scope), picture, at: platform.now)
    platform.tell(.pictureTaken(printer: printer, byteCount: picture.count))
  }

  /// The latest picture of a printer's camera.
  func picture(_ printer: Printer, in scope: TenantScope) throws -> Answer {
    let key = ObjectKey(.snapshot, id: printer.id, in: scope)
    guard let object = try platform.objects.find(key) else { throw APIError.notFound("picture") }
    return Answer(
      status: 200,
      headers: [
        ("Content-Type", key.contentType), ("Cache-Control", "no-store"),
        ("X-Taken-At", "\(object.createdAt)"),
      ], body: .stored(try platform.objects.open(key), 0..<object.byteCount))
  }

  /// Lets the hub believe whatever certificate the printer shows next.
  func trustAnew(_ id: String, in scope: TenantScope) throws -> Printer {
    let printer = try printer(id, in: scope)
    guard let hub = printer.hubID, isOnline(hub) else {
      throw APIError.conflict("the printer's hub is offline")
    }
    try tellHub("trust", printer, in: scope)
    platform.note("the printer \(printer.name) may show another certificate")
    return printer
  }

  /// Looking at printers, and believing them.
  var pictureRoutes: [Route] {
    [
      Route(
        .post, "/api/v1/printers/:id/camera/snapshot",
        .member(.operator) { [self] call, member in
          let printer = try printer(call.parameter("id"), in: member.scope)
          return .data(["command_id": .string(try takePicture(printer, in: member.scope))])
        }
      ).described(
        "Have a picture taken; `last_order` of the printer tells what came of it",
        .object([("command_id", .uuid)])),
      Route(
        .get, "/api/v1/printers/:id/camera/snapshot",
        .member(.viewer) { [self] call, member in
          try picture(try printer(call.parameter("id"), in: member.scope), in: member.scope)
        }
      ).described("The latest picture of the printer's camera", .bytes("image/jpeg")),
      Route(
        .post, "/api/v1/printers/:id/trust",
        .member(.operator) { [self] call, member in
          .data(json(try trustAnew(call.parameter("id"), in: member.scope)))
        }
      ).described("Accept the certificate that the printer shows next", Printer.shape),
    ]
  }
}
