// From the cloud's words to an order for a printer; what makes no sense is refused by name.

import Wire

extension Command {
  /// The order that the command is, or what is wrong with it.
  var controlOrder: (order: ControlOrder?, refusal: CommandOutcome) {
    switch action {
    case .pause: return (.pause, .success)
    case .resume: return (.resume, .success)
    case .stop: return (.stop, .success)
    case .clearError: return (.clearError, .success)
    case .unload: return (.unloadFilament, .success)
    case .speed:
      guard let level = order[0].number, level >= 1, level <= 4 else {
        return (nil, .badParameter("level from 1 to 4"))
      }
      return (.speed(level), .success)
    case .light:
      guard let light = light else { return (nil, .badParameter("mode on, off or flashing")) }
      return (.light(light), .success)
    case .gcode:
      return order[0].lines.isEmpty ? (nil, .missingField("lines")) : (.gcode, .success)
    case .load:
      guard let tray = order[0].number, tray >= 0, tray <= 254, order[0].temperature >= 0,
        order[0].temperature <= 350
      else { return (nil, .badParameter("tray from 0 to 254, temperature up to 350")) }
      return (.loadFilament(tray: tray, temperature: order[0].temperature), .success)
    case .feeder:
      guard let feeder = feeder else {
        return (nil, .badParameter("mode resume, reset or pause"))
      }
      return (.feeder(feeder), .success)
    case .skip:
      return order[0].objectCount == 0 ? (nil, .missingField("objects")) : (.skipObjects, .success)
    case .calibrate:
      guard let bits = order[0].number, bits >= 1, bits <= 15 else {
        return (nil, .badParameter("option from 1 to 15"))
      }
      return (.calibrate(bits), .success)
    case .start, .add, .update, .remove, .trust, .unknown:
      return (nil, .unknownCommand)
    }
  }

  private var light: PrinterStatus.Light? {
    if order[0].word.equals("on") { return .on }
    if order[0].word.equals("off") { return .off }
    return order[0].word.equals("flashing") ? .flashing : nil
  }

  private var feeder: ControlOrder.Feeder? {
    if order[0].word.equals("resume") { return .resume }
    if order[0].word.equals("reset") { return .reset }
    return order[0].word.equals("pause") ? .pause : nil
  }
}
