/// The commands that a person copies to send a job to a desk, written for this very one.
public enum DeskGuide {
  /// `authorityFile` is what curl shall trust, `command` how this program is called. With
  /// `isSeeded` there is an account already.
  public static func text(
    _ desk: Desk, authorityFile: String, command: String, isSeeded: Bool
  ) -> String {
    let account =
      isSeeded
      ? (email: desk.farm.owner.email, password: Owner.password)
      : (email: "me@example.com", password: "correct horse")
    let file = desk.farm.printers[0].printer.kind == .bambu ? "part.3mf" : "part.gcode"
    let parts = [
      tools(desk, authorityFile, command, file),
      isSeeded ? "" : once(desk, account.email, account.password),
      job(account.email, account.password, authorityFile, file),
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private static func tools(
    _ desk: Desk, _ authorityFile: String, _ command: String, _ file: String
  ) -> String {
    """
    # A small part, sliced: two minutes of printing.
    \(command) file make \(file) --layers 12 --print-time 2m --size "300 KB"

    # Everything below is plain curl. field NAME picks a text out of an answer.
    api() { curl -sS --cacert '\(authorityFile)' -H "Authorization: Bearer $TOKEN" \
    -H 'Content-Type: application/json' "$@"; }
    field() { grep -o "\\"$1\\":\\"[^\\"]*\\"" | head -n 1 | cut -d '"' -f 4; }
    API=\(desk.cloudURL)/api/v1
    """
  }

  private static func once(_ desk: Desk, _ email: String, _ password: String) -> String {
    let fields = desk.farm.entry(of: desk.farm.printers[0]).json.text
    return """
      # Once: sign up, make a tenant, claim the hub, add a printer.
      TOKEN=$(api $API/auth/sign-up/email \
      -d '{"email":"\(email)","password":"\(password)","name":"Me"}' | field token)
      api $API/tenants -d '{"name":"My farm"}'
      api $API/hubs/claim \
      -d '{"hub_id":"\(desk.identity.hubID)","claim_code":"\(desk.identity.claimCode)","name":"Desk hub"}'
      api $API/printers -d '\(fields)'
      """
  }

  private static func job(
    _ email: String, _ password: String, _ authorityFile: String, _ file: String
  ) -> String {
    """
    # From then on: sign in and find the printer. A hub that was just claimed is online within a
    # minute.
    TOKEN=$(api $API/auth/sign-in/email \
    -d '{"email":"\(email)","password":"\(password)"}' | field token)
    PRINTER=$(api $API/printers | field id)
    until api $API/printers/$PRINTER | grep -q '"status":"idle"'; do sleep 1; done

    # Upload, make a job, start it, watch it.
    UPLOAD=$(api $API/files/upload-url -d '{"name":"\(file)","size":'$(stat -c %s \(file))'}')
    curl -sS --cacert '\(authorityFile)' -T \(file) "$(echo "$UPLOAD" | field upload_url)"
    FILE=$(api $API/files \
    -d '{"name":"\(file)","token":"'$(echo "$UPLOAD" | field token)'"}' | field id)
    JOB=$(api $API/jobs -d '{"print_file_id":"'$FILE'","printer_id":"'$PRINTER'"}' | field id)
    api -X POST $API/jobs/$JOB/start -d '{}'
    until api $API/jobs/$JOB | grep -qE '"status":"(completed|failed|cancelled)"'; do sleep 2; done
    api $API/jobs/$JOB
    """
  }
}
