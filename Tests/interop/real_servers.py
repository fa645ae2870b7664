"""OctoPrint, Moonraker and PrusaLink themselves, from PyPI, started as their own users would start them."""

import pathlib
import shutil
import subprocess
import sys

import pytest
import requests

from conftest import free_port, is_listening, wait_for

SERVERS = pathlib.Path(__file__).parent.parent.parent / ".build" / "interop-servers"
PRUSALINK = SERVERS.parent / "interop-prusalink"
OCTOPRINT_KEY = "0123456789abcdef0123456789abcdef"


def session(key=None):
    session = requests.Session()
    session.trust_env = False
    if key:
        session.headers["X-Api-Key"] = key
    return session


class OctoPrint:
    """A real OctoPrint with its bundled virtual printer."""

    key = OCTOPRINT_KEY

    def __init__(self, start, tmp_path):
        base = tmp_path / "octoprint"
        base.mkdir()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (base / "config.yaml").write_text(
            "server: {firstRun: false, onlineCheck: {enabled: false}, pluginBlacklist: {enabled: false}}\n"
            f"api: {{enabled: true, key: {self.key}}}\n"
            "plugins: {virtual_printer: {enabled: true}, tracking: {enabled: false}}\n"
        )
        program = SERVERS / "bin" / "octoprint"
        subprocess.run(
            [program, "--basedir", base, "user", "add", "--admin", "--password", "pw", "admin"],
            check=True, capture_output=True,
        )  # fmt: skip
        self.part = start(
            program, "serve", "--iknowwhatimdoing", "--host", "127.0.0.1", "--port", self.port, "--basedir", base,
            expected=None,
        )  # fmt: skip
        self.session = session(self.key)

        def answers():
            try:
                return self.session.get(f"{self.url}/api/version", timeout=2).ok
            except requests.RequestException:
                return False

        wait_for("OctoPrint to answer", answers, seconds=90)

    def get(self, path):
        return self.session.get(self.url + path)

    def post(self, path, **body):
        return self.session.post(self.url + path, json=body)

    def connect(self):
        assert self.post("/api/connection", command="connect", port="VIRTUAL", baudrate=115200).status_code == 204
        wait_for("OctoPrint's printer to be operational", lambda: self.get("/api/printer").status_code == 200)


class Moonraker:
    """A real Moonraker with a stand-in for Klippy."""

    key = ""

    def __init__(self, start, tmp_path):
        base = tmp_path / "moonraker"
        for name in ("config", "gcodes", "logs"):
            (base / name).mkdir(parents=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # A Unix socket's path must be short.
        self.socket = f"/tmp/hubrig-klippy-{self.port}.sock"
        (base / "config" / "moonraker.conf").write_text(
            f"[server]\nhost: 127.0.0.1\nport: {self.port}\nklippy_uds_address: {self.socket}\n"
            "[authorization]\ntrusted_clients:\n  127.0.0.0/8\n"
            "[machine]\nprovider: none\nvalidate_service: False\nvalidate_config: False\n"
        )
        stand_in = pathlib.Path(__file__).parent / "klippy.py"
        self.klippy = start(sys.executable, stand_in, self.socket, base / "gcodes", expected=None)
        self.part = start(SERVERS / "bin" / "moonraker", "-d", base, expected=None)
        self.session = session()
        wait_for("Moonraker to listen", lambda: is_listening("127.0.0.1", self.port), seconds=60)
        wait_for(
            "Klippy to be ready", lambda: self.get("/server/info").json()["result"]["klippy_state"] == "ready",
            seconds=30,
        )  # fmt: skip

    def lose_klippy(self):
        self.klippy.process.kill()
        self.klippy.process.wait()

    def get(self, path):
        return self.session.get(self.url + path)


class PrusaLink:
    """The PrusaLink of a Raspberry Pi with a stand-in for the board of its printer."""

    key = "0123456789abcdef"

    def __init__(self, start, tmp_path):
        base = tmp_path / "prusalink"
        base.mkdir()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # It keeps no files below /tmp.
        self.files = pathlib.Path.home() / ".cache" / f"hubrig-prusalink-{self.port}"
        self.files.mkdir(parents=True)
        line = base / "tty"
        (base / "prusalink.ini").write_text(
            f"[daemon]\ndata_dir = {base}\n[http]\naddress = 127.0.0.1\nport = {self.port}\n"
            f"[printer]\nport = {line}\ndirectory = {self.files}\n[cameras]\nauto_detect = False\n"
        )
        (base / "prusa_printer_settings.ini").write_text(
            "[printer]\ntype = MK3S\nname = rig\nlocation = here\n"
            f"[service::local]\nenable = 1\nusername = maker\ndigest = 0\napi_key = {self.key}\n"
        )
        start(sys.executable, pathlib.Path(__file__).parent / "einsy.py", line, expected=None)
        wait_for("the stand-in's terminal", line.is_symlink)
        self.part = start(PRUSALINK / "bin" / "prusalink", "-f", "-i", "-c", base / "prusalink.ini", expected=None)
        self.session = session(self.key)

        def is_idle():
            try:
                status = self.get("/api/v1/status").json()
            except (requests.RequestException, ValueError):
                return False
            printer = status["printer"]
            return printer["state"] == "IDLE" and "temp_bed" in printer and "free_space" in status["storage"][0]

        wait_for("PrusaLink to know its printer", is_idle, seconds=180)
        headers = {"Content-Type": "text/x.gcode"}
        self.session.put(f"{self.url}/api/v1/files/local/first.gcode", data=b"G28\n", headers=headers)
        self.select("first.gcode")

    def select(self, name):
        """It notes which file it prints after it has begun, and a print breaks when its own threads take turns
        badly; unless a file was selected before. One that is deleted is not selected any more."""
        path = f"{self.url}/api/files/local/{self.files.name}/{name}"
        order = {"command": "select"}
        wait_for("PrusaLink to see a file", lambda: self.session.post(path, json=order).status_code == 204)

    def get(self, path):
        return self.session.get(self.url + path, timeout=5)


@pytest.fixture
def real_prusalink(start, tmp_path):
    prusalink = PrusaLink(start, tmp_path)
    yield prusalink
    # Its threads may outlive a polite request to end.
    prusalink.part.process.kill()
    prusalink.part.process.wait()
    shutil.rmtree(prusalink.files)


@pytest.fixture
def real_octoprint(start, tmp_path):
    return OctoPrint(start, tmp_path)


@pytest.fixture
def real_moonraker(start, tmp_path):
    moonraker = Moonraker(start, tmp_path)
    yield moonraker
    # It ends on this signal alone, and its work in the background may take its time.
    moonraker.part.process.terminate()
    try:
        moonraker.part.process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        moonraker.part.process.kill()
        moonraker.part.process.wait()
