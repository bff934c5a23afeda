"""The graph of the shelf over the lake, and the verb that prints it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from booktune_assets.assets.execute import RunSummary
from booktune_assets.chain.build import build, state
from booktune_assets.chain.concepts import shelf_graph
from booktune_assets.chain.house import House
from booktune_assets.cli import cli
from booktune_assets.cli.run import say_summary
from booktune_assets.llm.calls import Reply, Request, Scripted
from booktune_assets.settings import Concepts, Settings
from booktune_assets_tests.chain.test_books import put
from booktune_assets_tests.concepts.shelf_lab import LISTS, PROCESSES, RECURSION, about
from booktune_assets_tests.concepts.test_refine import answered
from booktune_assets_tests.pairs.sample import PAGE
from booktune_assets_tests.pairs.test_teacher_plan import Priced

FILES = {"1-lists": LISTS, "2-recursion": RECURSION, "3-processes": PROCESSES}


@pytest.fixture
def house(tmp_path: Path) -> House:
    settings = Settings(home=tmp_path)
    settings.books.mkdir(parents=True)
    return House.open(settings)


def _divided(house: House, names: tuple[str, ...] = tuple(FILES)) -> None:
    for key in names:
        put(house, f"{key}.md", about(FILES[key]))
        for asset in ("raw_books", "sections", "concept_graph"):
            assert build(asset, key, house).error is None


def _opening(caller: Scripted) -> Callable[[Settings], Scripted]:
    def opened(_: Settings) -> Scripted:
        return caller

    return opened


def _call(house: House, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(house.settings.home), *words])


def test_the_shelf_is_kept_until_a_book_changes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(frame.is_empty() for frame in shelf_graph(house.settings).values())
    _divided(house, ("1-lists", "2-recursion"))
    few = shelf_graph(house.settings)
    _divided(house, ("3-processes",))
    more = shelf_graph(house.settings)
    assert few["shelf_concepts"].height < more["shelf_concepts"].height
    assert len(list((house.settings.cache / "shelf_graph").iterdir())) == 1
    monkeypatch.setattr("booktune_assets.chain.concepts.open_shelf", None)
    again = shelf_graph(house.settings)
    assert all(again[name].equals(more[name]) for name in more)


def test_the_verb_prints_paths_and_writes_files(house: House, tmp_path: Path) -> None:
    _divided(house)
    path = _call(house, "concepts", "--path").stdout.splitlines()
    assert path.index("list") < path.index("recursion") < path.index("process")
    rows = [json.loads(line) for line in _call(house, "concepts", "--json").stdout.splitlines()]
    assert [row["label"] for row in rows] == path
    process = next(row for row in rows if row["label"] == "process")
    assert "recursion" in process["needs"] and process["sections"][0]["title"]
    graph, svg = tmp_path / "g.graphml", tmp_path / "g.svg"
    said = _call(house, "concepts", "3-processes", "--graphml", str(graph), "--svg", str(svg))
    assert said.exit_code == 0 and "process  [About]" in said.stdout
    assert graph.read_text().startswith("<?xml") and str(graph) in said.stderr


def test_a_book_without_a_graph_is_said(house: House) -> None:
    put(house, "tides.md", LISTS)
    missing = _call(house, "concepts", "tides")
    assert missing.exit_code == 1
    assert "booktune run concept_graph --book tides" in missing.output
    assert _call(house, "concepts", "nobody").exit_code == 2
    assert "no concepts" in _call(house, "concepts").stderr


def test_the_teacher_is_asked_only_when_wanted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Scripted(lambda _: "")

    def opened(settings: Settings) -> Scripted:
        assert settings.concepts.refine
        return caller

    monkeypatch.setattr("booktune_assets.llm.calls.open_caller", opened)
    put(house, "whole.md", PAGE)
    for asset in ("raw_books", "sections", "concept_graph"):
        assert build(asset, "whole", house).error is None
    assert not caller.asked
    asking = house.settings.model_copy(update={"concepts": Concepts(refine=True)})
    made = build("concept_graph", "whole", House.open(asking))
    assert made.status == "made" and made.receipt is not None
    assert made.receipt.counts["refine_open"] == len(caller.asked) / 2 > 0


def test_a_spent_budget_is_gone_on_with_later(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spent = True

    def answer(request: Request) -> Reply | str:
        return Reply(request.call_key, "", "budget", "BUDGET: spent") if spent else "no JSON"

    caller = Scripted(answer)
    monkeypatch.setattr("booktune_assets.llm.calls.open_caller", _opening(caller))
    put(house, "whole.md", PAGE)
    asking = House.open(house.settings.model_copy(update={"concepts": Concepts(refine=True)}))
    for asset in ("raw_books", "sections"):
        assert build(asset, "whole", asking).error is None
    made = build("concept_graph", "whole", asking)
    assert made.receipt is not None
    waiting = made.receipt.counts["refine_waiting"]
    assert waiting == made.receipt.counts["refine_open"] > 0
    assert f"{waiting} wait for a budget" in str(made.receipt.notes["partial"])
    assert state("concept_graph", "whole", asking) == "stale"
    say_summary(asking.settings, RunSummary([made], seconds=1.0))
    assert f"whole: partial: of {waiting} uncertain prerequisites" in capsys.readouterr().out
    spent, asked = False, len(caller.asked)
    again = build("concept_graph", "whole", asking)
    assert again.status == "made" and len(caller.asked) == 2 * asked
    assert again.receipt is not None and "partial" not in again.receipt.notes
    assert again.receipt.counts["refine_unusable"] == waiting  # said badly: that is final
    assert state("concept_graph", "whole", asking) == "current"
    assert build("concept_graph", "whole", asking).status == "reused"


def test_a_dry_run_counts_the_questions_about_prerequisites(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Priced(lambda _: "no JSON")
    monkeypatch.setattr("booktune_assets.llm.calls.open_caller", _opening(caller))
    (house.settings.home / "booktune.toml").write_text("[concepts]\nrefine = true\n")
    put(house, "whole.md", PAGE)
    asking = House.open(house.settings.model_copy(update={"concepts": Concepts(refine=True)}))
    said = _call(house, "run", "--dry-run").stdout
    assert "not planned: whole: raw_books, sections would be built first, without a call" in said
    assert "booktune run sections --book whole" in said and "concept_graph" not in said
    for asset in ("raw_books", "sections"):
        assert build(asset, "whole", asking).error is None

    def row() -> list[int]:
        lines = _call(house, "run", "--dry-run").stdout.splitlines()
        cells = next(line for line in lines if line.startswith("whole")).split()
        assert cells[1] == "(prerequisites)"
        return [int(cell.replace(",", "")) for cell in cells[2:6]]

    pairs, done, calls, cached = row()
    assert (done, calls, cached) == (0, 2 * pairs, 0) and pairs and not caller.asked
    made = build("concept_graph", "whole", asking)
    assert made.receipt is not None and made.receipt.counts["refine_open"] == pairs
    assert len(caller.new) == calls
    assert row() == [pairs, pairs, 0, 0]
    monkeypatch.setattr("booktune_assets.concepts.graph.VERSION", "concept_graph.next")
    assert row() == [pairs, 0, 0, calls]  # made again, from the cache


@pytest.mark.parametrize("relation", ["A_before_B", "related"])
def test_what_a_model_decided_in_a_book_holds_for_the_shelf(
    house: House, monkeypatch: pytest.MonkeyPatch, relation: str
) -> None:
    first: dict[frozenset[str], str] = {}

    def answer(request: Request) -> str:
        a, b = (line[3:] for line in request.messages[1][1].split("\n")[:2])
        turned = first.setdefault(frozenset((a, b)), a) != a  # the second question, swapped
        said = "B_before_A" if turned and relation != "related" else relation
        return answered(request, lambda _: said)

    put(house, "whole.md", PAGE)
    for asset in ("raw_books", "sections", "concept_graph"):
        assert build(asset, "whole", house).error is None
    plain = shelf_graph(house.settings)["shelf_edges"]
    monkeypatch.setattr("booktune_assets.llm.calls.open_caller", _opening(Scripted(answer)))
    asking = House.open(house.settings.model_copy(update={"concepts": Concepts(refine=True)}))
    assert build("concept_graph", "whole", asking).status == "made"
    decided = house.lake.read("concept_graph__decided", "whole")
    pairs = set(decided.select("source_id", "target_id").rows())
    assert pairs
    shelf = shelf_graph(asking.settings)["shelf_edges"]
    ways = {(a, b): by for a, b, by in shelf["source_id", "target_id", "decided_by"].rows()}
    if relation == "related":
        assert not pairs & set(ways) and pairs & set(plain["source_id", "target_id"].rows())
    else:
        assert {ways[pair] for pair in pairs} == {"model"}
        assert set(plain["decided_by"]) == {"score"}
