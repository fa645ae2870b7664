// What a report of a Bambu printer means for its slot.

import Wire

extension BambuLink {
  /// Lays the report that was read over what was known, if it is newer than that.
  mutating func lay(
    over status: inout PrinterStatus, _ printer: borrowing PrinterConfiguration
  ) -> LinkReport {
    var result = LinkReport()
    if reader[0].report.isStatus {
      let isWhole = reader[0].report.isWhole(reportsChangesOnly: printer.reportsChangesOnly)
      guard isNews(isWhole: isWhole) else { return result }
      if !isWhole { heardPart() }
      result.isStatus = true
      result.isChanged = merge(into: &status, isWhole: isWhole)
      result.saysState = reader[0].report.state != nil
      result.hasUnknownState = reader[0].report.hasUnknownState
      return result
    }
    if reader[0].report.hasFirmware { status.firmware = reader[0].report.firmware }
    guard let isSuccess = reader[0].report.result, let number = reader[0].report.number else {
      return result
    }
    let remark = reader[0].report.reason
    let wantsSignature =
      FileNames.contains(remark.span, "verif") || reader[0].report.error == .wantsSignature
    result.answer = LinkAnswer(
      sequence: number,
      outcome: isSuccess ? .success : wantsSignature ? .developerModeNeeded : .printerRefused,
      isStart: reader[0].report.command.equals("project_file"), remark: remark)
    return result
  }
}
