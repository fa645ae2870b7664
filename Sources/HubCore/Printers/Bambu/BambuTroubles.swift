// What the commonest error codes of Bambu printers mean, in words that say what to do. A code that
// is not here is shown as its digits alone.

/// Words for codes.
enum BambuTroubles {
  /// What `print_error` means.
  static func text(_ error: PrinterError) -> StaticString? {
    switch error.code {
    case 0x0300_4000: "homing the Z axis failed"
    case 0x0300_4001: "the nozzle did not cool down in time for homing"
    case 0x0300_4002: "levelling the bed failed"
    case 0x0300_4005, 0x0300_8010: "the hotend fan is too slow"
    case 0x0300_4006, 0x0300_8016: "the nozzle is clogged"
    case 0x0300_4008: "the AMS could not change the filament"
    case 0x0300_4009: "homing the X and Y axes failed"
    case 0x0300_400A: "finding the resonance failed"
    case 0x0300_400B: "parts of the printer do not talk to each other; restart it"
    case 0x0300_400C, 0x0500_400E: "the print was cancelled"
    case 0x0300_400D: "the print could not be resumed after the power loss"
    case 0x0300_8000, 0x0300_8001, 0x0300_8013: "the print was paused"
    case 0x0300_8002: "the first layer is bad; look at it and decide"
    case 0x0300_8003: "the print has come loose (spaghetti); look at it and decide"
    case 0x0300_8004: "the filament ran out; load new filament"
    case 0x0300_8005: "the toolhead's front cover is off; put it back"
    case 0x0300_8006: "no marker on the build plate; check the plate"
    case 0x0300_8007: "the print was broken off by a power loss; resume or stop it"
    case 0x0300_8008: "the nozzle does not keep its temperature"
    case 0x0300_8009: "the bed does not keep its temperature"
    case 0x0300_800A: "filament has piled up in the waste chute"
    case 0x0300_800B: "the cutter is stuck; look at its handle"
    case 0x0300_800C: "a step was lost; the printer has recovered"
    case 0x0300_800D: "something fell over or nothing comes out of the nozzle"
    case 0x0300_800E: "the print file cannot be read"
    case 0x0300_800F: "the door is open; close it"
    case 0x0300_8014: "the nozzle is covered with filament, or the plate lies askew"
    case 0x0300_8017: "something lies on the bed; take it away"
    case 0x0500_4001: "the printer cannot reach its maker's cloud"
    case 0x0500_4002: "the print file's path or name is not supported"
    case 0x0500_4003: "the print file cannot be understood; send it again"
    case 0x0500_4004: "the printer is printing and takes no new job"
    case 0x0500_4005: "the printer is updating its firmware"
    case 0x0500_4006: "no room for the print on the printer"
    case 0x0500_4007: "the printer's firmware must be updated first"
    case 0x0500_4008: "the print could not be started; restart the printer"
    case 0x0500_400A: "the file's name is not supported"
    case 0x0500_400B: "the file could not be fetched; check the network"
    case 0x0500_400C: "no SD card; put one in and try again"
    case 0x0500_400D: "the printer wants a self-test"
    case 0x0500_C010: "the SD card cannot be read or written; replace it"
    case 0x0500_C011: "the SD card cannot be read"
    case 0x0502_4007: "the printer accepts only signed commands; turn on Developer Mode"
    default: textOfFeeding(error.code)
    }
  }

  /// 07 is an AMS and 12 an AMS lite; the second digit pair says which.
  private static func textOfFeeding(_ code: UInt32) -> StaticString? {
    guard code &>> 24 == 0x07 || code &>> 24 == 0x12 else { return nil }
    return switch code & 0xFFFF {
    case 0x8001: "the filament could not be cut"
    case 0x8002: "the cutter is stuck"
    case 0x8003, 0x8004: "the filament could not be pulled back; look for a jam"
    case 0x8005: "the AMS could not feed the filament; look for a jam"
    case 0x8006: "the filament does not reach the extruder"
    case 0x8007: "nothing comes out of the nozzle; it may be clogged"
    case 0x8010: "the AMS motor is overloaded; the spool or tube may be stuck"
    case 0x8011: "the AMS ran out of filament; load new filament"
    case 0x8012: "no mapping for the AMS; choose the trays again"
    default: nil
    }
  }

