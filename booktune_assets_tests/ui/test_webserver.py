"""As a new user would: the real webserver, a real browser, one book made by clicking.

``BOOKTUNE_SCREENSHOTS=DIR`` keeps the pictures there; else they go to the test's temporary folder.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from booktune_assets.assets.instance import ensure_instance
from booktune_assets.page.serve import Pages
from booktune_assets.settings import PROJECT, Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOOK = "first-steps-on-the-beam"
SOURCE = PROJECT / "data" / "books" / "sample" / f"{BOOK}.epub"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
GROUPS = ("books", "examples", "models", "marts")
ASSETS = (
    "raw_books", "sections", "concept_graph", "instruction_pairs", "sharegpt_set", "alpaca_set",
    "rehearsal_set", "lora_adapter", "eval_report",
)  # fmt: skip
# Runs start at once: a test needs no queue and therefore no daemon.
AT_ONCE = """
run_coordinator:
  module: dagster.core.run_coordinator
  class: DefaultRunCoordinator
"""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    wanted = os.environ.get("BOOKTUNE_SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[str]:
    """Address of a webserver on a home of its own; ends with the tests."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    settings.books.mkdir(parents=True)
    shutil.copy(SOURCE, settings.books)
    pages = Pages(settings, port=0)
    (settings.home / "booktune.toml").write_text(f'pages_url = "{pages.address}"\n')
    home = ensure_instance(settings)
    with (home / "dagster.yaml").open("a") as config:
        config.write(AT_ONCE)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        instance.add_dynamic_partitions("books", [BOOK])
    port = _free_port()
    env = {**os.environ, "BOOKTUNE_HOME": str(settings.home), "DAGSTER_HOME": str(home)}
    log = settings.home / "webserver.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "dagster_webserver", "-w", str(PROJECT / "workspace.yaml"),
                "-h", "127.0.0.1", "-p", str(port),
            ],
            cwd=PROJECT, env=env, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=pages.serve, daemon=True).start()
        try:
            _wait_until_up(port, process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            pages.stop()
            _stop(process)


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = CHROMIUM if Path(CHROMIUM).exists() else shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1500, "height": 1100})
    page.set_default_timeout(60_000)
    yield page
    page.close()


def test_one_book_is_made_by_clicking(server, page, pictures):
    page.goto(f"{server}/assets/raw_books")
    page.get_by_role("button", name="Materialize").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Missing", exact=True).click()
    page.screenshot(path=pictures / "launch.png")
    dialog.get_by_role("button", name="Launch 1 run").click()
    _wait_for_run(server)

    page.goto(f"{server}/assets/raw_books?view=partitions&partition={BOOK}")
    page.get_by_text("dagster/partition_row_count").wait_for()
    page.get_by_alt_text("Blocks by kind").scroll_into_view_if_needed()
    assert page.get_by_text("raw_books__blocks").count()
    page.screenshot(path=pictures / "partition.png")

    page.goto(f"{server}/assets/raw_books?view=overview")
    page.get_by_text("Column name").wait_for()
    page.get_by_text("content_sha256").first.wait_for()
    assert page.get_by_text("One row per book file as it was read").count()
    page.screenshot(path=pictures / "columns.png")


def test_the_link_of_a_book_opens_its_pages(server, page, pictures):
    page.goto(f"{server}/assets/raw_books?view=partitions&partition={BOOK}")
    with page.expect_popup() as opened:
        page.get_by_role("link", name=f"/show/{BOOK}").first.click()
    view = opened.value
    view.get_by_text("First Steps on the BEAM").first.wait_for()
    assert view.url.endswith(f"/reports/show/{BOOK}/index.html")
    view.screenshot(path=pictures / "view.png")
    view.close()


def test_checks_of_the_book_are_shown(server, page, pictures):
    page.goto(f"{server}/assets/raw_books?view=checks")
    page.get_by_text("pages_read").first.wait_for()
    page.get_by_text("Passed").first.wait_for()
    page.screenshot(path=pictures / "checks.png")


def test_the_graph_shows_every_asset(server, page, pictures):
    opened = ",".join(f"global@global:{group}" for group in GROUPS)
    page.goto(f"{server}/asset-groups?expanded={opened}")
    for asset in ASSETS:
        page.get_by_text(asset, exact=True).first.wait_for()
    page.wait_for_timeout(1500)  # the drawing settles
    page.screenshot(path=pictures / "asset-graph.png")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"the webserver did not come up:\n{log.read_text()[-2000:]}")


def _wait_for_run(server: str) -> None:
    """Until the run that was clicked has ended well."""
    body = json.dumps({"query": "{runsOrError{... on Runs{results{status}}}}"}).encode()
    request = urllib.request.Request(
        f"{server}/graphql", body, {"content-type": "application/json"}
    )
    deadline, statuses = time.monotonic() + 180, []
    while time.monotonic() < deadline:
        with urllib.request.urlopen(request, timeout=30) as answer:
            results = json.load(answer)["data"]["runsOrError"]["results"]
        statuses = [run["status"] for run in results]
        if statuses and not set(statuses) & {"QUEUED", "NOT_STARTED", "STARTING", "STARTED"}:
            break
        time.sleep(1)
    assert statuses == ["SUCCESS"]


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server and the code server that it started: the whole of its own session."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            continue
        time.sleep(1)
