"""What is held out stands nowhere in what is trained on, and something is held out.

Belongs here: held-out pairs that training says too, held-out sections that it shows in part, the
rule that a shelf of two sections, and a chapter of eight, has one held out. Does not: the split by
text (``splits.py``), sections that several books have (``once.py``).

Sections are split whole, but books repeat single sentences and listings in places that are
otherwise unlike. Such a pair is dropped from the held-out side, where it would measure memory. The
training side gives up what quotes a held-out section, and is else as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import polars as pl

from booktune_assets.ahead import ahead
from booktune_assets.ids import stable_int
from booktune_assets.on_disk import Rows, Turns, in_frame
from booktune_assets.pairs.once import Counterparts, counterparts
from booktune_assets.pairs.quoted import bare_texts, marks
from booktune_assets.pairs.rules import fences
from booktune_assets.pairs.shingles import slices
from booktune_assets.pairs.splits import bare
from booktune_assets.pairs.unseen import unseen

__all__ = [
    "HELD_FROM", "Divided", "divide", "known_sections", "repeated_sections",
    "told_in_training", "without_leaks", "without_quoting",
]  # fmt: skip

ANSWER_MIN = 40  # letters and digits: a shorter answer (`:ok`, `[1, 2]`) may well be right twice
HELD_FROM = 8  # clusters that give pairs: one of so many is the share held out by default
AT_ONCE = 10_000  # texts searched at a time
KNOWN = 0.1  # share of a section's text in training from which on it is not scored


@dataclass(frozen=True, slots=True)
class Divided:
    """Ties between books, and the final side of every section: train, heldout or neither."""

    tied: Counterparts
    sides: dict[str, str]


def leaks(pairs: pl.DataFrame, evidence: pl.DataFrame, turns: Turns = in_frame) -> list[str]:
    """Ids of held-out pairs that training says too, sorted.

    An answer of theirs, or a listing of any turn, stands in a turn of a training pair, or they rest
    on the same quotes as one. ``pairs`` has ``pair_id split``, ``turns`` gives their messages;
    compared are letters and digits, without case.
    """
    held = pairs.filter(pl.col("split") == "heldout")
    train = pairs.filter(pl.col("split") == "train")
    if held.is_empty() or train.is_empty():
        return []
    spoken, told = turns(held), turns(train)
    asked = [
        (pair, _tested((turn["role"] == "assistant", turn["content"]) for turn in said))
        for part in slices(held.height)
        for pair, said in zip(held["pair_id"][part], spoken[part], strict=True)
    ]
    found = _told(asked, (_contents(told[part]) for part in slices(train.height)))
    quotes = marks(evidence, "plain")
    known = quotes.join(train, on="pair_id", how="semi")["mark"].unique()
    same = quotes.join(held, on="pair_id", how="semi").filter(pl.col("mark").is_in(known.implode()))
    return sorted(found | set(same["pair_id"].to_list()))


def _contents(turns: pl.Series) -> pl.Series:
    """Letters and digits of each message of some rows."""
    flat = turns.list.explode(empty_as_null=False, keep_nulls=False).struct.field("content")
    return bare_texts(flat)


def without_quoting(
    pairs: pl.DataFrame, evidence: pl.DataFrame, sides: Mapping[str, str]
) -> pl.DataFrame:
    """The pairs without those of training that quote a section which is held out.

    ``sides`` are the final ones of all sections. A lesson that begins with what another section
    says is such a pair.
    """
    held = sorted(section for section, side in sides.items() if side == "heldout")
    quoting = evidence.filter(pl.col("section_id").is_in(held))["pair_id"].unique()
    trained = pl.col("split") == "train"
    return pairs.filter(~(trained & pl.col("pair_id").is_in(quoting.implode())))


def without_leaks(
    pairs: pl.DataFrame, evidence: pl.DataFrame, texts: Mapping[str, str], turns: Turns = in_frame
) -> tuple[pl.DataFrame, int]:
    """The pairs without :func:`leaks` and :func:`repeated_sections`, and how many those were.

    ``texts`` are those of sections, by id.
    """
    sides = pairs.select("section_id", "split").unique().rows()
    held, train = (
        {section for section, split in sides if split == name} for name in ("heldout", "train")
    )
    gone = pl.col("pair_id").is_in(leaks(pairs, evidence, turns)) | (
        (pl.col("split") == "heldout")
        & pl.col("section_id").is_in(sorted(repeated_sections(texts, held, train)))
    )
    left = pairs.filter(~gone)
    return left, pairs.height - left.height


def repeated_sections(
    texts: Mapping[str, str], held: Collection[str], train: Collection[str]
) -> set[str]:
    """Sections of ``held`` whose whole text stands in one of ``train``."""
    plain = {section: bare(texts[section]) for section in held}
    wanted = sorted({text for text in plain.values() if len(text) >= ANSWER_MIN})
    told = (text for section, text in texts.items() if section in train)
    found = _standing(wanted, _bare_parts(told))
    return {section for section, text in plain.items() if text in found}


def told_in_training(examples: pl.DataFrame | Rows) -> list[str]:
    """Ids of held-out examples of which an answer or a listing stands in a training example.

    ``examples`` are rows of ``sharegpt_set`` or ``alpaca_set``. The sets are made so that there are
    none; this is what says so.
    """
    parts = examples.parts if isinstance(examples, Rows) else lambda: iter([examples])
    asked: list[tuple[str, set[str]]] = []
    for part in parts():
        held = part.filter(pl.col("split") == "heldout")
        asked += [
            (name, _tested((speaker == "gpt", text) for speaker, text in turns))
            for name, turns in zip(held["example_id"], _spoken(held), strict=True)
        ]
    found = _told(asked, (_texts(part.filter(pl.col("split") == "train")) for part in parts()))
    return [name for name, _ in asked if name in found]


def _spoken(examples: pl.DataFrame) -> Iterator[list[tuple[str, str]]]:
    """(speaker, text) of the turns of each row of a set."""
    if "conversations" in examples.columns:
        for (turns,) in examples.select("conversations").iter_rows():
            yield [(turn["from"], turn["value"]) for turn in turns]
        return
    for asked, given, told in examples.select("instruction", "input", "output").iter_rows():
        yield [("human", asked or ""), ("human", given or ""), ("gpt", told or "")]


def _texts(examples: pl.DataFrame) -> pl.Series:
    """Letters and digits of all that is said in rows of a set."""
    if "conversations" in examples.columns:
        said = examples["conversations"].list.explode(empty_as_null=False, keep_nulls=False)
        return bare_texts(said.struct.field("value"))
    told = [examples[name] for name in ("instruction", "input", "output")]
    return bare_texts(pl.concat(told).fill_null(""))


def known_sections(prints: pl.DataFrame, sides: Mapping[str, str]) -> set[str]:
    """Held-out sections of which a tenth or more stands in sections that are trained on.

    ``prints`` are rows of ``sections__prints``; ``sides`` are the sections' final ones.
    """
    placed = prints.select("section_id", "print_id", pl.col("chars").cast(pl.Int64)).with_columns(
        side=pl.col("section_id").replace_strict(dict(sides), default="", return_dtype=pl.String)
    )
    trained = placed.filter(pl.col("side") == "train")["print_id"].unique()
    shares = (
        placed.filter(pl.col("side") == "heldout")
        .with_columns(known=pl.col("print_id").is_in(trained.implode()))
        .group_by("section_id")
        .agg(share=(pl.col("chars") * pl.col("known")).sum() / pl.col("chars").sum())
    )
    return set(shares.filter(pl.col("share") >= KNOWN)["section_id"].to_list())


def divide(
    prints: pl.DataFrame, own: pl.DataFrame, order: Sequence[str], percent: int,
    chapters: Mapping[str, str] | None = None, concepts: Iterable[tuple[str, list[str]]] = (),
) -> Divided:  # fmt: skip
    """Sides of all sections of the books in ``order`` (as they came to the shelf).

    ``own`` are rows of ``instruction_pairs__sections``; ``chapters`` name the chapter of each
    section, ``concepts`` are section and concepts of each pair: a few of these are held out
    wholly (``unseen.py``). A chapter in which :data:`HELD_FROM` clusters give pairs holds out one
    of them, and so does a shelf of two: where the hash holds out none, the one that a larger
    ``percent`` would hold out first. Where it holds out all of a shelf, the one that comes last is
    trained on. With a percentage of 0 nothing is held out.
    """
    splits = dict(own.select("section_id", "split").iter_rows())
    clusters = dict(own.select("section_id", "cluster").iter_rows())
    tied = counterparts(prints, splits, order, clusters)
    if percent and (wholly := _wholly(own, concepts, tied, percent)):
        for section, name in clusters.items():
            splits[section] = "heldout" if name in wholly else splits[section]
        tied = counterparts(prints, splits, order, clusters)
    giving = own.filter(pl.col("kept") > 0)["section_id"].to_list()
    chosen = _first_of_chapters(giving, clusters, chapters or {}, tied, splits) if percent else {}
    names = {clusters[section] for section in giving}
    free = {clusters[section] for section in giving if section not in tied.split}
    sides = splits | tied.split
    held = bool(chosen) or any(sides[section] == "heldout" for section in giving)
    if percent and not held and len(names) > 1 and free:
        chosen = {min(free, key=_rank): "heldout"}
    trained = any(sides[section] == "train" for section in giving)
    if not trained and len(names) > 1 and free:
        chosen = {max(free, key=_rank): "train"}
    if chosen:
        for section, name in clusters.items():
            splits[section] = chosen.get(name, splits[section])
        tied = counterparts(prints, splits, order, clusters)
        sides = splits | tied.split
    return Divided(tied, sides)


def _wholly(
    own: pl.DataFrame, concepts: Iterable[tuple[str, list[str]]], tied: Counterparts, percent: int
) -> set[str]:
    """Clusters that are held out for the concepts that they alone speak of."""
    clusters = dict(own.select("section_id", "cluster").iter_rows())
    books = dict(own.select("section_id", "book_id").iter_rows())
    free = [name for name in clusters if name not in tied.split]  # a copy follows the earlier book
    both = {(books[name], clusters[name]) for name in free}
    copies = [name for name in tied.split if name in clusters]
    fixed = {clusters[name] for name in copies if (books[name], clusters[name]) in both}
    known = set(free)
    own_rows = ((name, about) for name, about in concepts if name in known)
    return unseen(own_rows, clusters, books, percent, HELD_FROM, fixed)


def _first_of_chapters(
    giving: Sequence[str], clusters: Mapping[str, str], chapters: Mapping[str, str],
    tied: Counterparts, splits: Mapping[str, str],
) -> dict[str, str]:  # fmt: skip
    """Clusters that chapters hold out because their hash holds out none of them."""
    chosen: dict[str, str] = {}
    sections: dict[str, list[str]] = defaultdict(list)
    for section in giving:
        if section in chapters:
            sections[chapters[section]].append(section)
    for chapter in sorted(sections):
        own = sections[chapter]
        sides = {tied.split.get(name, splits[name]) for name in own}
        sides |= {chosen.get(clusters[name], "") for name in own}
        free = {clusters[name] for name in own if name not in tied.split}
        if "heldout" not in sides and free and len({clusters[name] for name in own}) >= HELD_FROM:
            chosen[min(free, key=_rank)] = "heldout"
    return chosen


def _rank(cluster: str) -> tuple[int, str]:
    """Which cluster a larger percentage would hold out first."""
    return stable_int(cluster) % 100, cluster


def _tested(turns: Iterable[tuple[bool, str]]) -> set[str]:
    """What of a held-out example training must not say; ``turns`` are (is it an answer, text)."""
    found: set[str] = set()
    for answer, text in turns:
        found |= {bare(code) for _, code in fences(text)}
        if answer:
            found.add(bare(text))
    return {part for part in found if len(part) >= ANSWER_MIN}


def _told(asked: Sequence[tuple[str, set[str]]], said: Iterable[pl.Series]) -> set[str]:
    """Names of which a part stands in something said."""
    wanted = sorted({part for _, parts in asked for part in parts})
    standing = _standing(wanted, said)
    return {name for name, parts in asked if parts & standing}


def _standing(wanted: list[str], texts: Iterable[pl.Series]) -> set[str]:
    """Which of the wanted strings stand in some text; one pass, however many are wanted."""

    def hits(some: pl.Series) -> set[str]:
        told = some.str.extract_many(wanted, overlapping=True)
        return set(told.explode().drop_nulls().to_list())

    found: set[str] = set()
    for some in ahead(hits, texts) if wanted else ():
        found |= some
    return found


def _bare_parts(texts: Iterable[str]) -> Iterator[pl.Series]:
    """Letters and digits of texts, some thousands at a time."""
    given = iter(texts)
    while some := list(islice(given, AT_ONCE)):
        yield bare_texts(pl.Series(some, dtype=pl.String))
