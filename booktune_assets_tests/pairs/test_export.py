"""Rendered sets and their files: loaded with ``datasets``, judged by the rules of each trainer."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from booktune_assets.contracts import check
from booktune_assets.errors import BookError, Code
from booktune_assets.pairs.card import About, data_card, pass_rates, root_card
from booktune_assets.pairs.export import export_set
from booktune_assets.pairs.forms import FORMS, LINEAGE, form_frame, json_frame
from booktune_assets.pairs.render import Course, dataset_id, into_alpaca, into_sharegpt
from booktune_assets.pairs.validate import MANIFEST, faults, sound, verified
from booktune_assets.schemas_sets import ALPACA_SET, SHAREGPT_MIX, SHAREGPT_SET
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs import trainers
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.sample import PAGE

ALL = [(fmt, form) for fmt, forms in FORMS.items() for form in forms]
ABOUT = About(licences={"lab": "CC BY 4.0"})
Frames = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def made() -> Frames:
    return book(PAGE)


@pytest.fixture(scope="module")
def sets(made: Frames) -> Frames:
    frames = pairs_of(made, Pairs()).frames
    pairs = frames["instruction_pairs"]
    held = pl.col("section_id") == pairs["section_id"].min()
    pairs = pairs.with_columns(
        split=pl.when(held).then(pl.lit("heldout")).otherwise(pl.lit("train"))
    )
    told = frames["instruction_pairs__evidence"]
    first = pairs.filter(pl.col("split") == "train").head(1)
    lesson = {"pair_id": pl.lit("pair_" + "0" * 20)}
    same = told.filter(pl.col("pair_id") == first["pair_id"][0]).with_columns(**lesson)
    longer = first.with_columns(
        turns=pl.col("turns").list.concat("turns"), family=pl.lit("lesson"), **lesson
    )  # two exchanges
    told = pl.concat([told, same])
    given = (pl.concat([pairs, longer]), told, made["sections"], made["spans"], None)
    course = Course({"lab": "CC-BY-4.0"})
    return {"sharegpt": into_sharegpt(*given, course), "alpaca": into_alpaca(*given, course)}


@pytest.fixture(scope="module")
def folder(sets: Frames, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("exports")
    for fmt in FORMS:
        export_set(sets[fmt], fmt, root / fmt, about=ABOUT)
    return root


def test_the_sets_keep_their_contracts(sets: Frames) -> None:
    check(SHAREGPT_SET, sets["sharegpt"])
    check(ALPACA_SET, sets["alpaca"])
    single = sets["sharegpt"].filter(pl.col("conversations").list.len() == 2)
    assert single["pair_id"].to_list() == sets["alpaca"]["pair_id"].to_list()
    assert 0 < single.height < sets["sharegpt"].height
    assert sets["sharegpt"]["page"].to_list() == sorted(sets["sharegpt"]["page"].to_list())
    assert set(sets["sharegpt"]["split"]) == {"train", "heldout"}


def test_a_null_that_nothing_fills_is_an_error_and_no_row(sets: Frames) -> None:
    rows = form_frame(sets["sharegpt"], "sharegpt")
    bare = pl.lit(None, pl.String)
    without = rows.with_columns(page=pl.lit(None, rows["page"].dtype), href=bare)
    assert json_frame(without)["page"].to_list() == [0] * rows.height
    with pytest.raises(BookError, match="licence") as caught:
        json_frame(rows.with_columns(licence=bare))
    assert caught.value.code is Code.INTERNAL
    quote = pl.element().struct
    inside = pl.col("evidence").list.eval(quote.with_fields(quote=bare))
    with pytest.raises(BookError, match="evidence"):
        json_frame(rows.with_columns(inside))


def test_each_row_walks_back_to_its_words(sets: Frames, made: Frames) -> None:
    texts = dict(made["sections"].select("section_id", "text").iter_rows())
    for row in sets["sharegpt"].to_dicts():
        assert row["licence"] == "CC-BY-4.0"
        assert row["evidence"]
        for quote in row["evidence"]:
            own = texts[quote["section_id"]][quote["char_start"] : quote["char_end"]]
            assert own == quote["quote"]
            assert quote["page"] is not None
            assert len(quote["file_sha256"]) == 64
        answers = [one for one in row["evidence"] if one["role"] == "answer"]
        longest = max(len(" ".join(one["quote"].split())) for one in answers)
        assert row["copied_chars"] >= longest


def test_both_forms_ask_the_same(sets: Frames) -> None:
    talks = sets["sharegpt"].filter(pl.col("conversations").list.len() == 2)
    for talk, task in zip(talks.to_dicts(), sets["alpaca"].to_dicts(), strict=True):
        question = "\n\n".join(part for part in (task["instruction"], task["input"]) if part)
        assert question == talk["conversations"][0]["value"]
        assert task["output"] == talk["conversations"][1]["value"]
        if task["family"] in ("explain_code", "predict_output"):
            code = "```" in task["input"], "```" in task["instruction"]
            assert code in ((True, False), (False, True))  # listings stay together


def test_the_id_of_a_set(sets: Frames) -> None:
    frame = sets["sharegpt"]
    assert dataset_id(frame) == dataset_id(frame.reverse())
    assert dataset_id(frame) != dataset_id(frame.head(3))
    assert dataset_id(frame) != dataset_id(frame, {"share": 0.5})
    trained = frame.with_columns(split=pl.lit("train"))  # the same rows, another experiment
    assert dataset_id(frame) != dataset_id(trained)


@pytest.mark.parametrize(("fmt", "form"), ALL)
@pytest.mark.parametrize(("kind", "suffix"), [("json", "jsonl"), ("parquet", "parquet")])
def test_files_load_with_datasets_and_keep_every_trainers_rules(
    fmt: str, form: str, kind: str, suffix: str, sets: Frames, folder: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    files = {split: str(folder / form / f"{split}.{suffix}") for split in ("train", "heldout")}
    loaded = datasets.load_dataset(kind, data_files=files, cache_dir=str(tmp_path))
    for split, rows in loaded.items():
        wanted = sets[fmt].filter(pl.col("split") == split).sort("curriculum", "example_id")
        assert rows["example_id"][:] == wanted["example_id"].to_list()
        for rule in trainers.RULES[form]:
            assert rule([dict(row) for row in rows]) == [], (rule.__name__, split)


@pytest.mark.parametrize(("fmt", "form"), ALL)
def test_the_card_configures_the_folder(
    fmt: str, form: str, sets: Frames, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``load_dataset(folder, config)`` finds what the head of the card says."""
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    card = (folder / form / "README.md").read_text()
    head = yaml.safe_load(card.split("---")[1])
    assert head["license"] == "cc-by-4.0"
    assert head["configs"][0]["config_name"] == form
    assert "## Decontamination" in card
    loaded = datasets.load_dataset(str(folder / form), form, cache_dir=str(tmp_path))
    assert set(loaded) == {"train", "validation"}
    assert sum(part.num_rows for part in loaded.values()) == sets[fmt].height


