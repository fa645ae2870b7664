/// What the camera looks at: the plate, the part that grows on it, the nozzle above, and a bar with
/// the percent along the lower edge.
struct CameraScene: Equatable {
  var percent: Int
  var isPrinting: Bool
  var isLit: Bool
  /// RRGGBBAA
  var color: String
  /// Where the nozzle is, from 0 to 59; it goes to and fro.
  var step: Int

  /// Before there is anything to see.
  static let dark = CameraScene(
    percent: 0, isPrinting: false, isLit: false, color: "000000FF", step: 0)

  private static let width = 160
  private static let height = 90
  private static let plateTop = 74

  var picture: Picture {
    let light = isLit ? 1 : 3
    func lit(_ red: Int, _ green: Int, _ blue: Int) -> PictureColor {
      PictureColor(red: red / light, green: green / light, blue: blue / light)
    }
    var picture = Picture(width: Self.width, height: Self.height, color: lit(46, 48, 54))
    picture.fill(x: 12..<148, y: Self.plateTop..<(Self.plateTop + 4), lit(120, 116, 96))
    let rows = percent * 50 / 100
    let part = partColor
    let top = Self.plateTop - rows
    picture.fill(x: 55..<105, y: top..<Self.plateTop, lit(part.red, part.green, part.blue))
    let nozzle = isPrinting ? 55 + (step < 30 ? step : 59 - step) * 50 / 30 : 20
    let tip = isPrinting ? top : 20
    picture.fill(x: nozzle - 4..<nozzle + 5, y: tip - 12..<tip - 3, lit(170, 170, 176))
    picture.fill(x: nozzle..<nozzle + 1, y: tip - 3..<tip, lit(210, 150, 60))
    picture.fill(x: 0..<Self.width, y: 86..<Self.height, PictureColor(red: 20, green: 20, blue: 20))
    picture.fill(
      x: 0..<percent * Self.width / 100, y: 86..<Self.height,
      PictureColor(red: 40, green: 180, blue: 80))
    return picture
  }

  private var partColor: (red: Int, green: Int, blue: Int) {
    let number = Int(color.prefix(6), radix: 16) ?? 0xFFFFFF
    return (number >> 16 & 255, number >> 8 & 255, number & 255)
  }
}
