"""The hub's MQTT client against a broker that we did not write."""

import json
import subprocess

from conftest import free_port, is_listening, wait_for

SERIAL = "01P00C123400007"
CODE = "24681357"


def certificate_of(name, tool, tmp_path, file):
    """A key and a certificate that signs itself, as printers have them."""
    key, certificate = tmp_path / f"{file}.key", tmp_path / f"{file}.pem"
    subprocess.run(
        [tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "30", "-subj", f"/CN={name}", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, certificate


def signed_by_maker(name, tool, tmp_path, file):
    """The same, signed by a maker, without any other name than the common one; and the maker's own."""
    maker_key, maker = certificate_of("A maker of printers", tool, tmp_path, f"{file}-maker")
    key, request, certificate = (tmp_path / f"{file}.{end}" for end in ("key", "csr", "pem"))
    subprocess.run(
        [tool("openssl"), "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-subj", f"/CN={name}", "-keyout", key, "-out", request], check=True, capture_output=True,
    )  # fmt: skip
    subprocess.run(
        [tool("openssl"), "x509", "-req", "-in", request, "-CA", maker, "-CAkey", maker_key, "-CAcreateserial",
         "-days", "30", "-out", certificate], check=True, capture_output=True,
    )  # fmt: skip
    return key, certificate, maker


def broker(start, tool, tmp_path, identity=None, authority=None):
    """A mosquitto that looks like a printer: TLS with the serial as common name, user bblp."""
    port = free_port()
    key, certificate = identity or certificate_of(SERIAL, tool, tmp_path, "broker")
    authority = authority or certificate
    passwords = tmp_path / "passwords"
    subprocess.run([tool("mosquitto_passwd"), "-b", "-c", passwords, "bblp", CODE], check=True)
    for readable in (key, certificate, passwords, tmp_path):
        readable.chmod(0o755)
    configuration = tmp_path / "mosquitto.conf"
    configuration.write_text(
        f"""listener {port} 127.0.0.1
allow_anonymous false
password_file {passwords}
certfile {certificate}
keyfile {key}
user root
log_type all
"""
    )
    start(tool("mosquitto"), "-c", configuration, expected=None)
    wait_for("mosquitto to listen", lambda: is_listening("127.0.0.1", port))
    client = ["-h", "127.0.0.1", "-p", str(port), "-u", "bblp", "-P", CODE, "--cafile", str(authority), "--insecure"]
    return port, client


def publish(tool, client, topic, body):
    return subprocess.run(
        [tool("mosquitto_pub"), *client, "-t", f"device/{SERIAL}/{topic}", "-m", body], check=True, timeout=10
    )


def requests_to(client, start, tool):
    """What the printer is asked. The hub speaks at once: whoever wants to hear all must listen before."""
    heard = start(tool("mosquitto_sub"), *client, "-t", f"device/{SERIAL}/request", "-v", expected=None)
    wait_for("mosquitto_sub to hear", lambda: publish(tool, client, "request", "probe") and "probe" in heard.output)
    return heard


def test_the_hub_subscribes_asks_and_follows_a_printer_behind_mosquitto(cloud, start, tool, tmp_path):
    port, client = broker(start, tool, tmp_path)
    requests_heard = requests_to(client, start, tool)
    printer = cloud.post(
        "/printers", name="mosquitto", model="P1S", hub_id=cloud.hub_id, serial_number=SERIAL,
        ip_address="127.0.0.1", access_code=CODE, mqtt_port=port,
    )  # fmt: skip
    cloud.start_hub(start, tmp_path)
    wait_for("pushall from the hub", lambda: '"pushall"' in requests_heard.output)

    def report(**fields):
        body = json.dumps({"print": {"command": "push_status", "sequence_id": "1", **fields}})
        publish(tool, client, "report", body)

    report(msg=0, gcode_state="RUNNING", mc_percent="42", layer_num=3, total_layer_num=9, nozzle_temper=219.5)
    wait_for("printing in the cloud", lambda: cloud.get(f"/printers/{printer['id']}")["status"] == "printing")
    cloud.post(f"/printers/{printer['id']}/control", action="pause")
    wait_for("pause at the broker", lambda: '"pause"' in requests_heard.output)
    report(msg=1, gcode_state="PAUSE")
    wait_for("paused in the cloud", lambda: cloud.get(f"/printers/{printer['id']}")["status"] == "paused")


def known_by_maker(cloud, start, tmp_path, port, maker):
    printer = cloud.post(
        "/printers", name="mosquitto", model="P1S", hub_id=cloud.hub_id, serial_number=SERIAL,
        ip_address="127.0.0.1", access_code=CODE, mqtt_port=port, certificate="maker",
    )  # fmt: skip
    assert printer["certificate"] == "maker"
    cloud.start_hub(start, tmp_path, "--maker-authority", maker)
    return lambda: cloud.get(f"/printers/{printer['id']}")


def test_the_hub_believes_a_broker_that_the_maker_has_signed(cloud, start, tool, tmp_path):
    key, certificate, maker = signed_by_maker(SERIAL, tool, tmp_path, "signed")
    port, client = broker(start, tool, tmp_path, (key, certificate), maker)
    requests = requests_to(client, start, tool)
    known_by_maker(cloud, start, tmp_path, port, maker)
    wait_for("pushall from the hub", lambda: '"pushall"' in requests.output)


def test_the_hub_says_why_it_does_not_believe_a_broker_that_signs_for_itself(cloud, start, tool, tmp_path):
    _, _, maker = signed_by_maker(SERIAL, tool, tmp_path, "signed")
    port, _ = broker(start, tool, tmp_path)
    state = known_by_maker(cloud, start, tmp_path, port, maker)
    wait_for(
        "the reason", lambda: "not from its maker" in ((state()["live"] or {}).get("link_problem") or ""), seconds=40
    )
    assert not state()["is_connected"]


def test_the_hub_says_when_another_printer_of_the_maker_answers(cloud, start, tool, tmp_path):
    key, certificate, maker = signed_by_maker("01P00C999999999", tool, tmp_path, "sister")
    port, _ = broker(start, tool, tmp_path, (key, certificate))
    state = known_by_maker(cloud, start, tmp_path, port, maker)
    wait_for(
        "the reason", lambda: "another printer answers" in ((state()["live"] or {}).get("link_problem") or ""), seconds=40
    )
