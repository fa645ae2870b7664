"""The pairs of requests and answers that clients rely on, state by state, against the real OctoPrint and the
real Moonraker. The unit tests replay the same pairs, and PrusaLink's, against the simulated servers."""

import json
import pathlib

from websockets.sync.client import connect

from conftest import wait_for
from real_servers import real_moonraker, real_octoprint, session  # noqa: F401

FIXTURES = pathlib.Path(__file__).parent.parent.parent / "Fixtures" / "conformance"
SLOW = "\n".join(["M104 S0", "G28", *["G1 X1 F3000\nG4 P100\nG1 X2 F3000\nG4 P100"] * 300]).encode() + b"\n"


def pairs(kind):
    return json.loads((FIXTURES / f"{kind}.json").read_text())["pairs"]


def differences(answer, model, loose=(), path=""):
    """Keys that are missing or more and values of another type; null fits anything."""
    if answer is None or model is None:
        return []
    if isinstance(answer, dict) and isinstance(model, dict):
        found = []
        for key in {**model, **answer}:
            place = f"{path}.{key}" if path else key
            if key in answer and key in model:
                found += differences(answer[key], model[key], loose, place)
            elif place not in loose:
                found.append(f"{place} is {'missing' if key in model else 'more'}")
        return found
    if isinstance(answer, list) and isinstance(model, list):
        return [line for item in answer for line in differences(item, model[0], loose, path + "[]")] if model else []
    if isinstance(answer, bool) or isinstance(model, bool):
        return [] if isinstance(answer, bool) and isinstance(model, bool) else [f"{path} is of another type"]
    number = (int, float)
    same = isinstance(answer, number) and isinstance(model, number) or type(answer) is type(model)
    return [] if same else [f"{path} is of another type"]


class Server:
    """One server that pairs are replayed against, and how it is brought into a state."""

    job = "0"

    def __init__(self, url, key, content, brief):
        """`brief` is what is printed where the end of it is waited for."""
        self.url, self.key, self.content, self.brief = url, key, content, brief
        self.session = session(key)

    def ask(self, line, key=None, **arguments):
        method, path = line.split(" ", 1)
        asking = session(key) if key else self.session
        return asking.request(method, self.url + path.replace("JOB", self.job), timeout=60, **arguments)

    def replay(self, pair):
        arguments = {"json": pair["json"]} if "json" in pair else {}
        if "headers" in pair:
            arguments |= {"headers": pair["headers"], "data": self.content}
        elif "form" in pair:
            arguments["data"] = pair["form"]
            if "file" in pair:
                arguments["files"] = {"file": (pair["file"], self.content)}
        return self.ask(pair["ask"], pair.get("key"), **arguments)

    def waits(self, state):
        wait_for(f"{self.url} to be {state}", lambda: self.is_in(state), seconds=120)

    def bring(self, state):
        # To come back only to go again takes OctoPrint a dozen seconds.
        if state == "offline" and self.is_in(state):
            return
        self.rest()
        if state in ("idle", "offline"):
            return self.go(state)
        self.upload(self.brief if state == "finished" else self.content)
        if state != "uploaded":
            self.start()
            if state != "finished":
                self.waits("printing")
        if state in ("paused", "cancelled"):
            self.tell(state)
            self.waits(state)
        elif state == "finished":
            self.waits(state)


class OctoPrint(Server):
    def flags(self):
        answer = self.ask("GET /api/printer?exclude=temperature,sd")
        return answer.json()["state"]["flags"] if answer.status_code == 200 else {}

    def is_in(self, state):
        flags = self.flags()
        busy = any(flags.get(name) for name in ("printing", "paused", "pausing", "cancelling", "finishing", "resuming"))
        if state == "offline":
            return not flags
        if state == "printing":
            return flags.get("printing") and (self.ask("GET /api/job").json()["progress"]["completion"] or 0) > 0
        if state == "paused":
            return flags.get("paused")
        return bool(flags.get("ready")) and not busy

    def rest(self):
        flags = self.flags()
        if not flags:
            self.ask("POST /api/connection", json={"command": "connect"})
            self.waits("idle")
        self.ask("POST /api/job", json={"command": "cancel"})
        self.waits("idle")
        self.ask("DELETE /api/files/local/part.gcode")

    def go(self, state):
        if state == "offline":
            self.ask("POST /api/connection", json={"command": "disconnect"})
            self.waits("offline")

    def upload(self, content):
        answer = self.ask("POST /api/files/local", files={"file": ("part.gcode", content)}, data={"select": "true"})
        assert answer.status_code == 201

    def start(self):
        assert self.ask("POST /api/job", json={"command": "start"}).status_code == 204

    def tell(self, state):
        order = {"command": "cancel"} if state == "cancelled" else {"command": "pause", "action": "pause"}
        assert self.ask("POST /api/job", json=order).status_code == 204


