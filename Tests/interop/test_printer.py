"""The simulated printer, as clients that were written for the real one see it."""

import json
import queue
import ssl
import subprocess

import paho.mqtt.client as mqtt
import pytest

from conftest import wait_for


class Client:
    """A paho client that keeps what the printer reports."""

    def __init__(self, printer, code=None):
        self.printer = printer
        self.reports = queue.Queue()
        self.latest = {}
        self.connected = None
        self.paho = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="interop")
        self.paho.username_pw_set("bblp", code or printer.code)
        self.paho.tls_set(cert_reqs=ssl.CERT_NONE)
        self.paho.tls_insecure_set(True)
        self.paho.on_connect = self.on_connect
        self.paho.on_message = self.on_message
        self.paho.connect(printer.address, printer.mqtt_port, keepalive=30)
        self.paho.loop_start()

    def on_connect(self, client, userdata, flags, reason, properties):
        self.connected = reason
        if not reason.is_failure:
            client.subscribe(f"device/{self.printer.serial}/report")

    def on_message(self, client, userdata, message):
        report = json.loads(message.payload)
        self.latest.update(report.get("print", {}))
        self.reports.put(report)

    def send(self, **body):
        self.paho.publish(f"device/{self.printer.serial}/request", json.dumps(body)).wait_for_publish(5)

    def answer_to(self, group, sequence_id):
        def found():
            while not self.reports.empty():
                body = self.reports.get().get(group, {})
                if body.get("sequence_id") == sequence_id:
                    return body
            return None

        return wait_for(f"the answer to {group} {sequence_id}", found)

    def close(self):
        self.paho.disconnect()
        self.paho.loop_stop()


@pytest.fixture
def client(printer):
    client = Client(printer)
    wait_for("CONNACK", lambda: client.connected is not None)
    assert not client.connected.is_failure
    yield client
    client.close()


def upload(printer, path, name, code=None):
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--insecure", "--ssl-reqd", "--max-time", "30",
         "--user", f"bblp:{code or printer.code}", "--upload-file", path,
         f"ftps://{printer.address}:{printer.ftps_port}/{name}"],
        capture_output=True, text=True,
    )  # fmt: skip


def test_mosquitto_sub_hears_the_full_report_that_mosquitto_pub_asked_for(printer, start, tool):
    # Connected to by its address, which its certificate does not name.
    common = ["-h", printer.address, "-p", printer.mqtt_port, "-u", "bblp", "-P", printer.code,
              "--cafile", printer.maker, "--insecure"]  # fmt: skip

    listener = start(tool("mosquitto_sub"), *common, "-t", f"device/{printer.serial}/report", "-C", "1", "-W", "15")
    pushall = json.dumps({"pushing": {"sequence_id": "1", "command": "pushall", "version": 1, "push_target": 1}})

    def asked():
        subprocess.run(
            [tool("mosquitto_pub"), *map(str, common), "-q", "1", "-t", f"device/{printer.serial}/request",
             "-m", pushall],
            check=True, timeout=10,
        )  # fmt: skip
        return listener.process.poll() is not None

    wait_for("mosquitto_sub to hear a report", asked)
    report = json.loads(listener.output)["print"]
    assert report["gcode_state"] == "IDLE"
    assert report["command"] == "push_status"


def test_paho_reads_the_version_and_the_state(client, printer):
    client.send(info={"sequence_id": "7", "command": "get_version"})
    modules = client.answer_to("info", "7")["module"]
    assert any(module["name"] == "ota" and module["sn"] == printer.serial for module in modules)
    client.send(pushing={"sequence_id": "8", "command": "pushall", "version": 1, "push_target": 1})
    wait_for("the full report", lambda: client.latest.get("gcode_state") == "IDLE")


def test_a_wrong_access_code_is_refused_with_connack_5(printer):
    client = Client(printer, code="87654321")
    wait_for("CONNACK", lambda: client.connected is not None)
    assert client.connected.is_failure
    client.close()


def test_curl_uploads_over_implicit_tls_and_reads_back_the_same_bytes(printer, sliced_file, tmp_path):
    answer = upload(printer, sliced_file, "bracket.3mf")
    assert answer.returncode == 0, answer.stderr
    copy = tmp_path / "copy.3mf"
    subprocess.run(
        ["curl", "--silent", "--show-error", "--insecure", "--max-time", "30", "--user", f"bblp:{printer.code}",
         "--output", copy, f"ftps://{printer.address}:{printer.ftps_port}/bracket.3mf"],
        check=True,
    )  # fmt: skip
    assert copy.read_bytes() == sliced_file.read_bytes()


def by_maker(printer, name, path):
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--cacert", printer.maker, "--max-time", "30", "--user", f"bblp:{printer.code}",
         "--resolve", f"{name}:{printer.ftps_port}:{printer.address}", "--upload-file", path,
         f"ftps://{name}:{printer.ftps_port}/bracket.3mf"],
        capture_output=True, text=True,
    )  # fmt: skip


def test_curl_believes_the_printer_by_its_maker_and_its_serial_number(printer, sliced_file):
    answer = by_maker(printer, printer.serial, sliced_file)
    assert answer.returncode == 0, answer.stderr
    answer = by_maker(printer, "01P00C000000000", sliced_file)
    assert answer.returncode == 60, answer.stderr  # curl: the certificate is somebody else's


def test_curl_with_a_wrong_code_is_turned_away(printer, sliced_file):
    answer = upload(printer, sliced_file, "bracket.3mf", code="00000000")
    assert answer.returncode == 67, answer.stderr  # curl: login denied


def test_a_print_started_by_paho_is_paused_resumed_and_finishes(client, printer, sliced_file):
    assert upload(printer, sliced_file, "bracket.3mf").returncode == 0
    client.send(
        print={
            "sequence_id": "20", "command": "project_file", "param": "Metadata/plate_1.gcode",
            "url": "ftp:///bracket.3mf", "subtask_name": "bracket", "use_ams": False,
        }
    )  # fmt: skip
    assert client.answer_to("print", "20")["result"].lower() == "success"
    wait_for("RUNNING", lambda: client.latest.get("gcode_state") == "RUNNING")
    client.send(print={"sequence_id": "21", "command": "pause", "param": ""})
    wait_for("PAUSE", lambda: client.latest.get("gcode_state") == "PAUSE")
    client.send(print={"sequence_id": "22", "command": "resume", "param": ""})
    wait_for("FINISH", lambda: client.latest.get("gcode_state") == "FINISH", seconds=60)
    assert int(client.latest["mc_percent"]) == 100
