import Cloud
import HubCore
import Testing

@testable import Scenarios

@Suite("Planted bugs")
struct PlantedBugTests {
  @Test("every bug has a name and a sentence of its own")
  func names() {
    #expect(PlantedBug.all.count >= 20)
    #expect(Set(PlantedBug.all.map(\.name)).count == PlantedBug.all.count)
    #expect(Set(PlantedBug.all.map(\.sentence)).count == PlantedBug.all.count)
    for bug in PlantedBug.all { #expect(PlantedBug.named(bug.name)?.sentence == bug.sentence) }
  }

  @Test("every mistake that the cloud can be given is planted by one of them")
  func everyCloudFlaw() {
    #expect(
      Set(PlantedBug.all.compactMap(\.cloudFlaw)) == Set(CloudFlaw.allCases))
  }

  @Test("nothing is planted unless somebody asks for it")
  func nothing() {
    #expect(PlantedBug.current == nil)
  }
}
