"""Family ``path_lesson``: exchanges along a prerequisite edge, from sections of one book.

Belongs here: which edges are walked, and with which kept pairs: what comes first is explained, then
what builds on it, then that is used, if something does. Does not: lessons of one section
(``lesson.py``), edges (``concepts/``), which of two homes an exchange has in a set
(``exchanges.py``).

Rows are made of the finished frames, so they see the book as a whole and are worked out anew each
time. Edges and pairs are taken in the order of a hash of their names, and scores have no say beyond
a coarse limit, so an edit shows in few rows. A pair stands in one such lesson. All pairs of a
lesson are of one side of the split, and the quotes of all are its evidence.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from booktune_assets.concepts.names import name_key, words
from booktune_assets.ids import make_id, stable_int
from booktune_assets.pairs.phrases import keys
from booktune_assets.pairs.plurals import several
from booktune_assets.pairs.prose import verb
from booktune_assets.pairs.rules import broken_rule, without_fences
from booktune_assets.pairs.splits import bare
from booktune_assets.pairs.wording import BANK, ask
from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIR_SECTIONS, PAIRS, VERIFICATIONS

__all__ = ["FAMILY", "VERSION", "explains", "path_lessons"]

FAMILY, VERSION = "path_lesson", 1
EXPLAINS = ("define", "reason", "steps", "api_use")
USES = (
    "write_code", "fill_in", "fix_bug", "diagnose_error", "rewrite", "write_test", "translate",
    "predict_output", "api_use", "explain_code",
)  # fmt: skip
FIRST = 3  # concepts of a pair that it may count as being about
PER_SOURCE = PER_TARGET = 4  # lessons
CHARS_MAX = 4_000
SHARE_MAX = 0.7  # of the text in one exchange
EVERYWHERE, SECTIONS_MIN = 0.3, 5  # of the sections, and so many of them
TOLD = ("definition", "reference", "quote")  # evidence that need not name the target
SAID = ("cue", "definition", "reference", "quote")  # evidence that says so itself
# Kinds of value that come at the beginning of every book: nearly all code uses them.
_VALUE_WORDS = "string atom list integer float number boolean tuple map variable value nil"
_VALUES = frozenset(_VALUE_WORDS.split())
_LANGUAGES = frozenset(("elixir", "erlang"))  # what all of a book is about is no step
_RESERVED = frozenset(("case", "cond", "receive", "spawn", "raise"))
_TOPIC = re.compile(r'"([^"]+)"')
# a question on nothing but its topic
_ALONE = re.compile("|".join(
    re.escape(one).replace(re.escape("{topic}"), '[^"]+').replace(re.escape("{language}"), ".+?")
    for one in BANK["topic"]
))  # fmt: skip

Row = dict[str, Any]


def path_lessons(
    frames: Mapping[str, pl.DataFrame], concepts: pl.DataFrame, mentions: pl.DataFrame,
    edges: pl.DataFrame,
) -> Iterator[tuple[Row, list[Row], str]]:  # fmt: skip
    """(pair, evidence, why it is refused) of each lesson, at most one for an edge."""
    maker = _Maker(frames, concepts, mentions)
    told = [row for row in edges.iter_rows(named=True) if maker.walks(row)]
    for edge in sorted(
        told,
        key=lambda row: (
            row["evidence_kind"] not in SAID, not row["direct"],
            _hash(row["source_id"], row["target_id"]),
        ),
    ):  # fmt: skip
        if parts := maker.parts(edge):
            yield maker.row(edge, parts)


def _hash(*names: str) -> int:
    return stable_int("\x1f".join(("path", *names)))


class _Maker:
    """The pairs of a book by what they explain and use, and which of them a lesson has."""

    def __init__(
        self, frames: Mapping[str, pl.DataFrame], concepts: pl.DataFrame, mentions: pl.DataFrame
    ) -> None:
        self._labels = dict(concepts.select("concept_id", "label").iter_rows())
        self._begun = dict(concepts.select("concept_id", "introduced_in").iter_rows())
        self._listings: dict[str, set[str]] = defaultdict(set)  # that show each concept
        self._spoken: dict[tuple[str, str], list[int]] = defaultdict(list)
        places = mentions.select("concept_id", "block_id", "how", "char_start")
        for name, block, how, start in places.iter_rows():
            if how == "code":
                self._listings[name].add(block)
            else:
                self._spoken[name, block].append(start)
        self._everywhere = _everywhere(mentions, frames[PAIR_SECTIONS.name].height)
        self._quotes: dict[str, list[Row]] = defaultdict(list)
        for quote in frames[PAIR_EVIDENCE.name].iter_rows(named=True):
            self._quotes[quote["pair_id"]].append(quote)
        self._explains: dict[str, list[Row]] = defaultdict(list)
        self._uses: dict[str, list[Row]] = defaultdict(list)
        for row in frames[PAIRS.name].iter_rows(named=True):
            if len(row["turns"]) == 2:
                self._note(row)
        self._taken: set[str] = set()
        self._counts: Counter[str] = Counter()

    def _note(self, row: Row) -> None:
        asked = without_fences(row["turns"][0]["content"])
        told = without_fences(row["turns"][1]["content"])
        said = keys(told if row["family"] == "explain_code" else asked)
        slip = row["family"] == "fix_bug" and "not compile" in asked  # mended by reading alone
        for place, name in enumerate(row["concept_ids"]):
            label = self._labels[name]
            if place < FIRST and row["family"] in EXPLAINS and explains(asked, told, label):
                self._explains[name].append(row)
            known = place < FIRST and set(name_key(label).lower().split()) <= said
            if row["family"] in USES and not slip and self._used(row, name, place == 0 or known):
                self._uses[name].append(row)

    def _used(self, row: Row, name: str, about: bool) -> bool:
        """Is the concept at work in a pair's code? ``about``: it is what the pair is about.

        Words alone do not tell: the links of a chain are no links of processes.
        """
        if name not in self._listings:
            return about
        shown = any(one["block_id"] in self._listings[name] for one in self._quotes[row["pair_id"]])
        return shown and (about or row["section_id"] == self._begun[name])

    def walks(self, edge: Row) -> bool:
        """Does the edge lead from one thing that the book explains to another one?

        Only words of the book lead on that name both, and from the kinds of value, which all code
        uses, only words that say so: that listings on registries have module attributes makes these
        no step, nor does a remark on bytes below a heading on charlists.
        """
        source, target = edge["source_id"], edge["target_id"]
        if source not in self._explains or target not in self._explains:
            return False
        spoken = self._spoken.get((target, edge["evidence_block_id"]), ())
        named = any(edge["char_start"] <= place < edge["char_end"] for place in spoken)
        if not named and edge["evidence_kind"] not in TOLD:
            return False
        names = [set(name_key(self._labels[name]).lower().split()) for name in (source, target)]
        if names[0] <= _LANGUAGES or names[1] <= _LANGUAGES or source in self._everywhere:
            return False
        if names[0] & names[1] == min(names, key=len):
            return False  # one word of two is no step
        value = len(names[0]) == 1 and names[0] <= _VALUES
        return edge["evidence_kind"] in SAID if value else True

    def parts(self, edge: Row) -> list[Row]:
        """The three pairs that are told in turn; none if the book has no such.

        Two are enough where the book itself says the step and nothing uses what it leads to.
        """
        source, target = edge["source_id"], edge["target_id"]
        if self._counts[f"from {source}"] >= PER_SOURCE:
            return []
        if self._counts[f"to {target}"] >= PER_TARGET:
            return []
        firsts = self._ranked(self._explains[source], source, target)
        seconds = self._ranked(self._explains[target], target, source)
        thirds = [[one] for one in self._ranked(self._uses[target], target, source, using=True)]
        told = [(first, second) for first in firsts for second in seconds]
        tries = [[*two, *third] for two in told for third in thirds]
        if edge["evidence_kind"] in SAID:
            tries += [list(two) for two in told]
        for parts in tries:
            if self._fit(parts):
                self._taken |= {one["pair_id"] for one in parts}
                self._counts.update([f"from {source}", f"to {target}"])
                return parts
        return []

    def _ranked(
        self, rows: Sequence[Row], name: str, other: str, *, using: bool = False
    ) -> list[Row]:
        """Those that no lesson has yet: the family that suits best, then by hash."""
        return sorted(
            (row for row in rows if row["pair_id"] not in self._taken),
            key=lambda row: (
                (row["concept_ids"][0] != name, row["kind"] == "theory")
                if using
                else (False, EXPLAINS.index(row["family"])),
                _hash(name, other, row["pair_id"]),
            ),
        )[:6]

    def _fit(self, parts: Sequence[Row]) -> bool:
        """Is each told once, on one side of the split, none much longer than the others?"""
        answers = [bare(row["turns"][1]["content"]) for row in parts]
        told = [one in other for n, one in enumerate(answers) for other in answers[:n]]
        told += [other in one for n, one in enumerate(answers) for other in answers[:n]]
        if any(told) or len({row["split"] for row in parts}) > 1 or self._overlap(parts):
            return False
        sizes = [sum(len(turn["content"]) for turn in row["turns"]) for row in parts]
        return sum(sizes) <= CHARS_MAX and max(sizes) <= SHARE_MAX * sum(sizes)

    def _overlap(self, parts: Sequence[Row]) -> bool:
        """Is some of an answer shown before, be it in a question?"""
        for n, row in enumerate(parts):
            answers = [one for one in self._quotes[row["pair_id"]] if one["role"] == "answer"]
            before = [one for other in parts[:n] for one in self._quotes[other["pair_id"]]]
            if any(
                one["section_id"] == other["section_id"]
                and one["char_start"] < other["char_end"]
                and other["char_start"] < one["char_end"]
                for one in answers
                for other in before
            ):
                return True
        return False

    def row(self, edge: Row, parts: Sequence[Row]) -> tuple[Row, list[Row], str]:
        """The lesson, its evidence, and what is wrong with its form, if anything."""
        source, target = edge["source_id"], edge["target_id"]
        key = f"{source}:{target}"
        blanks = {"name": _named(self._labels[target]), "other": _named(self._labels[source])}
        turns: list[dict[str, str]] = []
        for bank, part in zip(("path_first", "path_next", "path_use"), parts, strict=False):
            asked, told = part["turns"]
            question = ask(bank, key, question=asked["content"], **blanks)
            turns += [{"role": "user", "content": question}, told]
        quotes = [quote for part in parts for quote in self._quotes[part["pair_id"]]]
        homes = ",".join(sorted({quote["block_id"] for quote in quotes}))
        said = [part for turn in turns for part in (turn["role"], turn["content"])]
        name = make_id("pair", homes, FAMILY, VERSION, *said)
        made = parts[1] | _together(parts) | {
            "pair_id": name, "family": FAMILY, "family_version": VERSION, "turns": turns,
            "concept_ids": list(dict.fromkeys(
                [target, source, *(one for part in parts for one in part["concept_ids"])]
            ))[: max(FIRST, len(parts[1]["concept_ids"]))],
        }  # fmt: skip
        evidence = [
            {**quote, "pair_id": name, "ordinal": place} for place, quote in enumerate(quotes)
        ]
        return made, evidence, broken_rule(turns)


def _everywhere(mentions: pl.DataFrame, sections: int) -> frozenset[str]:
    """What most of a book speaks of, and no code shows: its library is no step in it."""
    coded = mentions.filter(pl.col("how") == "code")["concept_id"].unique()
    counts = (
        mentions.filter(~pl.col("concept_id").is_in(coded.to_list()))
        .group_by("concept_id")
        .agg(pl.col("section_id").n_unique())
    )
    most = max(SECTIONS_MIN, EVERYWHERE * sections)
    return frozenset(counts.filter(pl.col("section_id") > most)["concept_id"].to_list())


def _together(parts: Sequence[Row]) -> Row:
    """What a lesson's columns follow from those of its parts."""
    code = [row for row in parts if row["kind"] != "theory"]
    ranks = [VERIFICATIONS.index(row["verification"]) for row in code or parts]
    weakest = (code or parts)[ranks.index(min(ranks) if code else max(ranks))]
    kinds = {row["kind"] for row in parts}
    return {
        "kind": "mixed" if len(kinds) > 1 else next(iter(kinds)),
        "lang": next((row["lang"] for row in reversed(parts) if row["lang"]), ""),
        "level": max(row["level"] for row in parts),
        "verification": weakest["verification"],
        "verified_by": weakest["verified_by"],
        "gates": [one for one in parts[0]["gates"] if all(one in row["gates"] for row in parts)],
        **{
            column: sum(row[column] for row in parts)
            for column in ("answer_chars", "answer_tokens", "code_tokens")
        },
    }


def explains(asked: str, told: str, label: str) -> bool:
    """Is the concept what is explained: it begins the answer, or is the topic of the question?

    A question that is set in another topic tells of the concept only as far as that one goes.
    """
    key = name_key(label).lower()
    topics = {name_key(topic).lower() for topic in _TOPIC.findall(asked)}
    if topics - {key}:
        return False
    found = words(told[:120])
    size = len(key.split())
    start = 1 if found and found[0].text.lower() in ("a", "an", "the", "each", "every") else 0
    own, after = found[start : start + size], found[start + size :]
    if own and " ".join(word.key for word in own).lower() == key:
        mark = told[own[-1].end : own[-1].end + 2].strip("`")[:1]
        if mark in (":", ",", "(") or (after and _verb(after[0].text)):
            return set(key.split()) <= keys(asked)
    return bool(_ALONE.fullmatch(asked)) and key in topics and set(key.split()) <= keys(told)


def _verb(word: str) -> bool:
    return verb(word, plural=False) or verb(word, plural=True)


def _named(label: str) -> str:
    """The concept as a sentence names it."""
    if any(sign in label for sign in "./:_@") or label in _RESERVED:
        return f"`{label}`"
    return label if label != label.lower() else several(label)
