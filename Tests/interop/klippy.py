"""A stand-in for Klippy, the program that drives a Klipper printer, on its Unix socket.

It speaks what Moonraker asks of it: JSON objects, each ended by the byte 3. Behind it there is a
printer that "prints" a file of g-code line by line, so many lines a second.
"""

import asyncio
import json
import pathlib
import sys
import time

LINES_PER_SECOND = 40


class Printer:
    def __init__(self, gcodes):
        self.gcodes = gcodes
        self.state = "standby"
        self.filename = ""
        self.lines = 0
        self.done = 0
        self.printed = 0.0
        self.begin = None
        self.target = {"extruder": 0.0, "heater_bed": 0.0}
        self.temperature = {"extruder": 22.0, "heater_bed": 21.5}
        self.scripts = []
        self.moved = time.monotonic()

    def move(self):
        """Lets the time pass since it was last asked."""
        now = time.monotonic()
        passed, self.moved = now - self.moved, now
        for heater, target in self.target.items():
            rest = max(target, 22.0)
            self.temperature[heater] += (rest - self.temperature[heater]) * min(1.0, passed / 3)
        if self.state != "printing":
            return
        self.printed += passed
        self.done = min(self.lines, self.done + passed * LINES_PER_SECOND)
        if self.done >= self.lines:
            self.state = "complete"

    def start(self, name):
        path = self.gcodes / name
        if self.state in ("printing", "paused"):
            return "SD busy"
        if not path.is_file():
            return "Unable to open file"
        self.lines = max(1, path.read_bytes().count(b"\n"))
        self.filename, self.done, self.printed = name, 0, 0.0
        self.begin, self.state = time.monotonic(), "printing"
        self.target = {"extruder": 210.0, "heater_bed": 60.0}
        return None

    def end(self, state):
        if self.state not in ("printing", "paused"):
            return "no print is under way"
        self.state = state
        self.target = {"extruder": 0.0, "heater_bed": 0.0}
        return None

    def run(self, script):
        """Carries out a script; answers what was wrong with it."""
        self.scripts.append(script)
        for line in script.splitlines():
            word, _, rest = line.strip().partition(" ")
            if word == "SDCARD_PRINT_FILE":
                name = rest.split("FILENAME=", 1)[-1].strip().strip('"')
                problem = self.start(name)
            elif word == "M104":
                self.target["extruder"], problem = float(rest.lstrip("S") or 0), None
            elif word in ("CANCEL_PRINT",):
                problem = self.end("cancelled")
            elif word == "FAIL":
                problem = "Must home axis first"
            else:
                problem = None
            if problem:
                return problem
        return None

    def pause(self):
        if self.state != "printing":
            return "Print is not active"
        self.state = "paused"
        return None

    def resume(self):
        if self.state != "paused":
            return "Print is not paused, resume aborted"
        self.state = "printing"
        return None

    def objects(self):
        self.move()
        share = self.done / self.lines if self.lines else 0.0
        is_busy = self.state in ("printing", "paused")
        size = (self.gcodes / self.filename).stat().st_size if self.filename else 0
        total = time.monotonic() - self.begin if self.begin else 0.0

        def heater(name):
            return {"temperature": round(self.temperature[name], 2), "target": self.target[name], "power": 0.0}

        return {
            "webhooks": {"state": "ready", "state_message": "Printer is ready"},
            "print_stats": {
                "filename": self.filename, "total_duration": total, "print_duration": self.printed,
                "filament_used": share * 100, "state": self.state, "message": "",
                "info": {"total_layer": None, "current_layer": None},
            },
            "virtual_sdcard": {
                "file_path": str(self.gcodes / self.filename) if is_busy else None, "progress": share,
                "is_active": self.state == "printing", "file_position": int(size * share), "file_size": size,
            },
            "display_status": {"progress": share, "message": None},
            "extruder": {**heater("extruder"), "can_extrude": self.temperature["extruder"] > 170},
            "heater_bed": heater("heater_bed"),
            "toolhead": {"homed_axes": "xyz", "print_time": self.printed, "position": [0.0, 0.0, 0.0, 0.0]},
            "gcode_move": {"speed_factor": 1.0, "speed": 1500.0, "extrude_factor": 1.0},
            "fan": {"speed": 0.0, "rpm": None},
            "idle_timeout": {"state": "Printing" if is_busy else "Idle", "printing_time": total},
            "pause_resume": {"is_paused": self.state == "paused"},
            "configfile": {"config": {}, "settings": {}, "warnings": [], "save_config_pending": False},
            "gcode": {"commands": {}},
        }  # fmt: skip


