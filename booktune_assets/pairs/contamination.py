"""Gate G9: a pair that shows what a benchmark asks is kept out of training.

Belongs here: the four kinds of matches, what counts as a set phrase. Does not: reading benchmarks
(``benchmarks.py``), how much a whole set overlaps (``overlap.py``), what happens to a pair that
matches (``clean.py``).

Matches: twelve words in a row, runs of ten tokens of code (signs count), a function of the same
name and arity for a statement that is four fifths the same, a literal of the tests. N-grams that
three problems share are the language's or the format's own words and prove nothing. Ten tokens of
code alone do not, either: `Agent.start_link(fn -> %{} end)` is what every book says. They count
when they are a fifth of the problem's code or half of the pair's; fewer are only reported.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from booktune_assets.ahead import ahead
from booktune_assets.beam.structure import structure
from booktune_assets.beam.tree import pieces, preorder, text_of
from booktune_assets.on_disk import Turns, in_frame
from booktune_assets.pairs.benchmarks import Benchmark, Item
from booktune_assets.pairs.overlap import Common, Overlap, Table
from booktune_assets.pairs.rules import fences, without_fences
from booktune_assets.pairs.shingles import (
    Grams,
    Hashes,
    code_grams,
    code_of,
    joined,
    prose_of,
    slices,
    word_grams,
)  # fmt: skip

__all__ = ["G9", "Index", "without_contaminated"]

G9 = "G9_contamination"
WORDS, TOKENS, FIVE = 12, 10, 5
ALIKE = 0.8
OF_ITEM, OF_PAIR, RUNS_MIN = 0.2, 0.5, 3  # shares of code that are no idiom, and runs at least
SHARED = 3  # problems that have an n-gram: then it is a set phrase
LITERAL_MIN = 24  # characters of a literal without white space
_COMMENT = re.compile(r"(?m)^\s*(?:#|%+)\s?(.*)$")
_DOC = re.compile(r'(?s)@(?:module)?doc\s+(?:~[sS])?"""(.*?)"""')

Row = dict[str, Any]


class Index:
    """What all benchmarks ask, ready to be looked up."""

    def __init__(self, benchmarks: Sequence[Benchmark]) -> None:
        self.benchmarks = list(benchmarks)
        self.items = [(bench, item) for bench in self.benchmarks for item in bench.items]
        self.names = [f"{bench.name}:{item.id}" for bench, item in self.items]
        prose = pl.Series([_prose(item) for _, item in self.items], dtype=pl.String)
        code = pl.Series([_code(item) for _, item in self.items], dtype=pl.String)
        self.words = _rare(word_grams(prose, WORDS))
        self.tokens = _rare(code_grams(code, TOKENS))
        self.literals = _literals(self.items)
        self.entries: dict[str, list[int]] = defaultdict(list)
        for number, (_, item) in enumerate(self.items):
            for name, _ in item.entries:
                self.entries[name].append(number)
        self.sizes = np.bincount(self.tokens.owners, minlength=len(self.items))
        self.phrases: dict[str, set[tuple[int, int]]] = defaultdict(set)  # too little to count
        self.slices = 0
        ends = np.cumsum([0, *(len(bench.items) for bench in self.benchmarks)]).tolist()
        parts = [slice(start, end) for start, end in pairwise(ends)]
        self.fives = {
            "words": Common([word_grams(prose[part], FIVE).values for part in parts]),
            "code": Common([code_grams(code[part], FIVE).values for part in parts]),
        }

    def overlaps(self, hits: Mapping[str, int]) -> list[Overlap]:
        """What the set has in common with each benchmark."""
        words, code = self.fives["words"].shares(), self.fives["code"].shares()
        return [
            Overlap(
                bench.name, len(bench.items), bench.licence, bench.version,
                hits.get(bench.name, 0), len(self.phrases[bench.name]), *said, *coded, bench.note,
            )
            for bench, said, coded in zip(self.benchmarks, words, code, strict=True)
        ]  # fmt: skip


def without_contaminated(
    pairs: pl.DataFrame, benchmarks: Sequence[Benchmark], turns: Turns = in_frame
) -> tuple[pl.DataFrame, list[Row], list[Overlap]]:
    """The pairs that match nothing, a row for each that does, and the overlap of what is left.

    ``pairs`` has ``pair_id book_id family``, and ``turns`` gives their messages. A row says the
    kind of the surest match, the problem (``benchmark:id``) and what was found where.
    """
    index = Index(benchmarks)
    found: dict[int, tuple[str, int, str]] = {}
    told = turns(pairs)
    for part in slices(pairs.height):
        said = told[part]
        sides = {"question": joined(said, "user"), "answer": joined(said, "assistant")}
        matches: dict[int, tuple[str, int, str]] = {}
        for row, match in _matches(index, sides):
            matches.setdefault(row, match)
        found |= {part.start + row: match for row, match in matches.items()}
        clean = np.ones(part.stop - part.start, dtype=bool)
        clean[list(matches)] = False
        text = joined(said).filter(pl.Series(clean))
        fives = ahead(lambda made, text=text: made(text), (_fives_of_words, _fives_of_code))
        for kind, values in zip(("words", "code"), fives, strict=True):
            index.fives[kind].add(values)
        index.slices += 1
    rows = sorted(found)
    dropped = [
        {
            **{name: pair[name] for name in ("pair_id", "book_id", "family")},
            "gate": G9, "reason": reason, "other": index.names[item], "detail": detail,
        }
        for pair, (reason, item, detail) in zip(
            pairs.select("pair_id", "book_id", "family")[rows].to_dicts(),
            (found[row] for row in rows), strict=True,
        )
    ]  # fmt: skip
    hits = Counter(index.items[item][0].name for _, item, _ in found.values())
    kept = pairs.with_row_index("_row").filter(~pl.col("_row").is_in(rows)).drop("_row")
    return kept, dropped, index.overlaps(hits)


def _fives_of_words(text: pl.Series) -> Hashes:
    return word_grams(prose_of(text), FIVE).values


def _fives_of_code(text: pl.Series) -> Hashes:
    return code_grams(code_of(text), FIVE).values


def _matches(
    index: Index, sides: Mapping[str, pl.Series]
) -> Iterator[tuple[int, tuple[str, int, str]]]:
    """Row, and what matches where; the surest kinds first."""
    words = ahead(lambda text: word_grams(prose_of(text), WORDS), sides.values())
    for side, grams in zip(sides, words, strict=True):
        for row, item, count, _ in _runs(index.words, grams):
            yield row, ("same_words", item, f"{count} times {WORDS} words in the {side}")
    tokens = ahead(lambda text: code_grams(code_of(text), TOKENS), sides.values())
    for side, grams in zip(sides, tokens, strict=True):
        for row, item, count, own in _runs(index.tokens, grams):
            if count < RUNS_MIN or (count < OF_ITEM * index.sizes[item] and count < OF_PAIR * own):
                index.phrases[index.items[item][0].name].add((index.slices, row))
                continue
            share = count / max(1, index.sizes[item])
            yield row, (
                "same_code", item,
                f"{count} runs of {TOKENS} tokens in the {side}, {share:.0%} of the problem's code",
            )  # fmt: skip
    yield from _same_literals(index, sides)
    yield from _same_entries(index, sides)


def _runs(table: Table, grams: Grams) -> list[tuple[int, int, int, int]]:
    """(row, item, distinct n-grams in common, n-grams of the row), the most first."""
    where, place = table.places(grams.values)
    if not len(where):
        return []
    found = np.unique(np.stack([grams.rows[where], place], axis=1), axis=0)
    counts = Counter((row, int(table.owners[at])) for row, at in found.tolist())
    return [
        (row, item, count, int(grams.counts[row]))
        for (row, item), count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]


def _same_literals(
    index: Index, sides: Mapping[str, pl.Series]
) -> Iterator[tuple[int, tuple[str, int, str]]]:
    if not index.literals:
        return
    wanted = list(index.literals)
    for side, text in sides.items():
        tight = text.str.replace_all(r"\s+", "")
        rows = np.flatnonzero(tight.str.contains_any(wanted).to_numpy())
        for row in rows.tolist():
            literal = next(one for one in wanted if one in tight[row])
            detail = f"literal of a test in the {side}: {literal[:60]}"
            yield row, ("test_literal", index.literals[literal], detail)


def _same_entries(
    index: Index, sides: Mapping[str, pl.Series]
) -> Iterator[tuple[int, tuple[str, int, str]]]:
    """Answers that define what a problem asks for, to nearly the same statement."""
    if not index.entries:
        return
    names = "|".join(re.escape(name) for name in sorted(index.entries))
    head = rf"(?m)(?:\bdefp?\s+|^)(?:{names})\("
    answers, questions = sides["answer"], sides["question"]
    for row in np.flatnonzero(answers.str.contains(head).to_numpy()).tolist():
        said = [without_fences(questions[row]), *_docs(answers[row])]
        heads = {
            name for name in index.entries if re.search(rf"\b{re.escape(name)}\(", answers[row])
        }
        for item in sorted({number for name in heads for number in index.entries[name]}):
            entries = set(index.items[item][1].entries)
            statement = _words(index.items[item][1].statement)
            share = max((_likeness(_words(text), statement) for text in said), default=0.0)
            if share >= ALIKE and (both := _defined(answers[row]) & entries):
                name, arity = min(both)
                detail = f"{name}/{arity} for a statement that is {share:.0%} the same"
                yield row, ("same_task", item, detail)


def _defined(answer: str) -> set[tuple[str, int]]:
    return {
        (one.name, arity)
        for lang, code in fences(answer)
        for one in structure(code, {"erl": "erl_shell"}.get(lang, lang)).functions()
        for arity in one.arities
    }


def _docs(answer: str) -> list[str]:
    return [doc for _, code in fences(answer) for doc in _DOC.findall(code)]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _likeness(one: list[str], other: list[str]) -> float:
    """Share of words in common, in order: 1 is the same text; the quick bounds come first."""
    match = difflib.SequenceMatcher(None, one, other, autojunk=False)
    if match.real_quick_ratio() < ALIKE or match.quick_ratio() < ALIKE:
        return 0.0
    return match.ratio()


def _rare(grams: Grams) -> Table:
    """The n-grams that fewer than ``SHARED`` items have; rows shorter than one have none."""
    pairs = np.unique(np.stack([grams.values, grams.rows.astype(np.uint64)], axis=1), axis=0)
    values, first, counts = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    rare = counts < SHARED
    return Table(values[rare], pairs[first[rare], 1].astype(np.int64))


def _prose(item: Item) -> str:
    """The statement, and what comments and documentation of the code say."""
    code = [text for _, text in item.code]
    said = [line for text in code for line in _COMMENT.findall(text)]
    return "\n".join(
        [item.statement, "\n".join(said), *(d for text in code for d in _DOC.findall(text))]
    )


def _code(item: Item) -> str:
    return "\n".join(_COMMENT.sub("", text) for _, text in item.code)


def _literals(items: Iterable[tuple[Benchmark, Item]]) -> dict[str, int]:
    """Literals of tests without white space, and the first item that has them; shared ones not."""
    owners: dict[str, set[int]] = defaultdict(set)
    for number, (_, item) in enumerate(items):
        for lang, text in item.tests:
            for literal in _values(text, lang):
                owners[literal].add(number)
    return {one: min(found) for one, found in sorted(owners.items()) if len(found) < SHARED}


_LITERALS = frozenset(
    ("string", "list", "tuple", "map", "bitstring", "charlist", "sigil", "binary", "map_expr")
)


def _values(text: str, lang: str) -> Iterator[str]:
    """Literals of a test file that are long enough; the names of tests are no data."""
    for piece in pieces(text, lang):
        for node in preorder(piece.root):
            if node.type not in _LITERALS or _named(node.parent):
                continue
            tight = re.sub(r"\s+", "", text_of(node))
            if len(tight) >= LITERAL_MIN and re.search(r"\d.*\d|\"\w{3}", tight):
                yield tight


def _named(parent: Any) -> bool:
    """Is it an argument of ``test`` or ``describe``, or documentation?"""
    call = parent.parent if parent is not None and parent.type == "arguments" else None
    target = text_of(call.child_by_field_name("target")) if call is not None else ""
    return target in ("test", "describe", "property", "doc", "moduledoc", "raise", "flunk")
