"""Documents of stages that are held out: by their words, for good, and never trained on."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.chain.house import House
from booktune_assets.chain.rehearsal import rehearsal_guards
from booktune_assets.chain.stage_texts import apart, held_digest, scored, split_stages
from booktune_assets.chain.stages import bare_spec, stage_inputs, stages_before
from booktune_assets.errors import BookError, Code
from booktune_assets.settings import Evaluation, Settings
from booktune_assets.settings_training import Stage, Training
from booktune_assets.training.stages import Staged
from booktune_assets.training.texts import stage_rows, texts_digest

WORDS = ("tide", "moon", "harbour", "boat", "rope", "anchor", "light", "storm", "pilot", "chart")


def text(number: int) -> str:
    """A document that is like no other."""
    draw = random.Random(number)
    return " ".join(draw.choice(WORDS) + str(draw.randrange(9)) for _ in range(60))


def folder(place: Path, numbers: range) -> Path:
    for number in numbers:
        path = place / f"part-{number % 3}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(number) + "\n")
    return place


def lines(file: Path, numbers: range) -> Path:
    rows: list[dict[str, Any]] = [{"text": text(number)} for number in numbers]
    rows[0] = {"conversations": [{"from": "human", "value": "Add?"},
                                 {"from": "gpt", "value": text(numbers[0] + 5000)}]}  # fmt: skip
    file.write_text("\r\n\r\n".join(json.dumps(row) for row in rows) + "\n")
    return file


def trains(percent: int = 10, **places: Path) -> Training:
    stages = {name: Stage(texts=place) for name, place in places.items()}
    return Training.model_validate({"stages": stages, "stage_heldout_percent": percent})


@pytest.mark.parametrize("form", [folder, lines])
def test_sides_have_every_document_once_and_the_trained_one_is_as_it_was(
    form: Any, tmp_path: Path
) -> None:
    place = form(tmp_path / "texts", range(120))
    found = apart(place, 20)
    whole, told = stage_rows(place)
    trained = found.trained(tmp_path / "home")
    assert trained != place and texts_digest(trained) == found.digest != texts_digest(place)
    kept, talks = stage_rows(trained)
    assert 10 <= len(found.held) <= 40
    assert len(kept) + len(talks) + len(found.held) == found.documents == len(whole) + len(told)
    ids = {row["row_id"]: row["text"] for row in whole}
    assert all(ids[row["row_id"]] == row["text"] for row in kept), "rows keep their ids and order"
    assert [row["row_id"] for row in whole if row["row_id"] in {one["row_id"] for one in kept}] == [
        row["row_id"] for row in kept
    ]
    seen = {" ".join(one.split()) for one in found.texts()}
    assert len(seen) == found.documents - len(found.held)
    assert not seen & {" ".join(one.split()) for one in found.held.values()}
    assert found.trained(tmp_path / "home") == trained and texts_digest(trained) == found.digest


def test_more_documents_move_none_and_both_forms_agree(tmp_path: Path) -> None:
    place = folder(tmp_path / "a", range(80))
    before = apart(place, 10).held
    folder(place, range(80, 200))
    after = apart(place, 10).held
    assert 0 < len(before) < len(after)
    assert before.keys() == after.keys() & {*before}, "what was held out still is"
    old = folder(tmp_path / "old", range(80))
    assert apart(old, 10).held.keys() == before.keys()
    again = tmp_path / "b.jsonl"
    rows = [{"text": f"  {text(number)} \n"} for number in reversed(range(200))]
    again.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert apart(again, 10).held.keys() == after.keys()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=12),
       st.integers(0, 50))  # fmt: skip
def test_any_texts_can_be_split(tmp_path_factory: Any, texts: list[str], percent: int) -> None:
    file = tmp_path_factory.mktemp("any") / "any.jsonl"
    file.write_text("\n".join(json.dumps({"text": one}) for one in texts), encoding="utf-8")
    found = apart(file, percent)
    assert texts_digest(found.trained(file.parent / "home")) == found.digest
    if [one for one in texts if one.strip()]:
        kept, _ = stage_rows(found.trained(file.parent / "home"))
        assert [one for one in kept if one["text"].strip()], "something is left to train on"


def test_what_cannot_be_split_is_left_to_who_reads_it(tmp_path: Path) -> None:
    with pytest.raises(BookError) as caught:
        apart(tmp_path / "nowhere", 10)
    assert caught.value.code is Code.BAD_SETTING
    gone = trains(general=tmp_path / "nowhere")
    assert held_digest(gone) == "gone"
    assert "cannot be read" in scored(gone, {})[1]["general"]
    broken = lines(tmp_path / "broken.jsonl", range(60))
    with broken.open("a") as file:
        file.write('{"words": 1}\n')
    line = broken.read_text().count("\n")
    found = apart(broken, 25)
    assert found.held
    with pytest.raises(BookError) as caught:
        stage_rows(found.trained(tmp_path / "home"))
    assert caught.value.code is Code.BAD_ROW and caught.value.where["line"] == line
    with broken.open("a") as file:
        file.write('{"text": ' + "[" * 20_000 + "]" * 20_000 + "}\n")
    assert apart(broken, 25).held == found.held, "no line moves another"
    marked = tmp_path / "marked.jsonl"
    marked.write_text("\ufeff" + broken.read_text())
    assert apart(marked, 25).held == found.held, "a mark before it is no part of a document"
    raw = tmp_path / "raw.jsonl"
    raw.write_bytes(b'{"text": "\xff\xfe"}\n')
    assert apart(raw, 10).trained(tmp_path) == raw
    pictures = folder(tmp_path / "pictures", range(40))
    (pictures / "a.png").write_bytes(b"\x89PNG\0\0")
    found = apart(pictures, 50)
    assert found.documents == 40 and "a.png" in found.names
    alone = folder(tmp_path / "alone", range(1))
    assert apart(alone, 50).trained(tmp_path) == alone
    half = {"text": "\ud800 and half a pair " + text(1)}  # JSON can hold what UTF-8 cannot
    odd = tmp_path / "odd.jsonl"
    odd.write_text("".join(json.dumps(half | {"n": n}) + "\n" for n in range(3)))
    assert apart(odd, 50).held == {}, "three times the same document"


def nothing(*_: object) -> list[Any]:
    return []


def _house(home: Path, training: Training) -> House:
    return House.open(Settings(home=home, training=training, evaluation=Evaluation()))


def test_a_stage_is_run_on_what_is_not_held_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    general, domain = folder(tmp_path / "general", range(60)), tmp_path / "domain.jsonl"
    lines(domain, range(40, 120))
    house = _house(tmp_path / "home", trains(25, general=general, domain=domain))
    seen: dict[str, Any] = {}

    def kept(name: str, spec: Any, *_: Any) -> Staged:
        seen[name] = spec
        return Staged(name, tmp_path, {}, list(spec.pool))

    monkeypatch.setattr("booktune_assets.training.stages._stage", kept)
    monkeypatch.setattr("booktune_assets.llm.models.prepare", nothing)
    stages_before(house, bare_spec(house))
    sides = split_stages(house.settings.training).values()
    held = {" ".join(one.split()) for side in sides for one in side.held.values()}
    assert len(held) > 12
    trained = {name: {" ".join(row["text"].split()) for row in spec.texts}
               for name, spec in seen.items()}  # fmt: skip
    assert len(trained["general"]) > 30 and len(trained["domain"]) > 50
    assert trained["general"] & trained["domain"], "documents of both stages"
    assert not held & (trained["general"] | trained["domain"]), "of no stage, in no stage"
    for spec in seen.values():
        assert not held & {" ".join(row["text"].split()) for row in [*spec.pool, *spec.rehearsal]}
    whole = _house(tmp_path / "home", trains(0, general=general, domain=domain))
    assert stage_inputs(whole)["stage general"] == texts_digest(general)
    assert not set(stage_inputs(whole).values()) & set(stage_inputs(house).values())
    same = [one.settings.training.model_dump() for one in (whole, house)]
    assert same[0] == same[1], "the share counts by what it holds out, not by its figure"


def test_what_is_scored_and_why_something_is_not(tmp_path: Path) -> None:
    place = folder(tmp_path / "texts", range(200))
    side, chosen = apart(place, 10), trains(general=place)
    texts, silent = scored(chosen, {"general": side.digest})
    assert silent == {} and dict(texts["general"]) == side.held
    for training, trained, why in (
        (trains(0, general=place), {}, "nothing is held out"),
        (chosen, {}, "are others than those that it was trained on"),
        (trains(general=folder(tmp_path / "few", range(1))), {},
         "of 1 documents none is on the held-out side (10 %)"),
    ):  # fmt: skip
        found, silent = scored(training, trained)
        assert found == {} and why in silent["general"]
    key, copied = next(iter(side.held.items()))
    near = tmp_path / "domain.jsonl"  # another stage trains on nearly the same
    rows = [{"text": f"{copied} And {n} words more."} for n in range(12)]
    near.write_text("".join(json.dumps(row) + "\n" for row in rows))
    both = trains(general=place, domain=near)
    texts, silent = scored(both, {"general": side.digest})
    assert key not in dict(texts["general"]) and len(texts["general"]) == len(side.held) - 1
    assert silent["general"].startswith("1 of ") and "nearly one that was" in silent["general"]


def test_held_out_documents_are_guards_of_what_is_rehearsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_sections", "_examples"):
        monkeypatch.setattr(f"booktune_assets.chain.rehearsal.{name}", nothing)
    for name in ("pairs.benchmarks.load_benchmarks", "evaluation.general.general_prose",
                 "evaluation.general.general_code"):  # fmt: skip
        monkeypatch.setattr(f"booktune_assets.{name}", nothing)
    place = folder(tmp_path / "texts", range(60))
    house = _house(tmp_path / "home", trains(25, general=place))
    guards = {one.name: {item.id for item in one.items} for one in rehearsal_guards(house)}
    assert guards["held-out texts of stages"] == apart(place, 25).held.keys()
    none = [one.name for one in rehearsal_guards(_house(tmp_path / "home", Training()))]
    assert "held-out texts of stages" not in none
