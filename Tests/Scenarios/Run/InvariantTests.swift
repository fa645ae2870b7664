import Testing
import World

@testable import Scenarios

/// A short run in which an invariant is broken on purpose, or not.
struct FactStory: CustomTestStringConvertible {
  let testDescription: String
  let invariant: any Invariant.Type
  let facts: [Fact]
  /// What the last fact must be answered with; nil when all is well.
  let answer: String?

  init(_ description: String, _ invariant: any Invariant.Type, _ facts: [Fact], _ answer: String?) {
    testDescription = description
    self.invariant = invariant
    self.facts = facts
    self.answer = answer
  }
}

private let made = Fact.jobMade(job: "job-1", farm: "workshop", printer: "p1", digest: 0xABC)
private let asked = Fact.startAsked(job: "job-1")

private func began(_ number: Int, digest: UInt64 = 0xABC) -> Fact {
  .printBegan(printer: "p1", farm: "workshop", number: number, digest: digest)
}

private func kept(_ id: String) -> Fact { .acknowledged(farm: "workshop", what: "jobs", id: id) }

private func listed(_ ids: [String]) -> Fact { .listed(farm: "workshop", what: "jobs", ids: ids) }

private func second(_ number: Int64) -> Instant { .start + .seconds(number) }

private func sent(at time: Int64) -> Fact {
  .commandSent(id: "c", what: "print_command start 01P", at: second(time))
}

private func step(_ from: String, _ to: String) -> Fact {
  .jobStepped(job: "job-1", from: from, to: to)
}

