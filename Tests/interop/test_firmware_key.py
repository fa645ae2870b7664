"""A cloud with a key of its own publishes what that key has signed, and nothing else."""

import subprocess

import pytest
import requests

from conftest import FACTORY_KEY, HUBRIG, free_port, is_listening, wait_for


def image(tmp_path, name, *flags, key):
    path = tmp_path / name
    build = [HUBRIG, "image", "build", "--version", "4.5.6", "--behaviour", "works", *flags, path]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    if key:
        sign = [HUBRIG, "image", "sign", "--key", key, path]
        subprocess.run(sign, check=True, stdout=subprocess.DEVNULL)
    return path.read_bytes()


@pytest.fixture
def factory(start, tmp_path):
    key = tmp_path / "firmware.key"
    subprocess.run([HUBRIG, "image", "key", key], check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    start(
        HUBRIG, "cloud", "--plain", "--state", tmp_path / "state", "--port", port, "--factory-key", FACTORY_KEY,
        "--firmware-key", f"{key}.pub", "--hardware", "rig-1,rig-2",
    )  # fmt: skip
    wait_for("the cloud to listen", lambda: is_listening("127.0.0.1", port))
    session = requests.Session()
    session.trust_env = False
    session.headers["X-Factory-Key"] = FACTORY_KEY
    url = f"http://localhost:{port}/api/v1"

    def publish(file):
        leave = session.post(f"{url}/factory/firmware/upload-url", json={"size": len(file)}).json()["data"]
        assert session.put(f"{url}/files/upload/{leave['token']}", data=file).ok
        return session.post(f"{url}/factory/firmware", json={"token": leave["token"]})

    return key, publish


def test_only_the_cloud_s_own_key_opens_its_door(factory, tmp_path):
    key, publish = factory
    refused = {
        "signed with another key": image(tmp_path, "rig.bin", key="rig"),
        "nobody has signed": image(tmp_path, "bare.bin", key=None),
        "for the hardware rig-9": image(tmp_path, "other.bin", "--hardware", "rig-9", key=key),
    }
    for reason, file in refused.items():
        answer = publish(file)
        assert answer.status_code == 400
        assert reason in answer.json()["error"]["message"]
    for hardware in ["rig-1", "rig-2"]:
        answer = publish(image(tmp_path, f"{hardware}.bin", "--hardware", hardware, key=key))
        assert answer.status_code == 201, answer.text
        assert answer.json()["data"]["hardware"] == hardware
