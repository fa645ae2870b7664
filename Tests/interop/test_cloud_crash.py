"""The live cloud is killed at random moments under load; what it had acknowledged must be there."""

import hashlib
import json
import os
import random
import subprocess
import threading
import time

import requests

from conftest import FACTORY_KEY, HUBRIG, free_port, is_listening, wait_for

KILLS = int(os.environ.get("HUBRIG_KILLS", "50"))


class MortalCloud:
    """A cloud in plain HTTP that dies by SIGKILL and comes back on the same directory."""

    def __init__(self, state):
        self.state = state
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = open(state.parent / "cloud.log", "ab")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [
                HUBRIG, "cloud", "--plain", "--state", str(self.state), "--port", str(self.port),
                "--factory-key", FACTORY_KEY, "--public-url", self.url, "--no-rate-limits",
            ],
            stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for("the cloud to listen", lambda: is_listening("127.0.0.1", self.port))

    def kill(self):
        self.process.kill()
        self.process.wait()


class Writer(threading.Thread):
    """Somebody who makes things as fast as they are acknowledged, and remembers what was."""

    def __init__(self, cloud, headers, number):
        super().__init__(daemon=True)
        self.cloud, self.headers, self.number = cloud, headers, number
        self.jobs, self.files, self.cancelled = {}, {}, set()
        self.is_over = False
        self.chance = random.Random(number)

    def run(self):
        count = 0
        session = requests.Session()
        session.headers.update(self.headers)
        while not self.is_over:
            count += 1
            try:
                self.work(session, f"{self.number}-{count}")
            except requests.RequestException:
                # The cloud died in between: nothing was acknowledged.
                session.close()
                time.sleep(0.02)

    def post(self, session, path, expected, **body):
        answer = session.post(f"{self.cloud.url}/api/v1{path}", json=body, timeout=10)
        assert answer.status_code < 500, answer.text
        if answer.status_code != expected:
            raise requests.RequestException(answer.text)
        return answer.json()["data"]

    def work(self, session, name):
        content = self.chance.randbytes(self.chance.randrange(1, 40_000))
        place = self.post(
            session, "/files/upload-url", 200, name=f"{name}.3mf", size=len(content)
        )
        session.put(place["upload_url"], data=content, timeout=10).raise_for_status()
        file = self.post(session, "/files", 201, name=f"{name}.3mf", token=place["token"])
        self.files[file["id"]] = hashlib.sha256(content).hexdigest()
        for priority in range(3):
            job = self.post(session, "/jobs", 201, print_file_id=file["id"], priority=priority)
            self.jobs[job["id"]] = priority
        victim = self.chance.choice(list(self.jobs))
        self.post(session, f"/jobs/{victim}/cancel", 200)
        self.cancelled.add(victim)


def test_nothing_acknowledged_is_lost_when_the_cloud_is_killed(tmp_path):
    cloud = MortalCloud(tmp_path / "state")
    cloud.start()
    user = requests.post(
        f"{cloud.url}/auth/register",
        json={"email": "ada@example.com", "password": "correct horse", "name": "Ada"},
    ).json()["data"]
    headers = {"Authorization": f"Bearer {user['token']}"}
    tenant = requests.post(f"{cloud.url}/api/v1/tenants", json={"name": "Farm"}, headers=headers)
    headers["X-Tenant-ID"] = tenant.json()["data"]["id"]
    writers = [Writer(cloud, headers, number) for number in range(4)]
    for writer in writers:
        writer.start()
    chance = random.Random(7)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.4))
        cloud.kill()
        cloud.start()
    for writer in writers:
        writer.is_over = True
    for writer in writers:
        writer.join(timeout=20)

    session = requests.Session()
    session.headers.update(headers)
    jobs = {key: value for writer in writers for key, value in writer.jobs.items()}
    files = {key: value for writer in writers for key, value in writer.files.items()}
    cancelled = set().union(*(writer.cancelled for writer in writers))
    assert len(jobs) > KILLS, "the load was too light to show anything"
    for job, priority in jobs.items():
        answer = session.get(f"{cloud.url}/api/v1/jobs/{job}")
        assert answer.status_code == 200, f"an acknowledged job is gone: {answer.text}"
        known = answer.json()["data"]
        assert known["priority"] == priority
        if job in cancelled:
            assert known["status"] == "cancelled", known
    for file, digest in files.items():
        known = session.get(f"{cloud.url}/api/v1/files/{file}").json()["data"]
        assert known["sha256"] == digest
    for file, digest in list(files.items())[:: max(1, len(files) // 100)]:
        link = session.get(f"{cloud.url}/api/v1/files/{file}/download-url").json()["data"]
        assert hashlib.sha256(session.get(link["download_url"]).content).hexdigest() == digest
    # Nothing half-done shows: what is listed can be read, and every job has its file.
    page = session.get(f"{cloud.url}/api/v1/jobs", params={"limit": 500}).json()
    for job in page["data"]:
        assert session.get(f"{cloud.url}/api/v1/files/{job['print_file_id']}").ok
    print(json.dumps({"kills": KILLS, "jobs": len(jobs), "files": len(files)}))
    cloud.process.terminate()
    cloud.process.wait(timeout=20)