@Suite("Every invariant can fire")
struct InvariantTests {
  static let stories: [FactStory] = [
    FactStory(
      "a job that is printed once is well", StartedOnce.self, [made, asked, began(1)], nil),
    FactStory(
      "a job that is printed twice is not", StartedOnce.self, [made, asked, began(1), began(2)],
      "p1 began print 2, but only 1 of its jobs were started"),
    FactStory(
      "asking twice for one job does not allow two prints", StartedOnce.self,
      [made, asked, asked, began(1), began(2)],
      "p1 began print 2, but only 1 of its jobs were started"),
    FactStory(
      "a print that nobody asked for is none", StartedOnce.self, [made, began(1)],
      "p1 began print 1, but only 0 of its jobs were started"),
    FactStory("the uploaded bytes may be printed", SameBytes.self, [made, began(1)], nil),
    FactStory(
      "other bytes may not", SameBytes.self, [made, began(1, digest: 0xABD)],
      "p1 prints bytes that nobody uploaded for it (digest abd)"),
    FactStory(
      "nor may a printer be told to", SameBytes.self,
      [made, .printRefused(printer: "p1", digest: 0xABD)],
      "p1 was told to print what nobody uploaded for it (digest abd)"),
    FactStory(
      "what was uploaded may be refused", SameBytes.self,
      [made, .printRefused(printer: "p1", digest: 0xABC)], nil),
    FactStory(
      "the ordinary way of a job is legal", LegalSteps.self,
      [
        step("queued", "processing"), step("processing", "uploaded"), step("uploaded", "printing"),
        step("printing", "paused"), step("paused", "printing"), step("printing", "completed"),
      ], nil),
    FactStory(
      "a job does not rise from the dead", LegalSteps.self,
      [step("printing", "failed"), step("failed", "printing")], "job-1 went from failed to printing"
    ),
    FactStory(
      "a job is where it was left", LegalSteps.self,
      [step("queued", "processing"), step("uploaded", "printing")],
      "job-1 was processing and is now said to go from uploaded to printing"),
    FactStory(
      "progress of a job goes on", NeverBack.self,
      [.jobProgressed(job: "job-1", percent: 40), .jobProgressed(job: "job-1", percent: 40)], nil),
    FactStory(
      "progress of a job does not go back", NeverBack.self,
      [.jobProgressed(job: "job-1", percent: 40), .jobProgressed(job: "job-1", percent: 39)],
      "job-1 went back from 40 % to 39 %"),
    FactStory(
      "the next print begins at 0 again", NeverBack.self,
      [
        .printProgressed(printer: "p1", number: 1, percent: 100),
        .printProgressed(printer: "p1", number: 2, percent: 0),
      ], nil),
    FactStory(
      "within a print the printer does not go back", NeverBack.self,
      [
        .printProgressed(printer: "p1", number: 1, percent: 70),
        .printProgressed(printer: "p1", number: 1, percent: 3),
      ], "p1 went back from 70 % to 3 % in one print"),
    FactStory(
      "what is in the list is not lost", NothingLost.self,
      [kept("a"), kept("b"), listed(["b", "a", "c"])], nil),
    FactStory(
      "what was acknowledged and is not in the list is lost", NothingLost.self,
      [kept("a"), kept("b"), listed(["b"])],
      "the jobs of workshop lack a, which was acknowledged"),
    FactStory(
      "nothing is there twice", NothingLost.self, [kept("a"), listed(["a", "a"])],
      "the jobs of workshop hold a more than once"),
    FactStory(
      "an answer after half a minute comes in time", AnsweredInTime.self,
      [sent(at: 10), .commandOver(id: "c", at: second(40)), .storyEnded(at: second(90))], nil),
    FactStory(
      "a later one does not", AnsweredInTime.self,
      [sent(at: 10), .commandOver(id: "c", at: second(50))],
      "\"print_command start 01P\" was open for 40 s"),
    FactStory(
      "a command that nobody answers is not left open", AnsweredInTime.self,
      [sent(at: 10), .storyEnded(at: second(60))],
      "\"print_command start 01P\" was open for 50 s"),
    FactStory(
      "a cloud that was away has its own half minute", AnsweredInTime.self,
      [sent(at: 10), .cloudIsUp(at: second(50)), .commandOver(id: "c", at: second(75))], nil),
    FactStory(
      "a cloud that can keep nothing has its half minute when it can again", AnsweredInTime.self,
      [
        sent(at: 10), .faultBegan(kind: "disk-full", place: "cloud"),
        .commandOver(id: "other", at: second(20)),
        .faultEnded(kind: "disk-full", place: "cloud", at: second(60)),
        .commandOver(id: "c", at: second(85)),
      ], nil),
    FactStory(
      "and no longer", AnsweredInTime.self,
      [
        sent(at: 10), .faultBegan(kind: "disk-full", place: "cloud"),
        .faultEnded(kind: "disk-full", place: "cloud", at: second(60)),
        .commandOver(id: "c", at: second(100)),
      ], "\"print_command start 01P\" was open for 40 s"),
    FactStory(
      "a job may fail before its print comes to anything", TrulyOver.self,
      [made, began(1), step("printing", "failed"), .printEnded(printer: "p1", isFinished: false)],
      nil),
    FactStory(
      "a print that is finished does not belong to a failed job", TrulyOver.self,
      [made, began(1), step("printing", "failed"), .printEnded(printer: "p1", isFinished: true)],
      "p1 finished the print of job-1, which did not come to its end on record"),
    FactStory(
      "what a printer has forgotten nobody can know", TrulyOver.self,
      [
        made, began(1), .printEnded(printer: "p1", isFinished: true),
        .faultBegan(kind: "printer-off", place: "p1"), step("printing", "failed"),
      ], nil),
    FactStory(
      "nor to one that is cancelled afterwards", TrulyOver.self,
      [
        made, began(1), .printEnded(printer: "p1", isFinished: true), step("printing", "cancelled"),
      ],
      "p1 finished the print of job-1, which did not come to its end on record"),
    FactStory(
      "what is stopped may be started again", StopObeyed.self,
      [made, asked, .stopConfirmed(printer: "p1"), asked, began(1)], nil),
    FactStory(
      "a confirmed stop is no promise to be broken", StopObeyed.self,
      [made, asked, .stopConfirmed(printer: "p1"), began(1)],
      "p1 began a print whose stop was confirmed"),
    FactStory(
      "the page shows what is", SameTruth.self,
      [.shownAs(printer: "p1", shown: "printing", truth: "printing")], nil),
    FactStory(
      "the page must not show what was", SameTruth.self,
      [.shownAs(printer: "p1", shown: "offline", truth: "idle")],
      "p1 is idle, and is shown as offline"),
    FactStory(
      "a print that no job stands for is not the truth", SameTruth.self,
      [.printsUnknown(printer: "p1")], "p1 prints, and no job of it is under way"),
    FactStory(
      "a secret in the database is none", NoSecret.self,
      [.secretSeen(what: "the access code of p1", place: "the cloud's database")],
      "the access code of p1 stands in clear in the cloud's database"),
    FactStory(
      "a hub may write what it must", FlashWear.self,
      [.storeWritten(hub: "hub-1", times: 160, boots: 1, jobs: 1)], nil),
    FactStory(
      "and no more", FlashWear.self,
      [.storeWritten(hub: "hub-1", times: 161, boots: 1, jobs: 1)],
      "hub-1 wrote to its store 161 times; 160 are enough"),
    FactStory(
      "no task starves", NeverStarved.self, [.hubUnwell(hub: "hub-1")],
      "hub-1 restarted because a task had not done its part"),
    FactStory(
      "a queue may be full", QueuesBounded.self,
      [.queueHolds(queue: "notifications", count: 1_000, limit: 1_000)], nil),
    FactStory(
      "and not fuller", QueuesBounded.self,
      [.queueHolds(queue: "notifications", count: 1_001, limit: 1_000)],
      "1,001 wait in notifications, which may hold 1,000"),
    FactStory(
      "what waits when all is well is forgotten", QueuesDrained.self,
      [.queueLeft(queue: "the outbox of hub-1", count: 96)],
      "96 still wait in the outbox of hub-1"),
    FactStory(
      "a hub with power runs", AlwaysBoots.self, [.hubDead(hub: "hub-1")],
      "hub-1 has power and does not run"),
    FactStory(
      "a crash is told", CrashesTold.self, [.crashUntold(hub: "hub-1")],
      "hub-1 has crashed and told nobody"),
    FactStory(
      "nobody speaks in riddles", Understood.self,
      [.misunderstood(source: "hub 1", reason: "hub.illegal-job-status")],
      "hub 1 was not understood: hub.illegal-job-status"),
    FactStory(
      "a finished print completes a job", TrulyFinished.self,
      [made, .printEnded(printer: "p1", isFinished: true), step("printing", "completed")], nil),
    FactStory(
      "a stopped print does not", TrulyFinished.self,
      [made, .printEnded(printer: "p1", isFinished: false), step("printing", "completed")],
      "job-1 is completed, but p1 has finished only 0 prints"),
    FactStory(
      "128 KiB are allowed", MemoryBound.self, [.hubMemory(hub: "hub-1", used: 131_072)], nil),
    FactStory(
      "a byte more is not", MemoryBound.self, [.hubMemory(hub: "hub-1", used: 131_073)],
      "hub-1 uses 131,073 bytes of 131,072"),
    FactStory(
      "a farm prints its own files", TenantWalls.self,
      [.fileUploaded(farm: "workshop", digest: 0xABC), began(1)], nil),
    FactStory(
      "a farm does not print another's", TenantWalls.self,
      [.fileUploaded(farm: "garage", digest: 0xABC), began(1)],
      "p1 of workshop prints a file of garage"),
    FactStory(
      "a hub hears nothing of another farm", TenantWalls.self,
      [.commanded(hub: "hub-1", hubFarm: "workshop", targetFarm: "garage")],
      "hub-1 of workshop was sent a command about something of garage"),
    FactStory(
      "an owner is shown nothing of another farm", TenantWalls.self,
      [.shown(farm: "garage", ownerOf: "workshop", what: "one of the jobs")],
      "the owner of workshop was shown one of the jobs of garage"),
  ]

  @Test("what breaks an invariant is told, what does not is not", arguments: stories)
  func story(_ story: FactStory) {
    let invariant = story.invariant.init()
    var answers = story.facts.map { invariant.hear($0) }
    let last = answers.removeLast()
    #expect(answers.allSatisfy { $0 == nil })
    #expect(last == story.answer)
  }

  @Test("every invariant has a name of its own, a sentence, and a story that breaks it")
  func complete() {
    #expect(Set(Invariants.all.map { $0.id }).count == Invariants.all.count)
    for invariant in Invariants.all {
      #expect(invariant.sentence.hasSuffix("."))
      #expect(Self.stories.contains { $0.invariant == invariant && $0.answer != nil })
    }
  }
}
