"""The page of a run in a real browser: it opens quickly, draws everything, and reports no error."""

import re
import subprocess

import pytest
from conftest import HUBRIG
from PIL import Image

HOUR = """
scenario: An hour with five printers
why: A page of this size has to open at once
world:
  farms:
    - name: hall
      hub: { name: hub-1 }
      printers: [PRINTERS]
files:
  - { name: long.3mf, layers: 200, print-time: 50m, size: 2 MB }
steps:
STEPS
  - { at: 10m, fault: loss, on: hub-1, to: 5%, every: 5m, for: 30s, until: 50m }
expect:
  - { that: job-5 is completed, within: 2h }
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of an hour in which much happens."""
    folder = tmp_path_factory.mktemp("report")
    printers = ", ".join(f"{{ name: p{n}, model: P1S }}" for n in range(1, 6))
    steps = "\n".join(f"  - {{ print: long.3mf, on: p{n}, as: job-{n} }}" for n in range(1, 6))
    story = folder / "hour.yaml"
    story.write_text(HOUR.replace("PRINTERS", printers).replace("STEPS", steps))
    page = folder / "page.html"
    subprocess.run([HUBRIG, "run", "--quiet", "--report", page, story], check=True, timeout=60)
    return page


def chromium(page, *flags):
    command = [
        "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1440,1100",
        "--hide-scrollbars", "--enable-logging=stderr", "--virtual-time-budget=4000", *flags,
        page.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=90)


def test_the_page_of_an_hour_opens_within_two_seconds_and_without_an_error(page):
    shown = chromium(page, "--dump-dom")
    assert "CONSOLE" not in shown.stderr, re.findall(r".*CONSOLE.*", shown.stderr)
    ready = re.search(r'data-ready="(\d+)"', shown.stdout)
    assert ready, shown.stdout[:2000]
    assert int(ready[1]) < 2000, f"{ready[1]} ms until everything was drawn"
    assert int(re.search(r'data-drawn="(\d+)"', shown.stdout)[1]) > 20
    assert ">PASS<" in shown.stdout and "job-5 is completed" in shown.stdout


def test_lanes_bands_and_arrows_are_on_the_picture(page, tmp_path):
    picture = tmp_path / "page.png"
    chromium(page, f"--screenshot={picture}")
    image = Image.open(picture).convert("RGB")
    colours = {colour for _, colour in image.getcolors(1 << 24)}
    # A page that draws nothing has its text, its paper and little else.
    assert len(colours) > 500, len(colours)


def test_the_page_holds_everything_and_no_secret(page):
    text = page.read_text()
    assert not re.search(r'(src|href)="?https?://', text)
    assert '"plots":[{' in text and '"arrows":[{' in text
    for match in re.findall(r'\\"(?:access_code|secret|token|password)\\":\\"([^"\\]*)', text):
        assert match == "•••", match