  /// What a health message means.
  static func text(_ alarm: Alarm) -> StaticString? {
    switch (alarm.attribute, alarm.code) {
    case (0x0300_0100, 0x0001_0001), (0x0300_0100, 0x0001_0002): "the bed's heater is broken"
    case (0x0300_0100, 0x0001_0003): "the bed is too hot"
    case (0x0300_0100, 0x0001_0006), (0x0300_0100, 0x0001_0007): "the bed's thermometer is broken"
    case (0x0300_0200, 0x0001_0001), (0x0300_0200, 0x0001_0002): "the nozzle's heater is broken"
    case (0x0300_0200, 0x0001_0003): "the nozzle is too hot"
    case (0x0300_0200, 0x0001_0006), (0x0300_0200, 0x0001_0007):
      "the nozzle's thermometer is broken"
    case (0x0300_0300, 0x0001_0001), (0x0300_0300, 0x0002_0002): "the hotend fan is too slow"
    case (0x0300_0400, 0x0002_0001): "the part fan is too slow"
    case (0x0300_0D00, 0x0001_0003): "the build plate lies askew"
    case (0x0300_0F00, 0x0001_0001): "the accelerometer does not answer"
    case (0x0300_1800, 0x0001_0005): "the Z axis is blocked"
    case (0x0300_1A00, 0x0002_0001): "the nozzle is covered with filament, or the plate lies askew"
    case (0x0300_1A00, 0x0002_0002): "the nozzle is clogged"
    case (0x0300_9600, 0x0001_0001): "the door is open; close it"
    case (0x0500_0100, 0x0002_0001): "the media pipeline fails; restart the printer"
    case (0x0500_0100, 0x0003_0004): "the SD card is full"
    case (0x0500_0100, 0x0003_0005): "the SD card has errors"
    case (0x0500_0300, 0x0001_0001): "the motor board fails; restart the printer"
    case (0x0500_0300, 0x0001_0002): "the toolhead fails; restart the printer"
    case (0x0500_0300, 0x0001_0003): "the AMS is lost; restart the printer"
    case (0x0500_0400, 0x0001_0001): "the job could not be fetched; check the network"
    case (0x0500_0400, 0x0001_0002): "the print file cannot be read"
    case (0x0500_0500, 0x0001_0007):
      "commands are not verified; turn on LAN-only mode and Developer Mode, then restart the printer"
    case (0x0700_0100, 0x0001_0001): "the AMS assist motor slips; look for a jam"
    case (0x0C00_0100, 0x0001_0001): "the lidar's camera does not answer"
    case (0x0C00_0300, 0x0003_0006): "purged filament may have piled up"
    case (0x0C00_0300, 0x0003_0008): "the print may have come loose (spaghetti)"
    case (0x0C00_0300, 0x0002_0010): "no marker on the build plate; check the plate"
    default: textOfSpool(alarm)
    }
  }

  /// Messages that an AMS (07) or AMS lite (12) has for each of its places.
  private static func textOfSpool(_ alarm: Alarm) -> StaticString? {
    let unit = alarm.attribute &>> 24
    guard unit == 0x07 || unit == 0x12 else { return nil }
    return switch (alarm.attribute &>> 12 & 0xF, alarm.code) {
    case (1, 0x0001_0001), (1, 0x0001_0003): "an AMS motor slips; look for a jam"
    case (1, 0x0002_0002): "an AMS motor is overloaded; the filament may be tangled"
    case (2, 0x0002_0001): "a spool ran out; put a new one in the same place"
    case (2, 0x0002_0002): "a place of the AMS is empty; put a spool in"
    case (2, 0x0002_0003): "the filament may be broken in the AMS"
    case (2, 0x0002_0004): "the filament may be broken in the toolhead"
    case (2, 0x0002_0005): "the spool ran out, and the old filament could not be purged"
    default: nil
    }
  }
}
