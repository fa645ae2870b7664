"""The hub's FTPS client against a server that we did not write, as strict as the strictest printer."""

import hashlib
import json
import os
import pathlib
import secrets
import shutil
import subprocess

import pytest

from conftest import free_port, is_listening, wait_for
from test_hub import CODE, SERIAL, broker, certificate_of

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="vsftpd only runs for root")


@pytest.fixture
def user_service():
    """A PAM service of our own, for as long as the test runs: it takes any password."""
    name = f"hubrig-interop-{secrets.token_hex(4)}"
    service = pathlib.Path("/etc/pam.d") / name
    service.write_text("auth required pam_permit.so\naccount required pam_permit.so\n")
    yield name
    service.unlink()


@pytest.fixture
def vsftpd(start, tool, tmp_path, user_service):
    """Implicit TLS, and no data stream that does not resume the control stream's session."""
    card = tmp_path / "card"
    card.mkdir()
    shutil.chown(card, "daemon")
    empty = tmp_path / "empty"
    empty.mkdir()
    for directory in (tmp_path, *tmp_path.parents):
        if directory.owner() == "root" and directory != pathlib.Path("/"):
            directory.chmod(directory.stat().st_mode | 0o055)
    key, certificate = certificate_of(SERIAL, tool, tmp_path, "card")
    port = free_port()
    configuration = tmp_path / "vsftpd.conf"
    configuration.write_text(
        f"""listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
anonymous_enable=NO
local_enable=YES
guest_enable=YES
guest_username=daemon
virtual_use_local_privs=YES
write_enable=YES
chroot_local_user=YES
allow_writeable_chroot=YES
local_root={card}
secure_chroot_dir={empty}
pam_service_name={user_service}
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
pasv_address=127.0.0.1
ssl_enable=YES
implicit_ssl=YES
force_local_logins_ssl=YES
force_local_data_ssl=YES
require_ssl_reuse=YES
ssl_sslv2=NO
ssl_sslv3=NO
ssl_tlsv1=YES
ssl_ciphers=HIGH
rsa_cert_file={certificate}
rsa_private_key_file={key}
log_ftp_protocol=YES
xferlog_enable=YES
vsftpd_log_file={tmp_path / "vsftpd.log"}
"""
    )
    start(tool("vsftpd"), configuration, expected=None)
    wait_for("vsftpd to listen", lambda: is_listening("127.0.0.1", port))
    return port, card, tmp_path / "vsftpd.log"


def digest(data):
    return hashlib.sha256(data).hexdigest()


def test_the_hub_uploads_to_vsftpd_with_session_reuse_and_then_starts_the_print(
    cloud, start, tool, tmp_path, vsftpd, sliced_file
):
    ftps_port, card, log = vsftpd
    mqtt_port, client = broker(start, tool, tmp_path)
    heard = start(tool("mosquitto_sub"), *client, "-t", f"device/{SERIAL}/request", "-v", expected=None)
    def is_heard():
        probe = [tool("mosquitto_pub"), *client, "-t", f"device/{SERIAL}/request", "-m", "probe"]
        subprocess.run(probe, check=True, timeout=10)
        return "probe" in heard.output

    # The hub speaks at once: whoever wants to hear all of it must be there before.
    wait_for("mosquitto_sub to hear", is_heard)
    printer = cloud.post(
        "/printers", name="real servers", model="P1S", hub_id=cloud.hub_id, serial_number=SERIAL,
        ip_address="127.0.0.1", access_code=CODE, mqtt_port=mqtt_port, ftps_port=ftps_port,
    )  # fmt: skip
    data = sliced_file.read_bytes()
    place = cloud.post("/files/upload-url", name="bracket.3mf", size=len(data))
    assert cloud.session.put(place["upload_url"], data=data).ok
    file = cloud.post("/files", name="bracket.3mf", token=place["token"])
    cloud.start_hub(start, tmp_path)
    wait_for("pushall from the hub", lambda: '"pushall"' in heard.output)

    def report(**fields):
        body = json.dumps({"print": {"command": "push_status", "sequence_id": "1", **fields}})
        subprocess.run(
            [tool("mosquitto_pub"), *client, "-t", f"device/{SERIAL}/report", "-m", body], check=True, timeout=10
        )

    report(msg=0, gcode_state="IDLE", mc_percent=0, gcode_file="", subtask_name="")
    wait_for("an idle printer", lambda: cloud.get(f"/printers/{printer['id']}")["status"] == "idle")
    job = cloud.post("/jobs", print_file_id=file["id"], printer_id=printer["id"])
    cloud.post(f"/jobs/{job['id']}/start")
    wait_for("project_file at the broker", lambda: '"project_file"' in heard.output)
    stored = list(card.iterdir())
    assert [digest(path.read_bytes()) for path in stored] == [digest(data)], log.read_text()
    assert "226 " in log.read_text()
