"""``booktune forget``: says what goes, asks, leaves everything else alone."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from booktune_assets.assets.instance import open_instance
from booktune_assets.chain.build import build
from booktune_assets.chain.house import BOOK_STAGES, House
from booktune_assets.cli import cli
from booktune_assets.settings import Settings

LICENCE = "---\nlicence: CC0-1.0\n---\n\n"

TEXT = "# {0}\n\nA *{0}* is an isolated unit of work that keeps its own state and its own words.\n"


def call(house: House, *words: str, answer: str | None = None) -> Result:
    command = ["--home", str(house.settings.home), *words]
    return CliRunner().invoke(cli, command, input=answer)


@pytest.fixture
def house(tmp_path: Path) -> House:
    settings = Settings(home=tmp_path)
    settings.books.mkdir()
    house = House.open(settings)
    for key in ("alpha", "beta"):
        (settings.books / f"{key}.md").write_text(LICENCE + TEXT.format(key))
        for asset in BOOK_STAGES:
            assert build(asset, key, house).status == "made"
    with open_instance(settings) as instance:
        instance.add_dynamic_partitions("books", ["alpha", "beta"])
    return house


def test_a_book_without_a_file_is_shown_and_forgotten(house: House) -> None:
    (house.settings.books / "beta.md").unlink()
    told = call(house, "status")
    assert told.exit_code == 0, told.output
    (line,) = [line for line in told.output.splitlines() if line.startswith("beta")]
    assert line.split()[1::2] == ["gone"] * 4
    rows = json.loads(call(house, "status", "--json").stdout)
    assert [row["state"] for row in rows if row["book"] == "beta"] == ["gone"] * 4
    assert call(house, "status", "beta").exit_code == 0

    no = call(house, "forget", "beta", answer="n\n")
    assert no.exit_code == 1
    assert f"removes   {house.lake.folder('sections', 'beta')}" in no.output
    assert house.lake.keys("sections") == ["alpha", "beta"]

    yes = call(house, "forget", "beta", "--yes")
    assert yes.exit_code == 0, yes.output
    for asset in BOOK_STAGES:
        assert house.lake.keys(asset) == ["alpha"]
        assert not house.lake.folder(asset, "beta").exists()
    claims = (house.lake.root / "raw_books" / "_content").iterdir()
    assert [path.read_text() for path in claims] == ["alpha"]
    with open_instance(house.settings) as instance:
        assert list(instance.get_dynamic_partitions("books")) == ["alpha"]
    assert not house.shelf.knows("beta") and house.shelf.knows("alpha")
    assert "beta" not in call(house, "status").output
    assert call(house, "forget", "beta", "--yes").exit_code == 2


def test_a_file_on_the_shelf_is_removed_only_when_asked(house: House) -> None:
    path = house.settings.books / "beta.md"
    beside = path.with_name("beta.md.toml")
    beside.write_text('licence = "CC0"\n')
    refused = call(house, "forget", "beta", "--yes")
    assert refused.exit_code == 2 and "--with-file" in refused.stderr
    assert path.exists() and house.lake.keys("raw_books") == ["alpha", "beta"]
    done = call(house, "forget", "beta", "--yes", "--with-file")
    assert done.exit_code == 0, done.output
    assert f"removes   {path}" in done.output
    assert not path.exists() and not beside.exists()
    assert [book.key for book in house.shelf.books()] == ["alpha"]
