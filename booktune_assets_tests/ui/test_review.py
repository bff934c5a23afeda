"""The review page in a real browser, by keyboard alone, and what the sets make of it."""

import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from booktune_assets.chain.build import build
from booktune_assets.chain.house import BOOK_STAGES, House
from booktune_assets.review.decisions import Decisions
from booktune_assets.review.server import Desk, open_server
from booktune_assets.settings import PROJECT, Settings
from booktune_assets_tests.review.shelf import TEXT, put, sets
from booktune_assets_tests.ui.chromium import chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One book of Markdown, and a few pages of one that has pages."""
    import pymupdf

    settings = Settings(home=tmp_path_factory.mktemp("home"))
    settings.books.mkdir(parents=True)
    put(settings, "tides.md", TEXT)
    sample = PROJECT / "data" / "books" / "sample" / "first-steps-on-the-beam.pdf"
    with pymupdf.open(sample) as book:
        book.select(range(5, 12))
        book.save(settings.books / "steps.pdf")
    put(settings, "steps.pdf")
    house = House.open(settings)
    for key in ("tides", "steps"):
        for asset in BOOK_STAGES:
            outcome = build(asset, key, house)
            assert outcome.error is None, outcome.error
    sets(house)
    return house


@pytest.fixture
def address(house: House) -> Iterator[str]:
    shutil.rmtree(house.settings.home / "review", ignore_errors=True)
    sets(house)
    server, address = open_server(Desk(house.settings, "ada"))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser, address):
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(30_000)
    problems: list[str] = []
    page.on("pageerror", lambda problem: problems.append(str(problem)))
    page.goto(address)
    page.locator("#turns pre").first.wait_for()
    yield page
    page.close()
    assert problems == []


def rows(house: House) -> dict[str, dict]:
    key = house.lake.current_key("sharegpt_set") or ""
    return {row["pair_id"]: row for row in house.lake.read("sharegpt_set", key).to_dicts()}


def said(page, words: str) -> str:
    """The line that tells what was done, once it does."""
    line = page.locator("#said", has_text=re.compile(f"^{words}"))
    line.wait_for()
    return line.text_content()


def test_accept_edit_reject_and_undo_by_keyboard_then_rebuild(house: House, page) -> None:
    page.keyboard.press("a")
    accepted = said(page, "accepted").split()[-1]
    page.keyboard.press("e")
    answer = page.locator("#turns textarea").last
    answer.fill("```elixir\nnever closed")
    page.keyboard.press("Control+Enter")
    assert "not closed" in said(page, "the edit breaks")
    assert page.locator("#turns textarea").count()  # what was written is still there
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert page.locator("#said").bounding_box()["y"] >= 0  # and the reason is seen from there
    answer.fill("In words of a person: it is so, and stays so.")
    page.keyboard.press("Control+Enter")
    edited = said(page, "edited").split()[-1]
    page.keyboard.press("n")
    page.keyboard.type("jar of notes")  # keys that mean something elsewhere
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    rejected = said(page, "rejected").split()[-1]
    page.keyboard.press("r")
    page.locator("#said", has_not_text=rejected).wait_for()
    spared = said(page, "rejected").split()[-1]
    page.keyboard.press("u")
    assert spared in said(page, "undone")
    assert len({accepted, edited, rejected, spared}) == 4

    page.reload()
    page.locator("#counts", has_text="1 accepted · 1 edited · 1 rejected").wait_for()
    sets(house)
    found = rows(house)
    assert rejected not in found and spared in found
    assert (found[accepted]["review"], found[edited]["review"]) == ("accepted", "edited")
    assert "In words of a person" in found[edited]["conversations"][-1]["value"]
    key = house.lake.current_key("sharegpt_set") or ""
    dropped = {row["pair_id"]: row for row in
               house.lake.read("sharegpt_set__dropped", key).to_dicts()}  # fmt: skip
    assert dropped[rejected]["detail"] == "jar of notes"


def test_a_note_waits_for_its_decision_and_beside_one_it_is_kept(house: House, page) -> None:
    page.keyboard.press("n")
    page.keyboard.type("too short")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.locator("#place", has_text="2 of").wait_for()
    page.keyboard.press("k")
    page.locator("#place", has_text="1 of").wait_for()
    assert page.locator("#note").input_value() == "too short"
    page.keyboard.press("a")
    pair = said(page, "accepted").split()[-1]
    page.keyboard.press("k")
    page.locator("#verdict", has_text="accepted").wait_for()
    page.keyboard.press("n")
    page.keyboard.type(", but right")
    page.keyboard.press("Escape")
    assert pair in said(page, "note kept")
    kept = Decisions(house.settings).all()[pair]
    assert (kept.decision, kept.note) == ("accept", "too short, but right")
    page.keyboard.press("u")
    said(page, "undone")
    assert Decisions(house.settings).all()[pair].note == "too short"


def test_walk_filter_and_see_the_page_of_the_book(page, tmp_path) -> None:
    first = page.locator("#place").text_content()
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    page.locator("#place", has_text="3 of").wait_for()
    page.keyboard.press("k")
    page.keyboard.press("ArrowLeft")
    page.locator("#place", has_text=first).wait_for()
    page.locator("#book").select_option("steps")
    page.locator("#source", has_text="steps").or_(page.locator("#pictures img")).first.wait_for()
    picture = page.locator("#pictures img").first
    picture.wait_for()
    deadline = time.monotonic() + 30
    while not picture.evaluate("(one) => one.complete && one.naturalWidth > 100"):
        assert time.monotonic() < deadline, "the picture does not come"
        page.wait_for_timeout(100)
    assert page.locator("#quotes blockquote").count()
    wanted = Path(os.environ.get("BOOKTUNE_SCREENSHOTS") or tmp_path)
    page.screenshot(path=wanted / "review.png")


def test_what_a_pair_says_is_text_and_never_markup(page) -> None:
    hostile = "A mine is <img src=x onerror=\"document.title='owned'\"> a float <b>that</b> bursts."
    page.keyboard.press("e")
    page.locator("#turns textarea").last.fill(hostile)
    page.keyboard.press("n")  # while editing a letter is a letter
    page.locator("#turns textarea").last.fill(hostile)
    page.keyboard.press("Control+Enter")
    said(page, "edited")
    page.keyboard.press("k")
    page.locator("#verdict", has_text="edited").wait_for()
    assert page.locator("#turns pre").last.text_content() == hostile
    assert page.title() == "Review" and page.locator("#turns img, #turns b").count() == 0
