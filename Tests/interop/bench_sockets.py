"""Thousands of sockets on the live cloud: what each costs, and how fast news reaches who watches."""

import hashlib
import hmac
import json
import os
import pathlib
import re
import select
import socket
import struct
import time

HOST = "127.0.0.1"
SECRET = "0123456789abcdef0123456789abcdef"
VERSION = "0.1.0"


def memory(process):
    """Resident bytes."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024


def core_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def frame(message):
    """A client's text frame; its mask is zero, which changes nothing."""
    body = json.dumps(message).encode()
    size = len(body)
    if size < 126:
        return struct.pack("!BB", 0x81, 0x80 | size) + bytes(4) + body
    return struct.pack("!BBH", 0x81, 0x80 | 126, size) + bytes(4) + body


def upgrade(port, path):
    line = socket.create_connection((HOST, port))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.sendall(
        f"GET {path} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return line


def wait_for_word(line, word):
    gathered = b""
    while word not in gathered:
        more = line.recv(65536)
        assert more, gathered
        gathered += more
    return gathered


def connect_hub(port, hub):
    """Says hello in a hub's name, and answers its socket."""
    line = upgrade(port, f"/ws/hub/{hub}")
    head = wait_for_word(line, b"\r\n\r\n").decode("latin-1")
    challenge = re.search(r"X-Hub-Challenge: (\S+)", head, re.IGNORECASE)[1]
    signed = hmac.new(
        SECRET.encode(), f"{hub}\n{challenge}\n{VERSION}".encode(), hashlib.sha256
    ).hexdigest()
    line.sendall(
        frame(
            {
                "type": "hub_hello", "hub_id": hub, "firmware_version": VERSION,
                "hardware_revision": "bench", "uptime_seconds": 1, "free_heap": 1,
                "signature": signed,
            }
        )
    )  # fmt: skip
    return line


def connect_dashboard(port, token, tenant):
    line = upgrade(port, "/ws/dashboard")
    wait_for_word(line, b"\r\n\r\n")
    line.sendall(frame({"type": "auth", "token": token, "tenant_id": tenant}))
    return line


def hold_hubs(cloud, post, count):
    """Claims and connects so many hubs; answers their sockets and what each costs in memory."""
    names = [f"bench-{number}" for number in range(count)]
    for name in names:
        post("/factory/hubs", id=name, secret=SECRET, claim_code="CODE")
        post("/hubs/claim", hub_id=name, claim_code="CODE", name=name)
    before = memory(cloud.process)
    lines = [connect_hub(cloud.port, name) for name in names]
    for line in lines:
        wait_for_word(line, b"cloud_hello")
    time.sleep(1)
    return lines, (memory(cloud.process) - before) / count


def status(serial, percent):
    return frame(
        {
            "type": "printer_status", "printer_id": serial,
            "status": {
                "state": "printing", "progress_percent": percent % 100, "layer_current": percent,
                "layer_total": 1_000_000, "time_remaining_minutes": 3, "gcode_state": "RUNNING",
                "temperatures": {"nozzle": 219.8, "bed": 60},
            },
            "timestamp": percent,
        }
    )  # fmt: skip


def fan_out(cloud, hub, serial, dashboards, seconds):
    """Messages a second that reach dashboards when one hub reports as fast as they are taken."""
    poll = select.epoll()
    by_number = {line.fileno(): line for line in dashboards}
    for line in dashboards:
        line.setblocking(False)
        poll.register(line.fileno(), select.EPOLLIN)
    sent = received = 0
    begin, cores = time.monotonic(), core_seconds(cloud.process)
    while time.monotonic() - begin < seconds or received < sent * len(dashboards):
        # A window of reports is under way, so that nobody is dropped for reading too slowly.
        while time.monotonic() - begin < seconds and (sent - 8) * len(dashboards) < received:
            sent += 1
            hub.sendall(status(serial, sent))
        for number, _ in poll.poll(0.2):
            try:
                received += by_number[number].recv(1 << 18).count(b'"printer_status"')
            except BlockingIOError:
                pass
        if time.monotonic() - begin > seconds + 10:
            break
    took = time.monotonic() - begin
    return received / took, received / max(core_seconds(cloud.process) - cores, 1e-6)


def routed(cloud, hubs, dashboard, seconds):
    """Messages a second from many hubs to one dashboard. `hubs` are pairs of socket and serial."""
    dashboard.setblocking(False)
    # With thousands of sockets open the number of this one is too high for select.
    poll = select.poll()
    poll.register(dashboard, select.POLLIN)
    sent = received = 0
    begin, cores = time.monotonic(), core_seconds(cloud.process)
    while time.monotonic() - begin < seconds:
        for line, serial in hubs:
            sent += 1
            line.sendall(status(serial, sent))
        while received < sent - 200:
            poll.poll(1000)
            try:
                received += dashboard.recv(1 << 20).count(b'"printer_status"')
            except BlockingIOError:
                break
    took = time.monotonic() - begin
    return received / took, received / max(core_seconds(cloud.process) - cores, 1e-6)
