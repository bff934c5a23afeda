"""Take the pictures of docs/images from a home that holds a finished run.

    .venv/bin/python docs/screenshots.py [--home data]

Starts the real webserver on the home's own instance (loopback only), takes the asset graph and one
partition's page with headless Chromium, and stops the server again. Needs the extra ``dev``.

The graph is drawn from top to bottom and so small that Dagster shows names only, then pictured
at twice the resolution and cropped to itself: names stay legible at the width of a README.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOOK = "first-steps-on-the-beam"
GROUPS = "global@global:books,global@global:examples,global@global:models,global@global:marts"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
VERTICAL = "localStorage.setItem('asset-graph-direction', JSON.stringify('vertical'))"
GRAPH = """() => {
    const parts = [...document.querySelectorAll('foreignObject')]
    const boxes = parts.map(part => part.getBoundingClientRect())
    const [x, y] = ['x', 'y'].map(side => Math.min(...boxes.map(box => box[side])))
    const [right, bottom] = ['right', 'bottom'].map(side => Math.max(...boxes.map(b => b[side])))
    return {x: x - 8, y: y - 8, width: right - x + 16, height: bottom - y + 16}
}"""


@dataclass(frozen=True)
class Shot:
    """A page, words that show that it is drawn, the window, pixels per point, what is cropped."""

    path: str
    words: str
    window: tuple[int, int]
    scale: float = 1
    crop: str = ""


PAGES = {
    "asset-graph": Shot(
        f"asset-groups?expanded={GROUPS}", "eval_report", (1500, 1250), 1.65, GRAPH
    ),
    "partition": Shot(
        f"assets/sections?view=partitions&partition={BOOK}",
        "dagster/partition_row_count",
        (1400, 1000),
    ),
}


def serve(home: Path, port: int) -> subprocess.Popen[bytes]:
    """The webserver on this home, answering."""
    env = {**os.environ, "BOOKTUNE_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
    command = [sys.executable, "-m", "dagster_webserver", "-w", "workspace.yaml"]
    process = subprocess.Popen(
        [*command, "-h", "127.0.0.1", "-p", str(port)],
        cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5).close()
            return process
        except OSError:
            time.sleep(0.5)
    os.killpg(process.pid, signal.SIGKILL)
    raise SystemExit("the webserver did not come up")


def main(home: Path, out: Path) -> None:
    from playwright.sync_api import sync_playwright

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = serve(home, port)
    out.mkdir(parents=True, exist_ok=True)
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=shutil.which("chromium"), args=list(FLAGS)
            )
            for name, shot in PAGES.items():
                context = browser.new_context(
                    viewport={"width": shot.window[0], "height": shot.window[1]},
                    device_scale_factor=shot.scale,
                )
                context.add_init_script(VERTICAL)
                page = context.new_page()
                page.goto(f"http://127.0.0.1:{port}/{shot.path}")
                page.get_by_text(shot.words).first.wait_for(timeout=60_000)
                page.wait_for_timeout(2500)  # the drawing settles
                clip = page.evaluate(shot.crop) if shot.crop else None
                page.screenshot(path=out / f"{name}.png", clip=clip)
                context.close()
            browser.close()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=ROOT / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    chosen = parser.parse_args()
    main(chosen.home.absolute(), chosen.out)
