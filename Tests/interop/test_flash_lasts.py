"""What a live hub keeps in its flash outlasts the death of its process."""

import signal
import subprocess

from conftest import HUBRIG, free_port, wait_for


def desk(log, state, ports, *more):
    return subprocess.Popen(
        [
            HUBRIG, "up", "--state", str(state), "--speed", "60", "--printers", "1",
            "--cloud-port", str(ports[0]), "--mqtt-port", str(ports[1]), "--ftps-port", str(ports[2]),
            "--camera-port", str(ports[3]), *more,
        ],
        stdout=open(log, "wb"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_hub_that_was_killed_knows_its_printers_before_the_cloud_has_spoken(tmp_path):
    state, ports = tmp_path / "desk", [free_port() for _ in range(4)]
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    process = desk(first, state, ports, "--seed-demo")
    wait_for("the printer to be connected", lambda: ": connected" in first.read_text(errors="replace"))
    wait_for("the hub to be running", lambda: "-> running" in first.read_text(errors="replace"))
    process.send_signal(signal.SIGKILL)
    process.wait()

    process = desk(second, state, ports)
    try:
        wait_for("the printer again", lambda: ": connected" in second.read_text(errors="replace"))
        lines = second.read_text(errors="replace").splitlines()
        store = next(line for line in lines if " store: " in line)
        assert " store: 0 keys" not in store, store
        connected = next(number for number, line in enumerate(lines) if ": connected" in line)
        told = [number for number, line in enumerate(lines) if "configure_printer" in line]
        assert not told or connected < told[0], "the printer was known from flash"
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=15) == 0