class Connection:
    def __init__(self, printer, writer):
        self.printer = printer
        self.writer = writer
        self.wanted = {}
        self.template = {}
        self.told = {}

    def send(self, message):
        self.writer.write(json.dumps(message).encode() + b"\x03")

    def query(self, wanted):
        every = self.printer.objects()
        answer = {}
        for name, fields in wanted.items():
            if name in every:
                found = every[name]
                answer[name] = found if fields is None else {key: found.get(key) for key in fields}
        return answer

    def call(self, method, params):
        """Answers what a method results in; raises ValueError with what was wrong."""
        if method == "info":
            return {
                "state": "ready", "state_message": "Printer is ready", "hostname": "stand-in",
                "klipper_path": "/klipper", "python_path": "/python", "process_id": 1, "user_id": 1000,
                "group_id": 1000, "log_file": "/klippy.log", "config_file": "/printer.cfg",
                "software_version": "v0.12.0", "cpu_info": "4 core",
            }  # fmt: skip
        if method == "list_endpoints":
            return {"endpoints": [
                "info", "emergency_stop", "register_remote_method", "list_endpoints", "objects/list",
                "objects/query", "objects/subscribe", "gcode/help", "gcode/script", "gcode/restart",
                "gcode/firmware_restart", "gcode/subscribe_output", "pause_resume/pause",
                "pause_resume/resume", "pause_resume/cancel", "query_endstops/status",
            ]}  # fmt: skip
        if method == "objects/list":
            return {"objects": list(self.printer.objects())}
        if method == "objects/query":
            return {"eventtime": time.monotonic(), "status": self.query(params.get("objects", {}))}
        if method == "objects/subscribe":
            self.wanted = params.get("objects", {})
            self.template = params.get("response_template", {})
            self.told = self.query(self.wanted)
            return {"eventtime": time.monotonic(), "status": self.told}
        problem = None
        if method == "gcode/script":
            problem = self.printer.run(params["script"]) if "script" in params else "Missing Argument [script]"
        elif method == "pause_resume/pause":
            problem = self.printer.pause()
        elif method == "pause_resume/resume":
            problem = self.printer.resume()
        elif method == "pause_resume/cancel":
            problem = self.printer.end("cancelled")
        elif method == "gcode/help":
            return {"G28": "Home"}
        if problem:
            raise ValueError(problem)
        return {}

    def hear(self, message):
        identity = message.get("id")
        try:
            result = self.call(message.get("method", ""), message.get("params") or {})
            answer = {"id": identity, "result": result}
        except ValueError as problem:
            answer = {"id": identity, "error": {"error": "WebRequestError", "message": str(problem)}}
        if identity is not None:
            self.send(answer)

    def tell(self):
        """Sends what has changed to who has subscribed."""
        if not self.wanted:
            return
        now = self.query(self.wanted)
        news = {}
        for name, fields in now.items():
            changed = {key: value for key, value in fields.items() if self.told.get(name, {}).get(key) != value}
            if changed:
                news[name] = changed
        self.told = now
        if news:
            self.send({**self.template, "params": {"eventtime": time.monotonic(), "status": news}})


async def serve(path, gcodes):
    printer = Printer(gcodes)

    async def client(reader, writer):
        connection = Connection(printer, writer)

        async def beat():
            while True:
                await asyncio.sleep(0.25)
                connection.tell()

        ticking = asyncio.create_task(beat())
        try:
            while True:
                part = await reader.readuntil(b"\x03")
                connection.hear(json.loads(part[:-1]))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            ticking.cancel()
            writer.close()

    server = await asyncio.start_unix_server(client, path, limit=1 << 22)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(serve(sys.argv[1], pathlib.Path(sys.argv[2])))
    except KeyboardInterrupt:
        pass
