"""The page of ``sections``: view of the book, books that are one text; the picture of concepts."""

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from booktune_assets.assets.metadata import _row, shown  # pyright: ignore[reportPrivateUsage]
from booktune_assets.assets.plots import INLINE_CHARS, trail
from booktune_assets.chain.build import build
from booktune_assets.chain.house import House, Outcome
from booktune_assets.cli import cli
from booktune_assets.settings import Settings
from booktune_assets_tests.concepts.shelf_lab import WHOLE

TEXT = "# Tides\n\n" + "\n\n".join(
    f"## Day {n}\n\nOn day {n} the water of harbour number {n} rises and falls again, as it does.\n"
    f"The watchman of pier {n} writes both heights into his book, and sends it to the town hall."
    for n in range(8)
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    house = House.open(Settings(home=tmp_path))
    house.settings.books.mkdir(parents=True)
    (house.settings.books / "tides.md").write_text(TEXT)
    build_sections(house)
    more = TEXT.replace("day 7", "day 70").replace("pier 7", "pier 70")
    (house.settings.books / "tides-2nd-edition.md").write_text(more)
    build_sections(house)
    return tmp_path


def build_sections(house: House) -> None:
    for book in house.shelf.books():
        for asset in ("raw_books", "sections"):
            assert build(asset, book.key, house).status != "failed"


def entries(home: Path, book: str) -> dict[str, object]:
    house = House.open(Settings.load(home))
    receipt = house.lake.receipt("sections", book)
    found = shown(Outcome("sections", book, "made", receipt), house)
    return {name: getattr(entry, "value", entry) for name, entry in found.items()}


def test_the_view_is_linked(home: Path) -> None:
    found = entries(home, "tides")
    assert found["view"] == "http://127.0.0.1:3001/show/tides"
    assert "booktune pages" in str(found["links"])


def test_without_a_server_the_file_is_linked_and_its_command_named(home: Path) -> None:
    (home / "booktune.toml").write_text('pages_url = ""\n')
    assert (
        entries(home, "tides")["view"] == "`booktune show tides` writes pages beside their blocks"
    )
    done = CliRunner().invoke(cli, ["--home", str(home), "show", "tides"])
    assert done.exit_code == 0, done.output
    file = home / "reports" / "show" / "tides" / "index.html"
    found = entries(home, "tides")
    assert file.is_file() and found["view"] == file.resolve().as_uri() and "links" not in found


def test_editions_are_told_on_both_pages_and_in_status(home: Path) -> None:
    for book in ("tides", "tides-2nd-edition"):
        assert "| `tides-2nd-edition` | layout | `tides` |" in str(entries(home, book)["editions"])
    plain = CliRunner().invoke(cli, ["--home", str(home), "status"])
    assert "tides-2nd-edition is another layout of tides (" in plain.output
    told = CliRunner().invoke(cli, ["--home", str(home), "status", "--json"])
    rows = {(row["book"], row["asset"]): row for row in json.loads(told.output)}
    (edition,) = rows["tides-2nd-edition", "sections"]["editions"]
    assert edition["edition_of"] == "tides" and 0.8 <= edition["share"] < 1
    counts = rows["tides", "raw_books"]["counts"]
    assert counts["chars"] == counts["kept"] + counts["dropped"] + counts["moved"] > 0
    assert rows["tides", "sections"]["editions"] is None


def test_the_page_of_concepts_shows_the_graph(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.books.mkdir(parents=True)
    house = House.open(settings)
    (settings.books / "whole.md").write_text(WHOLE)
    for asset in ("raw_books", "sections"):
        build(asset, "whole", house)
    picture = shown(build("concept_graph", "whole", house), house)["graph"].value
    head, _, data = picture.partition("base64,")
    assert head.startswith("![concepts of whole](data:image/svg+xml;")
    svg = base64.b64decode(data.removesuffix(")")).decode()
    assert svg.startswith("<svg") and ">recursion<" in svg and len(svg) < 100_000


def test_headings_of_a_preview_say_names_and_what_a_number_counts() -> None:
    score = {"suite": "book_choice", "metric": "bits_per_byte", "n": 6, "verdict": "in words"}
    told = _row("metric", ("suite", "metric", "n"), "verdict", score, 200)
    assert told.startswith("**names for definitions · bits per byte · n 6** — `bits_per_byte`")
    old = _row("metric", ("suite",), "verdict", score | {"suite": "gone"}, 200)
    assert old.startswith("**gone**")
    adapter = {"adapter_id": "ada_1", "base": "small", "rank": 16}
    told = _row("adapter_id", ("base", "rank"), "adapter_id", adapter, 200)
    assert told.startswith("**small · rank 16**")


def test_strengths_are_drawn_in_place_and_labels_go_before_points() -> None:
    def drawn(points: list[tuple[str, float, float]]) -> str:
        told = trail("Strengths", points)
        assert len(told) <= INLINE_CHARS, "longer ones hide behind a link"
        return base64.b64decode(told.partition("base64,")[2].removesuffix(")")).decode()

    few = drawn([("0", 2.4, 3.86), ("0.5", 2.0, 3.81), ("1", 1.9, 3.83)])
    assert "M380 20L124 120L60 80" in few, "the first is worst in both: upper right"
    assert all(f">{label}<" in few for label in ("0", "0.5", "1", "1.9", "2.4", "3.81", "3.86"))
    many = drawn([(f"{n / 20:g}", 2.0 - n / 100, 3 + n / 100) for n in range(21)])
    assert many.count("L") == 20 and many.count("<text") < 25
    assert ">0<" in many and ">1<" in many, "both ends are named"
    assert "L60 20" in drawn([("0", 1.0, 1.0), ("1", 1.0, 1.0)])
