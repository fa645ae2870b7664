// What a client that is logged in can ask for.

import World

extension FileSession {
  func serve(_ verb: String, _ argument: String) {
    let source = renameSource
    renameSource = nil
    switch verb {
    case "PWD", "XPWD": reply(257, "\"\(directory)\" is the current directory")
    case "CWD", "XCWD": changeDirectory(argument)
    case "CDUP", "XCUP": changeDirectory("..")
    case "TYPE": setType(argument)
    case "MODE": argument.uppercased() == "S" ? reply(200, "Mode set to S.") : reply(504, "No.")
    case "STRU": argument.uppercased() == "F" ? reply(200, "Structure is F.") : reply(504, "No.")
    case "ALLO": reply(202, "ALLO command ignored.")
    case "PASV": openPassive(isExtended: false)
    case "EPSV":
      server.settings.knowsExtendedPassive
        ? openPassive(isExtended: true) : reply(502, "EPSV not implemented.")
    case "PORT", "EPRT": reply(500, "Only passive data connections.")
    case "REST":
      restart = max(0, Int(argument) ?? 0)
      reply(350, "Restart position accepted (\(restart)).")
    case "STOR": store(argument)
    case "RETR": retrieve(argument)
    case "LIST", "NLST": list(argument, isLong: verb == "LIST")
    case "ABOR": abort()
    case "SIZE": withFile(argument) { reply(213, "\($0.byteCount)") }
    case "MDTM": withFile(argument) { reply(213, CalendarTime(milliseconds: $0.modified).stamp) }
    case "AVBL" where server.settings.knowsRoom: reply(213, "\(server.card.freeCount)")
    case "STAT" where server.settings.knowsRoom:
      reply(211, "\(server.card.allFiles.count) files on the card.")
    case "HELP": reply(214, "Help is in RFC 959.")
    case "RNFR": rename(from: argument)
    case "RNTO": rename(source, to: argument)
    case "DELE", "RMD", "XRMD", "MKD", "XMKD": change(verb, argument)
    default: reply(502, "Command not implemented.")
    }
  }

  private func path(_ argument: String) -> String? {
    CardPath.resolve(argument, from: directory)
  }

  private func changeDirectory(_ argument: String) {
    guard let path = path(argument), server.card.entry(path)?.isDirectory == true else {
      return reply(550, "Failed to change directory.")
    }
    directory = path
    reply(250, "Directory successfully changed.")
  }

  private func setType(_ argument: String) {
    switch argument.uppercased() {
    case "I", "L 8", "L8": reply(200, "Switching to Binary mode.")
    case "A", "A N": reply(200, "Switching to ASCII mode.")
    default: reply(500, "Unrecognised TYPE command.")
    }
  }

  private func withFile(_ argument: String, _ body: (PrinterCard.Entry) -> Void) {
    guard server.card.isInserted, let path = path(argument), let entry = server.card.entry(path),
      !entry.isDirectory
    else { return reply(550, "Could not get file size.") }
    body(entry)
  }

  private func change(_ verb: String, _ argument: String) {
    guard let path = path(argument) else { return reply(550, "Bad name.") }
    let card = server.card
    do throws(CardFailure) {
      switch verb {
      case "DELE":
        try card.remove(path)
        reply(250, "Delete operation successful.")
      case "MKD", "XMKD":
        try card.makeDirectory(path, at: server.host.wallMilliseconds)
        reply(257, "\"\(path)\" created")
      default:
        try card.removeDirectory(path)
        reply(250, "Remove directory operation successful.")
      }
      server.onChange?()
    } catch {
      reply(550, "\(verb) operation failed: \(error).")
    }
  }

  private func rename(from argument: String) {
    guard let path = path(argument), let entry = server.card.entry(path), !entry.isDirectory else {
      return reply(550, "RNFR command failed.")
    }
    renameSource = path
    reply(350, "Ready for RNTO.")
  }

