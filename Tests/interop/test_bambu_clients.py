"""The simulated printer, as libraries and tools see it that people use with the real one."""

import io
import socket
import subprocess

import bambulabs_api
import pytest
from bambulabs_api.camera_client import PrinterCamera
from bambulabs_api.ftp_client import PrinterFTPClient
from bambulabs_api.mqtt_client import PrinterMQTTClient
from PIL import Image
from zeroconf import IPVersion, ServiceBrowser, Zeroconf

from conftest import HUBRIG, Printer, free_port, is_listening, wait_for


class WatchedPrinter(Printer):
    """A printer with a camera of its own port, and whatever else a test wants."""

    def __init__(self, start, tmp_path, *more, model="P1S", address="127.0.0.11", speed=120):
        self.address = address
        self.mqtt_port, self.ftps_port, self.camera_port = free_port(), free_port(), free_port()
        self.part = start(
            HUBRIG, "printer", "bambu", "--model", model, "--serial", self.serial, "--code", self.code,
            "--address", address, "--mqtt-port", self.mqtt_port, "--ftps-port", self.ftps_port,
            "--camera-port", self.camera_port, "--speed", speed, "--state", tmp_path / "printer", *more,
        )  # fmt: skip
        wait_for("the printer to listen", lambda: is_listening(address, self.mqtt_port))
        wait_for("the printer's card", lambda: is_listening(address, self.ftps_port))


@pytest.fixture
def watched(start, tmp_path):
    return WatchedPrinter(start, tmp_path)


@pytest.fixture
def api(watched):
    """The MQTT client of bambulabs_api, connected."""
    client = PrinterMQTTClient(watched.address, watched.code, watched.serial, port=watched.mqtt_port)
    client.connect()
    client.start()
    wait_for("the library to be connected", client.is_connected)
    wait_for("the first report", lambda: client.get_printer_state() == bambulabs_api.GcodeState.IDLE)
    yield client
    client.stop()


def test_bambulabs_api_uploads_prints_pauses_resumes_and_stops(api, watched, sliced_file):
    files = PrinterFTPClient(watched.address, watched.code, port=watched.ftps_port)
    with open(sliced_file, "rb") as part:
        assert "226" in files.upload_file(part, "bracket.3mf")
    listing = PrinterFTPClient(watched.address, watched.code, port=watched.ftps_port).list_directory()[1]
    assert any("bracket.3mf" in line for line in listing)

    assert api.get_last_print_percentage() == 0
    assert api.get_bed_temperature() == 24
    assert api.start_print_3mf("bracket.3mf", 1, use_ams=False)
    state = bambulabs_api.GcodeState
    wait_for("RUNNING", lambda: api.get_printer_state() == state.RUNNING)
    assert api.total_layer_num() == 20
    assert api.subtask_name() == "bracket"
    assert api.get_nozzle_temperature() > 200
    wait_for("progress", lambda: api.get_last_print_percentage() > 0)
    assert api.pause_print()
    wait_for("PAUSE", lambda: api.get_printer_state() == state.PAUSE)
    assert api.resume_print()
    wait_for("RUNNING again", lambda: api.get_printer_state() == state.RUNNING)
    assert api.set_print_speed_lvl(3)
    wait_for("the sport level", lambda: api.get_print_speed() == 124)
    assert api.stop_print()
    wait_for("FAILED", lambda: api.get_printer_state() == state.FAILED)
    assert api.print_error_code() == 0x0300400C


def test_bambulabs_api_reads_the_spools_and_the_version_and_switches_the_light(api):
    wait_for("the version", api.firmware_version)
    assert api.turn_light_off()
    wait_for("the light to go off", lambda: api.get_light_state() == "off")
    spools = api.dump()["print"]["ams"]["ams"][0]["tray"]
    assert spools[0]["tray_type"] == "PLA"
    assert spools[0]["remain"] == 84


def test_bambulabs_api_sees_the_camera_and_pillow_decodes_its_picture(watched):
    camera = PrinterCamera(watched.address, watched.code, watched.camera_port)
    camera.start()
    try:
        wait_for("a picture", lambda: camera.last_frame)
        with Image.open(io.BytesIO(bytes(camera.last_frame))) as picture:
            picture.load()
            assert picture.size == (1280, 720)
            red, green, blue = picture.convert("RGB").getpixel((640, 604))
            # The plate is a warm grey.
            assert abs(red - 120) < 4 and abs(green - 116) < 4 and abs(blue - 96) < 4
    finally:
        camera.alive = False


@pytest.fixture(scope="session")
def large_file(tmp_path_factory):
    """200 MB that no compression makes smaller."""
    path = tmp_path_factory.mktemp("large") / "large.3mf"
    subprocess.run([HUBRIG, "file", "make", path, "--layers", "100", "--size", "200 MB"], check=True, stdout=subprocess.DEVNULL)
    return path


