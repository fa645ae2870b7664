"""A stand-in for the board of an MK3S, on a pseudo-terminal that PrusaLink takes for its serial line.

It answers lines of g-code as the printer's firmware does, as far as PrusaLink asks: what the printer is, its
temperatures and counters, and what a print is made of. Dwells are kept, so that a print takes its time.

    einsy.py LINK    a symbolic link to the terminal's other end is made at LINK
"""

import os
import pathlib
import pty
import re
import select
import sys
import time
import tty

POSITION = "X:0.00 Y:0.00 Z:0.00 E:0.00 Count X: 0.00 Y:0.00 Z:0.00 E:0.00"
MODES = [
    f"{mode} MODE: Percent done: {{percent}}; print time remaining in mins: {{left}}; Change in mins: -1"
    for mode in ("NORMAL", "SILENT")
]
FIXED = {
    "PRUSA Fir": ["3.14.1-8237"],
    "PRUSA SN": ["CZPX1234X004XC12345"],
    "M862.1 Q": ["0.40"],
    "M862.2 Q": ["302"],
    "M114": [POSITION],
    "M27 P": ["Not SD printing"],
    "M20 LT": ["Begin file list", "End file list"],
    "M21": ["echo:SD card ok"],
    "M220": ["100%"],
    "M221": ["100%"],
    "M420": ["Mesh bed leveling not active."],
    "M601": ["// action:paused"],
    "M602": ["// action:resumed"],
    "M603": ["// action:cancel"],
}
FANS = "E0:3000 RPM PRN1:0 RPM E0@:120 PRN1@:0"


class Board:
    def __init__(self, line):
        self.line = line
        self.target = {"nozzle": 0.0, "bed": 0.0}
        self.progress = {"percent": -1, "left": -1}
        # How often it tells by itself how it is, and when it does so next.
        self.interval = 0
        self.report_at = 0.0

    def say(self, *texts):
        for text in texts:
            os.write(self.line, f"{text}\n".encode())

    def temperatures(self):
        nozzle, bed = (f"{max(22.0, self.target[name]):.1f} /{self.target[name]:.1f}" for name in ("nozzle", "bed"))
        return f"T:{nozzle} B:{bed} T0:{nozzle} @:0 B@:0 P:25.0 A:30.0"

    def hear(self, text):
        # Lines of a print carry a number and a checksum.
        text = re.sub(r"\s*\*\d+$", "", re.sub(r"^N\d+\s+", "", text)).strip()
        number = re.search(r" [PS](\d+\.?\d*)", text)
        word = text.split(" ")[0]
        if text in FIXED:
            self.say(*FIXED[text])
        elif word in ("M104", "M109", "M140", "M190") and number:
            self.target["nozzle" if word in ("M104", "M109") else "bed"] = float(number[1])
        elif word == "G4" and number:
            time.sleep(min(1.0, float(number[1]) / 1000))
        elif word == "M73":
            if number:
                left = re.search(r" R(\d+)", text)
                self.progress = {"percent": int(float(number[1])), "left": int(left[1]) if left else -1}
            self.say(*(mode.format(**self.progress) for mode in MODES))
        elif memory := re.match(r"D3 Ax([0-9A-F]+) C(\d+)$", text):
            self.say(f"{memory[1].lower().zfill(4)}  {' '.join(['00'] * int(memory[2]))}")
        elif interval := re.match(r"M155 S(\d+)", text):
            self.interval = int(interval[1])
        elif word == "M105":
            return self.say("ok " + self.temperatures())
        self.say("ok")

    def live(self):
        pending = b""
        while True:
            if self.interval and time.monotonic() >= self.report_at:
                self.report_at = time.monotonic() + self.interval
                self.say(self.temperatures(), POSITION, FANS)
            if not select.select([self.line], [], [], self.interval or None)[0]:
                continue
            pending += os.read(self.line, 4096)
            *lines, pending = pending.split(b"\n")
            for line in lines:
                if text := line.decode(errors="replace").strip():
                    self.hear(text)


def main():
    ours, theirs = pty.openpty()
    tty.setraw(ours)
    tty.setraw(theirs)
    link = pathlib.Path(sys.argv[1])
    link.unlink(missing_ok=True)
    link.symlink_to(os.ttyname(theirs))
    Board(ours).live()


main()
