// Lines of `LIST`, as `ls -l` writes them and as clients take them apart:
//
//     -rw-rw-rw-    1 0        0           12345 Jan 02 03:04 name.3mf

/// One line of a long listing.
enum DirectoryLine {
  private static let halfYear: Int64 = 182 * 86_400_000

  static func long(_ entry: PrinterCard.Entry, now: Int64) -> String {
    let time = CalendarTime(milliseconds: entry.modified)
    let size = String(entry.byteCount)
    let padding = String(repeating: " ", count: max(0, 12 - size.count))
    // Old files show the year instead of the hour.
    let isOld = now - entry.modified > halfYear
    let clock = isOld ? " \(time.year)" : "\(twoDigits(time.hour)):\(twoDigits(time.minute))"
    return "\(entry.isDirectory ? "drwxrwxrwx" : "-rw-rw-rw-")    1 0        0 \(padding)\(size) "
      + "\(months[time.month - 1]) \(twoDigits(time.day)) \(clock) \(CardPath.name(of: entry.path))"
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}

/// A moment in the calendar, in UTC.
struct CalendarTime {
  let year: Int
  let month: Int
  let day: Int
  let hour: Int
  let minute: Int
  let second: Int

  init(milliseconds: Int64) {
    let seconds = milliseconds / 1000
    let ofDay = Int(seconds % 86_400)
    hour = ofDay / 3600
    minute = ofDay / 60 % 60
    second = ofDay % 60
    // Years that begin in March put the leap day last; 400 of them are 146,097 days.
    let days = Int(seconds / 86_400) + 719_468
    let era = days / 146_097
    let ofEra = days % 146_097
    let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * ofYear + 2) / 153
    day = ofYear - (153 * shifted + 2) / 5 + 1
    month = shifted < 10 ? shifted + 3 : shifted - 9
    year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
  }

  /// As MDTM answers: 20260131235959.
  var stamp: String {
    "\(year)" + [month, day, hour, minute, second].map { twoDigits($0) }.joined()
  }
}

private func twoDigits(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
