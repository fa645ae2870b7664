"""Starts parts of the rig as a user would, each on ports of its own, and stops them cleanly."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pytest
import requests

HUBRIG = os.environ["HUBRIG"]
FACTORY_KEY = "interop-factory-key"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, condition, seconds=20.0):
    """Answers the first true value of `condition`, or fails with a sentence."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:.0f} s in vain for: {what}")


def is_listening(address, port):
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((address, port)) == 0


def heed_interrupts():
    """A shell lets what it starts in the background ignore Ctrl-C, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Part:
    """One process of the rig or of a third party, with its output kept for the failure report."""

    def __init__(self, log: pathlib.Path, *command: str):
        self.log = log
        self.command = command
        self.file = open(log, "wb")
        self.process = subprocess.Popen(
            command, stdout=self.file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            preexec_fn=heed_interrupts,
        )  # fmt: skip

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self, expected=0):
        code = self.process.poll()
        if code is None:
            self.process.send_signal(signal.SIGINT)
            code = self.process.wait(timeout=15)
        self.file.close()
        if expected is not None:
            assert code == expected, f"{self.command} ended with {code}:\n{self.output}"


@pytest.fixture
def start(tmp_path):
    """Starts processes and ends them after the test; the rig's own must end cleanly."""
    parts = []

    def launch(*command, expected=0):
        log = tmp_path / f"{len(parts)}-{pathlib.Path(command[0]).name}.log"
        part = Part(log, *map(str, command))
        parts.append((part, expected))
        return part

    yield launch
    for part, expected in reversed(parts):
        part.stop(expected)


class Printer:
    address = "127.0.0.11"
    serial = "01P00A391800001"
    code = "12345678"

    def __init__(self, start, tmp_path):
        self.mqtt_port = free_port()
        self.ftps_port = free_port()
        self.part = start(
            HUBRIG, "printer", "bambu", "--model", "P1S", "--serial", self.serial, "--code", self.code,
            "--address", self.address, "--mqtt-port", self.mqtt_port, "--ftps-port", self.ftps_port,
            "--speed", "120", "--state", tmp_path / "printer",
        )  # fmt: skip
        wait_for("the printer to listen", lambda: is_listening(self.address, self.mqtt_port))
        wait_for("the printer's card", lambda: is_listening(self.address, self.ftps_port))
        # Who has signed the printer's certificate.
        (self.maker,) = (tmp_path / "printer" / "certificates").glob("authority-*.pem")


@pytest.fixture
def printer(start, tmp_path):
    return Printer(start, tmp_path)


class CloudUser:
    """A person with an account, a tenant and a claimed hub."""

    hub_id = "5b0d9a34-63a1-4c43-b8a1-0f6f5c1d2e3f"
    hub_secret = "a-secret-from-the-factory-0123456789"

    def __init__(self, start, tmp_path):
        self.port = free_port()
        self.state = tmp_path / "cloud"
        self.url = f"https://localhost:{self.port}"
        self.part = start(
            HUBRIG, "cloud", "--state", self.state, "--port", self.port, "--factory-key", FACTORY_KEY,
            "--public-url", self.url, "--no-rate-limits",
        )  # fmt: skip
        self.authority = self.state / "certificates" / "authority.pem"
        wait_for("the cloud to listen", lambda: is_listening("127.0.0.1", self.port))
        self.session = requests.Session()
        # Or the environment's own authorities would take the place of the cloud's.
        self.session.trust_env = False
        self.session.verify = str(self.authority)
        answer = self.post("/auth/sign-up/email", email="ada@example.com", password="correct horse", name="Ada")
        self.session.headers["Authorization"] = f"Bearer {answer['token']}"
        self.tenant = self.post("/tenants", name="Ada's farm")["id"]
        self.session.headers["X-Tenant-ID"] = self.tenant
        self.post(
            "/factory/hubs", headers={"X-Factory-Key": FACTORY_KEY},
            id=self.hub_id, secret=self.hub_secret, claim_code="CLAIM-ME",
        )  # fmt: skip
        self.post("/hubs/claim", hub_id=self.hub_id, claim_code="CLAIM-ME", name="Desk hub")

    def post(self, path, headers=None, **body):
        answer = self.session.post(f"{self.url}/api/v1{path}", json=body, headers=headers)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()["data"]

    def get(self, path):
        answer = self.session.get(f"{self.url}/api/v1{path}")
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()["data"]

    def start_hub(self, start, tmp_path, *more):
        secret = tmp_path / "hub-secret"
        secret.write_text(self.hub_secret)
        secret.chmod(0o600)
        return start(
            HUBRIG, "hub", "--id", self.hub_id, "--secret-file", secret,
            "--cloud", f"wss://localhost:{self.port}", "--authority", self.authority, *more,
        )  # fmt: skip


@pytest.fixture
def cloud(start, tmp_path):
    return CloudUser(start, tmp_path)


def sliced(path, layers, time, size):
    """Makes a file as a slicer would write it; its kind is that of its name."""
    subprocess.run(
        [HUBRIG, "file", "make", path, "--layers", layers, "--print-time", time, "--size", size],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return path


@pytest.fixture
def sliced_file(tmp_path):
    """A 3MF file of 20 layers, a few minutes."""
    return sliced(tmp_path / "bracket.3mf", "20", "10m", "300 KB")


@pytest.fixture
def gcode(tmp_path):
    """A small file of plain g-code."""
    return sliced(tmp_path / "part.gcode", "10", "20m", "30 KB")


@pytest.fixture
def tool():
    """The path of a third-party program, which `.ci/install --interop` put there."""

    def find(name):
        path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
        assert path, f"{name} is missing: run .ci/install --interop"
        return path

    return find
