"""The hub prints on OctoPrint, Moonraker and PrusaLink themselves, from connecting to the finished part."""

from conftest import wait_for
from real_servers import real_moonraker, real_octoprint, real_prusalink  # noqa: F401


def sliced(dwells):
    """G-code that takes its time: so many pauses of a tenth of a second."""
    lines = ["; layer_height = 0.2", "; estimated printing time = 30s", "M104 S60", "G28"]
    for number in range(dwells):
        lines += [f"G1 X{number % 100} Y{number % 80} F3000", "G4 P100"]
    return ("\n".join([*lines, "M104 S0"]) + "\n").encode()


class Shop:
    """One printer behind the hub, and what its owner does with it through the cloud."""

    def __init__(self, cloud, start, tmp_path, kind, server):
        self.cloud = cloud
        self.printer = cloud.post(
            "/printers", name=kind, model=kind, kind=kind, hub_id=cloud.hub_id, serial_number=f"{kind}-1",
            ip_address="127.0.0.1", port=server.port, **({"access_code": server.key} if server.key else {}),
        )  # fmt: skip
        self.hub = cloud.start_hub(start, tmp_path)
        self.becomes("idle", seconds=60)

    def becomes(self, status, seconds=30):
        path = f"/printers/{self.printer['id']}"
        wait_for(f"the printer to be {status}", lambda: self.cloud.get(path)["status"] == status, seconds)

    def order(self, **order):
        return self.cloud.post(f"/printers/{self.printer['id']}/control", **order)

    def job(self, name, data):
        place = self.cloud.post("/files/upload-url", name=name, size=len(data))
        assert self.cloud.session.put(place["upload_url"], data=data).ok
        file = self.cloud.post("/files", name=name, token=place["token"])
        job = self.cloud.post("/jobs", print_file_id=file["id"], printer_id=self.printer["id"])
        self.cloud.post(f"/jobs/{job['id']}/start")
        return job["id"]

    def is_job(self, job, status, seconds=60):
        def reached():
            found = self.cloud.get(f"/jobs/{job}")
            assert found["status"] == status or found["status"] != "failed", found
            return found["status"] == status

        wait_for(f"the job to be {status}", reached, seconds)


def heats(shop, target_of_the_nozzle):
    shop.order(action="gcode", lines=["M104 S45"])
    wait_for("the nozzle to be told to heat", lambda: target_of_the_nozzle() == 45)


def prints_pauses_and_stops(shop):
    job = shop.job("part.gcode", sliced(60))
    shop.is_job(job, "printing")
    shop.order(action="pause")
    shop.is_job(job, "paused")
    shop.order(action="resume")
    shop.is_job(job, "printing")
    shop.is_job(job, "completed", seconds=120)
    shop.becomes("idle")
    job = shop.job("long.gcode", sliced(600))
    shop.is_job(job, "printing")
    shop.cloud.post(f"/jobs/{job}/cancel")
    shop.is_job(job, "cancelled")
    shop.becomes("idle", seconds=60)


def test_the_hub_connects_prints_pauses_and_cancels_on_octoprint(cloud, start, tmp_path, real_octoprint):  # noqa: F811
    shop = Shop(cloud, start, tmp_path, "octoprint", real_octoprint)

    def target():
        return real_octoprint.get("/api/printer").json()["temperature"].get("tool0", {}).get("target")

    heats(shop, target)
    prints_pauses_and_stops(shop)
    names = [file["name"] for file in real_octoprint.get("/api/files").json()["files"]]
    assert names, "what was printed is on OctoPrint's storage"


def test_the_hub_connects_prints_pauses_and_cancels_on_moonraker(cloud, start, tmp_path, real_moonraker):  # noqa: F811
    shop = Shop(cloud, start, tmp_path, "moonraker", real_moonraker)

    def target():
        answer = real_moonraker.get("/printer/objects/query?extruder").json()
        return answer["result"]["status"]["extruder"]["target"]

    heats(shop, target)
    prints_pauses_and_stops(shop)


def test_the_hub_connects_prints_pauses_and_cancels_on_prusalink(cloud, start, tmp_path, real_prusalink):  # noqa: F811
    shop = Shop(cloud, start, tmp_path, "prusalink", real_prusalink)
    # It shows a finished print for ten seconds and refuses another one meanwhile.
    prints_pauses_and_stops(shop)
    # The Raspberry Pi has no stick: the files went to where its list of storages says.
    assert {"part.gcode", "long.gcode"} <= {path.name for path in real_prusalink.files.glob("*.gcode")}
