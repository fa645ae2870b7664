"""Public clients, and the real servers' answers, against the simulated OctoPrint, PrusaLink and Moonraker."""

import asyncio

import httpx
import pytest
from moonraker_api import MoonrakerClient, MoonrakerListener
from octorest import OctoRest
from pyprusalink import PrusaLink

from conftest import HUBRIG, free_port, is_listening, wait_for
from real_servers import real_octoprint, session  # noqa: F401

KEY = "0123456789abcdef0123456789abcdef"


class Simulated:
    """A simulated printer of one kind, as `hubrig printer` starts it."""

    def __init__(self, start, tmp_path, kind, key=KEY, speed=60):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        arguments = ["--key", key] if key else []
        self.part = start(
            HUBRIG, "printer", kind, "--address", "127.0.0.1", "--port", self.port, "--speed", speed,
            "--state", tmp_path / kind, *arguments,
        )  # fmt: skip
        self.session = session(key)
        wait_for(f"the simulated {kind}", lambda: is_listening("127.0.0.1", self.port))


@pytest.fixture
def simulated(start, tmp_path):
    return lambda kind, **settings: Simulated(start, tmp_path, kind, **settings)


def differences(ours, theirs, path=""):
    """Where our answer has other keys or types than theirs; null fits anything."""
    if ours is None or theirs is None:
        return []
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = [f"{path}.{key} is missing" for key in theirs if key not in ours]
        found += [f"{path}.{key} is more" for key in ours if key not in theirs]
        for key in theirs:
            if key in ours:
                found += differences(ours[key], theirs[key], f"{path}.{key}")
        return found
    if isinstance(ours, list) and isinstance(theirs, list):
        return differences(ours[0], theirs[0], f"{path}[]") if ours and theirs else []
    number = (int, float)
    if isinstance(ours, number) and isinstance(theirs, number):
        return [] if isinstance(ours, bool) == isinstance(theirs, bool) else [f"{path} is of another type"]
    return [] if type(ours) is type(theirs) else [f"{path} is of another type"]


def compare(ours, theirs, method, path, **arguments):
    """Asks both the same and holds status, keys and types against each other."""
    here = ours.session.request(method, ours.url + path, **arguments)
    there = theirs.session.request(method, theirs.url + path, **arguments)
    assert here.status_code == there.status_code, f"{method} {path}: {here.text} instead of {there.text}"
    assert bool(here.content) == bool(there.content), f"{method} {path}: a body on one side alone"
    if there.content:
        assert differences(here.json(), there.json()) == [], f"{method} {path}"
    return here


def test_octoprint_answers_as_the_real_one_before_and_after_connecting(simulated, real_octoprint):  # noqa: F811
    ours = simulated("octoprint")
    assert ours.session.post(ours.url + "/api/connection", json={"command": "disconnect"}).status_code == 204

    def both(method, path, **arguments):
        return compare(ours, real_octoprint, method, path, **arguments)

    for path in ("version", "server", "connection", "printer", "job", "files", "files/local/none.gcode", "nope"):
        both("GET", f"/api/{path}")
    both("POST", "/api/job", json={"command": "start"})
    both("POST", "/api/connection", json={"command": "connect", "port": "NOPE"})
    both("POST", "/api/connection", json={"command": "connect", "port": "VIRTUAL"})
    for url, asking in ((ours.url, ours.session), (real_octoprint.url, real_octoprint.session)):
        wait_for("the printer to be operational", lambda: asking.get(f"{url}/api/printer").status_code == 200)
    for path in ("connection", "printer", "printer?exclude=temperature,sd"):
        both("GET", f"/api/{path}")
    both("POST", "/api/job", json={"command": "cancel"})
    both("POST", "/api/printer/command", json={"command": "M117 hello"})
    both("POST", "/api/printer/tool", json={"command": "target", "targets": {"tool0": 30}})
    both("POST", "/api/files/local", files={"file": ("part.txt", b"G28\n")})
    both("POST", "/api/files/local", data={"select": "true"})
    both("DELETE", "/api/files/local/none.gcode")


def test_octorest_reads_and_steers_the_simulated_octoprint(simulated, gcode):
    ours = simulated("octoprint")
    client = OctoRest(url=ours.url, apikey=KEY, session=session())
    assert client.version["text"].startswith("OctoPrint 1.")
    assert client.connection_info()["current"]["state"] == "Operational"
    client.upload(str(gcode))
    assert [file["name"] for file in client.files()["files"]] == ["part.gcode"]
    client.select("part.gcode", print=True)

    def is_so(flag):
        return client.printer()["state"]["flags"][flag]

    wait_for("printing", lambda: is_so("printing"))
    assert client.job_info()["job"]["file"]["name"] == "part.gcode"
    wait_for("heat", lambda: client.printer()["temperature"]["tool0"]["target"] > 0)
    client.pause()
    wait_for("paused", lambda: is_so("paused"))
    client.resume()
    wait_for("printing again", lambda: is_so("printing"))
    client.cancel()
    wait_for("ready", lambda: is_so("ready"))
    client.gcode(["M117 hello", "G28"])
    client.delete("part.gcode")
    assert client.files()["files"] == []


def test_pyprusalink_reads_and_steers_the_simulated_prusalink(simulated, gcode):
    ours = simulated("prusalink")
    answer = ours.session.put(
        f"{ours.url}/api/v1/files/usb/a%20long%20name.gcode", data=gcode.read_bytes(),
        headers={"Content-Type": "application/octet-stream", "Print-After-Upload": "?1"},
    )  # fmt: skip
    assert answer.status_code == 201

    async def steer():
        async with httpx.AsyncClient(trust_env=False) as client:
            link = PrusaLink(client, ours.url, "maker", KEY)
            assert (await link.get_version())["text"] == "PrusaLink"
            assert "serial" in await link.get_info()

            async def until(state):
                for _ in range(200):
                    if (await link.get_status())["printer"]["state"] == state:
                        return
                    await asyncio.sleep(0.05)
                raise AssertionError(f"never {state}")

            await until("PRINTING")
            await asyncio.sleep(0.3)
            job = await link.get_job()
            assert job["file"]["display_name"] == "a long name.gcode"
            await link.pause_job(job["id"])
            await until("PAUSED")
            await link.resume_job(job["id"])
            await until("PRINTING")
            await link.cancel_job(job["id"])
            await until("STOPPED")

    asyncio.run(steer())


def test_moonraker_api_follows_the_simulated_moonraker(simulated, gcode):
    ours = simulated("moonraker")

    class Listener(MoonrakerListener):
        def __init__(self):
            self.heard = []

        async def state_changed(self, state):
            self.heard.append(state)

        async def on_exception(self, exception):
            self.heard.append(exception)

        async def on_notification(self, method, data):
            self.heard.append(method)

    async def follow():
        listener = Listener()
        client = MoonrakerClient(listener, "127.0.0.1", ours.port, api_key=KEY)
        assert await client.connect()
        info = await client.call_method("printer.info")
        assert info["state"] == "ready"
        await client.call_method("printer.objects.subscribe", objects={"print_stats": None, "virtual_sdcard": None})
        answer = await asyncio.to_thread(
            ours.session.post, f"{ours.url}/server/files/upload",
            files={"file": ("part.gcode", gcode.read_bytes())}, data={"print": "true"},
        )  # fmt: skip
        assert answer.json()["print_started"]
        for _ in range(200):
            if "notify_status_update" in listener.heard and "notify_filelist_changed" in listener.heard:
                break
            await asyncio.sleep(0.05)
        assert "notify_status_update" in listener.heard, listener.heard
        await client.disconnect()

    asyncio.run(follow())