@pytest.mark.parametrize(("fmt", "form"), ALL)
def test_the_root_has_one_configuration_for_each_form(
    fmt: str, form: str, sets: Frames, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    loaded = datasets.load_dataset(str(folder), form, cache_dir=str(tmp_path))
    assert sum(part.num_rows for part in loaded.values()) == sets[fmt].height
    info = json.loads((folder / "dataset_info.json").read_text())
    assert all((folder / entry["file_name"]).is_file() for entry in info.values())
    assert {name.rsplit("_", 1)[0] for name in info} == {
        "books_sharegpt", "books_messages", "books_alpaca",
    }  # fmt: skip


def test_the_rules_of_the_trainers_can_be_broken() -> None:
    """A rule that cannot fail proves nothing: each refuses what its trainer refuses."""
    good = {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}

    def turned(**change: Any) -> list[dict[str, Any]]:
        return [{**good, **change}]

    odd = [*good["conversations"], {"from": "human", "value": "c"}]
    cases: list[tuple[Callable[..., list[str]], list[dict[str, Any]]]] = [
        (trainers.llama_factory_sharegpt, turned(conversations=odd)),
        (trainers.llama_factory_sharegpt, turned(conversations=good["conversations"][::-1])),
        (trainers.unsloth, turned(conversations=[{"from": "human", "value": "a", "weight": "1"}])),
        (trainers.unsloth, turned(conversations=[{"from": "narrator", "value": "a"}])),
        (trainers.axolotl_sharegpt, turned(system="")),
        (trainers.axolotl_sharegpt, turned(conversations=[])),
        (trainers.axolotl_sharegpt, turned(conversations=None)),
        (trainers.trl, [{"messages": [{"role": "user", "content": "a"}], "prompt": "a"}]),
        (trainers.trl, [{"messages": []}]),
        (trainers.trl, [{"messages": [{"role": "human", "content": "a"}]}]),
        (trainers.devstral, [{"messages": [{"role": "assistant", "content": "a"}]}]),
        (trainers.llama_factory_alpaca, [{"instruction": "a", "input": "", "output": None}]),
        (trainers.llama_factory_alpaca, [{"instruction": "a", "output": "b"}]),
    ]
    for rule, rows in cases:
        assert rule(rows), (rule.__name__, rows)


def test_lineage_lies_beside_every_form(sets: Frames, folder: Path) -> None:
    for fmt, form in ALL:
        beside = pl.read_parquet(folder / form / "lineage.parquet")
        assert set(beside["example_id"]) == set(sets[fmt]["example_id"])
        assert beside.columns == ["example_id", *LINEAGE, "also_in"]
    row = json.loads((folder / "messages" / "train.jsonl").read_text().splitlines()[0])
    assert set(row) == {"example_id", "messages"}
    lines = (folder / "sharegpt" / "train.jsonl").read_text().splitlines()
    assert all(json.loads(line)["evidence"][0]["quote"] for line in lines)
    assert not any(": null" in line for line in lines)


def test_llama_factory_is_told_every_column(folder: Path) -> None:
    for form in ("sharegpt", "messages", "alpaca"):
        info = json.loads((folder / form / "dataset_info.json").read_text())
        for entry in info.values():
            assert (folder / form / entry["file_name"]).is_file()
            rows = [
                json.loads(line)
                for line in (folder / form / entry["file_name"]).read_text().splitlines()
            ]
            assert trainers.llama_factory_entry(entry, rows) == []
    partial = {"formatting": "sharegpt", "columns": {"messages": "conversations"},
               "tags": {"role_tag": "from", "content_tag": "value"}}  # fmt: skip
    said = [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]
    assert trainers.llama_factory_entry(partial, [{"conversations": said}])  # None eats the row


def test_preferences_are_listed_hashed_and_described(sets: Frames, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    told = sets["alpaca"].filter(pl.col("split") == "train").head(3)
    worse = told.select(
        prompt="instruction", chosen="output", rejected=pl.lit("No."), gate=pl.lit(""),
        reason=pl.lit("says_what_is_false"), match=pl.lit("statement"), family="family",
        pair_id="pair_id", candidate_id="pair_id", book_id="book_id", section_id="section_id",
    )  # fmt: skip
    folder = tmp_path / "alpaca"
    written = export_set(sets["alpaca"], "alpaca", folder, preferences=worse)
    names = {"preference.jsonl", "preference.parquet"}
    assert names < {path.name for path in written}
    known = verified(folder)
    assert names < known["files"].keys() and known["preference"] == 3
    for root, name in ((folder, ""), (tmp_path, "alpaca/")):
        entry = json.loads((root / "dataset_info.json").read_text())["books_alpaca_preference"]
        assert entry["ranking"] is True and entry["file_name"] == f"{name}preference.jsonl"
        rows = [json.loads(line) for line in (root / entry["file_name"]).read_text().splitlines()]
        for row in rows:
            assert all(isinstance(row[one], str) and row[one] for one in entry["columns"].values())
        assert "preference.parquet" in (root / "README.md").read_text().split("---")[1]
    assert "3 questions of the training rows" in (folder / "README.md").read_text()
    loaded = datasets.load_dataset(
        "json", data_files=str(folder / "preference.jsonl"), split="train",
        cache_dir=str(tmp_path / "cache"),
    )  # fmt: skip
    assert trainers.trl_preference(list(loaded)) == []
    assert trainers.trl_preference([{"prompt": "a", "chosen": "b"}])
    pl.DataFrame(worse.head(2)).write_parquet(folder / "preference.parquet")
    with pytest.raises(BookError, match=r"preference\.parquet"):
        verified(folder)
    export_set(sets["alpaca"], "alpaca", folder)
    assert not names & {path.name for path in folder.iterdir()} and verified(folder)


def test_axolotl_reads_what_it_is_told(folder: Path) -> None:
    for form in ("sharegpt", "messages", "alpaca"):
        told = yaml.safe_load((folder / form / "axolotl.yml").read_text())
        assert told["curriculum_sampling"] is True
        for entry in (*told["datasets"], *told["test_datasets"]):
            path = folder / form / entry["path"]
            row = json.loads(path.read_text().splitlines()[0])
            if entry["type"] == "chat_template":
                mapped = entry["message_property_mappings"]
                assert set(mapped.values()) == set(row[entry["field_messages"]][0])
            else:
                assert {"instruction", "input", "output"} <= set(row)
    assert not (folder / "prompt_completion" / "axolotl.yml").exists()


def test_a_bad_row_stops_the_export(sets: Frames, made: Frames, tmp_path: Path) -> None:
    bad = sets["alpaca"].with_columns(pl.lit("  ").alias("output"))
    with pytest.raises(BookError) as caught:
        export_set(bad, "alpaca", tmp_path / "out")
    assert caught.value.code is Code.BAD_ROW
    assert not (tmp_path / "out").exists()
    torn = sets["sharegpt"].with_columns(pl.lit("sec_" + "0" * 20).alias("section_id"))
    assert "section_in_two_splits" in {reason for _, reason in faults(torn, "sharegpt")}
    twice = pl.concat([sets["alpaca"], sets["alpaca"].head(1)])
    assert [reason for _, reason in faults(twice, "alpaca")] == ["example_id_twice"]
    broken = (
        sets["alpaca"].head(1).with_columns(pl.lit("```elixir\ndef f( do\n```").alias("output"))
    )
    assert [reason for _, reason in faults(broken, "alpaca")] == ["code_does_not_parse"]
    texts = dict(made["sections"].select("section_id", "text").iter_rows())
    assert faults(sets["sharegpt"], "sharegpt", texts) == []
    moved = {name: f" {text}" for name, text in texts.items()}
    found = faults(sets["sharegpt"], "sharegpt", moved)
    assert {reason for _, reason in found} == {"quote_not_exact"}
    assert len(found) == sets["sharegpt"].height
    bare = sets["alpaca"].with_columns(evidence=pl.lit([], dtype=sets["alpaca"]["evidence"].dtype))
    assert {reason for _, reason in faults(bare, "alpaca")} == {"no_evidence"}


def test_bad_rows_leave_and_are_named(sets: Frames) -> None:
    frame = sets["alpaca"]
    chosen = frame["pair_id"][1]
    bad = frame.with_columns(
        output=pl.when(pl.col("pair_id") == chosen).then(pl.lit("[INST]")).otherwise("output")
    )
    good, why = sound(bad, "alpaca")
    assert why == {chosen: "template_residue"}
    assert good["pair_id"].to_list() == [name for name in frame["pair_id"] if name != chosen]
    assert sound(frame, "alpaca")[0].equals(frame)


def test_nothing_to_export(sets: Frames, tmp_path: Path) -> None:
    with pytest.raises(BookError) as caught:
        export_set(sets["alpaca"].clear(), "alpaca", tmp_path)
    assert caught.value.code is Code.NO_EXAMPLES
    with pytest.raises(BookError):
        export_set(sets["alpaca"], "csv", tmp_path)


def test_a_split_that_went_leaves_no_file(sets: Frames, tmp_path: Path) -> None:
    export_set(sets["alpaca"], "alpaca", tmp_path)
    only = sets["alpaca"].filter(pl.col("split") == "train")
    written = export_set(only, "alpaca", tmp_path)
    assert not (tmp_path / "heldout.jsonl").exists()
    assert {path.name for path in written} == {
        "train.jsonl", "train.parquet", "lineage.parquet", "dataset_info.json", "axolotl.yml",
        "README.md", MANIFEST,
    }  # fmt: skip
    assert verified(tmp_path)["rows"] == {"train": only.height}


@pytest.mark.parametrize("spoil", ["edit", "remove", "rows", "no manifest", "not json", "schema"])
def test_a_broken_set_is_refused(spoil: str, sets: Frames, tmp_path: Path) -> None:
    export_set(sets["alpaca"], "alpaca", tmp_path)
    assert verified(tmp_path)["format"] == "alpaca"
    told = json.loads((tmp_path / MANIFEST).read_text())
    if spoil == "edit":
        (tmp_path / "train.jsonl").write_text("{}\n")
    elif spoil == "remove":
        (tmp_path / "heldout.parquet").unlink()
    elif spoil == "no manifest":
        (tmp_path / MANIFEST).unlink()
    elif spoil == "not json":
        (tmp_path / MANIFEST).write_text("[1")
    else:
        change = {"rows": {"train": 1}} if spoil == "rows" else {"schema": "other"}
        (tmp_path / MANIFEST).write_text(json.dumps(told | change))
    with pytest.raises(BookError) as caught:
        verified(tmp_path)
    assert caught.value.code is Code.BROKEN_SET


def test_the_same_set_gives_the_same_bytes(sets: Frames, folder: Path, tmp_path: Path) -> None:
    export_set(sets["sharegpt"].reverse(), "sharegpt", tmp_path / "sharegpt", about=ABOUT)
    for form in FORMS["sharegpt"]:
        first = json.loads((folder / form / MANIFEST).read_text())
        assert json.loads((tmp_path / form / MANIFEST).read_text()) == first


def test_the_cards_name_the_authors_and_say_where_none_is_known(sets: Frames) -> None:
    frame = sets["sharegpt"]
    (book,) = frame["book_id"].unique().to_list()
    about = About(
        licences={book: "CC-BY-4.0"}, titles={book: "The | Lab"}, authors={book: ["Ada\nB.", "Cy"]}
    )
    splits = {"train": frame.height}
    cards = [
        data_card(frame, "sharegpt", splits, about),
        root_card(frame, {"sharegpt": splits}, about),
    ]
    for card in cards:
        assert f"| {book} | *The / Lab*, Ada B., Cy |" in card and "name no author" not in card
    for names in ([], [" "]):
        less = replace(about, authors={book: names})
        for card in (
            data_card(frame, "sharegpt", splits, less),
            root_card(frame, {"sharegpt": splits}, less),
        ):
            assert f"The files of {book} name no author" in card
    free = replace(about, authors={}, licences={book: "CC0-1.0"})
    assert "name no author" not in data_card(frame, "sharegpt", splits, free)


def test_a_gap_says_what_other_rules_left_out(sets: Frames) -> None:
    common = {"dimension": "level", "unit": "rows", "share": 0.1, "quota": 9}
    mix = SHAREGPT_MIX.frame([
        {**common, "name": "4", "available": 2, "got": 2, "deficit": 7},
        {**common, "name": "5", "available": 6, "got": 2, "deficit": 7},
    ])  # fmt: skip
    frame = sets["sharegpt"]
    card = data_card(frame, "sharegpt", {"train": frame.height}, About(mix=mix))
    assert "- level: 4: 7 rows short of 9\n" in card
    assert "- level: 5: 7 rows short of 9; 4 more left by another rule" in card


def test_pass_rates_follow_the_gates() -> None:
    rows = pass_rates({"limit": 10, "G1_stands_alone": 20, "G0_form": 10}, 60)
    assert rows == [("G0_form", 100, 10), ("G1_stands_alone", 90, 20), ("limit", 70, 10)]
