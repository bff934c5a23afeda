"""Take the pictures of docs/images from a home that holds a finished run.

    .venv/bin/python docs/screenshots.py [--home data]

Starts the real webserver on the home's own instance (loopback only), takes the asset graph and one
partition's page with headless Chromium, and stops the server again. Needs the extra ``dev``.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOOK = "first-steps-on-the-beam"
GROUPS = "global@global:books,global@global:examples,global@global:models,global@global:marts"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PAGES = {
    "asset-graph": (f"asset-groups?expanded={GROUPS}", "eval_report", (1600, 900)),
    "partition": (
        f"assets/sections?view=partitions&partition={BOOK}",
        "dagster/partition_row_count",
        (1500, 1100),
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
            for name, (path, words, (width, height)) in PAGES.items():
                page = browser.new_page(viewport={"width": width, "height": height})
                page.goto(f"http://127.0.0.1:{port}/{path}")
                page.get_by_text(words).first.wait_for(timeout=60_000)
                page.wait_for_timeout(2500)  # the drawing settles
                page.screenshot(path=out / f"{name}.png")
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