class Moonraker(Server):
    """`vanish` takes Klippy away for good, so pairs without it come last."""

    def __init__(self, url, key, content, brief, vanish):
        super().__init__(url, key, content, brief)
        self.vanish = vanish

    def replay(self, pair):
        method = pair["ask"].removeprefix("SOCKET ")
        return super().replay(pair) if method == pair["ask"] else self.call(method, pair["params"])

    def call(self, method, params):
        """Asks on a socket; what comes meanwhile is not for us."""
        with connect(self.url.replace("http", "ws") + "/websocket") as socket:
            socket.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 1}))
            while True:
                message = json.loads(socket.recv(timeout=20))
                if message.get("id") == 1:
                    return message

    def query(self, name):
        """An object of Klippy's; nothing when Klippy is away."""
        return self.ask(f"GET /printer/objects/query?{name}").json().get("result", {}).get("status", {}).get(name)

    def is_in(self, state):
        now = (self.query("print_stats") or {}).get("state")
        if state == "offline":
            return now is None
        if state == "printing":
            # Moonraker itself is told of it four times a second.
            return now == "printing" and self.query("virtual_sdcard")["progress"] > 0.02
        if state == "idle":
            return now not in ("printing", "paused")
        return now == {"finished": "complete"}.get(state, state)

    def rest(self):
        self.ask("POST /printer/print/cancel")
        self.waits("idle")
        # It hears later than we do that the file is free.
        gone = lambda: self.ask("DELETE /server/files/gcodes/part.gcode").status_code in (200, 400)  # noqa: E731
        wait_for("the file to be free", gone)

    def go(self, state):
        if state == "offline":
            self.vanish()
            self.waits(state)

    def upload(self, content):
        files = {"file": ("part.gcode", content)}
        assert self.ask("POST /server/files/upload", files=files, data={"root": "gcodes"}).status_code == 201

    def start(self):
        assert self.ask("POST /printer/print/start?filename=part.gcode").status_code == 200

    def tell(self, state):
        order = "cancel" if state == "cancelled" else "pause"
        assert self.ask(f"POST /printer/print/{order}").status_code == 200


def on_socket(answer, pair):
    """What is wrong with an answer that came on a socket."""
    code = answer.get("error", {}).get("code")
    if code != pair.get("code"):
        return [f"{code} instead of {pair.get('code')}: {answer}"]
    return differences(answer, pair["answer"], pair.get("loose", ()))


def replay(server, kind):
    """Replays all pairs and tells of all that differ at once."""
    wrong = []
    for pair in pairs(kind):
        server.bring(pair["when"])
        answer = server.replay(pair)
        what = f"{pair['ask']} while {pair['when']}"
        if "params" in pair:
            wrong += [f"{what}: {line}" for line in on_socket(answer, pair)]
        elif answer.status_code != pair["status"]:
            wrong.append(f"{what}: {answer.status_code} instead of {pair['status']}: {answer.text[:200]}")
        elif "answer" in pair:
            found = differences(answer.json(), pair["answer"], pair.get("loose", ()))
            wrong += [f"{what}: {line}" for line in found]
        elif answer.content:
            wrong.append(f"{what}: a body where there should be none")
    assert not wrong, "\n".join(wrong)


def test_octoprint_itself_answers_as_written_down(real_octoprint):  # noqa: F811
    real_octoprint.connect()
    replay(OctoPrint(real_octoprint.url, real_octoprint.key, SLOW, b"G28\nG4 P100\n" * 3), "octoprint")


def test_moonraker_itself_answers_as_written_down(real_moonraker, gcode):  # noqa: F811
    brief = b"; layers\n" + b"G1 X1\n" * 10
    server = Moonraker(real_moonraker.url, real_moonraker.key, gcode.read_bytes(), brief, real_moonraker.lose_klippy)
    replay(server, "moonraker")
