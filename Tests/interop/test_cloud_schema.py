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
    headers = {"Authorization": f"Bearer {token}", "X-Factory-Key": FACTORY_KEY, "X-Tenant-ID": tenant}
    things = furnish(url, headers)
    # What there is, by the paths that lead to it: with ids from nowhere all would be a 404. What ends
    # the session, the tenant or the things themselves is asked in the second run, with such ids.
    config = tmp_path / "schemathesis.toml"
    config.write_text(
        "".join(
            f"[[operations]]\ninclude-path-regex = '^/(api/v1|api)/{path}'\n"
            f"parameters = {{ '{place}' = '{value}' }}\n\n"
            for path, place, value in [
                *things, ("tenants", "path.id", tenant), ("organizations", "path.id", tenant)
            ]
        )
    )
    sessions = "sign-out|logout|^/ws/|reset-password"
    ending = "--exclude-method", "DELETE", "--exclude-path-regex", f"{sessions}|factory-reset|release"
    first = schemathesis(url, headers, "--config-file", config, *ending, cwd=tmp_path)
    assert "Authentication failed" not in first, first[-8000:]
    deleting = "--include-method", "DELETE", "--exclude-path-regex", sessions, "--phases", "coverage,fuzzing"
    schemathesis(url, headers, *deleting, cwd=tmp_path)
    # Its own tenant may be among what was deleted; the cloud itself must be well.
    assert requests.get(f"{url}/health/ready").ok


def furnish(url, headers):
    """One of everything: the path that leads to it, the place in that path, and what goes there."""

    def post(path, **body):
        answer = requests.post(f"{url}/api/v1{path}", json=body, headers=headers)
        assert answer.ok, answer.text
        return answer.json()["data"]

    hub = "5b0d9a34-63a1-4c43-b8a1-0f6f5c1d2e3f"
    post("/factory/hubs", id=hub, secret="0123456789abcdef0123456789abcdef", claim_code="CODE")
    post("/hubs/claim", hub_id=hub, claim_code="CODE", name="hub")
    printer = post(
        "/printers", name="p1", model="P1S", hub_id=hub, serial_number="01P00A000000001",
        ip_address="10.0.0.1", access_code="11112222",
    )["id"]  # fmt: skip
    place = post("/files/upload-url", name="a.3mf", size=4)
    requests.put(place["upload_url"], data=b"3mf!").raise_for_status()
    file = post("/files", name="a.3mf", token=place["token"])["id"]
    link = requests.get(f"{url}/api/v1/files/{file}/download-url", headers=headers).json()["data"]
    upload = post("/files/upload-url", name="b.3mf", size=4)["token"]
    job = post("/jobs", print_file_id=file, printer_id=printer)["id"]
    return [
        ("hubs", "path.id", hub), ("printers", "path.id", printer), ("files/.id", "path.id", file),
        ("files/download", "path.token", link["download_url"].rsplit("/", 1)[1]),
        ("files/upload/", "path.token", upload), ("(jobs|queue)", "path.id", job),
    ]  # fmt: skip


def schemathesis(url, headers, *more, cwd):
    """Answers what it printed; its verdict must be good."""
    command = [str(pathlib.Path(sys.executable).parent / "schemathesis")]
    if "--config-file" in more:
        command += ["--config-file", str(more[more.index("--config-file") + 1])]
        more = [word for word in more if word != "--config-file" and not str(word).endswith(".toml")]
    for name, value in headers.items():
        more = [*more, "--header", f"{name}: {value}"]
    run = subprocess.run(
        [
            *command, "run", f"{url}/api/v1/openapi.json", "--url", url,
            "--generation-codec", "ascii", "--no-color",
            "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,"
            "response_schema_conformance",
            # One worker: two threads of Python 3.11 that parse at the same time may break each other off.
            "--max-examples", "15", "--generation-deterministic", "--workers", "1", *map(str, more),
        ],
        capture_output=True, text=True, timeout=900, cwd=cwd,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    return run.stdout
