import Cloud
import HubHost
import Printers
import World

extension Observer {
  /// What everybody is at, a line for each: the cloud, hubs, printers, jobs.
  var state: [String] {
    var lines = ["cloud: \(stage.cloud.isUp ? "up" : "down")"]
    for farm in stage.farms {
      lines.append(line(of: farm.hub))
      lines += farm.printers.map { line(of: $0) }
    }
    return lines
      + jobs.map { job in
        let file = job.totalBytes > 0 ? ", \(job.sentBytes) of \(job.totalBytes) bytes sent" : ""
        return "\(job.name): \(job.status ?? "not made yet"), \(job.percent) % on record" + file
      }
  }

  private func line(of site: HubSite) -> String {
    guard site.isOn else { return "\(site.name): off" }
    let view = site.hub.view
    let links = view.printerLinks.filter { $0 != .none }.map(\.name).joined(separator: ", ")
    return "\(site.name): \(view.state.name), cloud \(view.isCloudConnected ? "connected" : "away")"
      + ", printers [\(links)], lamps: \(site.hub.ledText)"
      + ", \(view.memoryUsed) bytes of memory, boot \(site.hub.bootCount)"
      + ", \(site.hub.flash.storeOperationCount) writes to its store"
  }

  private func line(of site: PrinterSite) -> String {
    guard site.isOn else { return "\(site.name): off" }
    let machine = site.printer.machine
    let coming = site.printer.card.receiving.reduce(0) { $0 + $1.byteCount }
    let receives = coming > 0 ? ", receives a file (\(coming) bytes so far)" : ""
    return "\(site.name): \(machine.state.rawValue), layer \(machine.layer), \(machine.progress) %"
      + ", nozzle \(Int(machine.nozzleTemperature)) °C, bed \(Int(machine.bedTemperature)) °C"
      + ", \(machine.printsStarted) prints begun, \(machine.printsFinished) finished" + receives
  }
}
