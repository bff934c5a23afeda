"""The asset of verified code: made when asked for, a warning on its page, a failure in words."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from booktune_assets.assets.execute import open_instance, run_parts
from booktune_assets.beam import verify
from booktune_assets.beam.sandbox import probe
from booktune_assets.beam.toolchains import toolchains
from booktune_assets.books.shelf import Shelf
from booktune_assets.chain.build import build
from booktune_assets.chain.gone import belongings
from booktune_assets.chain.house import House
from booktune_assets.errors import Code
from booktune_assets.settings import Settings

needs_beam = pytest.mark.skipif(
    probe().kind == "none" or not toolchains(), reason="no sandbox or no Elixir here"
)
ASSET = "code_verification"
TEXT = (
    "# Adding\n\n```iex\niex> 1 + 1\n2\niex> 2 + 2\n5\n```\n\n"
    "```elixir\ndefmodule Tide do\n  def high(list), do: Enum.revers(list)\nend\n```\n"
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    settings = Settings(home=tmp_path)
    settings.books.mkdir(parents=True)
    (settings.books / "adding.md").write_text(TEXT, encoding="utf-8")
    assert [book.key for book in Shelf(settings).books()] == ["adding"]
    return House.open(settings)


@needs_beam
def test_it_is_made_only_when_asked_for_and_warns(house: House) -> None:
    with open_instance(house.settings) as instance:
        summary = run_parts(house.settings, instance, ["raw_books", "sections"])
        assert ASSET not in {outcome.asset for outcome in summary.outcomes}
        summary = run_parts(house.settings, instance, [ASSET])
        assert summary.ok
        event = instance.get_latest_materialization_event(dg.AssetKey(ASSET))
        assert event is not None
        assert event.asset_materialization is not None
        shown = event.asset_materialization.metadata
        assert (shown["match"].value, shown["mismatch"].value) == (1, 1)
        assert "2 + 2" in str(shown["mismatches"].value)
        assert "| symbols | 2 |" in str(shown["counts"].value)
        found = instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey(ASSET), "code_does_what_the_book_says"), limit=1
        )
        assert len(found) == 1
        assert not found[0].event.dagster_event.asset_check_evaluation_data.passed  # type: ignore[union-attr]
        blocks, symbols, calls = (
            house.lake.read(f"{ASSET}__{name}", "adding") for name in ("blocks", "symbols", "calls")
        )
        assert blocks["verdict"].to_list() == ["valid", "valid"]
        assert symbols.select("kind", "module", "name", "arity").rows() == [
            ("module", "Tide", "", -1), ("function", "Tide", "high", 1),
        ]  # fmt: skip
        assert calls.select("name", "reason", "detail").row(0) == ("revers", "slip", "reverse")
        again = run_parts(house.settings, instance, [ASSET])
        assert [outcome.status for outcome in again.outcomes] == ["reused"]
    assert house.lake.folder(ASSET, "adding") in belongings(house, "adding")


def test_without_elixir_the_failure_says_what_to_install(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for asset in ("raw_books", "sections"):
        assert build(asset, "adding", house).error is None
    monkeypatch.setattr(verify, "toolchains", lambda _: [])
    outcome = build(ASSET, "adding", house)
    assert outcome.error is not None
    assert outcome.error.code is Code.MISSING_PROGRAM
    failure = house.lake.failure(ASSET, "adding")
    assert failure is not None
    assert "Install Elixir" in failure.remedy


def test_a_book_that_was_not_read_is_named(house: House) -> None:
    outcome = build(ASSET, "adding", house)
    assert outcome.error is not None
    assert outcome.error.code is Code.NOT_BUILT
