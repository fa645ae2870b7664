import World

/// Takes a form with one file in it, as OctoPrint and Moonraker want uploads.
final class FormUpload: UploadSink {
  /// What a whole form held.
  struct Form {
    var fields: [(name: String, value: String)] = []
    var fileName: String?
    var upload: CardUpload?

    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
  }

  private var reader: MultipartReader
  private var form = Form()
  private let open: () -> Result<CardUpload, CardFailure>
  private let refuse: (CardFailure) -> WebAnswer
  private let complete: (Form?, @escaping (WebAnswer) -> Void) -> Void
  private var isBroken = false
  private let onMove: () -> Void

  /// `open` begins a file, `refuse` says what a full storage means, `complete` gets the form once it
  /// is whole; nil when it was none.
  init(
    reader: MultipartReader, open: @escaping () -> Result<CardUpload, CardFailure>,
    refuse: @escaping (CardFailure) -> WebAnswer, onMove: @escaping () -> Void,
    complete: @escaping (Form?, @escaping (WebAnswer) -> Void) -> Void
  ) {
    self.reader = reader
    self.open = open
    self.refuse = refuse
    self.onMove = onMove
    self.complete = complete
  }

  func take(_ bytes: UnsafeRawBufferPointer) -> WebAnswer? {
    reader.append(bytes)
    defer { onMove() }
    while true {
      switch reader.next() {
      case .needsMore, .end: return nil
      case .field(let name, let value): form.fields.append((name, value))
      case .file(_, let fileName):
        guard form.upload == nil else { continue }
        switch open() {
        case .success(let upload):
          form.fileName = fileName
          form.upload = upload
        case .failure(let failure): return refuse(failure)
        }
      case .content(let bytes):
        guard let upload = form.upload else { continue }
        var failure: CardFailure?
        bytes.withUnsafeBytes { bytes in
          do throws(CardFailure) { try upload.append(bytes) } catch { failure = error }
        }
        if let failure { return refuse(failure) }
      case .fileEnd: break
      case .broken:
        isBroken = true
        return nil
      }
    }
  }

  func finish(_ reply: @escaping (WebAnswer) -> Void) { complete(isBroken ? nil : form, reply) }

  func abandon() {
    form.upload?.discard()
    onMove()
  }
}
