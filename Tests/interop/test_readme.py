"""The README's own commands, word for word but for ports and folders."""

import json
import pathlib
import re
import subprocess

from conftest import HUBRIG, free_port, is_listening, wait_for

README = pathlib.Path(__file__).parents[2] / "README.md"


def recipe():
    """The shell block that sends a job with curl alone."""
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(), re.S)
    return next(block for block in blocks if "upload-url" in block)


def bring_up(start, state, port, ports):
    desk = start(
        HUBRIG, "up", "--state", state, "--speed", "60", "--seed-demo", "--cloud-port", port,
        "--mqtt-port", ports[0], "--ftps-port", ports[1],
    )  # fmt: skip
    wait_for("the cloud to listen", lambda: is_listening("127.0.0.1", port))
    wait_for("the guide to be printed", lambda: "Send a job" in desk.output)
    wait_for("all printers to be connected", lambda: "-> running" in desk.output)
    return desk


def test_the_curl_recipe_prints_a_part_and_the_job_is_known_after_a_restart(start, tmp_path):
    state, port, ports = tmp_path / "farm", free_port(), (free_port(), free_port())
    desk = bring_up(start, state, port, ports)
    script = recipe().replace("/tmp/farm", str(state)).replace("localhost:8787", f"localhost:{port}")
    place = f'PATH="{pathlib.Path(HUBRIG).parent}:$PATH"\nset -euo pipefail\nTOKEN=\n'
    printed = subprocess.run(
        ["bash", "-c", place + script], cwd=tmp_path, capture_output=True, text=True, timeout=90
    )
    assert printed.returncode == 0, printed.stderr
    job = json.loads(printed.stdout.splitlines()[-1].rpartition('{"data":')[2].removesuffix("}"))
    assert job["status"] == "completed", job
    desk.stop()
    assert "the cloud is down" in desk.output

    bring_up(start, state, port, ports)
    again = re.sub(r"PRINTER=.*", "api $API/jobs", script, count=1, flags=re.S)
    known = subprocess.run(["bash", "-c", place + again], cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert job["id"] in known.stdout