  private func rename(_ source: String?, to argument: String) {
    guard let source else { return reply(503, "RNFR required first.") }
    guard let path = path(argument), (try? server.card.rename(source, to: path)) != nil else {
      return reply(550, "Rename failed.")
    }
    reply(250, "Rename successful.")
  }

  // MARK: Transfers

  private func openPassive(isExtended: Bool) {
    channel?.abandon()
    channel = nil
    let opened: DataChannel
    do throws(NetworkFailure) {
      opened = try DataChannel(session: self)
    } catch {
      return reply(425, "Failed to establish connection.")
    }
    channel = opened
    if isExtended {
      reply(229, "Entering Extended Passive Mode (|||\(opened.port)|)")
    } else {
      let isLost = server.troubles.has(.ftpsWrongAddress)
      let answered = isLost ? "192.168.255.254" : stream.localAddress
      let address = answered.split(separator: ".").joined(separator: ",")
      reply(227, "Entering Passive Mode (\(address),\(opened.port >> 8),\(opened.port & 255)).")
    }
  }

  /// The channel that was opened for the next transfer, if the transfer may use it.
  private func readyChannel() -> DataChannel? {
    let isStrict = server.settings.demandsSessionReuse && !server.troubles.has(.ftpsPlainData)
    guard let channel else {
      reply(425, "Use PASV first.")
      return nil
    }
    guard isProtected || !isStrict else {
      reply(522, "Data connections must be encrypted.")
      return nil
    }
    return channel
  }

  private func store(_ argument: String) {
    let offset = restart
    restart = 0
    guard let channel = readyChannel() else { return }
    guard offset == 0 else { return reply(550, "No restart for uploads.") }
    guard !server.troubles.has(.ftps550) else { return reply(550, "No such file or directory.") }
    guard let path = path(argument), Self.isTaken(CardPath.name(of: path)) else {
      return reply(553, "Could not create file.")
    }
    guard server.card.freeCount > 0, !server.troubles.has(.ftps553) else {
      return reply(553, "Could not create file.")
    }
    guard !server.card.isBeingWritten(path) else {
      return reply(553, "Could not create file: it is being written.")
    }
    do throws(CardFailure) {
      try server.card.create(path, at: server.host.wallMilliseconds)
    } catch {
      return reply(553, "Could not create file.")
    }
    reply(150, "Ok to send data.")
    channel.receive(into: path)
    server.onChange?()
  }

  /// Names that the printer's own programs cannot handle are not taken.
  private static func isTaken(_ name: String) -> Bool {
    name.utf8.count <= 100 && name.utf8.allSatisfy { $0 < 0x80 }
  }

  private func retrieve(_ argument: String) {
    let offset = restart
    restart = 0
    guard let channel = readyChannel() else { return }
    guard let path = path(argument), let content = server.card.content(of: path) else {
      return reply(550, "Failed to open file.")
    }
    reply(150, "Opening BINARY mode data connection for \(argument) (\(content.count) bytes).")
    channel.send(content, from: min(offset, content.count))
  }

  private func list(_ argument: String, isLong: Bool) {
    guard let channel = readyChannel() else { return }
    // Options of `ls` are passed over, as vsftpd does with most of them.
    let target = argument.split(separator: " ").first { !$0.hasPrefix("-") }.map(String.init) ?? ""
    var lines: [String] = []
    if let path = path(target), let entry = server.card.entry(path) {
      let entries = entry.isDirectory ? (try? server.card.list(path)) ?? [] : [entry]
      lines = entries.map {
        isLong
          ? DirectoryLine.long($0, now: server.host.wallMilliseconds) : CardPath.name(of: $0.path)
      }
    }
    reply(150, "Here comes the directory listing.")
    channel.send(
      CardContent(Array(lines.map { $0 + "\r\n" }.joined().utf8)), from: 0, isListing: true)
  }

  private func abort() {
    guard let channel, channel.isBusy else { return reply(225, "No transfer to ABOR.") }
    channel.abandon()
    self.channel = nil
    reply(426, "Transfer aborted.")
    reply(226, "ABOR successful.")
  }
}
