"""The pairs of requests and answers that clients rely on, state by state, against the real servers. The unit
tests replay the same pairs against the simulated ones.

PrusaLink's pairs are those of the firmware in Prusa's printers. What can be had here is the PrusaLink of a
Raspberry Pi, which answers otherwise in places: each place is told in prusalink-on-a-raspberry.json, and the
test fails for one that is not told as well as for one that is told and is not there."""

import json
import pathlib
import socket
import urllib.parse

from websockets.sync.client import connect

from conftest import wait_for
from real_servers import real_moonraker, real_octoprint, real_prusalink, session  # noqa: F401

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
        asking = self.session if key is None else session(key)
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


class RaspberryPrusaLink(Server):
    """Keeps its files under another name, and is slow to notice them."""

    def __init__(self, real, content, brief):
        super().__init__(real.url, real.key, content, brief)
        self.select = real.select
        self.is_touched = True
        self.upload_under_way = None

    def ask(self, line, key=None, **arguments):
        headers = {"Accept": "application/json", **arguments.pop("headers", {})}
        answer = super().ask(line.replace("/files/usb", "/files/local"), key, headers=headers, **arguments)
        self.is_touched |= answer.ok and not line.startswith("GET")
        return answer

    def replay(self, pair):
        answer = super().replay(pair)
        if answer.status_code == 201:
            # What it has not noticed yet cannot be deleted.
            path = pair["ask"].removeprefix("PUT ")
            wait_for("PrusaLink to see the file", lambda: self.ask(f"GET {path}").status_code == 200)
        return answer

    def status(self):
        return self.ask("GET /api/v1/status").json()

    def is_in(self, state):
        status = self.status()
        # While an upload begins it may say only that it has made a mistake.
        now = status.get("printer", {}).get("state")
        if state == "printing":
            return now == "PRINTING" and "time_printing" in status.get("job", {})
        if state == "uploading":
            return "transfer" in status
        if state == "uploaded":
            return now == "IDLE" and self.has_part()
        return now == {"cancelled": "STOPPED"}.get(state, state.upper())

    def has_part(self):
        return self.ask("GET /api/v1/files/usb/part.gcode").status_code == 200

    def bring(self, state):
        # It shows the end of a print for ten seconds, so that a state is kept while nothing was done to it.
        if self.is_touched or not self.is_in(state):
            self.upload_half() if state == "uploading" else super().bring(state)
        self.job = str(self.status().get("job", {}).get("id", 0))
        self.is_touched = False

    def upload_half(self):
        """An upload that does not come to its end, so long that it is not taken in at once."""
        self.rest()
        content = self.content * 200
        address = urllib.parse.urlsplit(self.url)
        self.upload_under_way = socket.create_connection((address.hostname, address.port))
        lines = ["PUT /api/v1/files/local/part.gcode HTTP/1.1", f"Host: {address.netloc}", f"X-Api-Key: {self.key}"]
        lines += ["Content-Type: text/x.gcode", "Overwrite: ?1", f"Content-Length: {len(content)}", "", ""]
        self.upload_under_way.sendall("\r\n".join(lines).encode() + content[: len(content) // 2])
        self.waits("uploading")

    def rest(self):
        if self.upload_under_way:
            self.upload_under_way.close()
            self.upload_under_way = None
            wait_for("the upload to be over", lambda: not self.is_in("uploading"))
        status = self.status()
        if status["printer"]["state"] in ("PRINTING", "PAUSED"):
            self.ask(f"DELETE /api/v1/job/{status['job']['id']}")
        self.waits("idle")
        for name in ("part.gcode", "part.txt", "other.gcode"):
            # It hears later than we do that a file is free and gone.
            line = f"DELETE /api/v1/files/usb/{name}"
            wait_for(f"{name} to be gone", lambda: self.ask(line).status_code == 404)

    def go(self, state):
        pass

    def upload(self, content):
        headers = {"Content-Type": "text/x.gcode", "Overwrite": "?1"}
        assert self.ask("PUT /api/v1/files/usb/part.gcode", headers=headers, data=content).status_code == 201
        wait_for("PrusaLink to see the file", self.has_part)
        self.select("part.gcode")

    def start(self):
        assert self.ask("POST /api/v1/files/usb/part.gcode").status_code == 204

    def tell(self, state):
        job = self.status()["job"]["id"]
        order = f"DELETE /api/v1/job/{job}" if state == "cancelled" else f"PUT /api/v1/job/{job}/pause"
        assert self.ask(order).status_code == 204


def on_socket(answer, pair):
    """What is wrong with an answer that came on a socket."""
    code = answer.get("error", {}).get("code")
    if code != pair.get("code"):
        return [f"{code} instead of {pair.get('code')}: {answer}"]
    return differences(answer, pair["answer"], pair.get("loose", ()))


def on_request(answer, pair):
    """What is wrong with an answer to a request."""
    if answer.status_code != pair["status"]:
        return [f"{answer.status_code} instead of {pair['status']}"]
    if "answer" not in pair:
        return ["a body where there should be none"] if answer.content else []
    wrong = []
    demand = answer.headers.get("WWW-Authenticate", "nothing").split(",")[0]
    if "demand" in pair and demand != pair["demand"]:
        wrong.append(f"demands {demand} instead of {pair['demand']}")
    try:
        return wrong + differences(answer.json(), pair["answer"], pair.get("loose", ()))
    except ValueError:
        return [*wrong, "a body that is no JSON" if answer.content else "no body"]


def name(pair):
    """What a pair is called where one speaks of it."""
    key = {None: "", "": " without a key"}.get(pair.get("key"), " with another key")
    keep = " that may not overwrite" if pair.get("headers", {}).get("Overwrite") == "?0" else ""
    return f"{pair['ask']}{key}{keep} while {pair['when']}"


def replayed(server, kind):
    """Replays all pairs; answers which are answered otherwise, and how."""
    found = {}
    for pair in pairs(kind):
        server.bring(pair["when"])
        answer = server.replay(pair)
        wrong = on_socket(answer, pair) if "params" in pair else on_request(answer, pair)
        if wrong:
            # What is so of each item of a list is said once.
            found[name(pair)] = list(dict.fromkeys(wrong))
    return found


def replay(server, kind):
    wrong = replayed(server, kind)
    assert not wrong, "\n".join(f"{pair}: {line}" for pair, lines in wrong.items() for line in lines)


def test_octoprint_itself_answers_as_written_down(real_octoprint):  # noqa: F811
    real_octoprint.connect()
    replay(OctoPrint(real_octoprint.url, real_octoprint.key, SLOW, b"G28\nG4 P100\n" * 3), "octoprint")


def test_moonraker_itself_answers_as_written_down(real_moonraker, gcode):  # noqa: F811
    brief = b"; layers\n" + b"G1 X1\n" * 10
    server = Moonraker(real_moonraker.url, real_moonraker.key, gcode.read_bytes(), brief, real_moonraker.lose_klippy)
    replay(server, "moonraker")


def untold(told, found, known):
    """What is wrong with a table of differences: what it leaves out, and what is not there any more."""
    wrong = [f"{row['pair']}: there is no such pair" for row in told if row["pair"] not in known]
    wrong += [f"{row['pair']}: told without a reason" for row in told if not row["why"]]
    expected = {row["pair"]: row["differs"] for row in told}
    for pair in {**expected, **found}:
        here, there = found.get(pair, []), expected.get(pair, [])
        wrong += [f"{pair}: {line}, which is not told" for line in here if line not in there]
        wrong += [f"{pair}: {line}, as is told, is not so any more" for line in there if line not in here]
    return wrong


def test_prusalink_itself_answers_as_written_down_or_as_told(real_prusalink):  # noqa: F811
    server = RaspberryPrusaLink(real_prusalink, SLOW, b"G28\nG4 P100\n" * 3)
    table = json.loads((FIXTURES / "prusalink-on-a-raspberry.json").read_text())["differences"]
    wrong = untold(table, replayed(server, "prusalink"), {name(pair) for pair in pairs("prusalink")})
    assert not wrong, "\n".join(wrong)


def test_every_pair_of_prusalink_has_a_name_of_its_own():
    names = [name(pair) for pair in pairs("prusalink")]
    assert len(set(names)) == len(names)


def test_a_table_of_differences_must_be_neither_too_short_nor_too_long():
    table = [{"pair": "a", "differs": ["x is more"], "why": "so"}, {"pair": "b", "differs": ["y is more"], "why": ""}]
    assert untold(table[:1], {"a": ["x is more"]}, {"a", "b"}) == []
    assert untold(table[:1], {}, {"a"}) == ["a: x is more, as is told, is not so any more"]
    assert untold([], {"a": ["x is more"]}, {"a"}) == ["a: x is more, which is not told"]
    assert untold(table[1:], {"b": ["y is more"]}, {"a"}) == ["b: there is no such pair", "b: told without a reason"]
