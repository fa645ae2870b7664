import Printers
import World

/// One thing that happens, and when.
public struct Step {
  public var mark: Mark
  /// Not before this time of the run.
  public var at: Interval?
  /// Not before this is true.
  public var when: Condition?
  /// So long after the step before, or after `when` came true.
  public var after: Interval?
  /// Left out when this is not true at its time.
  public var onlyIf: Condition?
  /// Left out except in so many of all cases.
  public var probability: Double?
  /// How a fault comes again, and ends.
  public var rhythm: Rhythm?
  public var action: Action

  public init(
    mark: Mark, at: Interval? = nil, when: Condition? = nil, after: Interval? = nil,
    onlyIf: Condition? = nil, action: Action
  ) {
    self.mark = mark
    self.at = at
    self.when = when
    self.after = after
    self.onlyIf = onlyIf
    self.action = action
  }
}

/// What a step does.
public enum Action {
  /// The owner asks the cloud for something; `refusal` is the status that it must refuse it with,
  /// `patience` how long the owner goes on asking while no answer comes.
  case request(Request, refusal: Int?, patience: Interval?)
  case press(PrinterButton, printer: String)
  case fault(Fault)
  case mend(FaultKind, place: String)
  case printerFault(PrinterFault)
  case printerMend(FieldFault, printer: String)
  case phone(PhoneStep)
  case push(hub: String, length: Interval)
  case wait(Interval)
  case expect(Condition, within: Interval)
  case say(String)
  /// Rows of steps that all begin at once.
  case together([[Step]])
  /// Rows of steps that are done one after another.
  case turns([[Step]], every: Interval?, until: StoryMoment?)
}

/// A moment that a story names.
public enum StoryMoment {
  /// This time of the run.
  case time(Interval)
  /// As soon as this is true.
  case condition(Condition)
}

/// How often a fault comes, how long it lasts when luck decides on that, and when it is over.
public struct Rhythm {
  public var every: Interval?
  /// Drawn each time that it comes.
  public var probability: Double?
  /// With the fault's own duration as the longest.
  public var least: Interval?
  public var until: StoryMoment?

  public var isPlain: Bool {
    every == nil && probability == nil && least == nil && until == nil
  }
}

/// What an owner asks of the cloud.
public enum Request {
  case print(file: String, printer: String, job: String)
  case upload(file: String, farm: String)
  case queue(file: String, printer: String, job: String)
  case start(job: String)
  case pause(job: String)
  case resume(job: String)
  case cancel(job: String)
  case correct(printer: String)
  case add(printer: String)
  case photograph(printer: String)
  /// Nil: it must be done.
  case order(OrderWord, printer: String, answer: String?)
  case trust(printer: String)
  case command(Owner.HubCommand, hub: String)
  case firmware(FirmwareStep)
  case person(PersonStep)
  case release(hub: String)
  case claim(hub: String, farm: String)
}

/// Something that breaks.
public struct Fault {
  public var kind: FaultKind
  /// The hub, printer, farm, or `cloud`.
  public var place: String
  public var amount: Amount?
  /// Of the hub's firmware, for faults that are about one.
  public var task: TaskWord?
  /// For faults that wait for what the hub does with its flash.
  public var moment: FlashMoment?
  /// For faults of one thing in flash.
  public var thing: FlashThing?
  /// Nil: until it is mended.
  public var duration: Interval?

  /// How bad it gets.
  public enum Amount: Equatable {
    case latency(Interval)
    case loss(Double)
    case bytesPerSecond(Int)
    case count(Int)
  }

  public init(
    kind: FaultKind, place: String, amount: Amount? = nil, task: TaskWord? = nil,
    moment: FlashMoment? = nil, thing: FlashThing? = nil, duration: Interval? = nil
  ) {
    self.kind = kind
    self.place = place
    self.amount = amount
    self.task = task
    self.moment = moment
    self.thing = thing
    self.duration = duration
  }
}

/// A fault that comes by the clock.
public struct PlannedFault {
  public var mark: Mark
  /// The time of the run.
  public var at: Interval
  public var fault: AnyFault
  public var rhythm: Rhythm?

  public init(mark: Mark, at: Interval, fault: AnyFault) {
    self.mark = mark
    self.at = at
    self.fault = fault
  }
}

/// Something that breaks, whoever's it is.
public enum AnyFault {
  case world(Fault)
  case printer(PrinterFault)

  public var name: String {
    switch self {
    case .world(let fault): fault.kind.rawValue
    case .printer(let fault): fault.fault.name
    }
  }

  public var place: String {
    switch self {
    case .world(let fault): fault.place
    case .printer(let fault): fault.printer
    }
  }

  /// Nil: until it is mended, or over as soon as it has happened.
  public var duration: Interval? {
    get {
      switch self {
      case .world(let fault): fault.duration
      case .printer(let fault): fault.duration
      }
    }
    set {
      switch self {
      case .world(var fault):
        fault.duration = newValue
        self = .world(fault)
      case .printer(var fault):
        fault.duration = newValue
        self = .printer(fault)
      }
    }
  }

  var action: Action {
    switch self {
    case .world(let fault): .fault(fault)
    case .printer(let fault): .printerFault(fault)
    }
  }
}

/// What must come true, or must not.
public struct Expectation {
  public var mark: Mark
  public var kind: Kind
  public var condition: Condition

  /// In which way it must hold.
  public enum Kind {
    /// Once, within so long of the run's beginning or of the moment that `trigger` came true.
    case eventually(within: Interval?, trigger: Condition?)
    /// At no moment.
    case never
    /// At the end.
    case finally
  }

  public init(mark: Mark, kind: Kind, condition: Condition) {
    self.mark = mark
    self.kind = kind
    self.condition = condition
  }

  /// The sentence that the report shows.
  public var text: String {
    switch kind {
    case .eventually(let within, let trigger):
      let start = trigger.map { "when \($0.text), " } ?? ""
      let end = within.map { " within \(Quantity.describe($0))" } ?? ""
      return start + condition.text + end
    case .never: return "never: " + condition.text
    case .finally: return "finally: " + condition.text
    }
  }
}

/// Clauses that must all be true at once.
public struct Condition {
  public var text: String
  public var clauses: [Clause]

  public init(text: String, clauses: [Clause]) {
    self.text = text
    self.clauses = clauses
  }
}

/// One thing that can be true of somebody.
public struct Clause {
  public var subject: String
  public var test: Test

  /// What is asked.
  public enum Test: Equatable {
    case job(JobWord, isNot: Bool)
    case printer(PrinterWord, isNot: Bool)
    case hub(HubWord, isNot: Bool)
    case cloud(CloudWord, isNot: Bool)
    case phone(PhoneWord, isNot: Bool)
    case person(PersonWord, isNot: Bool)
    /// The version that a hub runs.
    case firmware(String, isNot: Bool)
    /// Where the hub's latest update stands, as the cloud has heard.
    case update(UpdateWord, isNot: Bool)
    case measure(Measure, of: Subject, Comparison, Double)
  }

  public init(subject: String, test: Test) {
    self.subject = subject
    self.test = test
  }
}

/// How a measure is compared.
public enum Comparison: String, CaseIterable, Sendable {
  case atLeast = ">="
  case atMost = "<="
  case more = ">"
  case less = "<"
  case equal = "="

  public func holds(_ a: Double, _ b: Double) -> Bool {
    switch self {
    case .atLeast: a >= b
    case .atMost: a <= b
    case .more: a > b
    case .less: a < b
    case .equal: a == b
    }
  }
}
