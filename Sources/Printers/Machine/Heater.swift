// A heater and what it heats. The temperature is computed from when the target was last set, so
// that asking is cheap and nothing has to happen in between:
//
//     T(t) = towards + (T0 - towards) · e^(-(t - t0) / τ)
//
// While it heats, `towards` lies above the target, as if at full power, and the curve is cut off at
// the target; while it cools, `towards` is the room.

import World

/// A nozzle or a bed.
struct Heater {
  /// Everything here is in degrees Celsius.
  static let ambient = 24.0

  /// How far above the target the heater would come if nobody stopped it.
  let reserve: Double
  let heatingTime: Interval
  let coolingTime: Interval

  private(set) var target = 0.0
  private var startTemperature = Heater.ambient
  private var start = Instant.start

  static let nozzle = Heater(
    reserve: 40, heatingTime: .seconds(45), coolingTime: .seconds(70))
  static let bed = Heater(
    reserve: 12, heatingTime: .seconds(110), coolingTime: .seconds(600))

  private init(reserve: Double, heatingTime: Interval, coolingTime: Interval) {
    self.reserve = reserve
    self.heatingTime = heatingTime
    self.coolingTime = coolingTime
  }

  mutating func set(target: Double, at now: Instant) {
    guard target != self.target else { return }
    startTemperature = temperature(at: now)
    start = now
    self.target = target
  }

  /// It is as hot as that already.
  mutating func hold(_ target: Double, at now: Instant) {
    startTemperature = max(target, Self.ambient)
    start = now
    self.target = target
  }

  func temperature(at now: Instant) -> Double {
    let rest = max(target, Self.ambient)
    let isHeating = startTemperature < rest
    let towards = isHeating ? rest + reserve : rest
    let time = isHeating ? heatingTime : coolingTime
    let elapsed = Double((now - start).nanoseconds) / Double(time.nanoseconds)
    let temperature = towards + (startTemperature - towards) * Self.decay(elapsed)
    return isHeating ? min(rest, temperature) : max(rest, temperature)
  }

  /// How long from `now` until the target is reached within half a degree; zero when it is.
  func timeToTarget(from now: Instant) -> Interval {
    let rest = max(target, Self.ambient)
    func isThere(_ instant: Instant) -> Bool { abs(temperature(at: instant) - rest) <= 0.5 }
    guard !isThere(now) else { return .zero }
    // The curve only ever comes closer, so halving finds the moment, to the millisecond.
    var early: Int64 = 0
    var late: Int64 = 24 * 3_600_000
    while late - early > 1 {
      let middle = (early + late) / 2
      if isThere(now + .milliseconds(middle)) { late = middle } else { early = middle }
    }
    return .milliseconds(late)
  }

  /// e^-x, nearly: plain multiplications give the same bits on every machine, a library's `exp`
  /// does not promise that.
  private static func decay(_ x: Double) -> Double {
    guard x > 0 else { return 1 }
    guard x < 40 else { return 0 }
    var value = 1 - x / 1024
    for _ in 0..<10 { value *= value }
    return value
  }
}
