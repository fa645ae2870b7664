import World

/// Which part of a list is asked for.
struct Page {
  let limit: Int64
  let offset: Int64

  private static let most: Int64 = 500
  private static let usual: Int64 = 100

  /// What a route that answers lists takes behind the `?`.
  static let parameters: [Field] = [
    .optional(.integer("limit", 1...most)), .optional(.integer("offset", 0...1_000_000_000)),
  ]

  init(_ call: Call) {
    limit = call.options.optionalInteger("limit") ?? Self.usual
    offset = call.options.optionalInteger("offset") ?? 0
  }

  /// The answer with that part, and where it stands in the whole.
  func answer(_ elements: [JSON], of total: Int64) -> Answer {
    let next = offset + Int64(elements.count)
    return Answer(
      status: 200,
      body: .json([
        "data": .array(elements),
        "page": [
          "limit": .integer(limit), "offset": .integer(offset), "total": .integer(total),
          "next_offset": next < total && !elements.isEmpty ? .integer(next) : .null,
        ],
      ]))
  }

  static let shape = Shape.named(
    "Page",
    [
      ("limit", .integer), ("offset", .integer), ("total", .integer),
      ("next_offset", .optional(.integer)),
    ])
}
