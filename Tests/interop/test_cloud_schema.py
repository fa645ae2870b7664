"""schemathesis reads openapi.json and asks the live cloud everything that it allows, and more."""

import pathlib
import subprocess
import sys

import requests

from conftest import FACTORY_KEY, HUBRIG, free_port, is_listening, wait_for


def test_the_cloud_answers_as_it_describes_itself(start, tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    start(
        HUBRIG, "cloud", "--plain", "--state", tmp_path / "state", "--port", port,
        "--factory-key", FACTORY_KEY, "--public-url", url, "--no-rate-limits",
    )  # fmt: skip
    wait_for("the cloud to listen", lambda: is_listening("127.0.0.1", port))
    user = requests.post(
        f"{url}/auth/register",
        json={"email": "ada@example.com", "password": "correct horse", "name": "Ada"},
    ).json()["data"]
    token = user["token"]
    tenant = requests.post(
        f"{url}/api/v1/tenants", json={"name": "Farm"}, headers={"Authorization": f"Bearer {token}"}
    ).json()["data"]["id"]
    # Signing out would end the session that the rest of the run needs; sockets are no requests.
    run = subprocess.run(
        [
            str(pathlib.Path(sys.executable).parent / "schemathesis"), "run",
            f"{url}/api/v1/openapi.json", "--url", url,
            "--header", f"Authorization: Bearer {token}", "--header", f"X-Factory-Key: {FACTORY_KEY}",
            "--header", f"X-Tenant-ID: {tenant}", "--generation-codec", "ascii", "--no-color",
            "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,"
            "response_schema_conformance",
            "--exclude-path-regex", "sign-out|logout|^/ws/|reset-password",
            "--max-examples", "15", "--generation-deterministic", "--workers", "2",
        ],
        capture_output=True, text=True, timeout=900, cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
