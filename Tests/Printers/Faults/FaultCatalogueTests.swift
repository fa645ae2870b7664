import Printers
import Testing
import World

@Suite("The catalogue of faults")
struct FaultCatalogueTests {
  /// What was seen in the field, by the names under which it is known.
  static let seen = [
    "mqtt-silent", "mqtt-flap", "mqtt-too-many-clients", "mqtt-same-id", "wrong-code",
    "code-changed", "report-truncated", "report-garbage", "report-huge", "report-old",
    "report-duplicate", "numbers-as-strings", "stuck-at-100", "finish-lingers", "failed-lingers",
    "state-skips", "ack-lost", "ack-late", "verify-refused", "starts-other-file", "touch-screen",
    "filament-runout", "ams-jam", "door-open", "nozzle-clog", "bed-adhesion", "heater-fault",
    "plate-mismatch", "power-loss", "reboot-after-update", "wifi-weak", "ftps-530", "ftps-421",
    "ftps-550", "ftps-553", "ftps-552", "ftps-no-reuse", "ftps-426-but-whole", "ftps-426-cut",
    "ftps-no-226", "ftps-late-226", "ftps-pasv-wrong-address", "ftps-stall", "ftps-slow",
    "ftps-control-drop", "ftps-plain-data", "ftps-no-close-notify", "sd-missing", "sd-full",
    "sd-abnormal", "clock-wrong", "address-changed", "cert-expired", "cert-other-serial",
  ]

  @Test("has every fault that was seen in the field", arguments: seen)
  func has(name: String) {
    #expect(BambuFault(rawValue: name) != nil)
  }

  @Test("explains each fault in a sentence and has an ordinary value for what can be measured")
  func sentences() {
    for fault in BambuFault.allCases {
      #expect(fault.meaning.hasSuffix("."))
      #expect(fault.meaning.count < 100)
      #expect(fault.meaning.contains("`to`") == (fault.measure != nil) || fault.hasWords)
    }
    #expect(Set(BambuFault.allCases.map(\.name)).count == BambuFault.allCases.count)
  }

  @Test("every fault can be switched on and off on every model, busy or not, without harm")
  func everyModel() throws {
    for model in [BambuModel.P1S, .X1C, .A1mini] {
      let bench = try PrinterBench(model: model)
      bench.printer.clock = bench.client
      try bench.putFile()
      let client = bench.listen()
      _ = client.print("project_file", MachineTests.cube)
      bench.run(.minutes(3))
      for fault in BambuFault.allCases {
        bench.printer.begin(fault)
        bench.run(.seconds(3))
        bench.printer.end(fault)
        #expect(!bench.printer.troubles.has(fault))
        bench.run(.minutes(6)) { bench.printer.isOn }
      }
      #expect(bench.printer.isOn)
      #expect(bench.printer.troubles.isEmpty)
    }
  }
}

extension BambuFault {
  fileprivate var hasWords: Bool {
    if case .word? = measure { true } else { false }
  }
}
