"""The cloud's hub socket, as a hub written with another library sees it."""

import base64
import hashlib
import hmac
import json
import ssl
import subprocess

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from conftest import HUBRIG, free_port, is_listening, wait_for


def open_socket(cloud):
    trust = ssl.create_default_context(cafile=str(cloud.authority))
    return connect(f"wss://localhost:{cloud.port}/ws/hub/{cloud.hub_id}", ssl=trust)


def hello(cloud, socket, secret):
    challenge = socket.response.headers["X-Hub-Challenge"]
    version = "9.9.9"
    message = f"{cloud.hub_id}\n{challenge}\n{version}".encode()
    return json.dumps(
        {
            "type": "hub_hello", "hub_id": cloud.hub_id, "firmware_version": version,
            "hardware_revision": "python", "uptime_seconds": 1, "free_heap": 1000,
            "signature": hmac.new(secret.encode(), message, hashlib.sha256).hexdigest(),
        }
    )  # fmt: skip


def receive(socket, kind):
    while True:
        message = json.loads(socket.recv(timeout=10))
        if message["type"] == kind:
            return message


def test_websockets_says_hello_and_is_given_its_printers(cloud):
    cloud.post(
        "/printers", name="p1", model="P1S", hub_id=cloud.hub_id, serial_number="01P00A000000001",
        ip_address="192.0.2.7", access_code="11112222",
    )  # fmt: skip
    with open_socket(cloud) as socket:
        socket.send(hello(cloud, socket, cloud.hub_secret))
        assert receive(socket, "cloud_hello")["session_id"]
        command = receive(socket, "configure_printer")
        assert command["printer"]["access_code"] == "11112222"
        socket.send(json.dumps({"type": "command_ack", "command_id": command["command_id"], "success": True}))
        wait_for("the hub to be online", lambda: cloud.get(f"/hubs/{cloud.hub_id}")["is_online"])
    wait_for("the hub to be offline", lambda: not cloud.get(f"/hubs/{cloud.hub_id}")["is_online"])


def test_a_hub_with_a_wrong_secret_never_gets_past_hello(cloud):
    with open_socket(cloud) as socket:
        socket.send(hello(cloud, socket, "not the secret"))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
        assert closed.value.rcvd.code == 4401
    assert not cloud.get(f"/hubs/{cloud.hub_id}")["is_online"]


def test_an_altered_presigned_url_is_forbidden_and_the_true_one_serves_ranges(cloud, sliced_file):
    data = sliced_file.read_bytes()
    place = cloud.post("/files/upload-url", name="bracket.3mf", size=len(data))
    assert cloud.session.put(place["upload_url"], data=data).ok
    file = cloud.post("/files", name="bracket.3mf", token=place["token"])
    url = cloud.get(f"/files/{file['id']}/download-url")["download_url"]
    part = requests.get(url, headers={"Range": "bytes=100-199"}, verify=str(cloud.authority))
    assert (part.status_code, part.content) == (206, data[100:200])
    altered = url[:-2] + ("AA" if url[-2:] != "AA" else "BB")
    assert requests.get(altered, verify=str(cloud.authority)).status_code == 403


def test_what_is_signed_with_rs256_is_checked_by_openssl_with_the_public_half(tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    cloud = subprocess.Popen(
        [
            HUBRIG, "cloud", "--plain", "--state", str(tmp_path / "state"), "--port", str(port),
            "--tokens", "rs256",
        ],
        stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for("the cloud to listen", lambda: is_listening("127.0.0.1", port))
        person = {"email": "ada@example.com", "password": "correct horse", "name": "Ada"}
        token = requests.post(f"{url}/auth/register", json=person).json()["data"]["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert requests.get(f"{url}/api/v1/tenants", headers=headers).status_code == 200
    finally:
        cloud.terminate()
        cloud.wait(timeout=20)
    message, signature = token.rsplit(".", 1)
    (tmp_path / "message").write_text(message)
    (tmp_path / "signature").write_bytes(base64.urlsafe_b64decode(signature + "=="))
    key = ["openssl", "rsa", "-in", "state/tokens.key", "-pubout", "-out", "public"]
    subprocess.run(key, cwd=tmp_path, check=True, capture_output=True)
    check = ["openssl", "dgst", "-sha256", "-verify", "public", "-signature", "signature", "message"]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode == 0
