"""The server of pages over real HTTP: what is answered, to whom, and when it ends."""

import http.client
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from booktune_assets.chain.build import build
from booktune_assets.chain.house import House
from booktune_assets.errors import BookError
from booktune_assets.page.serve import Pages, address_of, book_address
from booktune_assets.page.views import fresh_view, view_of
from booktune_assets.settings import Settings

BOOK = "tides & ebb"
TEXT = "# Tides\n\nThe harbour rises and falls again, <script>alert(1)</script> as it does.\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House.open(Settings(home=tmp_path / "a home"))
    house.settings.books.mkdir(parents=True)
    (house.settings.books / f"{BOOK}.md").write_text(TEXT)
    for book in house.shelf.books():
        assert build("raw_books", book.key, house).status != "failed"
    return house


@pytest.fixture
def pages(house: House) -> Iterator[Pages]:
    served = Pages(house.settings, port=0)
    thread = threading.Thread(target=served.serve)
    thread.start()
    yield served
    served.stop()
    thread.join(20)
    assert not thread.is_alive()


def ask(pages: Pages, path: str, method: str = "GET", **headers: str):
    connection = http.client.HTTPConnection(urlsplit(pages.address).netloc, timeout=30)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    told = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()
    connection.close()
    return told


def test_a_book_is_drawn_when_it_is_asked_for(pages: Pages, house: House) -> None:
    key = house.shelf.books()[0].key
    assert not view_of(house.settings, key).exists()
    status, headers, _ = ask(pages, f"/show/{key}")
    assert status == 307 and headers["location"] == f"/reports/show/{key}/index.html"
    status, headers, body = ask(pages, headers["location"])
    assert status == 200 and "harbour rises" in body and "<script>alert" not in body
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_it_is_drawn_again_only_when_the_book_was_read_anew(house: House) -> None:
    key = house.shelf.books()[0].key
    view = fresh_view(house.settings, key)
    view.write_text("as it was")
    assert fresh_view(house.settings, key).read_text() == "as it was"
    (house.settings.books / f"{BOOK}.md").write_text(TEXT + "\nAnd a boat leaves.\n")
    assert build("raw_books", key, house).status == "made"
    assert "And a boat leaves" in fresh_view(house.settings, key).read_text()


def test_the_list_links_what_there_is(pages: Pages, house: House) -> None:
    key = house.shelf.books()[0].key
    (house.settings.reports / "dataset-data_1.html").write_text("a set")
    status, _, body = ask(pages, "/")
    assert status == 200 and f'href="show/{key}"' in body
    assert 'href="reports/dataset-data_1.html"' in body and "Evaluations" not in body
    assert ask(pages, "/reports/dataset-data_1.html")[2] == "a set"


@pytest.mark.parametrize(
    "path",
    [
        "/show/nobody", "/booktune.toml", "/reports/../shelf.json", "/reports/%2e%2e/shelf.json",
        "/lake/../shelf.json", "/lake/raw_books", "/show/..%2f..%2fx", "/reports/linked.html",
    ],
)  # fmt: skip
def test_nothing_else_of_the_home_is_answered(pages: Pages, house: House, path: str) -> None:
    assert (house.settings.home / "shelf.json").is_file()
    (house.settings.reports / "linked.html").symlink_to(house.settings.home / "shelf.json")
    assert ask(pages, path)[0] == 404


def test_of_the_lake_only_pictures(pages: Pages, house: House) -> None:
    table = next(house.settings.lake.rglob("*.parquet"))
    picture = table.with_suffix(".svg")
    picture.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    inside = table.relative_to(house.settings.home).as_posix()
    assert ask(pages, f"/{inside}")[0] == 404
    status, headers, _ = ask(pages, f"/{Path(inside).with_suffix('.svg').as_posix()}")
    # a drawing out of a book may hold a script
    assert status == 200 and headers["content-security-policy"].startswith("sandbox;")


def test_other_names_and_methods_are_refused(pages: Pages) -> None:
    assert ask(pages, "/", Host="evil.example")[0] == 400
    assert ask(pages, "/", Host="localhost:1")[0] == 200
    assert ask(pages, "/", method="POST")[0] == 405
    assert ask(pages, "/reports/", method="DELETE")[0] == 405


def test_a_port_that_is_taken_is_said(pages: Pages, house: House) -> None:
    with pytest.raises(BookError, match=r"BAD_SETTING.*pages_url"):
        Pages(house.settings, port=urlsplit(pages.address).port)


def test_it_ends_when_nobody_asks(house: House) -> None:
    served = Pages(house.settings, port=0, idle=0.3)
    thread = threading.Thread(target=served.serve)
    thread.start()
    started = time.monotonic()
    while thread.is_alive() and time.monotonic() - started < 60:
        time.sleep(0.05)
    assert not thread.is_alive()


def test_addresses_of_files(house: House) -> None:
    settings = house.settings
    report, table = settings.reports / "e 1.html", settings.lake / "x" / "part.parquet"
    assert address_of(settings, report) == "http://127.0.0.1:3001/reports/e%201.html"
    assert address_of(settings, table).startswith("file:")  # which is not served
    assert book_address(settings, "a&b") == "http://127.0.0.1:3001/show/a%26b"
    bare = settings.model_copy(update={"pages_url": ""})
    assert address_of(bare, report).startswith("file:") and book_address(bare, "a") is None