def size_on_card(printer, name):
    answer = subprocess.run(
        ["curl", "--silent", "--insecure", "--head", "--user", f"bblp:{printer.code}",
         f"ftps://{printer.address}:{printer.ftps_port}/{name}"],
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    lines = [line for line in answer.stdout.splitlines() if line.startswith("Content-Length")]
    return int(lines[0].split()[1]) if lines else -1


def test_curl_uploads_200_mb_and_takes_up_the_tls_session_again(start, tmp_path, large_file):
    printer = WatchedPrinter(start, tmp_path, "--upload-rate", "1000 MB/s")
    answer = subprocess.run(
        ["curl", "--silent", "--show-error", "--insecure", "--verbose", "--user", f"bblp:{printer.code}",
         "--upload-file", large_file, f"ftps://{printer.address}:{printer.ftps_port}/large.3mf"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr[-2000:]
    # A P1S would have answered 522 to a data connection with a session of its own.
    assert "226 Transfer complete" in answer.stderr
    assert size_on_card(printer, "large.3mf") == large_file.stat().st_size


def test_lftp_uploads_200_mb_and_takes_up_the_tls_session_again(start, tmp_path, tool, large_file):
    printer = WatchedPrinter(start, tmp_path, "--upload-rate", "1000 MB/s")
    script = (
        "set ssl:verify-certificate no; set ftp:ssl-force true; set ftp:ssl-protect-data true; "
        "set net:max-retries 1; set net:timeout 30; set ftp:ssl-data-use-keys true; "
        f"open -u bblp,{printer.code} ftps://{printer.address}:{printer.ftps_port}; "
        f"put {large_file} -o large.3mf; bye"
    )
    answer = subprocess.run([tool("lftp"), "-c", script], capture_output=True, text=True, timeout=180)
    assert answer.returncode == 0, answer.stderr
    assert size_on_card(printer, "large.3mf") == large_file.stat().st_size


def test_ssdp_is_heard_by_a_plain_socket_and_a_search_is_answered(start, tmp_path):
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("0.0.0.0", 2021))
    listener.settimeout(12)
    printer = WatchedPrinter(start, tmp_path, "--name", "Büro", address="127.0.0.31")
    try:
        while True:
            text, _ = listener.recvfrom(4096)
            if printer.address.encode() in text:
                break
    finally:
        listener.close()
    lines = text.decode().split("\r\n")
    assert lines[0] == "NOTIFY * HTTP/1.1"
    fields = dict(line.split(": ", 1) for line in lines[1:] if line)
    assert fields["USN"] == printer.serial
    assert fields["DevModel.bambu.com"] == "C12"
    assert fields["DevName.bambu.com"] == "Büro"

    asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.bind(("127.0.0.1", 0))
    asker.settimeout(5)
    search = (
        "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1990\r\nMAN: \"ssdp:discover\"\r\nMX: 3\r\n"
        "ST: urn:bambulab-com:device:3dprinter:1\r\n\r\n"
    )
    asker.sendto(search.encode(), (printer.address, 2021))
    answer, sender = asker.recvfrom(4096)
    assert answer.startswith(b"HTTP/1.1 200 OK") and sender[0] == printer.address
    asker.close()


def test_zeroconf_sees_the_service_when_the_printer_is_told_to_answer(start, tmp_path):
    printer = WatchedPrinter(start, tmp_path, "--mdns", "--name", "workshop", address="127.0.0.32")
    seen = []

    class Listener:
        def add_service(self, zeroconf, kind, name):
            seen.append(zeroconf.get_service_info(kind, name, timeout=3000))

        update_service = add_service

        def remove_service(self, zeroconf, kind, name):
            pass

    # The host's name for a service may have no more than 15 letters, so strictness is of no matter.
    zeroconf = Zeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
    try:
        ServiceBrowser(zeroconf, "_bambu._tcp.local.", Listener())
        found = wait_for("the service", lambda: next((i for i in seen if i and i.properties.get(b"serial") == printer.serial.encode()), None))
        assert found.port == printer.mqtt_port
        assert printer.address in found.parsed_addresses()
    finally:
        zeroconf.close()


def test_faults_are_switched_by_what_is_typed(tmp_path):
    printer_ports = free_port(), free_port(), free_port()
    process = subprocess.Popen(
        [HUBRIG, "printer", "bambu", "--serial", "01P00A391800009", "--code", "12345678",
         "--address", "127.0.0.33", "--mqtt-port", str(printer_ports[0]), "--ftps-port", str(printer_ports[1]),
         "--camera-port", str(printer_ports[2]), "--state", str(tmp_path / "p"), "--fault", "ftps-slow 20 KB/s"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    wait_for("the printer", lambda: is_listening("127.0.0.33", printer_ports[0]))

    def type_line(line):
        process.stdin.write(line + "\n")
        process.stdin.flush()

    type_line("faults")
    type_line("fault ftps-sloow on")
    type_line("fault mqtt-down on")
    wait_for("the port to close", lambda: not is_listening("127.0.0.33", printer_ports[0]))
    type_line("fault mqtt-down off")
    wait_for("the port to open", lambda: is_listening("127.0.0.33", printer_ports[0]))
    type_line("fault address-changed")
    wait_for("the new address", lambda: is_listening("127.0.1.33", printer_ports[0]))
    assert not is_listening("127.0.0.33", printer_ports[0])
    process.send_signal(2)
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 0, out
    assert "* ftps-slow" in out
    assert 'unknown fault "ftps-sloow"; did you mean "ftps-slow"?' in out
    assert "mqtt-down is over" in out
