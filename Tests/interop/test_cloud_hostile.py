"""Those who mean harm, against the live cloud: everybody else is still answered, and nothing grows."""

import pathlib
import random
import re
import socket
import time

import pytest
import requests

from conftest import FACTORY_KEY, HUBRIG, free_port, is_listening, wait_for


class Victim:
    def __init__(self, start, tmp_path):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.part = start(
            HUBRIG, "cloud", "--plain", "--state", tmp_path / "state", "--port", self.port,
            "--factory-key", FACTORY_KEY, "--public-url", self.url, "--no-rate-limits",
        )  # fmt: skip
        wait_for("the cloud to listen", lambda: is_listening("127.0.0.1", self.port))
        user = requests.post(
            f"{self.url}/auth/register",
            json={"email": "ada@example.com", "password": "correct horse", "name": "Ada"},
        ).json()["data"]
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {user['token']}"
        made = self.session.post(f"{self.url}/api/v1/tenants", json={"name": "Farm"})
        self.session.headers["X-Tenant-ID"] = made.json()["data"]["id"]

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    @property
    def memory(self):
        """Resident bytes."""
        status = pathlib.Path(f"/proc/{self.part.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024

    def tenants(self):
        answer = self.session.get(f"{self.url}/api/v1/tenants", timeout=5)
        assert answer.status_code == 200
        return [tenant["name"] for tenant in answer.json()["data"]]


@pytest.fixture
def victim(start, tmp_path):
    return Victim(start, tmp_path)


def end_of(line, seconds=10.0):
    """What comes until the far end hangs up."""
    line.settimeout(seconds)
    gathered = b""
    try:
        while True:
            more = line.recv(65536)
            if not more:
                return gathered
            gathered += more
    except ConnectionResetError:
        return gathered


def test_a_thousand_slow_clients_keep_nobody_waiting(victim):
    before = victim.memory
    lines = [victim.connect() for _ in range(1000)]
    for line in lines:
        line.sendall(b"GET /health HTTP/1.1\r\nX: ")
    slowest = 0.0
    for _ in range(5):
        for line in lines:
            line.sendall(b"a")
        begin = time.monotonic()
        assert victim.tenants() == ["Farm"]
        slowest = max(slowest, time.monotonic() - begin)
    assert slowest < 2
    assert victim.memory - before < 64 << 20, "more than 64 KB for each"
    for line in lines:
        line.close()
    assert victim.tenants() == ["Farm"]


def test_bodies_without_end_are_refused_and_never_held(victim):
    before = victim.memory
    line = victim.connect()
    line.sendall(
        b"POST /api/v1/tenants HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    begin = time.monotonic()
    try:
        while time.monotonic() - begin < 30:
            line.sendall(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")
    except (ConnectionError, TimeoutError):
        pass
    assert time.monotonic() - begin < 20, "it is still listened to"
    assert victim.memory - before < 16 << 20
    told = victim.connect()
    told.sendall(
        b"POST /api/v1/tenants HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n"
    )
    assert b" 413 " in told.recv(4096)


def test_a_hidden_second_request_is_never_done(victim):
    tenant = victim.session.headers["X-Tenant-ID"]
    token = victim.session.headers["Authorization"]
    hidden = (
        f"DELETE /api/v1/tenants/{tenant} HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\n\r\n"
    )
    for header in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
        "Content-Length: 0\r\nContent-Length: 4",
        "X: a\r\n Transfer-Encoding: chunked",
    ]:
        line = victim.connect()
        line.sendall(
            f"POST /auth/login HTTP/1.1\r\nHost: a\r\n{header}\r\n\r\n0\r\n\r\n{hidden}".encode()
        )
        answer = end_of(line)
        assert answer.count(b"HTTP/1.1 ") == 1, answer
        assert answer.startswith(b"HTTP/1.1 4") or answer.startswith(b"HTTP/1.1 501"), answer
    assert victim.tenants() == ["Farm"]


def test_noise_on_every_door_changes_nothing(victim):
    chance = random.Random(11)
    before = victim.memory
    doors = [
        b"",
        b"GET /ws/dashboard HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        b"PUT /api/v1/files/upload/" + b"A" * 108 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Content-Length: 300\r\n\r\n",
    ]
    for number in range(600):
        line = victim.connect()
        try:
            line.sendall(doors[number % len(doors)] + chance.randbytes(chance.randrange(1, 2000)))
            if number % 3 == 0:
                line.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass
        line.close()
    assert victim.tenants() == ["Farm"]
    assert victim.memory - before < 32 << 20


def test_deep_and_odd_json_is_refused(victim):
    bodies = [
        b"[" * 100_000, b'{"a":' * 50_000, b'{"name":"\xff\xfe"}', b'{"name":"\\ud800"}',
        b'{"name":' + b"9" * 10_000 + b"}", b'{"name":1e999999}', b'{"name":"a","name":"b"}x',
    ]  # fmt: skip
    for body in bodies:
        answer = victim.session.post(
            f"{victim.url}/api/v1/tenants", data=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 400, (body[:40], answer.text)
        assert answer.json()["error"]["request_id"]
    assert victim.tenants() == ["Farm"]
