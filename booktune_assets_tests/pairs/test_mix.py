"""Composition: bands, caps, quotas, and what a new book does to the choice among the others."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.contracts import check
from booktune_assets.ids import make_id, stable_int
from booktune_assets.pairs.mix import CELL, compose, largest_remainder, mix_rows, priority
from booktune_assets.pairs.mix_table import lacks, mix_table
from booktune_assets.pairs.projection import Shelf, ways, words
from booktune_assets.schemas_sets import SHAREGPT_MIX
from booktune_assets.settings import Pairs
from booktune_assets.settings_sets import Mix
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.sample import PAGE

FREE = Mix(per_span=99, per_concept=9999)  # no caps: only the bands


def made_rows(
    name: str, count: int, *, code: float = 0.5, negative: float = 0.0, multi: float = 0.0,
    chapters: int = 5, held: int = 0,
) -> pl.DataFrame:  # fmt: skip
    """Rows of one invented book; a share ``code`` of them answers in code alone."""
    rows: list[dict[str, Any]] = []
    for number in range(count):
        draw = stable_int(f"{name}{number}") % 1000 / 1000
        own = make_id("pair", name, number)
        kind = stable_int(f"k{name}{number}") % 1000 / 1000
        rows.append({
            "pair_id": own, "book_id": name, "section_id": f"{name}{number % 40}",
            "chapter": f"{name} › {number % chapters}", "level": number % 5 + 1,
            "family": "refusal" if kind < negative else ("write_code" if draw < code else "define"),
            "split": "heldout" if number < held else "train", "generator": "extractive",
            "verification": "none", "tokens": 50, "code": 50 if draw < code else 0,
            "multi": kind > 1 - multi, "negative": float(kind < negative),
            "concept": f"c{number % 9}",
            "span": [own], "priority": priority(own, ""),
        })  # fmt: skip
    typed = {"priority": pl.UInt64, "tokens": pl.Int64, "code": pl.Int64, "level": pl.Int32}
    return pl.DataFrame(rows, schema_overrides=typed)


def share(rows: pl.DataFrame, column: str) -> float:
    train = rows.filter(pl.col("split") == "train")
    if column == "code":
        return float(train["code"].sum() / train["tokens"].sum())
    return float(train[column].mean())


def test_an_overfull_band_is_thinned_into_it() -> None:
    rows = made_rows("a", 1000, code=0.45)
    done = compose(rows, {}, FREE)
    assert 0.39 < share(done.rows, "code") <= 0.40
    assert {why for why, _ in done.dropped.values()} == {"code_band_full"}
    low = compose(made_rows("a", 1000, code=0.28), {}, FREE)
    assert 0.30 <= share(low.rows, "code") < 0.31
    assert {why for why, _ in low.dropped.values()} == {"theory_band_full"}
    many = compose(made_rows("a", 1000, code=0.35, negative=0.12, multi=0.36), {}, FREE)
    assert 0.04 < share(many.rows, "negative") <= 0.05
    assert 0.28 < share(many.rows, "multi") <= 0.3
    assert {"negative_band_full", "multi_band_full"} <= {why for why, _ in many.dropped.values()}


def test_a_small_book_is_not_thrown_away_for_a_band() -> None:
    rows = made_rows("a", 60, code=0.9)
    done = compose(rows, {}, FREE)
    assert done.rows.height == 60  # a fifth would not do: nothing goes, and that is a finding
    table = mix_table(SHAREGPT_MIX, rows, done.rows, {}, FREE)
    theory = table.filter(pl.col("dimension") == "code", pl.col("name") == "theory").row(
        0, named=True
    )
    assert theory["deficit"] > 0
    assert theory["quota"] == theory["deficit"] + theory["got"]
    assert compose(rows, {}, Mix(on=False)).rows.height == 60


def test_negatives_have_a_cap_however_small_the_shelf_is() -> None:
    """A fifth at most went of them as of the rest: sets of small shelves had up to 23 %."""
    for count in (60, 300):
        for theory in (0.1, 0.35):
            rows = made_rows("a", count, code=theory, negative=0.4)
            done = compose(rows, {}, FREE)
            assert share(done.rows, "negative") <= 0.05
            assert done.rows["negative"].sum() >= 0.03 * done.rows.height - 1
            assert set(done.rows["pair_id"]) | set(done.dropped) == set(rows["pair_id"])


def test_each_family_of_negatives_keeps_its_part() -> None:
    """One row in a chapter is the least cell of all: no such row stayed."""
    rows = made_rows("a", 900, code=0.35, negative=0.3, chapters=150)
    kind = pl.when(pl.col("negative") == 0).then(pl.col("family"))
    rows = rows.with_columns(
        family=kind.when(pl.col("chapter") < "a › 3").then(pl.lit("true_false"))
        .otherwise(pl.lit("fix_bug"))
    )  # fmt: skip
    before, after = (
        dict(some.filter(pl.col("negative") == 1).group_by("family").len().iter_rows())
        for some in (rows, compose(rows, {}, FREE).rows)
    )
    whole = sum(after.values())
    for family, count in before.items():
        assert abs(after[family] - whole * count / sum(before.values())) < 1


def test_what_is_scarce_itself_is_not_given_up_for_code() -> None:
    rows = made_rows("a", 1000, code=0.27, negative=0.02, multi=0.1)
    done = compose(rows, {}, FREE)
    assert {why for why, _ in done.dropped.values()} == {"theory_band_full"}
    for kind in ("negative", "multi"):
        assert rows[kind].sum() == done.rows[kind].sum()


def test_what_is_held_out_stays() -> None:
    rows = made_rows("a", 200, code=0.9, held=40)
    done = compose(rows, {}, Mix(size=30))
    assert done.rows.filter(pl.col("split") == "heldout").height == 40
    assert done.rows.filter(pl.col("split") == "train").height == 30


def test_caps_on_spans_and_concepts() -> None:
    rows = made_rows("a", 90, code=0.35).with_columns(
        span=pl.concat_list("section_id"), concept=pl.lit("c")
    )
    done = compose(rows, {}, Mix(per_span=2, code_low=0, code_high=1))
    assert done.rows.explode("span").group_by("span").len()["len"].max() == 2
    few = compose(rows, {}, Mix(per_span=99, per_concept=7, code_low=0, code_high=1))
    assert few.rows.height == 7
    first = rows.sort("priority")["pair_id"].head(7).to_list()
    assert set(few.rows["pair_id"]) == set(first)
    none = rows.with_columns(concept=pl.lit(None, pl.String))
    assert compose(none, {}, Mix(per_span=99, code_low=0, code_high=1)).rows.height == 90


def test_each_quote_of_an_answer_counts_by_itself() -> None:
    rows = made_rows("a", 40, code=0.35).with_columns(
        span=pl.concat_list(pl.lit("shared"), "pair_id"), concept=pl.lit("c")
    )
    done = compose(rows, {}, Mix(per_span=6, code_low=0, code_high=1))
    assert set(done.rows["pair_id"]) == set(rows.sort("priority")["pair_id"].head(6))


def test_a_lesson_counts_among_negatives_as_its_share_and_goes_last() -> None:
    rows = made_rows("a", 1000, code=0.35, negative=0.1, multi=0.1)
    rows = rows.with_columns(
        negative=pl.when("multi").then(0.25).otherwise("negative"),
    )
    done = compose(rows, {}, FREE)
    assert 0.048 < share(done.rows, "negative") <= 0.05
    assert done.rows["multi"].sum() == rows["multi"].sum()
    table = mix_table(SHAREGPT_MIX, rows, done.rows, {}, FREE)
    told = table.filter(pl.col("dimension") == "negatives").row(0, named=True)
    assert told["got"] == int(done.rows["negative"].sum())


def test_what_is_held_out_has_no_more_negatives() -> None:
    rows = made_rows("a", 400, code=0.35, negative=0.2, held=200)
    held = compose(rows, {}, FREE).rows.filter(pl.col("split") == "heldout")
    assert 0.03 < held["negative"].mean() <= 0.05  # type: ignore[operator]


def test_a_size_is_shared_by_the_text_of_chapters() -> None:
    rows = made_rows("a", 400, code=0.35, chapters=4)
    weights = {f"a › {number}": chars for number, chars in enumerate((1000, 2000, 3000, 4000))}
    done = compose(rows, weights, Mix(size=100, per_span=99))
    got = dict(done.rows.group_by("chapter").len().iter_rows())
    assert got == {"a › 0": 10, "a › 1": 20, "a › 2": 30, "a › 3": 40}
    full = compose(rows, {**weights, "a › 3": 10**9}, Mix(size=200, per_span=99))
    assert full.rows.height == 200  # what one chapter cannot give, the others do
    had = rows.filter(pl.col("chapter") == "a › 3").height
    assert full.rows.filter(pl.col("chapter") == "a › 3").height >= 0.8 * had


def test_a_size_keeps_the_band_though_chapters_share_it() -> None:
    """Code stands in a short chapter, theory in a long one: by text alone there is too little."""
    rows = made_rows("a", 600, code=0.35, chapters=4).with_columns(
        chapter=pl.when(pl.col("code") > 0).then(pl.lit("a › 0")).otherwise(pl.lit("a › 1"))
    )
    done = compose(rows, {"a › 0": 100, "a › 1": 9900}, Mix(size=100, per_span=99))
    assert done.rows.height == 100
    assert 0.3 <= share(done.rows, "code") <= 0.4
    short = rows.with_columns(tokens=pl.when(pl.col("code") > 0).then(5).otherwise(50),
                              code=pl.when(pl.col("code") > 0).then(5).otherwise(0))  # fmt: skip
    done = compose(short, {}, Mix(size=100, per_span=99, drop_max=0))
    assert done.rows.height == 100
    assert share(done.rows, "code") >= 0.25  # nearly all rows are of code then


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=20),
    st.floats(0, 1),
)
def test_largest_remainder_adds_up(sizes: list[int], part: float) -> None:
    cells = pl.DataFrame({"chapter": [str(n) for n in range(len(sizes))], "len": sizes})
    total = int(part * sum(sizes))
    made = largest_remainder(cells, total)
    assert made["quota"].sum() == total
    for size, quota in made.select("len", "quota").iter_rows():
        assert abs(quota - total * size / max(1, sum(sizes))) < 1
        assert quota <= size
    assert made.sort("chapter").equals(largest_remainder(cells.reverse(), total).sort("chapter"))


@settings(max_examples=20, deadline=None)
@given(
    st.integers(20, 300), st.floats(0.1, 0.9), st.integers(20, 300), st.floats(0.1, 0.9),
    st.sampled_from([0, 60, 150]),
)  # fmt: skip
def test_a_new_book_changes_a_bounded_set_of_the_others(
    first: int, code: float, second: int, other: float, size: int
) -> None:
    """Of the old book only those rows come or go by which its cells grow or shrink."""
    mix = FREE.model_copy(update={"size": size})
    old, new = made_rows("a", first, code=code), made_rows("b", second, code=other)
    before = compose(old, {}, mix).rows
    after = compose(pl.concat([old, new]), {}, mix).rows.filter(pl.col("book_id") == "a")
    counts = [dict(rows.group_by(*CELL, "code").len().select(
        pl.concat_str([pl.col(name).cast(pl.String) for name in (*CELL, "code")]), "len"
    ).iter_rows()) for rows in (before, after)]  # fmt: skip
    bound = sum(abs(counts[0].get(c, 0) - counts[1].get(c, 0)) for c in counts[0] | counts[1])
    changed = set(before["pair_id"]) ^ set(after["pair_id"])
    assert len(changed) <= bound
    again = compose(pl.concat([new, old]), {}, mix).rows
    assert set(again.filter(pl.col("book_id") == "a")["pair_id"]) == set(after["pair_id"])


def test_another_salt_chooses_anew() -> None:
    rows = made_rows("a", 300, code=0.35)
    names = rows["pair_id"].to_list()
    salted = rows.with_columns(
        priority=pl.Series([priority(name, "x") for name in names], dtype=pl.UInt64)
    )
    one, two = (set(compose(r, {}, Mix(size=50)).rows["pair_id"]) for r in (rows, salted))
    assert len(one) == len(two) == 50
    assert one != two


@pytest.fixture(scope="module")
def real() -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    made = book(PAGE)
    frames = pairs_of(made, Pairs()).frames
    rows = mix_rows(
        frames["instruction_pairs"], frames["instruction_pairs__evidence"], made["sections"], ""
    )
    return rows, made


def test_passages_that_do_not_answer_are_negatives() -> None:
    made = book(PAGE)
    frames = pairs_of(made, Pairs()).frames
    pairs, evidence = frames["instruction_pairs"], frames["instruction_pairs__evidence"]
    one = evidence.filter(pl.col("role") == "answer")["pair_id"][0]
    row = pairs.filter(pl.col("pair_id") == one).with_columns(family=pl.lit("retrieved"))
    told = evidence.filter(pl.col("pair_id") == one)
    two = pl.concat([told, told.with_columns(section_id=pl.lit("sec_2"))])
    for quotes, share in ((told, 0), (two, 1)):
        assert mix_rows(row, quotes, made["sections"], "")["negative"].to_list() == [share]


def test_the_table_of_a_real_page(real: tuple[pl.DataFrame, dict[str, pl.DataFrame]]) -> None:
    rows, made = real
    assert rows["span"].null_count() == rows["chapter"].null_count() == 0
    weights = {"lab › Processes": int(made["sections"]["chars"].sum()), "lab › Nowhere": 500}
    done = compose(rows, weights, Mix())
    table = check(SHAREGPT_MIX, mix_table(SHAREGPT_MIX, rows, done.rows, weights, Mix()))
    assert rows.height == done.rows.height + len(done.dropped)
    nowhere = table.filter(pl.col("name") == "lab › Nowhere").row(0, named=True)
    assert (nowhere["got"], nowhere["deficit"]) == (0, nowhere["quota"])
    assert nowhere["quota"] > 0
    families = table.filter(pl.col("dimension") == "family")
    train = done.rows.filter(pl.col("split") == "train")
    assert families["got"].sum() == train.height
    alone = mix_table(SHAREGPT_MIX, rows, done.rows, weights, Mix(), turns=False)
    assert alone.filter(pl.col("dimension") == "multi_turn").is_empty()
    check(SHAREGPT_MIX, mix_table(SHAREGPT_MIX, rows.clear(), rows.clear(), {}, Mix()))


def test_what_more_would_take() -> None:
    rows = made_rows("a", 400, code=0.35)
    shelf = Shelf.of(rows, {"a": 100_000})
    found = ways(shelf, 50_000, Mix())
    assert found["missing"] == 49_600
    assert found["books"] == 124
    assert found["characters"] == 12_400_000
    assert found["questions"] == 125
    assert found["reach"] == 2400
    assert found["calls"] == 198_400
    said = "\n".join(words(shelf, Mix()))
    assert "50,000: 49,600 are missing" in said
    assert "beyond the cap" in said
    assert words(Shelf.of(rows.clear(), {}), Mix()) == ["There are no examples to project from."]
    assert "50,000: there." in words(Shelf.of(made_rows("a", 1), {"a": 1})
                                     .__class__(60_000, 60_000, 1, 10**6, 10**7, 10**6, 1, 1, 1.0),
                                     Mix())  # fmt: skip


def test_a_band_above_its_aim_is_said() -> None:
    row = {"deficit": 0, "share": 0.095, "low": 0.03, "high": 0.05}
    assert lacks(row) == "above by 4.5%"
    assert lacks({**row, "share": 0.05}) == ""
    assert lacks({**row, "high": None}) == ""
    assert lacks({**row, "share": 0.01, "deficit": 1_234}) == "1,234"
