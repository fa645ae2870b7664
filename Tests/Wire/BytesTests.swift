import Testing
import Wire

@Suite("Writers and queues of bytes")
struct BytesTests {
  @Test("numbers are written in every form")
  func numbers() {
    let bytes = written {
      $0.put(0x41)
      $0.put("bc")
      $0.put(utf8("d").span)
      $0.put(bigEndian16: 0x0102)
      $0.put(bigEndian32: 0x0304_0506)
      $0.put(hex: [0x0F, 0xA0].span)
    }
    #expect(bytes == utf8("Abcd") + [1, 2, 3, 4, 5, 6] + utf8("0fa0"))
  }

  @Test("decimals are written to the ends of their ranges")
  func decimals() {
    for number in [0, 1, -1, 10, -10, 999, 1000, Int.max, Int.min] {
      #expect(written { $0.put(decimal: number) } == utf8("\(number)"))
    }
    for number in [0, 9, 10, UInt32.max] {
      #expect(written { $0.put(decimal: number) } == utf8("\(number)"))
    }
    for number in [0, 9, 10, 1 << 63, UInt64.max] {
      #expect(written { $0.put(decimal64: number) } == utf8("\(number)"))
    }
  }

  @Test("a decimal is written when it just fits, and else left out with its sign")
  func decimalsAtTheBound() {
    #expect(written(4) { $0.put(decimal: -999) } == utf8("-999"))
    #expect(written(3) { $0.put(decimal: -999) } == [])
    #expect(written(20) { $0.put(decimal: Int.min) } == utf8("\(Int.min)"))
  }

  @Test("what does not fit is left out whole, and so is all that follows")
  func overflow() {
    let puts: [(String, (inout ByteWriter) -> Void)] = [
      ("ab", { $0.put("ab") }), ("cd", { $0.put(utf8("cd").span) }), ("7", { $0.put(0x37) }),
      ("\u{1}\u{2}", { $0.put(bigEndian16: 0x0102) }),
      ("\u{1}\u{2}\u{3}\u{4}", { $0.put(bigEndian32: 0x0102_0304) }),
      ("-120", { $0.put(decimal: -120) }), ("4294967295", { $0.put(decimal: UInt32.max) }),
      ("12345678901", { $0.put(decimal64: 12_345_678_901) }), ("0f", { $0.put(hex: [15].span) }),
    ]
    for (text, put) in puts {
      let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count + 1)
      defer { memory.deallocate() }
      for room in 0...memory.count {
        var writer = ByteWriter(UnsafeMutableBufferPointer(rebasing: memory[..<room]))
        put(&writer)
        #expect(array(writer.written) == (room < text.utf8.count ? [] : utf8(text)))
        #expect(writer.overflowed == (room < text.utf8.count))
        #expect(writer.capacity == room)
        guard writer.overflowed else { continue }
        writer.put("")
        writer.put(0x41)
        #expect(writer.count == 0)
      }
    }
  }

  @Test(
    "a queue gives back what it was given, whatever the order of the calls",
    arguments: 0..<40 as Range<UInt64>)
  func queue(seed: UInt64) {
    var luck = Luck(seed: seed)
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64)
    defer { memory.deallocate() }
    var queue = ByteQueue(memory)
    var model: [UInt8] = []
    for _ in 0..<500 {
      let added = luck.bytes(Int(luck.next() % 40))
      switch luck.next() % 4 {
      case 0:
        let fits = model.count + added.count <= 64
        let isTaken = queue.append(added.span)
        #expect(isTaken == fits)
        if fits { model += added }
      case 1:
        let fits = model.count + added.count <= 64
        let isTaken = queue.write { writer in for byte in added { writer.put(byte) } }
        #expect(isTaken == fits)
        if fits { model += added }
      case 2:
        var taken = 0
        queue.fill { room in
          taken = min(room.count, added.count)
          for index in 0..<taken { room[index] = added[index] }
          return taken
        }
        #expect(taken == min(64 - model.count, added.count))
        model += added[..<taken]
      default:
        let dropped = Int(luck.next() % UInt64(model.count + 1))
        queue.consume(dropped)
        model.removeFirst(dropped)
      }
      #expect(array(queue.pending) == model)
      #expect(queue.count == model.count && queue.freeCount == 64 - model.count)
    }
    queue.removeAll()
    #expect(queue.isEmpty && queue.pending.isEmpty)
  }

  @Test("a queue of no bytes takes none")
  func emptyQueue() {
    var queue = ByteQueue(UnsafeMutableBufferPointer(start: nil, count: 0))
    let none: [UInt8] = []
    let takesNone = queue.append(none.span)
    let takesOne = queue.append([1].span)
    let writesOne = queue.write { $0.put(1) }
    #expect(takesNone && !takesOne && !writesOne)
    queue.fill { $0.count }
    #expect(queue.count == 0)
  }

  @Test("bytes are compared with texts, and letters without their case")
  func comparing() {
    let rows: [(String, Bool, Bool)] = [
      ("Host", true, true), ("host", false, true), ("hOST", false, true), ("Hos", false, false),
      ("Hostx", false, false), ("Hosu", false, false), ("", false, false),
      ("Ho\u{13}t", false, false),
    ]
    for (text, same, sameLetters) in rows {
      let bytes = utf8(text)
      let isSame = equals(bytes.span, "Host")
      let isSameSpan = equals(bytes.span, utf8("Host").span)
      let isSameLetters = equalsIgnoringCase(bytes.span, "Host")
      #expect(isSame == same && isSameSpan == same && isSameLetters == sameLetters)
    }
    // Longer than whole words, different in one place or in the case alone.
    let text: StaticString = "DevVersion.Bambu.com-1"
    let whole = utf8("DevVersion.Bambu.com-1")
    for index in whole.indices {
      for bit: UInt8 in [0x01, 0x20] {
        var changed = whole
        changed[index] ^= bit
        let isLetter = (UInt8(ascii: "A")...UInt8(ascii: "z")).contains(whole[index])
        let isSame = equals(changed.span, text) || equals(changed.span, whole.span)
        let isSameLetters = equalsIgnoringCase(changed.span, text)
        #expect(!isSame && isSameLetters == (bit == 0x20 && isLetter))
        let isKnown =
          checksum(of: changed.span, beginningWith: 7) == checksum(of: whole.span, beginningWith: 7)
        #expect(!isKnown)
      }
    }
    // Characters that differ from letters by the same bit are no letters.
    let isSame = equalsIgnoringCase(utf8("@[`{").span, "`{@[")
    #expect(!isSame)
  }
}
